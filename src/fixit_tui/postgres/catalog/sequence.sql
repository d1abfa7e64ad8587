-- Sequences with the column that owns them, else one whose default calls them.
SELECT s.seqrelid::int8 AS oid, n.nspname AS schema, q.relname AS name,
       owner.relation::int8 AS relation, a.attname AS attribute,
       (owner.rank IS NOT DISTINCT FROM 0)::int4 AS bound, NULL::int8 AS last_value,
       s.seqincrement AS increment, s.seqstart AS start_value,
       s.seqmin AS min_value, s.seqmax AS max_value,
       s.seqcache AS cache, s.seqcycle::int4 AS cycles,
       pg_get_userbyid(q.relowner) AS owner,
       (SELECT coalesce(json_agg(json_build_array(
                 CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END,
                 lower(x.privilege_type)) ORDER BY x.grantee, x.privilege_type), '[]')::text
        FROM aclexplode(q.relacl) AS x WHERE x.grantee <> q.relowner) AS grants,
       NULL::int8 AS next_value,
       has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AS readable,
       (has_sequence_privilege(s.seqrelid, 'SELECT')
         AND has_schema_privilege(q.relnamespace, 'USAGE')) AS selectable,
       (q.relpersistence <> 'u' OR NOT pg_is_in_recovery()) AS present
FROM pg_sequence AS s
JOIN pg_class AS q ON q.oid = s.seqrelid
JOIN pg_namespace AS n ON n.oid = q.relnamespace
LEFT JOIN LATERAL (
  SELECT o.refobjid AS relation, o.refobjsubid AS number, 0 AS rank
  FROM pg_depend AS o
  WHERE o.classid = 'pg_class'::regclass AND o.objid = s.seqrelid AND o.objsubid = 0
    AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
  UNION ALL
  SELECT f.adrelid, f.adnum, 1
  FROM pg_depend AS o JOIN pg_attrdef AS f ON f.oid = o.objid
  WHERE o.classid = 'pg_attrdef'::regclass AND o.refclassid = 'pg_class'::regclass
    AND o.refobjid = s.seqrelid
  ORDER BY rank, relation, number LIMIT 1
) AS owner ON true
LEFT JOIN pg_attribute AS a ON a.attrelid = owner.relation AND a.attnum = owner.number
WHERE s.seqrelid >= 16384 AND q.relpersistence <> 't'
ORDER BY 1
