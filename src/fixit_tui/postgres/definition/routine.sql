-- Routines of a name, with the ways in which their arguments may be written.
SELECT jsonb_build_array(
         CASE WHEN p.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END,
         pg_get_userbyid(p.proowner),
         (SELECT jsonb_agg(x::text ORDER BY x::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) AS x))::text,
       ARRAY[pg_get_function_identity_arguments(p.oid),
             pg_get_function_arguments(p.oid),
             array_to_string(ARRAY(SELECT format_type(t, NULL)
                                   FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (t, place)
                                   ORDER BY a.place), ', '),
             array_to_string(ARRAY(SELECT y.typname
                                   FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (t, place)
                                   JOIN pg_type AS y ON y.oid = a.t
                                   ORDER BY a.place), ', ')]
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE p.proname = %(name)s AND p.prokind <> 'a'
ORDER BY s.place, p.oid
