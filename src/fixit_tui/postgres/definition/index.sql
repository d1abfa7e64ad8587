-- An index with its state and the constraint that it carries.
SELECT jsonb_build_array(pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indimmediate,
                         i.indisprimary, i.indisclustered, i.indisreplident,
                         (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k
                          WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')))::text
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE c.relname = %(name)s
ORDER BY s.place LIMIT 1
