SELECT 'the trigger that stays is there and fires' AS label, EXISTS (
  SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass({{ outer | literal }}) AND t.tgname = {{ kept | text | literal }} AND t.tgenabled IN ('O', 'A')) AS holds, '' AS detail
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ outer | literal }})
UNION ALL
SELECT 'no comment would be lost with it', NOT EXISTS (
  SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass({{ outer | literal }}) AND t.tgname = {{ redundant | text | literal }} AND obj_description(t.oid, 'pg_trigger') IS NOT NULL), ''
UNION ALL
SELECT 'no extension owns it', NOT EXISTS (
  SELECT FROM pg_trigger t JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.deptype IN ('e', 'x')
  WHERE t.tgrelid = to_regclass({{ outer | literal }}) AND t.tgname = {{ redundant | text | literal }}), ''
