-- Columns whose collation is not the database's default.
SELECT a.attrelid::int8 AS relation, a.attnum::int4 AS number, a.attcollation::int8 AS oid
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE {relations} AND a.attnum > 0 AND a.attcollation NOT IN (0, 100)
