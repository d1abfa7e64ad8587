ALTER TABLE {{ relation }}
  DROP CONSTRAINT {{ constraint }},
  ADD CONSTRAINT {{ constraint }} {% if constraint_kind == "primary" %}PRIMARY KEY{% else %}UNIQUE{% endif %} ({{ constraint_columns }});
