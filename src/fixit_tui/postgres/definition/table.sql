-- All that makes up a relation, but for its rows, statistics and storage.
SELECT jsonb_build_array(
  c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
  pg_get_userbyid(c.relowner), to_jsonb(c.reloptions),
  (SELECT jsonb_agg(x::text ORDER BY x::text) FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) AS x),
  pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
  (SELECT jsonb_agg(h.inhparent::regclass::text ORDER BY h.inhseqno)
   FROM pg_inherits AS h WHERE h.inhrelid = c.oid),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
  (SELECT jsonb_agg(jsonb_build_array(
            a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            a.attgenerated, pg_get_expr(d.adbin, d.adrelid), l.collname,
            (SELECT jsonb_agg(x::text ORDER BY x::text) FROM unnest(a.attacl) AS x))
          ORDER BY a.attnum)
   FROM pg_attribute AS a
   LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT jsonb_agg(jsonb_build_array(k.conname, k.convalidated, pg_get_constraintdef(k.oid))
                    ORDER BY k.conname, pg_get_constraintdef(k.oid))
   FROM pg_constraint AS k WHERE k.conrelid = c.oid),
  -- Foreign keys of others decide what may be deleted here.
  (SELECT jsonb_agg(jsonb_build_array(k.conrelid::regclass::text, k.conname,
                                      pg_get_constraintdef(k.oid))
                    ORDER BY k.conrelid::regclass::text, k.conname)
   FROM pg_constraint AS k WHERE k.confrelid = c.oid AND k.conrelid <> c.oid),
  (SELECT jsonb_agg(jsonb_build_array(pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready,
                                      i.indimmediate, i.indisprimary, i.indisclustered,
                                      i.indisreplident)
                    ORDER BY pg_get_indexdef(i.indexrelid))
   FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisvalid),
  (SELECT jsonb_agg(jsonb_build_array(pg_get_triggerdef(t.oid), t.tgenabled) ORDER BY t.tgname)
   FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
  (SELECT jsonb_agg(jsonb_build_array(
            p.polname, p.polcmd, p.polpermissive,
            ARRAY(SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END
                  FROM unnest(p.polroles) AS r ORDER BY 1),
            pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid))
          ORDER BY p.polname)
   FROM pg_policy AS p WHERE p.polrelid = c.oid),
  (SELECT jsonb_agg(jsonb_build_array(pg_get_ruledef(w.oid), w.ev_enabled) ORDER BY w.rulename)
   FROM pg_rewrite AS w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN')
)::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN unnest(%(path)s::text[]) WITH ORDINALITY AS s (name, place) ON n.nspname = s.name
WHERE c.relname = %(name)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY s.place LIMIT 1
