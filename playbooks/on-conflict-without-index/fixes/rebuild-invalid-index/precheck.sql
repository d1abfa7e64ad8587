SELECT 'no two rows share the key' AS label, count(*) = 0 AS holds,
       CASE count(*) WHEN 0 THEN '' WHEN 1 THEN '1 group of duplicates' ELSE count(*) || ' groups of duplicates' END AS detail
FROM (SELECT 1 FROM {{ relation }} WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %})
        AND ({{ columns }}) IS NOT NULL
      GROUP BY {{ columns }} HAVING count(*) > 1) AS duplicate
UNION ALL
{% include "on-conflict-without-index/rebuild-invalid-index/nobody-builds.sql" %}
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
