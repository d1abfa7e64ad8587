{% include "duplicates-in-the-way/quarantine/hold.sql" %}

{% include "null-keys/nulls-not-distinct/undo.sql" %}

{% include "duplicates-in-the-way/quarantine/move-back.sql" %}
