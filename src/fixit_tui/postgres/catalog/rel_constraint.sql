-- Keys, foreign keys, exclusion and check constraints; never NOT NULL.
SELECT k.oid::bigint AS oid, k.conrelid::bigint AS relation, n.nspname AS schema, k.conname AS name,
       CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign' WHEN 'x' THEN 'exclusion' ELSE 'check' END AS kind,
       array_to_json(ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY x(num, pos)
                           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.num ORDER BY x.pos))::text AS columns,
       nullif(k.conindid, 0)::bigint AS index_oid,
       k.condeferrable::int AS "deferrable", k.condeferred::int AS initially_deferred, k.convalidated::int AS validated,
       nullif(k.confrelid, 0)::bigint AS ref_relation,
       CASE WHEN k.contype = 'f' THEN array_to_json(ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY x(num, pos)
                           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num ORDER BY x.pos))::text END AS ref_columns,
       CASE WHEN k.contype = 'f' THEN CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END END AS on_delete,
       CASE WHEN k.contype = 'f' THEN CASE k.confupdtype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END END AS on_update,
       NULL::text AS definition
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.contype IN ('p', 'u', 'f', 'x', 'c') AND k.conrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
