CREATE UNIQUE INDEX {{ building }} ON {{ body }} WHERE {{ live }};

{% if constraint %}ALTER TABLE {{ relation }} DROP CONSTRAINT IF EXISTS {{ constraint }};
{% else %}DROP INDEX IF EXISTS {{ key_name }};
{% endif %}
ALTER INDEX {{ building_name }} RENAME TO {{ key }};
