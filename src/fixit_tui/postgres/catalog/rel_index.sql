-- Indexes; only key columns count for arbiters.
SELECT i.indexrelid::bigint AS oid, i.indrelid::bigint AS relation, n.nspname AS schema, c.relname AS name,
       i.indisunique::int AS is_unique, i.indisprimary::int AS is_primary, i.indisexclusion::int AS is_exclusion,
       i.indisvalid::int AS is_valid, i.indisready::int AS is_ready, i.indimmediate::int AS is_immediate,
       {nulls} AS nulls_not_distinct,
       array_to_json(ARRAY(SELECT a.attname FROM generate_series(0, i.indnkeyatts - 1) p
                           LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p] AND i.indkey[p] <> 0 ORDER BY p))::text AS columns,
       array_to_json(ARRAY(SELECT a.attname FROM generate_series(i.indnkeyatts::int, i.indnatts - 1) p
                           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p] ORDER BY p))::text AS include_columns,
       array_to_json(ARRAY(SELECT CASE WHEN i.indcollation[p] <> 0 AND i.indcollation[p] <> coalesce(a.attcollation, i.indcollation[p]) THEN l.collname END
                           FROM generate_series(0, i.indnkeyatts - 1) p
                           LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p] AND i.indkey[p] <> 0
                           LEFT JOIN pg_collation l ON l.oid = i.indcollation[p] ORDER BY p))::text AS collations,
       (SELECT h.inhparent::bigint FROM pg_inherits h WHERE h.inhrelid = i.indexrelid LIMIT 1) AS parent_index,
       (SELECT k.oid::bigint FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') LIMIT 1) AS constraint_oid,
       (i.indexprs IS NOT NULL)::int AS has_expressions, (i.indpred IS NOT NULL)::int AS has_predicate
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
