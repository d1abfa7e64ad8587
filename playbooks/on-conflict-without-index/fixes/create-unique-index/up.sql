CREATE UNIQUE INDEX {{ index }} ON {{ relation }} ({{ columns }}){% if predicate %} WHERE {{ predicate }}{% endif %};
