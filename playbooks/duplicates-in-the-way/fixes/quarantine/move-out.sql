{% include "duplicates-in-the-way/quarantine/hold.sql" %}

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ move.quarantine }} AS
SELECT now() AS fixit_moved_at, {{ ("another row with the same " ~ columns ~ " was kept: " ~ keep) | literal }}::text AS fixit_why, loser.*
FROM (
{% include "duplicates-in-the-way/quarantine/ranked.sql" %}
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

{% endfor %}{% endfor %}
