LOCK TABLE {{ relation }} IN SHARE ROW EXCLUSIVE MODE;

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ quarantine }} AS
SELECT loser.*
FROM (
  SELECT ctid AS fixit_ctid, now() AS fixit_moved_at, t.*,
         row_number() OVER (PARTITION BY {{ columns }} ORDER BY {{ age }} {% if keep == "newest" %}DESC{% else %}ASC{% endif %} NULLS LAST, ctid {% if keep == "newest" %}DESC{% else %}ASC{% endif %}) AS fixit_place
  FROM {{ relation }} AS t
  WHERE ({% if predicate %}{{ predicate }}{% else %}true{% endif %}) AND ({{ columns }}) IS NOT NULL
) AS loser
WHERE loser.fixit_place > 1;

REVOKE ALL ON TABLE {{ quarantine }} FROM PUBLIC;

DELETE FROM {{ relation }} WHERE ctid IN (SELECT fixit_ctid FROM {{ quarantine }});

CREATE UNIQUE INDEX {{ index }} ON {{ relation }} ({{ columns }}){% if predicate %} WHERE {{ predicate }}{% endif %};
