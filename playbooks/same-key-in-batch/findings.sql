-- Statements of several rows in which two rows have one key. The symptom leads; only rows that are written out with
-- equal keys are found without it.
WITH
told AS (
  SELECT s.*,
         s.sqlstate = '21000' AS is_second_time,
         (SELECT f.routine FROM symptom_frame f WHERE f.routine IS NOT NULL ORDER BY f.depth LIMIT 1) AS frame_routine
  FROM symptom s
  WHERE (s.sqlstate = '21000'
         -- The other errors of this class: a sub-select with several rows, and an UPDATE without WHERE.
         AND (s.message IS NULL OR s.message LIKE '%ON CONFLICT%' OR s.message LIKE '%second time%'))
     OR s.sqlstate = '23505'
),
-- A statement of several rows and the key that two of them may share.
sent AS (
  SELECT w.*,
         -- No row has the reported value, and no DELETE beside the statement may have taken it away since.
         (w.origin = 'code' AND EXISTS (SELECT 1 FROM key_owner o WHERE o.index_oid = b.index_oid AND o.attribute IS NULL AND o.owners = 0)
          AND NOT EXISTS (SELECT 1 FROM write d WHERE d.relation = w.relation AND d.operation = 'delete')) AS unowned, r.qualified, r.schema AS rel_schema, r.name AS rel_name,
         b.index_oid, b.verdict AS key_verdict, b.fresh, b.because, i.name AS key_name, i.columns AS key_columns,
         i.predicate, i.expressions, i.nulls_not_distinct, i.relation AS key_relation,
         (coalesce(w.action, '') = 'update') AS updates,
         EXISTS (SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.index_oid = b.index_oid AND a.usable = 1) AS is_arbiter,
         EXISTS (SELECT 1 FROM symptom_place p WHERE p.file = w.path OR p.file LIKE '%/' || w.path OR w.path LIKE '%/' || p.file) AS at_place
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.managed = 0
  JOIN batch b ON b.write = w.id
  JOIN rel_index i ON i.oid = b.index_oid
),
-- Rows written out with equal keys: the server refuses them whenever the statement runs.
written_out AS (
  SELECT s.*, CASE WHEN s.updates THEN '21000' ELSE '23505' END AS raises, 1 AS certain
  FROM sent s
  WHERE s.key_verdict = 'same' AND (s.has_conflict = 0 OR (s.updates AND s.is_arbiter))
),
-- Upserts that may have raised the reported 21000.
able AS (
  SELECT s.* FROM sent s JOIN told t ON t.is_second_time WHERE s.updates AND s.is_arbiter
),
nearer AS (
  SELECT a.* FROM able a JOIN told t
  WHERE CASE
      WHEN t.frame_routine IS NOT NULL THEN a.routine = t.frame_routine
      WHEN t.relation_oid IS NOT NULL THEN a.relation = t.relation_oid
      WHEN EXISTS (SELECT 1 FROM able x WHERE x.at_place) THEN a.at_place
      ELSE 1 END
),
second_time AS (
  SELECT n.*, '21000' AS raises, 0 AS certain
  FROM nearer n
  WHERE n.key_verdict <> 'apart'
    AND (n.rows = 'many' OR NOT EXISTS (SELECT 1 FROM nearer x WHERE x.rows = 'many'))
    AND NOT EXISTS (SELECT 1 FROM written_out o WHERE o.relation = n.relation)
),
-- Plain inserts that met the reported key although no stored row can have it.
fresh_key AS (
  SELECT s.*, '23505' AS raises, 0 AS certain
  FROM sent s JOIN told t ON t.index_oid = s.index_oid
  WHERE s.has_conflict = 0 AND s.rows = 'many' AND (s.fresh = 1 OR s.unowned) AND s.key_verdict = 'unknown' AND t.frame_routine IS NULL
),
found AS (
  SELECT * FROM written_out UNION ALL SELECT * FROM second_time UNION ALL SELECT * FROM fresh_key
),
-- One finding for each statement: the narrowest key tells most.
placed AS (
  SELECT f.*, row_number() OVER (PARTITION BY f.id ORDER BY f.certain DESC, json_array_length(f.key_columns), f.key_name) AS place
  FROM found f
),
shown AS (
  SELECT p.*,
         (SELECT group_concat(coalesce(c.value, 'an expression'), ', ') FROM json_each(p.key_columns) c) AS key_text,
         EXISTS (SELECT 1 FROM json_each(p.key_columns) c WHERE c.value IS NULL) AS by_expression,
         coalesce(p.nulls_not_distinct, 0) = 0 AND EXISTS (
           SELECT 1 FROM json_each(p.key_columns) c JOIN attribute a ON a.relation = p.key_relation AND a.name = c.value AND a.not_null = 0) AS nullable,
         EXISTS (SELECT 1 FROM json_each(p.key_columns) c JOIN attribute a ON a.relation = p.key_relation AND a.name = c.value
                 WHERE a.type LIKE 'timestamp%' OR a.type = 'date' OR a.type LIKE 'json%' OR a.type LIKE '%[]') AS composed
  FROM placed p WHERE p.place = 1
),
spoken AS (
  SELECT s.*,
         CASE WHEN json_array_length(s.key_columns) = 1 AND NOT s.composed THEN 'row.' || json_extract(s.key_columns, '$[0]')
              ELSE 'JSON.stringify([' || (SELECT group_concat('row.' || c.value, ', ') FROM json_each(s.key_columns) c) || '])' END AS js_key,
         (SELECT group_concat('row["' || c.value || '"]', ', ') FROM json_each(s.key_columns) c) AS py_key
  FROM shown s
)
SELECT
  'duplicate-rows-in-batch' AS cause,
  s.qualified AS relation,
  NULL AS object,
  'error' AS severity,
  CASE WHEN s.certain THEN 'certain' ELSE 'likely' END AS confidence,
  CASE WHEN s.certain THEN 'One statement writes the same (' || s.key_text || ') of ' || s.qualified || ' twice'
       ELSE 'A batch for ' || s.qualified || ' can hold the same (' || s.key_text || ') twice' END AS title,
  CASE WHEN s.origin = 'pasted' THEN NULL ELSE s.id END AS write,
  NULL AS sites,
  json_array(s.raises) AS sqlstates,
  CASE WHEN s.raises = '23505' THEN s.key_name END AS constraint_name,
  s.key_name AS key,
  json_array(
    CASE WHEN s.updates THEN 'One statement may change a row once. Two of its rows with the same (' || s.key_text || ') meet the same row of ' || s.qualified || ', or each other, and the server refuses them all (21000).'
         ELSE s.key_name || ' allows one row for each (' || s.key_text || '); two rows of one INSERT break it without any stored row (23505).' END,
    CASE WHEN s.certain THEN s.because
         WHEN s.fresh = 1 THEN 'The key holds the id of a row that the same function has just inserted: no stored row can have it, so the other one is in the batch.'
         WHEN s.unowned AND s.raises = '23505' THEN 'No stored row has the reported value: the other one was in the batch, and went with it.'
         ELSE 'Nothing between the source of the rows and the statement takes repeats out.' END,
    'The key and the conflict clause are right; what is sent has to be one row for each key.'
  ) AS why,
  NULL AS chain,
  json_array(
    json_object('label', 'key', 'value', s.key_name || ' (' || s.key_text || ')' || coalesce(' WHERE ' || s.predicate, '')),
    json_object('label', 'rows of the statement', 'value', CASE s.rows WHEN 'many' THEN 'several' ELSE 'one or several' END),
    json_object('label', 'takes repeats out', 'value', CASE WHEN s.certain THEN NULL WHEN s.because IS NULL THEN 'nothing in sight' ELSE 'not by this key: ' || s.because END)
  ) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', CASE WHEN s.updates THEN 'the statement is an upsert already' ELSE 'no stored row has this key; an upsert of the same rows fails with 21000' END),
    json_object('cause', 'missing-unique-index', 'because', s.key_name || ' is there and was found: without it the error is 42P10'),
    json_object('cause', 'nulls-not-matched', 'because', 'rows that do not match never meet one row twice')
  ) AS ruled_out,
  CASE
    WHEN s.certain THEN json_array('write-the-row-once')
    WHEN s.by_expression THEN json_array('distinct-before-writing')
    WHEN s.origin = 'code' AND s.via = 'postgrest' AND s.updates THEN json_array('keep-last-row', 'keep-first-row')
    WHEN s.origin = 'code' AND s.via = 'postgrest' THEN json_array('keep-first-row', 'keep-last-row')
    WHEN s.origin = 'routine' AND NOT s.nullable AND s.predicate IS NULL AND s.statement IS NOT NULL
      THEN json_array('function-keeps-last', 'function-keeps-first', 'distinct-before-writing')
    ELSE json_array('distinct-before-writing')
  END AS fixes,
  json_object(
    'relation', json_object('name', json_array(s.rel_schema, s.rel_name)),
    'columns', CASE WHEN s.by_expression THEN json_object('expression', coalesce((SELECT group_concat(e.value, ', ') FROM json_each(s.expressions) e), 'key'))
                    ELSE json_object('columns', json(s.key_columns)) END,
    'nullable', json(CASE WHEN s.nullable THEN 'true' ELSE 'false' END),
    'seen', coalesce(s.because, ''),
    'idiom_last', CASE WHEN s.path LIKE '%.py' THEN 'rows = list({(' || s.py_key || '): row for row in rows}.values())'
                       ELSE 'Array.from(new Map(rows.map((row) => [' || coalesce(s.js_key, 'key') || ', row])).values())' END,
    'idiom_first', CASE WHEN s.path LIKE '%.py' THEN 'rows = list({(' || s.py_key || '): row for row in reversed(rows)}.values())'
                        ELSE 'Array.from(new Map([...rows].reverse().map((row) => [' || coalesce(s.js_key, 'key') || ', row])).values())' END,
    'routine', s.routine_name,
    'routine_signature', CASE WHEN s.routine IS NULL THEN NULL ELSE json_object('routine', s.routine) END,
    'definition', (SELECT CASE WHEN q.definition IS NULL THEN NULL ELSE json_object('sql', q.definition) END FROM routine q WHERE q.oid = s.routine),
    'rewritten_last', CASE WHEN s.routine IS NULL THEN NULL
        ELSE json_object('rewritten', json_object('routine', s.routine, 'changes', json_array(json_object('line', s.routine_line, 'statement', s.statement,
          'distinct', json_object('key', json(s.key_columns), 'keep', 'last'))))) END,
    'rewritten_first', CASE WHEN s.routine IS NULL THEN NULL
        ELSE json_object('rewritten', json_object('routine', s.routine, 'changes', json_array(json_object('line', s.routine_line, 'statement', s.statement,
          'distinct', json_object('key', json(s.key_columns), 'keep', 'first'))))) END
  ) AS params,
  json_object(
    'keep-last-row', json_array(json_object('edit', 'distinct-rows', 'call', s.call, 'params',
      json_object('columns', json(s.key_columns), 'keep', 'last', 'nullable', json(CASE WHEN s.nullable THEN 'true' ELSE 'false' END), 'composed', json(CASE WHEN s.composed THEN 'true' ELSE 'false' END)))),
    'keep-first-row', json_array(json_object('edit', 'distinct-rows', 'call', s.call, 'params',
      json_object('columns', json(s.key_columns), 'keep', 'first', 'nullable', json(CASE WHEN s.nullable THEN 'true' ELSE 'false' END), 'composed', json(CASE WHEN s.composed THEN 'true' ELSE 'false' END))))
  ) AS edits
FROM spoken s

UNION ALL

-- The table is told, and no statement in sight writes it that way.
SELECT
  'duplicate-rows-in-batch', r.qualified, NULL, 'error', 'likely',
  'A batch for ' || r.qualified || ' held the same key twice',
  NULL, NULL, json_array('21000'), NULL, NULL,
  json_array(
    'One statement may change a row once. Two of its rows had the same key, and the server refused them all.',
    'The statement was not found in the code; wherever it is, it has to send one row for each key.'),
  NULL,
  json_array(json_object('label', 'table', 'value', r.qualified)),
  json_array(json_object('cause', 'missing-unique-index', 'because', 'a key was found: without one the error is 42P10')),
  json_array('distinct-before-writing'),
  json_object('relation', json_object('name', json_array(r.schema, r.name)), 'columns', json_object('columns', json_array('key')), 'nullable', json('false'), 'seen', '',
    'idiom_last', 'Array.from(new Map(rows.map((row) => [key, row])).values())', 'idiom_first', '', 'routine', NULL),
  NULL
FROM told t JOIN relation r ON r.oid = t.relation_oid AND r.managed = 0
WHERE t.is_second_time AND t.frame_routine IS NULL
  AND NOT EXISTS (SELECT 1 FROM write w WHERE w.relation = r.oid AND w.action = 'update')
