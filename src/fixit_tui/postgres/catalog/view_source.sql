-- What each view reads. The rows are the raw dependencies; whether writes pass is asked later.
SELECT DISTINCT w.ev_class::int8 AS view, d.refobjid::int8 AS relation,
       NULL::int4 AS auto_updatable
FROM pg_rewrite AS w
JOIN pg_class AS c ON c.oid = w.ev_class
JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind IN ('r', 'p', 'v', 'm', 'f')
WHERE {relations} AND c.relkind IN ('v', 'm') AND w.rulename = '_RETURN'
ORDER BY 1, 2
