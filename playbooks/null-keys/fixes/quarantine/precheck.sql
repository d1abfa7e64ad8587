SELECT 'there are rows to move' AS label, count(*) > 0 AS holds,
       count(*) || ' groups, ' || coalesce(sum(extra), 0) || ' rows would move' AS detail
FROM (SELECT count(*) - 1 AS extra FROM {{ relation }} WHERE {% if predicate %}({{ predicate }}) AND {% endif %}({% for n in nullable %}{{ n }} IS NULL{% if not loop.last %} OR {% endif %}{% endfor %})
      GROUP BY {{ columns }} HAVING count(*) > 1) AS many
{% for child in children %}UNION ALL
SELECT {{ ("no row refers to one that would move (" ~ child.label ~ ")") | literal }}, NOT EXISTS (
  SELECT FROM {{ child.table }} AS o
  WHERE ({{ child.columns }}) IN (
    SELECT {{ child.ref_columns | each('m.{}', ', ') }} FROM (
      SELECT t.*, row_number() OVER (PARTITION BY {{ columns }} ORDER BY {{ age }} {% if keep == "newest" %}DESC{% else %}ASC{% endif %} NULLS LAST, ctid {% if keep == "newest" %}DESC{% else %}ASC{% endif %}) AS fixit_place
      FROM {{ relation }} AS t
      WHERE {% if predicate %}({{ predicate }}) AND {% endif %}({% for n in nullable %}{{ n }} IS NULL{% if not loop.last %} OR {% endif %}{% endfor %})) AS m
    WHERE m.fixit_place > 1)), ''
{% endfor %}UNION ALL
SELECT 'no trigger fires when rows move or come back', count(*) = 0, coalesce(string_agg(tgname, ', '), '')
FROM pg_trigger WHERE tgrelid = to_regclass({{ relation | literal }}) AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype::int & 12 <> 0
UNION ALL
SELECT 'row level security hides no row from you', NOT c.relrowsecurity OR r.rolbypassrls OR r.rolsuper OR (pg_has_role(c.relowner, 'USAGE') AND NOT c.relforcerowsecurity), ''
FROM pg_class c, pg_roles r WHERE c.oid = to_regclass({{ relation | literal }}) AND r.rolname = current_user
UNION ALL
SELECT 'the quarantine table is not there yet', to_regclass({{ quarantine | literal }}) IS NULL, ''
UNION ALL
SELECT 'nothing else hangs on the key that is replaced', {% if way == "beside" %}true, ''{% else %}NOT EXISTS (
         SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
         AND NOT i.indisclustered AND x.reloptions IS NULL AND x.reltablespace = 0 AND obj_description(x.oid, 'pg_class') IS NULL
         AND NOT EXISTS (SELECT FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid WHERE d.classoid = 'pg_constraint'::regclass AND k.conindid = i.indexrelid),
       'foreign keys, clustering, storage options, comments'
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indexrelid = to_regclass({{ index_name | literal }}){% endif %}

UNION ALL
SELECT 'the server knows NULLS NOT DISTINCT', current_setting('server_version_num')::int >= 150000, current_setting('server_version')
UNION ALL
SELECT 'the name of the new index is free', {% if way == "beside" %}to_regclass({{ beside_name | literal }}) IS NULL{% else %}true{% endif %}, ''
UNION ALL
SELECT 'it is a plain table', c.relkind = 'r', ''
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'you may alter the table', pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid = to_regclass({{ relation | literal }})
