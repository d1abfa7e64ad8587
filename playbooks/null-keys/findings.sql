-- Upserts whose key can hold a NULL: such a key never conflicts, so every run adds a row.
WITH
-- The columns of a unique key that may be NULL in rows that the key covers.
may_be_null AS (
  SELECT i.oid AS index_oid, a.relation, a.name, a.type, a.has_default, coalesce(a.identity, '') AS identity, coalesce(a.generated, 0) AS generated
  FROM rel_index i, json_each(i.columns) c
  JOIN attribute a ON a.relation = i.relation AND a.name = c.value AND a.not_null = 0
  WHERE i.is_unique = 1 AND i.is_valid = 1 AND i.is_immediate = 1 AND coalesce(i.nulls_not_distinct, 0) = 0
    AND coalesce(i.predicate, 'none') <> ''
    AND instr(replace(lower(coalesce(i.predicate, '')), '"', ''), lower(a.name) || ' is not null') = 0
),
open_key AS (
  SELECT i.oid, i.name, i.columns, i.include_columns, i.relation, i.predicate, i.definition, i.schema AS index_schema,
         r.qualified, r.schema, r.name AS rel_name, r.kind, coalesce(q.null_sets, 0) AS null_sets, coalesce(q.null_extra, 0) AS null_extra,
         json_array_length(i.columns) AS width,
         (SELECT k.name FROM rel_constraint k WHERE k.oid = i.constraint_oid AND k.kind = 'unique') AS constraint_name
  FROM rel_index i
  JOIN relation r ON r.oid = i.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0 AND r.parent IS NULL
  LEFT JOIN key_rows q ON q.index_oid = i.oid
  WHERE NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NULL)
    -- Another key holds the rule for the rows with a NULL, or is narrower and never NULL.
    AND NOT EXISTS (
      SELECT 1 FROM rel_index o
      WHERE o.relation = i.relation AND o.is_unique = 1 AND o.is_valid = 1
        AND (
          (o.predicate IS NULL
            AND NOT EXISTS (SELECT 1 FROM json_each(o.columns) c WHERE c.value IS NULL OR c.value NOT IN (SELECT value FROM json_each(i.columns)))
            AND (o.nulls_not_distinct = 1
                 OR NOT EXISTS (SELECT 1 FROM json_each(o.columns) c JOIN attribute a ON a.relation = o.relation AND a.name = c.value AND a.not_null = 0)))
          OR EXISTS (SELECT 1 FROM may_be_null n WHERE n.index_oid = i.oid
                       AND (instr(replace(lower(o.predicate), '"', ''), lower(n.name) || ' is null') > 0
                            OR EXISTS (SELECT 1 FROM json_each(o.expressions) e WHERE instr(lower(e.value), lower(n.name)) > 0)))))
),
-- What an upsert brings for each of those columns.
brought AS (
  SELECT w.id AS write, k.oid AS index_oid, n.name AS column_name,
         w.columns IS NOT NULL AS known,
         EXISTS (SELECT 1 FROM json_each(w.columns) c WHERE c.value = n.name) AS given,
         lower(trim((SELECT v.value FROM json_each(w.column_values) v WHERE v.key = n.name))) AS value,
         -- A default fills what is left out; a NULL that is given stays one, unless a trigger changes it.
         n.has_default = 1 OR n.identity <> '' OR n.generated = 1 AS has_own,
         EXISTS (SELECT 1 FROM rel_trigger t JOIN routine f ON f.oid = t.routine
                 WHERE t.relation = k.relation AND t.timing = 'before' AND t.enabled <> 'disabled'
                   AND instr(lower(f.body), lower(n.name)) > 0) AS filled,
         w.routine
  FROM open_key k
  JOIN arbiter a ON a.index_oid = k.oid AND a.usable = 1
  JOIN write w ON w.id = a.write AND w.target_kind <> 'none'
    -- A view may call the table's columns by other names.
    AND NOT EXISTS (SELECT 1 FROM json_each(w.columns) c WHERE c.value NOT IN (SELECT t.name FROM attribute t WHERE t.relation = k.relation))
  JOIN may_be_null n ON n.index_oid = k.oid
),
said AS (
  SELECT b.*,
         CASE
           WHEN b.filled THEN 0
           WHEN (b.value IN ('null', 'none', 'nil', 'undefined') OR b.value LIKE 'null::%' OR b.value LIKE 'cast(null as %') THEN 3
           WHEN b.known AND NOT b.given AND NOT b.has_own THEN 3
           WHEN (b.value LIKE 'nullif(%'
                     OR EXISTS (SELECT 1 FROM json_each('["?? null", "|| null", ": null", "?? undefined", ": undefined", "or none", "else none"]') m WHERE substr(b.value, -length(m.value)) = m.value)
                     OR EXISTS (
                       SELECT 1 FROM (SELECT substr(lower(f.definition), instr(lower(f.definition), b.value || ' '), 120) AS declared FROM routine f
                             WHERE f.oid = b.routine AND instr(lower(f.definition), b.value || ' ') > 0)
                       -- The parameter's own declaration: up to the next comma.
                       WHERE instr(substr(declared, 1, instr(declared, 'default null')), ',') = 0 AND instr(declared, 'default null') > 0)) THEN 2
           -- A constant is no NULL.
           WHEN b.value GLOB '[''"0-9]*' THEN -1
           ELSE 0
         END AS certainty
  FROM brought b
),
-- A column that is the row's own mark (an address, a number elsewhere): none of it means "has none", and such rows are many.
own_mark AS (
  SELECT n.index_oid, n.name FROM may_be_null n
  WHERE NOT EXISTS (SELECT 1 FROM rel_constraint f, json_each(f.columns) c WHERE f.relation = n.relation AND f.kind = 'foreign' AND c.value = n.name)
    AND (EXISTS (SELECT 1 FROM json_each('["mail", "phone", "mobile", "external", "reference", "sku", "barcode", "serial", "number", "token", "hash", "slug", "url", "handle", "username", "stripe", "remote", "provider_", "idempot", "dedup", "isbn"]') m
                 WHERE instr(lower(n.name), m.value) > 0)
         OR EXISTS (SELECT 1 FROM json_each('["_ref", "source_id", "_key", "code"]') m WHERE substr(lower(n.name), -length(m.value)) = m.value))
),
upsert AS (
  SELECT s.write, s.index_oid, max(s.certainty) AS certainty,
         (SELECT replace(group_concat(DISTINCT x.column_name), ',', ', ') FROM said x WHERE x.write = s.write AND x.index_oid = s.index_oid AND x.certainty = max(s.certainty)) AS null_columns,
         -- Of the columns that can be NULL here, is one more than the row's own mark?
         EXISTS (SELECT 1 FROM said x WHERE x.write = s.write AND x.index_oid = s.index_oid
                   AND x.column_name NOT IN (SELECT m.name FROM own_mark m WHERE m.index_oid = x.index_oid)) AS says_whose
  FROM said s GROUP BY s.write, s.index_oid
),
judged AS (
  SELECT k.*, u.write, u.certainty, u.null_columns,
         -- Rows with a NULL may be somebody else's, who never meant them to be one.
         EXISTS (SELECT 1 FROM write p WHERE p.relation = k.relation AND p.operation = 'insert' AND p.has_conflict = 0) AS plain_inserts,
         k.width > 1 AND u.says_whose AS means_one
  FROM open_key k JOIN upsert u ON u.index_oid = k.oid
),
found AS (
  SELECT j.*,
         CASE WHEN j.certainty = 3 THEN 'error'
              WHEN NOT j.means_one THEN CASE WHEN j.certainty > 0 OR j.certainty = 0 AND j.null_extra > 0 THEN 'info' END
              WHEN j.certainty = 2 AND j.null_extra > 0 THEN 'error'
              WHEN j.certainty = 2 THEN 'warning'
              WHEN j.certainty < 0 THEN NULL
              WHEN j.null_extra > 0 AND NOT j.plain_inserts THEN 'warning'
              WHEN j.null_extra > 0 THEN 'info' END AS severity
  FROM judged j
),
shown AS (
  SELECT f.*,
         (SELECT group_concat(value, ', ') FROM json_each(f.columns)) AS key_text,
         coalesce(f.null_columns, (SELECT group_concat(n.name, ', ') FROM may_be_null n WHERE n.index_oid = f.oid)) AS null_text,
         (SELECT version FROM server) >= 150000 AS can_compare,
         EXISTS (SELECT 1 FROM rel_constraint c WHERE c.kind = 'foreign' AND c.ref_relation = f.relation
                   AND json_array_length(c.ref_columns) = f.width
                   AND NOT EXISTS (SELECT 1 FROM json_each(c.ref_columns) x WHERE x.value NOT IN (SELECT value FROM json_each(f.columns)))) AS referenced,
         substr(f.definition, -length(' WHERE ' || f.predicate)) = ' WHERE ' || f.predicate AS ends_with_predicate
  FROM found f WHERE f.severity IS NOT NULL
),
-- How the key is changed: in its place, or by a second one where it cannot be taken away.
planned AS (
  SELECT s.*,
         CASE WHEN s.referenced THEN 'beside'
              WHEN s.constraint_name IS NOT NULL THEN 'constraint'
              WHEN s.definition IS NULL OR instr(s.definition, ' WITH (') > 0 OR (s.predicate IS NOT NULL AND NOT s.ends_with_predicate) THEN 'beside'
              ELSE 'index' END AS way,
         s.name || '_nulls' || CASE WHEN EXISTS (SELECT 1 FROM rel_index x WHERE x.schema = s.schema AND x.name = s.name || '_nulls') THEN '_2' ELSE '' END AS beside_name
  FROM shown s
)
SELECT
  'nulls-not-matched' AS cause,
  p.qualified AS relation,
  p.name AS object,
  p.severity AS severity,
  CASE WHEN p.certainty = 3 OR (p.certainty = 2 AND p.null_extra > 0) THEN 'certain' ELSE 'likely' END AS confidence,
  'A NULL in ' || p.null_text || ' keeps ' || p.name || ' from matching, so every upsert adds a row to ' || p.qualified AS title,
  p.write AS write,
  json_array('PGRST116', '21000') AS sqlstates,
  json_array(
    p.name || ' is unique on (' || p.key_text || '), and ' || p.null_text || ' may be NULL. To a unique key no NULL equals another, so ON CONFLICT never fires for such a row.',
    CASE p.certainty
      WHEN 3 THEN 'This statement always leaves ' || p.null_text || ' NULL: it can only ever insert.'
      WHEN 2 THEN 'This statement sends NULL for ' || p.null_text || ' when there is no value: then it inserts, every time.'
      ELSE 'The rows show that it happens: nothing else in sight writes them.' END,
    CASE WHEN p.null_extra > 0 THEN p.null_extra || ' rows more than one of each kind are there now (' || p.null_sets || ' kinds).'
         ELSE 'No such rows were counted yet; the second run makes the first.' END,
    'Nothing is refused, so nothing is reported, until something expects one row and finds several (PGRST116, 21000, doubled sums).'
  ) AS why,
  json_array(
    json_object('label', 'key', 'value', p.name || ' (' || p.key_text || ')' || coalesce(' WHERE ' || p.predicate, '')),
    json_object('label', 'may be NULL', 'value', (SELECT group_concat(n.name || ' ' || n.type, ', ') FROM may_be_null n WHERE n.index_oid = p.oid)),
    json_object('label', 'rows beyond one of each kind', 'value', (SELECT q.null_extra FROM key_rows q WHERE q.index_oid = p.oid)),
    json_object('label', 'a foreign key refers to it', 'value', CASE WHEN p.referenced THEN 'yes: it has to stay as it is' END)
  ) AS evidence,
  json_array(
    json_object('cause', 'missing-unique-index', 'because', p.name || ' serves the statement; it just never matches a NULL'),
    json_object('cause', 'wrong-conflict-target', 'because', 'the target is the key'),
    json_object('cause', 'single-on-zero-rows', 'because', CASE WHEN p.null_extra > 0 THEN 'there are several rows, not none' END)
  ) AS ruled_out,
  CASE
    WHEN p.severity = 'info' OR p.kind = 'partitioned' OR NOT p.can_compare THEN json_array('say-what-null-means')
    WHEN p.null_extra > 0 THEN json_array('quarantine-keep-newest', 'quarantine-keep-oldest', 'say-what-null-means')
    ELSE json_array('nulls-not-distinct', 'quarantine-keep-newest', 'quarantine-keep-oldest', 'say-what-null-means')
  END AS fixes,
  json_object(
    'relation', json_object('name', json_array(p.schema, p.rel_name)),
    'key', json_object('ident', p.name),
    'columns', json_object('columns', json(p.columns)),
    'include', CASE WHEN json_array_length(p.include_columns) > 0 THEN json_object('columns', json(p.include_columns)) END,
    'nullable', (SELECT json_group_array(json_object('ident', n.name)) FROM may_be_null n WHERE n.index_oid = p.oid),
    'null_text', p.null_text,
    'can_compare', json(CASE WHEN p.can_compare THEN 'true' ELSE 'false' END),
    'way', p.way,
    'predicate', CASE WHEN p.predicate IS NOT NULL THEN json_object('sql', p.predicate) END,
    'constraint', CASE WHEN p.constraint_name IS NOT NULL THEN json_object('ident', p.constraint_name) END,
    'index_name', json_object('name', json_array(p.index_schema, p.name)),
    'definition', CASE WHEN p.definition IS NOT NULL THEN json_object('sql', p.definition) END,
    'definition_after', CASE WHEN p.way = 'index' THEN json_object('sql', CASE WHEN p.predicate IS NULL THEN p.definition || ' NULLS NOT DISTINCT'
        ELSE substr(p.definition, 1, length(p.definition) - length(' WHERE ' || p.predicate)) || ' NULLS NOT DISTINCT WHERE ' || p.predicate END) END,
    'beside', json_object('new_name', p.beside_name),
    'beside_name', json_object('new_table', json_array(p.schema, p.beside_name)),
    'schema', json_object('ident', p.schema),
    'held_by', CASE WHEN p.way = 'beside' THEN json_object('new_table', json_array(p.schema, p.beside_name)) ELSE json_object('name', json_array(p.index_schema, p.name)) END,
    'nulls_not_distinct', json('true'),
    'key_columns', json(p.columns),
    -- A reference to the key itself never meets a row with a NULL: there is nothing to point elsewhere.
    'move', json(json_set(m.params, '$.children', (
      SELECT json_group_array(json(c.value)) FROM json_each(m.params, '$.children') c
      WHERE EXISTS (SELECT 1 FROM json_each(c.value, '$.ref_columns.columns') r WHERE r.value NOT IN (SELECT value FROM json_each(p.columns)))))),
    'known_references', m."references"
  ) AS params
FROM planned p
LEFT JOIN move_plan m ON m.relation = p.relation
