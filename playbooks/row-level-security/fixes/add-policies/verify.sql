{% for command in commands %}SELECT {{ ('the policy for ' ~ command.name ~ ' is there, for that command only') | literal }} AS label,
       count(*) = 1 AS holds, coalesce(string_agg(p.policyname, ', '), 'none') AS detail
FROM pg_policies AS p
WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = to_regclass({{ relation | literal }}) AND p.permissive = 'PERMISSIVE'
  AND p.policyname = {{ command.policy | text | literal }} AND p.cmd = {{ command.name | text | literal }}
UNION ALL
{% endfor %}SELECT 'none of them lets everything pass', NOT EXISTS (
  SELECT FROM pg_policies AS p
  WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = to_regclass({{ relation | literal }})
    AND p.policyname::text = ANY (ARRAY[{% for command in commands %}{{ command.policy | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])
    AND 'true' IN (btrim(lower(coalesce(p.qual, '')), '() '), btrim(lower(coalesce(p.with_check, '')), '() '))), ''
UNION ALL
SELECT 'row level security is still on', c.relrowsecurity, ''
FROM pg_class AS c WHERE c.oid = to_regclass({{ relation | literal }})
