SELECT 'no foreign key depends on this key' AS label, count(*) = 0 AS holds,
       coalesce(string_agg(f.conname || ' on ' || f.conrelid::regclass::text, ', '), '') AS detail
FROM pg_constraint f JOIN pg_constraint k ON k.conindid = f.conindid
WHERE f.contype = 'f' AND k.contype IN ('p', 'u')
  AND k.conrelid = to_regclass({{ relation | literal }}) AND k.conname = {{ constraint | text | literal }}
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
