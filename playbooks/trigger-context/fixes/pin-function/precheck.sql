SELECT 'you may alter the function' AS label, pg_has_role(p.proowner, 'USAGE') AS holds, 'owner: ' || pg_get_userbyid(p.proowner) AS detail
FROM pg_proc p WHERE p.oid = to_regprocedure({{ routine_signature | literal }})
UNION ALL
SELECT 'the function is the one that was read', rtrim(pg_get_functiondef(to_regprocedure({{ routine_signature | literal }})), E'\n') = rtrim({{ definition | literal }}, E'\n'), ''
UNION ALL
SELECT 'no extension owns it', NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = to_regprocedure({{ routine_signature | literal }}) AND d.deptype = 'e'), ''
UNION ALL
SELECT 'the table is there', to_regclass({{ relation | literal }}) IS NOT NULL, ''
{% if definer %}
UNION ALL
SELECT 'its owner may write the table', r.rolsuper OR (has_table_privilege(r.oid, c.oid, {{ privilege }})
         AND (NOT c.relrowsecurity OR r.rolbypassrls OR (pg_has_role(r.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity))), 'owner of the function: ' || r.rolname
FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner, pg_class c
WHERE p.oid = to_regprocedure({{ routine_signature | literal }}) AND c.oid = to_regclass({{ relation | literal }})
{% endif %}
