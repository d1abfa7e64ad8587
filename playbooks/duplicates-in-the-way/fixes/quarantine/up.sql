SET CONSTRAINTS ALL IMMEDIATE;

LOCK TABLE {{ relation }}{% for child in move.children %}{% if not child.itself %}, {{ child.table }}{% endif %}{% endfor %} IN SHARE ROW EXCLUSIVE MODE;

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ move.quarantine }} AS
SELECT now() AS fixit_moved_at, {{ ("another row with the same " ~ columns ~ " was kept: " ~ keep) | literal }}::text AS fixit_why, loser.*
FROM (
  SELECT t.ctid AS fixit_ctid, t.tableoid AS fixit_tableoid, row_number() OVER w AS fixit_place,{% for k in move.kept %}
         first_value(t.{{ k.column }}) OVER w AS {{ k.name }},{% endfor %}
         t.*
  FROM {{ relation }} AS t
  WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}){% if not nulls_not_distinct %} AND ({{ columns }}) IS NOT NULL{% endif %}
  WINDOW w AS (PARTITION BY {{ columns }} ORDER BY {% if keep == "newest" and move.age %}t.{{ move.age }} DESC NULLS LAST, {% elif keep == "oldest" and move.age %}t.{{ move.age }} ASC NULLS LAST, {% elif keep == "most-referenced" and move.children %}{% for child in move.children %}(SELECT count(*) FROM {{ child.table }} AS o WHERE ({{ child.columns | each('o.{}') }}) = ({{ child.ref_columns | each('t.{}') }})){% if not loop.last %} + {% endif %}{% endfor %} DESC, {% endif %}{% if keep == "newest" or keep == "highest" %}{% if move.pk %}{{ move.pk | each('t.{} DESC') }}, {% endif %}t.ctid DESC{% else %}{% if move.pk %}{{ move.pk | each('t.{} ASC') }}, {% endif %}t.ctid ASC{% endif %})
) AS loser
WHERE loser.fixit_place > 1;

REVOKE ALL ON TABLE {{ move.quarantine }} FROM PUBLIC;

ALTER TABLE {{ move.quarantine }} ENABLE ROW LEVEL SECURITY;

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

{% endif %}{% endfor %}DELETE FROM {{ relation }} AS t USING {{ move.quarantine }} AS q WHERE t.ctid = q.fixit_ctid AND t.tableoid = q.fixit_tableoid;

{% for name in move.paused %}ALTER TABLE {{ relation }} ENABLE TRIGGER {{ name }};

{% endfor %}{% for child in move.children %}{% for name in child.paused if not child.itself %}ALTER TABLE {{ child.table }} ENABLE TRIGGER {{ name }};

{% endfor %}{% endfor %}{% if carcass %}DROP INDEX {{ carcass }};

{% endif %}{% if key_definition %}{{ key_definition }};
{% elif make == "constraint" %}ALTER TABLE {{ relation }} ADD CONSTRAINT {{ index }} UNIQUE {% if nulls_not_distinct %}NULLS NOT DISTINCT {% endif %}({{ columns }});
{% else %}CREATE UNIQUE INDEX {{ index }} ON {{ relation }} ({{ columns }}){% if nulls_not_distinct %} NULLS NOT DISTINCT{% endif %}{% if predicate %} WHERE {{ predicate }}{% endif %};
{% endif %}