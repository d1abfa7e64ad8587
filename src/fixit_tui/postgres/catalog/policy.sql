-- Row level security policies, without their expressions.
SELECT p.polrelid::int8 AS relation, p.polname AS name,
       CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                     WHEN 'd' THEN 'delete' ELSE 'all' END AS command,
       p.polpermissive::int4 AS permissive,
       array_to_json(ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END
                           FROM unnest(p.polroles) AS r))::text AS roles,
       NULL::text AS using_expr, NULL::text AS check_expr
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
WHERE {relations}
ORDER BY 1, 2
