SELECT 'every user has a row' AS label, count(*) = 0 AS holds, count(*) || ' users without one' AS detail
FROM auth.users AS u
WHERE NOT EXISTS (SELECT FROM {{ parent }} AS p WHERE p.{{ parent_key }} = u.id)
UNION ALL
SELECT 'what was added is recorded', to_regclass({{ record | literal }}) IS NOT NULL, ''
