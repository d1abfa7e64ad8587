-- A trigger with its state.
SELECT jsonb_build_array(pg_get_triggerdef(t.oid), t.tgenabled)::text
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE c.relname = %(name)s AND t.tgname = %(member)s AND NOT t.tgisinternal
ORDER BY s.place LIMIT 1
