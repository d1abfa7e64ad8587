SELECT 'every group of duplicates kept exactly one row', NOT EXISTS (
  SELECT FROM {{ relation }} AS t WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
  GROUP BY {{ columns }} HAVING count(*) > 1), ''
