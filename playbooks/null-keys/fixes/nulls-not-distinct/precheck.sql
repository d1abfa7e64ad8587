SELECT 'no two rows share the key when NULLs count as equal' AS label, count(*) = 0 AS holds,
       CASE count(*) WHEN 0 THEN '' WHEN 1 THEN '1 group of such rows' ELSE count(*) || ' groups of such rows' END AS detail
FROM (SELECT count(*) - 1 AS extra FROM {{ relation }} WHERE {% if predicate %}({{ predicate }}) AND {% endif %}({% for n in nullable %}{{ n }} IS NULL{% if not loop.last %} OR {% endif %}{% endfor %})
      GROUP BY {{ columns }} HAVING count(*) > 1) AS many
{% include "null-keys/nulls-not-distinct/can-replace.sql" %}
UNION ALL
SELECT 'it is a plain table', c.relkind = 'r', ''
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
