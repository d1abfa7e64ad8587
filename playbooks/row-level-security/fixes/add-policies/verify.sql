SELECT 'the new policies are there, for their command only' AS label,
       count(*) = {{ wanted }} AS holds, coalesce(string_agg(p.policyname, ', '), 'none') AS detail
FROM pg_policies AS p
WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = to_regclass({{ relation | literal }}) AND p.permissive = 'PERMISSIVE'
  AND ({% if add_select %}(p.policyname = {{ select_name | text | literal }} AND p.cmd = 'SELECT') OR {% endif %}{% if add_insert %}(p.policyname = {{ insert_name | text | literal }} AND p.cmd = 'INSERT') OR {% endif %}{% if add_update %}(p.policyname = {{ update_name | text | literal }} AND p.cmd = 'UPDATE') OR {% endif %}false)
UNION ALL
SELECT 'none of them lets everything pass', NOT EXISTS (
  SELECT FROM pg_policies AS p
  WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = to_regclass({{ relation | literal }})
    AND p.policyname IN ({{ select_name | text | literal }}, {{ insert_name | text | literal }}, {{ update_name | text | literal }})
    AND 'true' IN (btrim(lower(coalesce(p.qual, '')), '() '), btrim(lower(coalesce(p.with_check, '')), '() '))), ''
UNION ALL
SELECT 'row level security is still on', c.relrowsecurity, ''
FROM pg_class AS c WHERE c.oid = to_regclass({{ relation | literal }})
