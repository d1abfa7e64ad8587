SET CONSTRAINTS ALL IMMEDIATE;

LOCK TABLE {{ relation }}{% for child in move.children %}{% if not child.itself %}, {{ child.table }}{% endif %}{% endfor %} IN SHARE ROW EXCLUSIVE MODE;

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ move.quarantine }} AS
SELECT now() AS fixit_moved_at, {{ ("another row with the same " ~ columns ~ " was kept: " ~ keep) | literal }}::text AS fixit_why, loser.*
FROM (
  SELECT d.*, row_number() OVER w AS fixit_place{% for k in move.kept %},
         first_value(d.{{ k.column }}) OVER w AS {{ k.name }}{% endfor %}

  FROM (
    SELECT t.ctid AS fixit_ctid, t.tableoid AS fixit_tableoid, t.*,
           dense_rank() OVER (ORDER BY {{ columns }}) AS fixit_group, count(*) OVER (PARTITION BY {{ columns }}) AS fixit_size
    FROM {{ relation }} AS t
    WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
  ) AS d
  {% if keep == "most-referenced" %}{% for child in move.children %}LEFT JOIN (
    SELECT {{ child.columns }}, count(*) AS fixit_count FROM {{ child.table }} GROUP BY {{ child.columns }}
  ) AS {{ child.alias }} ON ({{ child.ref_columns | each('d.{}') }}) = ({% for p in child.pairs %}{{ child.alias }}.{{ p.column }}{% if not loop.last %}, {% endif %}{% endfor %})
  {% endfor %}{% endif %}WHERE d.fixit_size > 1
  WINDOW w AS (PARTITION BY d.fixit_group ORDER BY {% if keep == "newest" and move.age %}d.{{ move.age }} DESC NULLS LAST, {% elif keep == "oldest" and move.age %}d.{{ move.age }} ASC NULLS LAST, {% elif keep == "most-referenced" and move.children %}{% for child in move.children %}coalesce({{ child.alias }}.fixit_count, 0){% if not loop.last %} + {% endif %}{% endfor %} DESC, {% endif %}{% if keep == "newest" or keep == "highest" %}{% if move.pk %}{{ move.pk | each('d.{} DESC') }}, {% endif %}d.fixit_ctid DESC{% else %}{% if move.pk %}{{ move.pk | each('d.{} ASC') }}, {% endif %}d.fixit_ctid ASC{% endif %})
) AS loser
WHERE loser.fixit_place > 1;

REVOKE ALL ON TABLE {{ move.quarantine }} FROM PUBLIC;

ALTER TABLE {{ move.quarantine }} ENABLE ROW LEVEL SECURITY;

ANALYZE {{ move.quarantine }};

{% for name in move.paused %}ALTER TABLE {{ relation }} DISABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} DISABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}{% for child in move.children %}{% if child.pk %}CREATE TABLE {{ child.record }} AS
SELECT now() AS fixit_moved_at,{% for p in child.pairs %} c.{{ p.column }} AS {{ p.old }},{% endfor %}{% for p in child.pk %} {% if p.kept %}q.{{ p.kept }}{% else %}c.{{ p.column }}{% endif %} AS {{ p.key }}{% if not loop.last %},{% endif %}{% endfor %}

FROM {{ child.table }} AS c JOIN {{ move.quarantine }} AS q ON ({{ child.columns | each('c.{}') }}) = ({{ child.ref_columns | each('q.{}') }})
{% if child.itself %}WHERE NOT EXISTS (SELECT FROM {{ move.quarantine }} AS x WHERE x.fixit_ctid = c.ctid AND x.fixit_tableoid = c.tableoid){% endif %};

REVOKE ALL ON TABLE {{ child.record }} FROM PUBLIC;

ALTER TABLE {{ child.record }} ENABLE ROW LEVEL SECURITY;

UPDATE {{ child.table }} AS c SET {% for p in child.pairs if p.ref not in key_columns %}{{ p.column }} = q.{{ p.kept }}{% if not loop.last %}, {% endif %}{% endfor %}

FROM {{ move.quarantine }} AS q WHERE ({{ child.columns | each('c.{}') }}) = ({{ child.ref_columns | each('q.{}') }})
{% if child.itself %}AND NOT EXISTS (SELECT FROM {{ move.quarantine }} AS x WHERE x.fixit_ctid = c.ctid AND x.fixit_tableoid = c.tableoid){% endif %};

{% endif %}{% endfor %}{% for child in move.children if child.lookup %}CREATE INDEX {{ child.lookup.name }} ON {{ child.table }} ({{ child.columns }});

{% endfor %}DELETE FROM {{ relation }} AS t USING {{ move.quarantine }} AS q WHERE t.ctid = q.fixit_ctid AND t.tableoid = q.fixit_tableoid;

{% for child in move.children if child.lookup %}DROP INDEX {{ child.lookup.qualified }};

{% endfor %}{% for name in move.paused %}ALTER TABLE {{ relation }} ENABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} ENABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}{% if carcass %}DROP INDEX {{ carcass }};

{% endif %}{% if key_definition %}{{ key_definition }};
{% elif make == "constraint" %}ALTER TABLE {{ relation }} ADD CONSTRAINT {{ index }} UNIQUE {% if nulls_not_distinct %}NULLS NOT DISTINCT {% endif %}({{ columns }});
{% else %}CREATE UNIQUE INDEX {{ index }} ON {{ relation }} ({{ columns }}){% if nulls_not_distinct %} NULLS NOT DISTINCT{% endif %}{% if predicate %} WHERE {{ predicate }}{% endif %};
{% endif %}