-- The names of all collations.
SELECT l.oid::int8 AS oid, l.collname AS name FROM pg_collation AS l
