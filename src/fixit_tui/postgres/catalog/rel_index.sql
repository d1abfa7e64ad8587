-- Indexes. Only the first indnkeyatts columns are the key; 0 stands for an expression.
SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS relation, n.nspname AS schema,
       x.relname AS name,
       i.indisunique::int4 AS is_unique, i.indisprimary::int4 AS is_primary,
       i.indisexclusion::int4 AS is_exclusion, i.indisvalid::int4 AS is_valid,
       i.indisready::int4 AS is_ready, i.indimmediate::int4 AS is_immediate,
       i.indnullsnotdistinct::int4 AS nulls_not_distinct,  -- since 15
       0 AS nulls_not_distinct,  -- before 15
       i.indkey::int2[] AS column_numbers, i.indnkeyatts::int4 AS key_count,
       i.indcollation::oid[]::int8[] AS key_collations,
       NULL::text AS expressions,
       CASE WHEN i.indpred IS NOT NULL THEN '' END AS predicate,
       (i.indexprs IS NOT NULL)::int4 AS has_expressions,
       h.inhparent::int8 AS parent_index, NULL::text AS definition
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = x.relnamespace
LEFT JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid AND x.relispartition
WHERE {relations}
ORDER BY 1
