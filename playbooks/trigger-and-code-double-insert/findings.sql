-- A plain insert in code of the very row that a trigger wrote for an earlier insert in the same function.
WITH doubled AS (
  SELECT s.verdict, s.because, s.covers, s.extra_columns, w.id AS write, w.call, w.path, w.line, w.columns, w.column_values, w.via, c.tx,
         r.qualified, r.name AS rel_name,
         t.name AS trigger_name, q.qualified AS routine_name, tr.qualified AS trigger_relation,
         tw.routine_line, tw.conditional, tw.has_conflict AS trigger_tolerant,
         s.fires, e.path AS effect_path,
         k.oid AS key_index, k.name AS key_name, k.columns AS key_columns,
         (SELECT group_concat(value, ', ') FROM json_each(k.columns)) AS key_text,
         (SELECT group_concat(value, ', ') FROM json_each(s.extra_columns)) AS extra_text,
         EXISTS (SELECT 1 FROM json_each(c.handles_sqlstate) h WHERE h.value = '23505') AS handled,
         coalesce((SELECT 1 FROM symptom y WHERE y.sqlstate = '23505' AND (y.index_oid = k.oid OR y.constraint_name = k.name)
                     AND NOT EXISTS (SELECT 1 FROM symptom_frame)), 0) AS is_reported,
         row_number() OVER (PARTITION BY w.id ORDER BY s.verdict = 'same' DESC, e.depth, t.name) AS place
  FROM same_row s
  JOIN write w ON w.id = s.code_write
  JOIN code_call c ON c.id = w.call
  JOIN relation r ON r.oid = w.relation
  JOIN write tw ON tw.id = s.inner_write
  JOIN rel_trigger t ON t.oid = s.last_trigger
  JOIN relation tr ON tr.oid = t.relation
  JOIN routine q ON q.oid = tw.routine
  JOIN effect e ON e.write = s.inner_write AND e.trigger = s.trigger AND e.event = 'insert'
  JOIN rel_index k ON k.oid = coalesce(s.index_oid, (SELECT y.index_oid FROM symptom y)) AND k.relation = w.relation
  WHERE w.has_conflict = 0
)
SELECT
  'trigger-and-code-double-insert' AS cause,
  d.qualified AS relation,
  d.trigger_name AS object,
  'error' AS severity,
  CASE WHEN d.verdict = 'same' AND d.fires = 'always' THEN 'certain' ELSE 'likely' END AS confidence,
  'The code inserts into ' || d.qualified || ' what trigger ' || d.trigger_name || ' has written already' AS title,
  d.write AS write,
  json_array('23505') AS sqlstates,
  d.key_name AS constraint_name,
  json_array(
    'Trigger ' || d.trigger_name || ' on ' || d.trigger_relation || ' runs ' || d.routine_name || '(), which inserts into ' || d.qualified || ' (line ' || d.routine_line || ' of its body) within the first statement.',
    'The manual INSERT in ' || d.path || ':' || d.line || ' then brings the same (' || d.key_text || ') and meets ' || d.key_name || ': ' || d.because || '.',
    CASE WHEN d.via = 'postgrest' THEN 'The two are separate requests: the first row stays although the whole operation reports a failure, so a retry meets the first table''s own keys.'
         WHEN d.tx IS NOT NULL THEN 'Both stand in one transaction, so the whole of it is rolled back: the operation never succeeds.'
         ELSE 'Outside a transaction the first row stays although the operation reports a failure, so a retry meets the first table''s own keys.' END,
    CASE WHEN d.fires <> 'always' THEN 'The trigger fires only under a condition, so not every call fails.' ELSE 'The trigger fires for every row.' END
  ) AS why,
  (SELECT json_group_array(value) FROM (
     SELECT d.path || ':' || d.line AS value
     UNION ALL SELECT p.value FROM json_each(d.effect_path) p
     UNION ALL SELECT d.key_name)) AS chain,
  json_array(
    json_object('label', 'trigger', 'value', d.trigger_name || ' on ' || d.trigger_relation || ', fires ' || d.fires),
    json_object('label', 'function', 'value', d.routine_name || '() line ' || d.routine_line),
    json_object('label', 'key', 'value', d.key_name || ' (' || d.key_text || ')'),
    json_object('label', 'same row because', 'value', d.because),
    json_object('label', 'columns that only the code writes', 'value', coalesce(d.extra_text, 'none'))
  ) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'the row is new; the same operation writes it twice'),
    json_object('cause', 'trigger-not-idempotent', 'because', 'the failing statement is the manual INSERT, not the trigger''s')
  ) AS ruled_out,
  CASE WHEN d.extra_text IS NOT NULL THEN json_array('merge-extra-columns', 'tolerant-trigger-alone')
       WHEN d.covers = 1 AND d.fires = 'always' AND d.verdict = 'same' THEN json_array('drop-manual-insert', 'make-insert-tolerant', 'tolerant-trigger-alone')
       ELSE json_array('make-insert-tolerant', 'tolerant-trigger-alone') END AS fixes,
  json_object(
    'trigger', json_object('ident', d.trigger_name),
    'columns', json_object('columns', json(d.key_columns)),
    'extra', coalesce(d.extra_text, '')
  ) AS params,
  json_object(
    'drop-manual-insert', json_array(json_object('edit', 'drop-manual-insert', 'call', d.call, 'params', json('{}'))),
    'make-insert-tolerant', json_array(json_object('edit', 'insert-to-upsert', 'call', d.call, 'params', json_object('conflict_columns', json(d.key_columns), 'ignore_duplicates', json('true'),
          'id_values', json(coalesce((SELECT b.id_values FROM kept_value b WHERE b.write = d.write AND b.index_oid = d.key_index), '{}'))))),
    'merge-extra-columns', json_array(json_object('edit', 'insert-to-upsert', 'call', d.call, 'params', json_object('conflict_columns', json(d.key_columns), 'ignore_duplicates', json('false'),
          'keep_columns', json(coalesce((SELECT b.keep_columns FROM kept_value b WHERE b.write = d.write AND b.index_oid = d.key_index), '[]')),
          'drop_columns', json(coalesce((SELECT b.drop_columns FROM kept_value b WHERE b.write = d.write AND b.index_oid = d.key_index), '[]')),
          'id_values', json(coalesce((SELECT b.id_values FROM kept_value b WHERE b.write = d.write AND b.index_oid = d.key_index), '{}')))))
  ) AS edits
FROM doubled d
-- Code that compares the code may live with the conflict; once it was reported, it does not.
WHERE d.place = 1 AND ((d.verdict = 'same' AND d.handled = 0) OR (d.verdict IN ('same', 'unknown') AND d.is_reported = 1))
