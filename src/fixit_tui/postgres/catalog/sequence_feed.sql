-- Columns and the sequences that number them, as far as the catalog knows: identity columns, defaults
-- that name a sequence as a constant, and owned sequences where the column has any default.
SELECT f.sequence::int8 AS sequence, f.relation::int8 AS relation, a.attname AS attribute,
       CASE WHEN a.attidentity <> '' THEN 'identity' ELSE 'default' END AS how,
       NULL::text AS routine, 0 AS partly, NULL::int8 AS farthest, NULL::int8 AS next_taken
FROM (
  SELECT o.objid AS sequence, o.refobjid AS relation, o.refobjsubid AS number
  FROM pg_depend AS o JOIN pg_sequence AS s ON s.seqrelid = o.objid
  WHERE o.classid = 'pg_class'::regclass AND o.objsubid = 0
    AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
  UNION
  SELECT o.refobjid, f.adrelid, f.adnum
  FROM pg_depend AS o
  JOIN pg_attrdef AS f ON f.oid = o.objid
  JOIN pg_sequence AS s ON s.seqrelid = o.refobjid
  WHERE o.classid = 'pg_attrdef'::regclass AND o.refclassid = 'pg_class'::regclass
) AS f
JOIN pg_attribute AS a ON a.attrelid = f.relation AND a.attnum = f.number
JOIN pg_class AS q ON q.oid = f.sequence
WHERE (a.attidentity <> '' OR a.atthasdef) AND f.sequence >= 16384 AND q.relpersistence <> 't'
ORDER BY 1, 2, a.attnum
