SELECT 'there are users without a row' AS label, count(*) > 0 AS holds, count(*) || ' rows would be added' AS detail
FROM auth.users AS u
WHERE NOT EXISTS (SELECT FROM {{ parent }} AS p WHERE p.{{ parent_key }} = u.id)
UNION ALL
SELECT 'you own the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class AS c WHERE c.oid = to_regclass({{ parent | literal }})
UNION ALL
SELECT 'row level security hides no row from you',
       NOT row_security_active(to_regclass({{ parent | literal }})) AND NOT row_security_active(to_regclass('auth.users')), ''
UNION ALL
SELECT 'no trigger runs after an INSERT', count(*) = 0, coalesce(string_agg(t.tgname, ', '), '')
FROM pg_trigger AS t
WHERE t.tgrelid = to_regclass({{ parent | literal }}) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
  AND t.tgtype::integer & 4 = 4 AND t.tgtype::integer & 2 = 0
UNION ALL
SELECT 'the record is not there yet', to_regclass({{ record | literal }}) IS NULL, ''
