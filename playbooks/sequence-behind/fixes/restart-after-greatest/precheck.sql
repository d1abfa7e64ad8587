SELECT 'the sequence is still behind' AS label, coalesce(s.next <= t.greatest, false) AS holds,
       'next ' || s.next || ', greatest ' || coalesce(t.greatest::text, 'none') AS detail
FROM (SELECT CASE WHEN is_called THEN last_value::numeric + {{ increment }} ELSE last_value END AS next FROM {{ sequence }}) AS s,
     (SELECT max({{ column }}) AS greatest FROM {{ relation }}) AS t
UNION ALL
SELECT 'every id in the table is below ' || {{ restart }}, coalesce(max({{ column }}) < {{ restart }}, true), 'asked again under the lock, before COMMIT'
FROM {{ relation }}
UNION ALL
SELECT 'you own the sequence', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ sequence | literal }})
UNION ALL
SELECT 'you may lock the table', has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'row level security hides no row from you', NOT row_security_active(to_regclass({{ relation | literal }})), ''
