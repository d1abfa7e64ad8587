{% include "null-keys/nulls-not-distinct/verify.sql" %}
UNION ALL
{% include "duplicates-in-the-way/quarantine/one-left.sql" %}
