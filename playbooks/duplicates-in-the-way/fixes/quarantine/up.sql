{% include "duplicates-in-the-way/quarantine/move-out.sql" %}{% if carcass %}DROP INDEX {{ carcass }};

{% endif %}{% if key_definition %}{{ key_definition }};
{% elif make == "constraint" %}ALTER TABLE {{ relation }} ADD CONSTRAINT {{ index }} UNIQUE {% if nulls_not_distinct %}NULLS NOT DISTINCT {% endif %}({{ columns }});
{% elif make == "index" %}CREATE UNIQUE INDEX {{ index }} ON {{ relation }} ({{ columns }}){% if nulls_not_distinct %} NULLS NOT DISTINCT{% endif %}{% if predicate %} WHERE {{ predicate }}{% endif %};
{% endif %}