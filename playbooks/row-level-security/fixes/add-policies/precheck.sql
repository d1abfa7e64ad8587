SELECT 'row level security is on' AS label, c.relrowsecurity AS holds, '' AS detail
FROM pg_class AS c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class AS c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'the names of the new policies are free', count(*) = 0, coalesce(string_agg(p.polname, ', '), '')
FROM pg_policy AS p
WHERE p.polrelid = to_regclass({{ relation | literal }})
  AND p.polname::text = ANY (ARRAY[{% for command in commands %}{{ command.policy | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])
