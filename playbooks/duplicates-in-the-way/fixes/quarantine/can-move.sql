WITH tree AS (
  SELECT to_regclass({{ relation | literal }})::oid AS oid UNION SELECT relid FROM pg_partition_tree(to_regclass({{ relation | literal }}))
), ranked AS (
{% include "duplicates-in-the-way/quarantine/ranked.sql" %}
), loser AS (
  SELECT * FROM ranked WHERE fixit_place > 1
)
SELECT 'there are duplicates to move' AS label, count(*) > 0 AS holds,
       CASE count(*) WHEN 0 THEN 'none were found' ELSE 'groups: ' || count(*) || ', rows that would move: ' || sum(extra) || coalesce('; such as ' || (array_agg(sample ORDER BY extra DESC))[1] || coalesce(' and ' || (array_agg(sample ORDER BY extra DESC))[2], ''), '') END AS detail
FROM (SELECT count(*) - 1 AS extra, left(({{ columns }})::text, 80) || ' ' || count(*) || ' times' AS sample FROM {{ relation }} AS t
      WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
      GROUP BY {{ columns }} HAVING count(*) > 1) AS duplicate
UNION ALL
SELECT 'no trigger does anything else when rows move or come back', count(*) = 0, coalesce(string_agg(tgname, ', '), '')
FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM tree) AND tgparentid = 0 AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype::int & 12 <> 0
  AND tgname <> ALL (ARRAY[{% for name in move.paused %}{{ name | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])
UNION ALL
SELECT 'it is a table of its own, and the key holds what it is partitioned by',
       CASE c.relkind WHEN 'r' THEN NOT EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid))
            WHEN 'p' THEN NOT EXISTS (
              SELECT FROM unnest(p.partattrs::int2[]) k(number)
              WHERE number = 0 OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = number
                AND a.attname::text = ANY (ARRAY[{% for c in key_columns %}{{ c | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])))
            ELSE false END, ''
FROM pg_class c LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
WHERE c.oid = to_regclass({{ relation | literal }})
UNION ALL
SELECT 'row level security hides no row of ' || c.relname || ' from you', NOT c.relrowsecurity OR r.rolbypassrls OR r.rolsuper OR (pg_has_role(c.relowner, 'USAGE') AND NOT c.relforcerowsecurity), ''
FROM pg_class c, pg_roles r WHERE r.rolname = current_user AND c.oid IN (to_regclass({{ relation | literal }}){% for child in move.children %}, to_regclass({{ child.table | literal }}){% endfor %})
UNION ALL
SELECT 'you may alter ' || c.relname, pg_has_role(c.relowner, 'USAGE'), 'owner: ' || pg_get_userbyid(c.relowner)
FROM pg_class c WHERE c.oid IN (to_regclass({{ relation | literal }}){% for child in move.children %}, to_regclass({{ child.table | literal }}){% endfor %})
UNION ALL
SELECT 'every foreign key that points here is known', count(*) = {{ known_references | literal }}, coalesce(string_agg(conname || ' on ' || conrelid::regclass::text, ', '), '')
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid IN (SELECT oid FROM tree)
UNION ALL
SELECT 'no rule does anything else when rows move or come back', count(*) = 0, coalesce(string_agg(rulename || ' on ' || ev_class::regclass::text, ', '), '')
FROM pg_rewrite WHERE ev_type <> '1' AND ev_enabled <> 'D'
  AND ev_class IN (to_regclass({{ relation | literal }}){% for child in move.children %}, to_regclass({{ child.table | literal }}){% endfor %})
UNION ALL
SELECT 'the quarantine table is not there yet', to_regclass({{ move.quarantine | literal }}) IS NULL, ''
{% for child in move.children %}UNION ALL
SELECT {{ ("references from " ~ child.label ~ " can be moved and brought back") | literal }}, {% if child.pk %}true, ''{% else %}NOT EXISTS (SELECT FROM {{ child.table }} AS c JOIN loser l ON ({{ child.columns | each('c.{}') }}) = ({{ child.ref_columns | each('l.{}') }})), 'it has no primary key by which its rows could be found again'{% endif %}

UNION ALL
SELECT {{ ("nothing hangs on the references from " ~ child.label) | literal }}, count(*) = 0, coalesce(string_agg(f.conname, ', '), '')
FROM pg_constraint f WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confrelid = to_regclass({{ child.table | literal }})
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.confrelid AND a.attnum = ANY (f.confkey)
    AND a.attname::text = ANY (ARRAY[{% for p in child.pairs if p.ref not in key_columns %}{{ p.column | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[]))
  AND NOT ({% if child.itself %}true{% else %}false{% endif %} AND f.conrelid = f.confrelid)
UNION ALL
SELECT {{ ("no trigger does anything else when references move, " ~ child.label) | literal }}, count(*) = 0, coalesce(string_agg(tgname, ', '), '')
FROM pg_trigger WHERE (tgrelid = to_regclass({{ child.table | literal }}) OR tgrelid IN (SELECT relid FROM pg_partition_tree(to_regclass({{ child.table | literal }})))) AND tgparentid = 0 AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype::int & 16 <> 0
  AND (tgattr::text = '' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = tgrelid AND a.attnum = ANY (tgattr::int2[])
    AND a.attname::text = ANY (ARRAY[{% for p in child.pairs if p.ref not in key_columns %}{{ p.column | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])))
  AND tgname <> ALL (ARRAY[{% for name in child.paused %}{{ name | text | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]::text[])
UNION ALL
SELECT {{ ("no other table inherits from " ~ child.label) | literal }}, count(*) = 0, coalesce(string_agg(h.inhrelid::regclass::text, ', '), '')
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent WHERE h.inhparent = to_regclass({{ child.table | literal }}) AND c.relkind <> 'p'
{% for key in child.uniques %}UNION ALL
SELECT {{ ("no two rows become one in " ~ child.label ~ ", " ~ key.name) | literal }}, count(*) = 0, count(*) || ' keys would come twice'
FROM (
  SELECT FROM (SELECT * FROM {{ child.table }}{% if key.predicate %} WHERE {{ key.predicate }}{% endif %}) AS c
  LEFT JOIN loser l ON ({{ child.columns | each('c.{}') }}) = ({{ child.ref_columns | each('l.{}') }})
  {% if child.itself %}WHERE NOT EXISTS (SELECT FROM loser x WHERE {% for p in child.pk %}x.{{ p.column }} = c.{{ p.column }}{% if not loop.last %} AND {% endif %}{% endfor %}{% if not child.pk %}false{% endif %})
  {% endif %}GROUP BY {% for k in key.columns %}{% if k.kept %}CASE WHEN l.fixit_place IS NULL THEN c.{{ k.column }} ELSE l.{{ k.kept }} END{% else %}c.{{ k.column }}{% endif %}{% if not loop.last %}, {% endif %}{% endfor %}

  HAVING count(*) > 1{% if not key.nulls_not_distinct %}{% for k in key.columns %} AND count(c.{{ k.column }}) > 1{% endfor %}{% endif %}) AS twice
{% endfor %}{% endfor %}
