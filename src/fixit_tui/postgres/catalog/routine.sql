-- Functions and procedures that people wrote, and whatever a trigger of theirs calls.
SELECT p.oid::int8 AS oid, n.nspname AS schema, p.proname AS name,
       n.nspname || '.' || p.proname AS qualified,
       pg_get_function_identity_arguments(p.oid) AS identity_args,
       oidvectortypes(p.proargtypes) AS argument_types,
       CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
                      ELSE 'window' END AS kind,
       l.lanname AS language,
       (p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype))::int4 AS returns_trigger,
       p.prosecdef::int4 AS security_definer,
       (SELECT substr(s, 13) FROM unnest(p.proconfig) AS s
        WHERE starts_with(lower(s), 'search_path=') LIMIT 1) AS search_path,
       array_to_json(coalesce(p.proconfig, '{}'))::text AS config,
       pg_get_userbyid(p.proowner) AS owner, pg_has_role(p.proowner, 'USAGE')::int4 AS owned,
       (p.oid < 16384 OR e.objid IS NOT NULL OR (%(supabase)s AND n.nspname ~ %(managed)s))::int4
         AS managed,
       -- A body between BEGIN ATOMIC and END is printed later: that opens what it reads.
       (p.prosqlbody IS NOT NULL)::int4 AS is_atomic,  -- since 14
       0 AS is_atomic,  -- before 14
       CASE WHEN l.lanname NOT IN ('c', 'internal') THEN nullif(p.prosrc, '') END AS body,
       CASE WHEN l.lanname NOT IN ('c', 'internal') AND p.prokind IN ('f', 'p')
              AND p.prosqlbody IS NULL  -- since 14
            THEN pg_get_functiondef(p.oid) END AS definition
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
LEFT JOIN pg_depend AS e ON e.classid = 'pg_proc'::regclass AND e.objid = p.oid
  AND e.deptype = 'e'
WHERE p.oid >= 16384 AND e.objid IS NULL AND left(n.nspname, 8) <> 'pg_temp_'
      AND n.nspname <> 'information_schema'
   OR p.oid IN (SELECT t.tgfoid FROM pg_trigger AS t WHERE NOT t.tgisinternal)
ORDER BY 1
