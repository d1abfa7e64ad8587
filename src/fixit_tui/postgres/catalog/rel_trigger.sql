-- Triggers of people, not those behind foreign keys.
SELECT t.oid::bigint AS oid, t.tgrelid::bigint AS relation, t.tgname AS name, t.tgfoid::bigint AS routine,
       CASE WHEN t.tgtype & 2 <> 0 THEN 'before' WHEN t.tgtype & 64 <> 0 THEN 'instead of' ELSE 'after' END AS timing,
       CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END AS level,
       array_to_json(array_remove(ARRAY[CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END, CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END,
                     CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END, CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END], NULL))::text AS events,
       array_to_json(ARRAY(SELECT a.attname FROM unnest(t.tgattr::int2[]) x(num) JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = x.num))::text AS update_columns,
       CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END AS enabled,
       CASE WHEN t.tgqual IS NULL THEN NULL ELSE '' END AS when_expr,
       array_to_json(CASE WHEN t.tgnargs = 0 THEN '{}'::text[] ELSE (string_to_array(encode(t.tgargs, 'escape'), E'\\000'))[1:t.tgnargs] END)::text AS args,
       (t.tgconstraint <> 0)::int AS is_constraint, NULL::text AS definition
FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema')
