-- Keys, foreign keys, exclusion and check constraints; never NOT NULL, which is one since 18.
SELECT k.oid::int8 AS oid, k.conrelid::int8 AS relation, n.nspname AS schema, k.conname AS name,
       CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign'
                      WHEN 'x' THEN 'exclusion' ELSE 'check' END AS kind,
       k.conkey AS column_numbers,
       nullif(k.conindid, 0)::int8 AS index_oid,
       k.condeferrable::int4 AS "deferrable", k.condeferred::int4 AS initially_deferred,
       k.convalidated::int4 AS validated,
       nullif(k.confrelid, 0)::int8 AS ref_relation, k.confkey AS ref_numbers,
       CASE WHEN k.contype = 'f' THEN k.confdeltype::text END AS on_delete,
       CASE WHEN k.contype = 'f' THEN k.confupdtype::text END AS on_update,
       NULL::text AS definition
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = k.connamespace
WHERE {relations} AND k.contype IN ('p', 'u', 'f', 'x', 'c')
ORDER BY 1
