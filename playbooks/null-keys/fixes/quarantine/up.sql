LOCK TABLE {{ relation }} IN ACCESS EXCLUSIVE MODE;

{% include "duplicates-in-the-way/quarantine/move-out.sql" %}{% include "null-keys/nulls-not-distinct/up.sql" %}
