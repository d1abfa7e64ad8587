-- Columns that were not dropped. A default has no column in it, so it is printed without opening
-- the relation (no lock); what a generated column is made of is not a default.
SELECT a.attrelid::int8 AS relation, a.attnum::int4 AS number, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       (a.attnotnull OR t.typnotnull)::int4 AS not_null,
       (a.attgenerated = '' AND (a.atthasdef OR t.typdefault IS NOT NULL))::int4 AS has_default,
       CASE WHEN a.attgenerated <> '' THEN NULL
            WHEN a.atthasdef THEN pg_get_expr(d.adbin, 0) ELSE t.typdefault END AS default_expr,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' ELSE '' END AS identity,
       (a.attgenerated <> '')::int4 AS generated, NULL::text AS generated_expr,
       CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef AS d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation AS l ON a.attcollation <> t.typcollation AND l.oid = a.attcollation
WHERE {relations} AND a.attnum > 0 AND NOT a.attisdropped
