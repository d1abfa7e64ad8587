-- Columns, without dropped ones.
SELECT a.attrelid::bigint AS relation, a.attnum::int AS number, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull::int AS not_null,
       a.atthasdef::int AS has_default, NULL::text AS default_expr,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' ELSE '' END AS identity,
       (a.attgenerated <> '')::int AS generated,
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN (SELECT collname FROM pg_collation l WHERE l.oid = a.attcollation) END AS collation
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
