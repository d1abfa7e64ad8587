-- Published tables, by name, by schema, or because everything is.
SELECT p.pubname AS publication, r.prrelid::int8 AS relation
FROM pg_publication AS p JOIN pg_publication_rel AS r ON r.prpubid = p.oid
UNION
SELECT p.pubname, c.oid::int8
FROM pg_publication AS p JOIN pg_class AS c ON p.puballtables
WHERE {relations} AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
UNION  -- since 15
SELECT p.pubname, c.oid::int8  -- since 15
FROM pg_publication AS p JOIN pg_publication_namespace AS s ON s.pnpubid = p.oid  -- since 15
JOIN pg_class AS c ON c.relnamespace = s.pnnspid  -- since 15
WHERE {relations} AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'  -- since 15
ORDER BY 1, 2
