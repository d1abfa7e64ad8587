SELECT 'no two rows share the key' AS label, count(*) = 0 AS holds,
       CASE count(*) WHEN 0 THEN '' WHEN 1 THEN '1 group of duplicates' ELSE count(*) || ' groups of duplicates' END AS detail
FROM (SELECT 1 FROM {{ relation }} WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %})
        AND ({{ columns }}) IS NOT NULL
      GROUP BY {{ columns }} HAVING count(*) > 1) AS duplicate
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'the key holds the partition columns', p.partrelid IS NULL OR NOT EXISTS (
         SELECT FROM unnest(p.partattrs::int2[]) k(number)
         WHERE number = 0 OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = number
           AND a.attname::text = ANY (ARRAY[{% for c in key_columns %}{{ c | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[]))), ''
FROM pg_class c LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'the name of the new index is free', to_regclass({{ new_index | literal }}) IS NULL, ''
