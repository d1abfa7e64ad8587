CREATE UNIQUE INDEX {% if beside %}CONCURRENTLY {% endif %}{{ index }} ON {{ relation }} ({{ columns }}){% if predicate %} WHERE {{ predicate }}{% endif %};
