SELECT 'the sequence is still behind' AS label, bool_or(coalesce(s.next {% if down %}>={% else %}<={% endif %} t.farthest, false)) AS holds,
       'next ' || min(s.next) || ', {% if down %}least{% else %}greatest{% endif %} ' || coalesce({% if down %}min{% else %}max{% endif %}(t.farthest)::text, 'none') AS detail
FROM (SELECT CASE WHEN is_called THEN last_value::numeric + {{ increment }} ELSE last_value END AS next FROM {{ sequence }}) AS s,
     ({% for one in fed %}SELECT {% if down %}min{% else %}max{% endif %}({{ one.column }})::numeric AS farthest FROM {% if one.only %}ONLY {% endif %}{{ one.table }}{% if not loop.last %} UNION ALL {% endif %}{% endfor %}) AS t
{% for one in fed %}UNION ALL
SELECT 'every id of ' || {{ one.table | literal }} || ' lies before ' || {{ restart }}, coalesce({% if down %}min{% else %}max{% endif %}({{ one.column }}) {% if down %}>{% else %}<{% endif %} {{ restart }}, true), 'asked again under the lock, before COMMIT'
FROM {% if one.only %}ONLY {% endif %}{{ one.table }}
UNION ALL
SELECT 'you may lock ' || {{ one.table | literal }}, has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ one.table | literal }})
UNION ALL
SELECT 'row level security hides no row of ' || {{ one.table | literal }} || ' from you', NOT row_security_active(to_regclass({{ one.table | literal }})), ''
{% endfor %}UNION ALL
SELECT 'you own the sequence', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ sequence | literal }})
