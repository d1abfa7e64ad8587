-- A sequence's definition and column, never its value.
SELECT jsonb_build_array(format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmax,
         q.seqmin, q.seqcache, q.seqcycle, pg_get_userbyid(c.relowner),
         (SELECT jsonb_agg(x::text ORDER BY x::text) FROM unnest(coalesce(c.relacl, acldefault('s', c.relowner))) AS x),
         (SELECT jsonb_agg(jsonb_build_array(d.refobjid::regclass::text, a.attname))
          FROM pg_depend AS d
          JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))::text
FROM pg_sequence AS q
JOIN pg_class AS c ON c.oid = q.seqrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE c.relname = %(name)s
ORDER BY s.place LIMIT 1
