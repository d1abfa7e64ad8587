-- Tables, partitioned tables, views, materialized views and foreign tables.
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, n.nspname || '.' || c.relname AS qualified,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' ELSE 'foreign' END AS kind,
       pg_get_userbyid(c.relowner) AS owner,
       pg_has_role(c.relowner, 'USAGE')::int AS owned,
       (n.nspname = ANY (%(managed)s))::int AS managed,
       c.relrowsecurity::int AS rls, c.relforcerowsecurity::int AS rls_forced,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS row_estimate,
       c.relpages::bigint * current_setting('block_size')::bigint AS bytes,
       (SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition LIMIT 1) AS parent,
       CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' ELSE 'index' END AS replica_identity,
       (c.relhasrules AND c.relkind IN ('r', 'p'))::int AS has_rules
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
