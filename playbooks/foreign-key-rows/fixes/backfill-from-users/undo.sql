LOCK TABLE {{ parent }}{% for c in children %}, {{ c.table }}{% endfor %} IN SHARE ROW EXCLUSIVE MODE;

DELETE FROM {{ parent }} AS p
WHERE p.{{ parent_key }} IN (SELECT r.id FROM {{ record }} AS r){% for c in children %}
  AND NOT EXISTS (SELECT FROM {{ c.table }} AS c WHERE c.{{ c.column }} = p.{{ c.target }}){% endfor %};

DROP TABLE {{ record }};
