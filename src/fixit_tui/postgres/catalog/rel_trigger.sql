-- Triggers that people made, with the copies that partitions carry; not those behind foreign keys.
SELECT t.oid::int8 AS oid, t.tgrelid::int8 AS relation, t.tgname AS name, t.tgfoid::int8 AS routine,
       CASE WHEN t.tgtype & 64 <> 0 THEN 'instead of' WHEN t.tgtype & 2 <> 0 THEN 'before'
            ELSE 'after' END AS timing,
       CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END AS level,
       array_to_json(array_remove(ARRAY[
         CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END,
         CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END,
         CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END,
         CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END], NULL))::text AS events,
       t.tgattr::int2[] AS column_numbers,
       CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica'
                        ELSE 'always' END AS enabled,
       CASE WHEN t.tgqual IS NOT NULL THEN '' END AS when_expr,
       -- Arguments stand in one byte string, each ended by a zero byte.
       array_to_json(ARRAY(
         SELECT convert_from(decode(part.hex, 'hex'), getdatabaseencoding())
         FROM unnest(string_to_array(
                regexp_replace(encode(t.tgargs, 'hex'), '(..)', '\1 ', 'g'), '00 '))
              WITH ORDINALITY AS part (hex, place)
         WHERE part.place <= t.tgnargs ORDER BY part.place))::text AS args,
       (t.tgconstraint <> 0)::int4 AS is_constraint, NULL::text AS definition
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE {relations} AND (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstraint = 0)
ORDER BY 1
