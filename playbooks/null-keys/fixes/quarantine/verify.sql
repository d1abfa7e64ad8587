SELECT 'the key takes NULLs for equal' AS label,
       EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = to_regclass({{ held_by | literal }})
                 AND i.indrelid = to_regclass({{ relation | literal }})
                 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indnullsnotdistinct) AS holds,
       '' AS detail
UNION ALL
SELECT 'one row of each kind is left', NOT EXISTS (
  SELECT FROM {{ relation }}{% if predicate %} WHERE ({{ predicate }}){% endif %}

  GROUP BY {{ columns }} HAVING count(*) > 1), ''
