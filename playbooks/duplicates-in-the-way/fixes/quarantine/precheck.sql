{% include "duplicates-in-the-way/quarantine/can-move.sql" %}
UNION ALL
SELECT 'the name of the new key is free', {% if carcass %}true{% else %}to_regclass({{ new_index | literal }}) IS NULL{% endif %}, ''
