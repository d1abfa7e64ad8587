{% if way == "constraint" %}ALTER TABLE {{ relation }}
  DROP CONSTRAINT {{ constraint }},
  ADD CONSTRAINT {{ constraint }} UNIQUE NULLS NOT DISTINCT ({{ columns }}){% if include %} INCLUDE ({{ include }}){% endif %};
{% elif way == "index" %}DROP INDEX {{ index_name }};

{{ definition_after }};
{% else %}CREATE UNIQUE INDEX {{ beside }} ON {{ relation }} ({{ columns }}) NULLS NOT DISTINCT{% if predicate %} WHERE {{ predicate }}{% endif %};
{% endif %}
