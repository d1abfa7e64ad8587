-- Functions and procedures that people wrote; none of an extension.
SELECT p.oid::bigint AS oid, n.nspname AS schema, p.proname AS name, n.nspname || '.' || p.proname AS qualified,
       pg_get_function_identity_arguments(p.oid) AS identity_args,
       oidvectortypes(p.proargtypes) AS argument_types,
       CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'window' END AS kind,
       l.lanname AS language,
       (p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype))::int AS returns_trigger,
       p.prosecdef::int AS security_definer,
       (SELECT substr(s, 13) FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%%') AS search_path,
       array_to_json(coalesce(p.proconfig, '{}'))::text AS config,
       pg_get_userbyid(p.proowner) AS owner, pg_has_role(p.proowner, 'USAGE')::int AS owned,
       (n.nspname = ANY (%(managed)s))::int AS managed,
       coalesce(nullif(p.prosrc, ''), {body}) AS body,
       CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END AS definition,
       array_to_json(coalesce(p.proargnames, '{}'))::text AS argument_names
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND p.prokind IN ('f', 'p')
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
