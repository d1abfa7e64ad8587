SELECT 'a valid unique index holds the rule' AS label,
       EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = to_regclass({{ relation | literal }}) AND c.relname = {{ index | text | literal }}
                 AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate) AS holds,
       '' AS detail
UNION ALL
SELECT 'every group of duplicates kept exactly one row', NOT EXISTS (
  SELECT FROM {{ relation }} AS t WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
  GROUP BY {{ columns }} HAVING count(*) > 1), ''
