-- Row level security policies, without their expressions.
SELECT p.polrelid::bigint AS relation, p.polname AS name,
       CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END AS command,
       p.polpermissive::int AS permissive,
       array_to_json(ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END FROM unnest(p.polroles) r))::text AS roles,
       NULL::text AS using_expr, NULL::text AS check_expr
FROM pg_policy p WHERE p.polrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
