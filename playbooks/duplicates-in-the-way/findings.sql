-- Keys that a reported statement was to make, on tables that have no such key yet.
WITH
wanted AS (
  SELECT k.*, r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.kind AS rel_kind, r.row_estimate,
         coalesce(k.doubled_groups, 1) = 0 AS settled,
         coalesce(k.doubled_groups, 1) > 0 AND k.kind <> 'primary' AS rows_can_go,
         -- Not counted, it may be so: the fix itself asks.
         coalesce(k.doubled_groups, 0) = 0 AS can_be_made,
         m.params AS move, m."references" AS known_references, m.has_age, m.has_key,
         (SELECT json_object('name', json_array(i.schema, i.name)) FROM rel_index i WHERE i.oid = k.carcass) AS carcass_name,
         k.kind = 'index' AND k.carcass IS NULL AND r.kind = 'table' AND r.row_estimate >= 100000
           AND (SELECT s.pooled FROM server s) IS NOT 1 AS beside
  FROM wanted_key k
  JOIN relation r ON r.oid = k.relation AND r.managed = 0 AND r.kind IN ('table', 'partitioned')
  JOIN move_plan m ON m.relation = k.relation
  WHERE NOT EXISTS (
    -- The rule is held by now, whatever it is called and in whatever order.
    SELECT 1 FROM rel_index i
    WHERE i.relation = k.relation AND i.is_unique = 1 AND i.is_valid = 1 AND i.predicate IS NULL
      AND coalesce(i.nulls_not_distinct, 0) >= coalesce(k.nulls_not_distinct, 0)
      AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NULL OR c.value NOT IN (SELECT value FROM json_each(k.columns))))
    -- A plain violation of a key that is there names it, too.
    AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.relation = k.relation AND i.name = k.name AND i.is_unique = 1 AND i.is_valid = 1)
)
SELECT
  'duplicates-block-index' AS cause,
  w.qualified AS relation,
  NULL AS object,
  CASE WHEN w.settled THEN 'warning' ELSE 'error' END AS severity,
  'certain' AS confidence,
  CASE WHEN w.settled THEN 'No rows of ' || w.qualified || ' share (' || w.key_text || ') any more: ' || w.name || ' can be made'
       ELSE 'Rows of ' || w.qualified || ' share (' || w.key_text || '), so ' || w.name || ' cannot be made' END AS title,
  CASE WHEN w.settled THEN 'settled' END AS key,
  NULL AS write,
  -- Where the failed statement is written: the place that the error names first, later migrations before earlier ones.
  (SELECT json_group_array(json_object('file', d.path, 'line', d.line, 'end_line', d.end_line))
   FROM (SELECT k.* FROM key_definition k
         WHERE k.name = w.name AND k.relation = w.rel_name AND coalesce(k.schema, w.rel_schema) = w.rel_schema
         ORDER BY EXISTS (SELECT 1 FROM symptom_place p WHERE p.file = k.path OR p.file LIKE '%/' || k.path OR k.path LIKE '%/' || p.file) DESC,
                  k.path DESC, k.line DESC) d) AS sites,
  json_array('23505') AS sqlstates,
  -- On a partition the server names the index that it was about to make there.
  coalesce((SELECT s.constraint_name FROM symptom s), w.name) AS constraint_name,
  json_array(
    w.name || ' is to allow one row for each (' || w.key_text || ')' || coalesce(' WHERE ' || w.predicate, '') || ', and ' || w.qualified
      || CASE WHEN w.settled THEN ' held several for some of them when it failed; now it holds none twice.'
              WHEN w.doubled_groups IS NULL THEN ' holds several for some of them.'
              ELSE ' holds several for ' || w.doubled_groups || ' of them: ' || w.extra_rows || ' rows too many.' END,
    'The server builds the whole key or nothing: which of the rows is the right one is not for it to say.',
    CASE WHEN w.carcass IS NOT NULL THEN 'The concurrent build left ' || w.name || ' behind, invalid: it takes its toll on every write, and a second attempt with IF NOT EXISTS would take it for the key.'
         WHEN w.known_references > 0 THEN 'Rows of other tables refer to this one. Deleting a duplicate fails on them, or takes them along.'
         ELSE 'No other table refers to these rows.' END
  ) AS why,
  NULL AS chain,
  json_array(
    json_object('label', 'wanted key', 'value', w.name || ' (' || w.key_text || ')' || coalesce(' WHERE ' || w.predicate, '') || CASE WHEN w.nulls_not_distinct = 1 THEN ', NULLs not distinct' ELSE '' END),
    json_object('label', 'known from', 'value', CASE WHEN w.statement IS NULL THEN 'the error''s own words' ELSE 'the failed statement' END),
    json_object('label', 'foreign keys that point here', 'value', CAST(w.known_references AS TEXT)),
    json_object('label', 'keys that several rows have', 'value', CAST(w.doubled_groups AS TEXT)),
    json_object('label', 'rows', 'value', CASE WHEN w.row_estimate IS NULL THEN NULL ELSE 'about ' || w.row_estimate END)
  ) AS evidence,
  json_array(
    json_object('cause', 'legitimate-conflict', 'because', 'no statement wrote a row: the key itself was being made'),
    json_object('cause', 'sequence-behind', 'because', 'the rows that collide are all stored already'),
    json_object('cause', 'insert-should-be-upsert', 'because', 'no INSERT is involved')
  ) AS ruled_out,
  (SELECT json_group_array(id) FROM (
     SELECT f.value AS id FROM json_each('["quarantine-keep-newest", "quarantine-keep-oldest"]') f WHERE w.rows_can_go AND (w.has_age = 1 OR w.has_key = 0)
     UNION ALL SELECT f.value FROM json_each('["quarantine-keep-highest", "quarantine-keep-lowest"]') f WHERE w.rows_can_go AND w.has_key = 1
     UNION ALL SELECT 'quarantine-keep-most-referenced' WHERE w.rows_can_go AND w.known_references > 0
     -- On a large table writers must not wait for the build, unless nothing but a transaction goes through.
     UNION ALL SELECT 'create-unique-index-concurrently' WHERE w.can_be_made AND w.beside AND w.row_estimate >= 1000000
     UNION ALL SELECT 'run-again' WHERE w.settled
     UNION ALL SELECT 'create-unique-index' WHERE w.can_be_made AND w.kind = 'index' AND w.carcass IS NULL
     UNION ALL SELECT 'create-unique-index-concurrently' WHERE w.can_be_made AND w.beside AND w.row_estimate < 1000000
     UNION ALL SELECT 'merge-by-hand' WHERE NOT w.settled)) AS fixes,
  json_object(
    'relation', json_object('name', json_array(w.rel_schema, w.rel_name)),
    'schema', json_object('ident', w.rel_schema),
    'columns', CASE WHEN w.columns IS NULL THEN json_object('expression', w.key_text) ELSE json_object('columns', json(w.columns)) END,
    'key_columns', json(coalesce(w.columns, '[]')),
    'predicate', CASE WHEN w.predicate IS NULL THEN NULL ELSE json_object('expression', w.predicate) END,
    'nulls_not_distinct', json(CASE WHEN w.nulls_not_distinct = 1 THEN 'true' ELSE 'false' END),
    'index', json_object('new_name', w.name),
    'new_index', json_object('new_table', json_array(w.rel_schema, w.name)),
    -- The migration makes the key itself when it runs again.
    'make', 'nothing',
    'carcass', json(w.carcass_name),
    'leaves', CASE WHEN w.predicate IS NULL THEN (SELECT json_group_array(json(l.params)) FROM leaf_key l WHERE l.relation = w.relation AND l.columns = json(w.columns)) ELSE json('[]') END,
    'key_definition', NULL,
    'move', json(w.move),
    'known_references', w.known_references,
    'big', json(CASE WHEN w.row_estimate >= 1000000 THEN 'true' ELSE 'false' END),
    'partitioned', json(CASE WHEN w.rel_kind = 'partitioned' THEN 'true' ELSE 'false' END),
    'rows', coalesce(w.row_estimate, 0)
  ) AS params
FROM wanted w
