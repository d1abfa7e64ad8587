{% include "duplicates-in-the-way/quarantine/can-move.sql" %}
{% include "null-keys/nulls-not-distinct/can-replace.sql" %}
