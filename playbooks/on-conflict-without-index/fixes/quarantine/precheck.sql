SELECT 'there are duplicates to move' AS label, count(*) > 0 AS holds,
       count(*) || ' groups, ' || coalesce(sum(extra), 0) || ' rows would move' AS detail
FROM (SELECT count(*) - 1 AS extra FROM {{ relation }} WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %})
        AND ({{ columns }}) IS NOT NULL
      GROUP BY {{ columns }} HAVING count(*) > 1) AS duplicate
UNION ALL
SELECT 'no foreign key points at this table, so nothing else would move or vanish', count(*) = 0,
       coalesce(string_agg(conname || ' on ' || conrelid::regclass::text, ', '), '')
FROM pg_constraint WHERE contype = 'f' AND confrelid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'no trigger fires on DELETE', count(*) = 0, coalesce(string_agg(tgname, ', '), '')
FROM pg_trigger WHERE tgrelid = to_regclass({{ relation | literal }}) AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype::int & 8 = 8
UNION ALL
SELECT 'it is a plain table', c.relkind = 'r', ''
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'row level security hides no row from you', NOT c.relrowsecurity OR r.rolbypassrls OR r.rolsuper OR (pg_has_role(c.relowner, 'USAGE') AND NOT c.relforcerowsecurity), ''
FROM pg_class c, pg_roles r WHERE c.oid = to_regclass({{ relation | literal }}) AND r.rolname = current_user
UNION ALL
SELECT 'the quarantine table is not there yet', to_regclass({{ quarantine | literal }}) IS NULL, ''
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'the name of the new index is free', to_regclass({{ new_index | literal }}) IS NULL, ''
