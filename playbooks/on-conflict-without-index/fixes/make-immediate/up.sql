ALTER TABLE {{ relation }}
  DROP CONSTRAINT {{ constraint }},
  ADD CONSTRAINT {{ constraint }} {% if constraint_kind == "primary" %}PRIMARY KEY{% else %}UNIQUE{% if nulls_not_distinct %} NULLS NOT DISTINCT{% endif %}{% endif %} ({{ constraint_columns }}){% if included %} INCLUDE ({{ included }}){% endif %};
