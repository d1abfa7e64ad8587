-- Types that people made, without those that belong to an extension or to a table.
SELECT t.oid::int8 AS oid, n.nspname AS schema, t.typname AS name,
       n.nspname || '.' || t.typname AS qualified,
       CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite'
                      ELSE 'range' END AS kind,
       CASE t.typtype
         WHEN 'e' THEN 'AS ENUM (' || coalesce(
           (SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
            FROM pg_enum AS l WHERE l.enumtypid = t.oid), '') || ')'
         WHEN 'd' THEN 'AS ' || format_type(t.typbasetype, t.typtypmod)
           || coalesce(' DEFAULT ' || t.typdefault, '')
           || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' '
                                          || pg_get_constraintdef(k.oid), '' ORDER BY k.conname)
                        FROM pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
         WHEN 'c' THEN 'AS (' || coalesce(
           (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod),
                              ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
         ELSE 'AS RANGE (SUBTYPE = '
           || (SELECT format_type(r.rngsubtype, NULL) FROM pg_range AS r WHERE r.rngtypid = t.oid)
           || ')'
       END AS definition
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_class AS c ON c.oid = t.typrelid
WHERE t.oid >= 16384 AND left(n.nspname, 8) <> 'pg_temp_' AND n.nspname <> 'information_schema'
  AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_type'::regclass
                    AND e.objid = t.oid AND e.deptype = 'e')
ORDER BY 1
