-- Sequences with the column that owns them.
SELECT s.seqrelid::bigint AS oid, n.nspname AS schema, c.relname AS name,
       d.refobjid::bigint AS relation, a.attname AS attribute,
       s.seqincrement::bigint AS increment, s.seqstart::bigint AS start_value, s.seqmax::bigint AS max_value
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE s.seqrelid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%'
