LOCK TABLE {{ relation }} IN ACCESS EXCLUSIVE MODE;

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ quarantine }} AS
SELECT loser.*
FROM (
  SELECT ctid AS fixit_ctid, now() AS fixit_moved_at, t.*,
         row_number() OVER (PARTITION BY {{ columns }} ORDER BY {{ age }} {% if keep == "newest" %}DESC{% else %}ASC{% endif %} NULLS LAST, ctid {% if keep == "newest" %}DESC{% else %}ASC{% endif %}) AS fixit_place
  FROM {{ relation }} AS t
  WHERE {% if predicate %}({{ predicate }}) AND {% endif %}({% for n in nullable %}{{ n }} IS NULL{% if not loop.last %} OR {% endif %}{% endfor %})
) AS loser
WHERE loser.fixit_place > 1;

REVOKE ALL ON TABLE {{ quarantine }} FROM PUBLIC;

DELETE FROM {{ relation }} WHERE ctid IN (SELECT fixit_ctid FROM {{ quarantine }});

{% if way == "constraint" %}ALTER TABLE {{ relation }}
  DROP CONSTRAINT {{ constraint }},
  ADD CONSTRAINT {{ constraint }} UNIQUE NULLS NOT DISTINCT ({{ columns }}){% if include %} INCLUDE ({{ include }}){% endif %};
{% elif way == "index" %}DROP INDEX {{ index_name }};

{{ definition_after }};
{% else %}CREATE UNIQUE INDEX {{ beside }} ON {{ relation }} ({{ columns }}) NULLS NOT DISTINCT{% if predicate %} WHERE {{ predicate }}{% endif %};
{% endif %}
