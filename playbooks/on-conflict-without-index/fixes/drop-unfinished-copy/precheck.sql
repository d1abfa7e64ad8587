{% include "on-conflict-without-index/rebuild-invalid-index/nobody-builds.sql" %}
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
