-- Tables, partitioned tables, views, materialized views and foreign tables of people.
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name,
       n.nspname || '.' || c.relname AS qualified,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view'
                      WHEN 'm' THEN 'matview' ELSE 'foreign' END AS kind,
       pg_get_userbyid(c.relowner) AS owner,
       pg_has_role(c.relowner, 'USAGE')::int4 AS owned,
       ((%(supabase)s AND n.nspname ~ %(managed)s) OR e.objid IS NOT NULL)::int4 AS managed,
       c.relrowsecurity::int4 AS rls, c.relforcerowsecurity::int4 AS rls_forced,
       CASE WHEN c.reltuples > 0 OR c.relpages > 0
              OR c.reltuples = 0 AND current_setting('server_version_num')::int4 >= 140000
            THEN nullif(c.reltuples, -1)::int8 END AS row_estimate,
       CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0
            THEN c.relpages::int8 * current_setting('block_size')::int8 END AS bytes,
       h.inhparent::int8 AS parent,
       CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
                           ELSE 'index' END AS replica_identity,
       -- 2 is UPDATE, which counts even where it is disabled; 3 is INSERT.
       (c.relhasrules AND EXISTS (SELECT FROM pg_rewrite AS w WHERE w.ev_class = c.oid
          AND (w.ev_type = '2' OR w.ev_type = '3' AND w.ev_enabled IN ('O', 'A'))))::int4 AS has_rules,
       (c.relkind = 'v' AND EXISTS (SELECT FROM unnest(c.reloptions) AS o
          WHERE o ~* '^security_invoker=(true|on|yes|1)$'))::int4 AS security_invoker,
       (SELECT coalesce(json_agg(json_build_array(
                 CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END,
                 lower(x.privilege_type)) ORDER BY x.grantee, x.privilege_type), '[]')::text
        FROM aclexplode(c.relacl) AS x WHERE x.grantee <> c.relowner) AS grants,
       NULL::text AS partition_key, NULL::text AS partition_bound, NULL::text AS view_query
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_depend AS e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid
  AND e.objsubid = 0 AND e.deptype = 'e'
WHERE {relations} AND n.nspname <> 'information_schema'
ORDER BY 1
