{% if way == "constraint" %}ALTER TABLE {{ relation }}
  DROP CONSTRAINT {{ constraint }},
  ADD CONSTRAINT {{ constraint }} UNIQUE ({{ columns }}){% if include %} INCLUDE ({{ include }}){% endif %};
{% elif way == "index" %}DROP INDEX {{ index_name }};

{{ definition }};
{% else %}DROP INDEX {{ schema }}.{{ beside }};
{% endif %}
