-- A row level security policy.
SELECT jsonb_build_array(p.polcmd, p.polpermissive,
         ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END
               FROM unnest(p.polroles) AS r ORDER BY 1),
         pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))::text
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE c.relname = %(name)s AND p.polname = %(member)s
ORDER BY s.place LIMIT 1
