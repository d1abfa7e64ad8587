LOCK TABLE {{ parent }}{% for c in children %}, {{ c.table }}{% endfor %} IN SHARE ROW EXCLUSIVE MODE;

-- A row that somebody has edited since is theirs, and stays.
DELETE FROM {{ parent }} AS p
WHERE EXISTS (SELECT FROM {{ record }} AS r WHERE r.id = p.{{ parent_key }} AND r.fixit_version = p.xmin){% for c in children %}
  AND NOT EXISTS (SELECT FROM {{ c.table }} AS c WHERE c.{{ c.column }} = p.{{ c.target }}){% endfor %};

DROP TABLE {{ record }};
