SELECT 'you may replace the function' AS label, pg_has_role(p.proowner, 'USAGE') AS holds, 'owner: ' || pg_get_userbyid(p.proowner) AS detail
FROM pg_proc p WHERE p.oid = to_regprocedure({{ routine_signature | literal }})
UNION ALL
SELECT 'the function is the one that was read', rtrim(pg_get_functiondef(to_regprocedure({{ routine_signature | literal }})), E'\n') = rtrim({{ definition | literal }}, E'\n'), ''
UNION ALL
SELECT 'no extension owns it', NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = to_regprocedure({{ routine_signature | literal }}) AND d.deptype = 'e'), ''
