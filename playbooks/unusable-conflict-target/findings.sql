-- Conflict clauses that name their key in a way that cannot serve, although a rule is there: an index's name behind
-- ON CONSTRAINT, a collation that the index does not have, the columns of an exclusion constraint, a key's name over REST,
-- a view whose INSTEAD OF trigger takes the rows, and a part of the key in a function.
WITH
-- ON CONSTRAINT takes constraints only: the index of that name, else the one key that the statement fills. And a COLLATE
-- that is not the index's own, where the columns alone would do.
nameless AS (
  SELECT w.*, r.qualified, r.name AS rel_name, k.name AS key_name, k.columns AS key_columns, k.predicate AS key_predicate,
         w.target_kind <> 'constraint' OR k.name = w.target_constraint AS is_index,
         CASE w.target_kind WHEN 'constraint' THEN w.target_constraint ELSE (SELECT group_concat(value, ', ') FROM json_each(w.target)) END AS named,
         CASE WHEN k.expressions <> '[]' THEN (
           SELECT group_concat(coalesce('"' || replace(c.value, '"', '""') || '"', (
             SELECT e.value FROM json_each(k.expressions) e WHERE e.key = (SELECT count(*) FROM json_each(k.columns) b WHERE b.value IS NULL AND b.key < c.key))), ', ')
           FROM json_each(k.columns) c) END AS key_text,
         row_number() OVER (PARTITION BY w.id ORDER BY k.name = w.target_constraint DESC, k.name) AS place,
         count(*) OVER (PARTITION BY w.id) AS rivals
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.managed = 0
  JOIN rel_index k ON k.relation = w.relation AND k.is_unique = 1 AND k.is_valid = 1 AND k.is_immediate = 1 AND k.is_exclusion = 0
  WHERE coalesce(k.predicate, 'none') <> ''
    AND ((w.target_kind = 'constraint' AND w.verdict = '42704')
         OR (w.verdict = '42P10' AND EXISTS (SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.index_oid = k.oid AND a.reason = 'collation')))
    AND NOT EXISTS (SELECT 1 FROM json_each(k.expressions) e WHERE e.value = '')
    AND (k.name = w.target_constraint OR w.target_kind <> 'constraint'
         OR (k.is_primary = 0 AND k.oid IN (SELECT oid FROM full_unique_key)
             AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(w.columns)))))
),
-- The columns of an exclusion constraint are no target; by its name DO NOTHING can ask it.
excluded AS (
  SELECT w.*, r.qualified, r.name AS rel_name, k.name AS key_name, k.columns AS key_columns,
         row_number() OVER (PARTITION BY w.id ORDER BY k.name) AS place
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.managed = 0
  JOIN rel_index k ON k.relation = w.relation AND k.is_exclusion = 1 AND k.is_immediate = 1
  WHERE (w.target_kind = 'columns' AND w.verdict = '42P10'
         AND (SELECT group_concat(value) FROM (SELECT value FROM json_each(w.target) ORDER BY value))
           = (SELECT group_concat(value) FROM (SELECT value FROM json_each(k.columns) ORDER BY value)))
     OR (w.target_kind = 'constraint' AND w.verdict = '42809' AND k.name = w.target_constraint)
),
-- A function's target is a part of the key that its rows fill, or more than that; of several such keys the one nearest to
-- it. Where an index is on just the target and lacks something else, playbook on-conflict-without-index says what.
astray AS (
  SELECT w.*, r.qualified, r.name AS rel_name, k.name AS key_name, k.columns AS key_columns, a.reason AS astray_by,
         (SELECT group_concat(value, ', ') FROM json_each(w.target)) AS named,
         (SELECT group_concat(value, ', ') FROM json_each(k.columns)) AS key_text,
         row_number() OVER (PARTITION BY w.id ORDER BY abs(k.width - json_array_length(w.target)), k.is_primary, k.name) AS place
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN arbiter a ON a.write = w.id AND a.reason IN ('subset', 'superset')
  JOIN full_unique_key k ON k.oid = a.index_oid
  WHERE w.origin = 'routine' AND w.target_kind = 'columns' AND w.verdict = '42P10' AND w.dynamic IS NOT 1
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(w.columns)))
    AND NOT EXISTS (SELECT 1 FROM arbiter m WHERE m.write = w.id AND m.reason NOT IN ('subset', 'superset', 'other columns', 'not unique'))
),
-- Over REST a target is a list of columns: the name of a key, or columns in another spelling, is none (42703).
misspelled AS (
  SELECT w.*, r.qualified, r.name AS rel_name, k.name AS key_name, k.columns AS key_columns,
         (SELECT group_concat(value, ',') FROM json_each(w.target)) AS named,
         row_number() OVER (PARTITION BY w.id ORDER BY k.name) AS place
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.managed = 0
  JOIN full_unique_key k ON k.relation = w.relation
  WHERE w.via = 'postgrest'
    AND EXISTS (SELECT 1 FROM attribute a WHERE a.relation = w.relation)
    AND EXISTS (SELECT 1 FROM json_each(w.target) t WHERE t.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = w.relation))
    AND ((json_array_length(w.target) = 1 AND json_extract(w.target, '$[0]') = k.name)
         OR (SELECT group_concat(value) FROM (SELECT replace(lower(value), '_', '') AS value FROM json_each(w.target) ORDER BY 1))
          = (SELECT group_concat(value) FROM (SELECT replace(lower(value), '_', '') AS value FROM json_each(k.columns) ORDER BY 1)))
)

SELECT
  'wrong-conflict-target' AS cause,
  n.qualified AS relation,
  n.key_name AS object,
  'error' AS severity,
  CASE WHEN n.is_index THEN 'certain' ELSE 'likely' END AS confidence,
  CASE n.target_kind WHEN 'constraint' THEN 'ON CONFLICT ON CONSTRAINT ' || n.named || ' names no constraint of ' || n.qualified
       ELSE 'ON CONFLICT (' || n.named || ') asks for another collation or operator class than that of ' || n.key_name END AS title,
  n.id AS write,
  json_array(n.verdict) AS sqlstates,
  json_array(
    CASE WHEN n.target_kind <> 'constraint' THEN n.key_name || ' has these columns, and compares them in its own way: a COLLATE or an operator class in a conflict target must be the index''s, and may be left out.'
         WHEN n.is_index THEN n.key_name || ' is a unique index and no constraint, and ON CONSTRAINT takes constraints only.'
         ELSE n.qualified || ' has no constraint called ' || n.target_constraint || '; the key that this statement fills is ' || n.key_name || '.' END,
    'The server decides this while planning: the statement fails for new rows too.',
    'The index serves ON CONFLICT by what it is made of, so its columns are what to write there' || CASE WHEN n.key_predicate IS NULL THEN '.' ELSE ', and its predicate: ' || n.key_predicate || '.' END)
  AS why,
  json_array(json_object('label', 'named', 'value', n.named),
             json_object('label', 'unique index', 'value', n.key_name || ' (' || coalesce(n.key_text, (SELECT group_concat(value, ', ') FROM json_each(n.key_columns))) || ')' || coalesce(' WHERE ' || n.key_predicate, ''))) AS evidence,
  json_array(json_object('cause', 'missing-unique-index', 'because', n.key_name || ' is there: unique, valid and checked at once')) AS ruled_out,
  json_array(CASE n.origin WHEN 'code' THEN 'name-its-columns' WHEN 'routine' THEN 'rewrite-function-target' ELSE 'name-its-columns-there' END) AS fixes,
  json_object(
    'constraint', json_object('ident', n.key_name),
    'arbiter', 'ON CONFLICT (' || coalesce(n.key_text, (SELECT group_concat(value, ', ') FROM json_each(n.key_columns))) || ')' || coalesce(' WHERE ' || n.key_predicate, ''),
    'key_columns', CASE WHEN n.key_text IS NULL THEN json_object('columns', json(n.key_columns)) END, 'key_predicate', n.key_predicate,
    'plain', json(CASE WHEN n.key_text IS NULL AND n.key_predicate IS NULL THEN 'true' ELSE 'false' END),
    'routine_signature', json_object('routine', n.routine),
    'definition', (SELECT json_object('sql', q.definition) FROM routine q WHERE q.oid = n.routine),
    'rewritten', CASE WHEN n.routine IS NOT NULL THEN json_object('rewritten', json_object('routine', n.routine, 'changes', json_array(json_object(
      'line', n.routine_line, 'statement', n.statement,
      'arbiter', json(CASE WHEN n.key_text IS NULL THEN json_object('columns', json(n.key_columns), 'predicate', n.key_predicate)
                           ELSE json_object('expression', n.key_text, 'predicate', n.key_predicate) END))))) END) AS params,
  json_object('name-its-columns', json_array(
    CASE WHEN n.key_text IS NULL AND n.key_predicate IS NULL AND n.statement IS NULL
         THEN json_object('edit', 'set-conflict-target', 'call', n.call, 'params', json_object('columns', json(n.key_columns)))
         ELSE json_object('edit', 'set-sql-conflict-target', 'call', n.call, 'params',
           CASE WHEN n.key_text IS NULL THEN json_object('arbiter_columns', json(n.key_columns), 'arbiter_predicate', n.key_predicate)
                ELSE json_object('arbiter', '(' || n.key_text || ')' || coalesce(' WHERE ' || n.key_predicate, '')) END) END)) AS edits
FROM nameless n
WHERE n.place = 1 AND (n.is_index OR n.rivals = 1)

UNION ALL

SELECT
  'wrong-conflict-target', e.qualified, e.key_name, 'error', 'certain',
  CASE e.verdict WHEN '42809' THEN 'DO UPDATE cannot be asked of the exclusion constraint ' || e.key_name
       ELSE 'The columns of the exclusion constraint ' || e.key_name || ' are no conflict target' END,
  e.id, json_array(e.verdict),
  json_array(
    e.key_name || ' keeps rows of ' || e.qualified || ' from overlapping. Such a rule serves ON CONFLICT by its name only, and with DO NOTHING only: a new row may overlap several.',
    'A unique index on these columns would be another rule: it compares whole values, and an overlap would still be refused (23P01).'),
  json_array(json_object('label', 'exclusion constraint', 'value', e.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(e.key_columns) WHERE value IS NOT NULL) || ')')),
  json_array(json_object('cause', 'missing-unique-index', 'because', 'the rule that these columns have is ' || e.key_name)),
  json_array(CASE WHEN coalesce(e.action, '') <> 'nothing' OR e.via = 'postgrest' THEN 'answer-the-overlap'
                  WHEN e.origin = 'code' THEN 'name-the-constraint' WHEN e.origin = 'routine' THEN 'rewrite-function-target' ELSE 'answer-the-overlap' END),
  json_object(
    'constraint', json_object('ident', e.key_name),
    'arbiter', 'ON CONFLICT ON CONSTRAINT ' || e.key_name,
    'nothing', json(CASE e.action WHEN 'nothing' THEN 'true' ELSE 'false' END),
    'routine_signature', json_object('routine', e.routine),
    'definition', (SELECT json_object('sql', q.definition) FROM routine q WHERE q.oid = e.routine),
    'rewritten', CASE WHEN e.routine IS NOT NULL THEN json_object('rewritten', json_object('routine', e.routine, 'changes', json_array(json_object(
      'line', e.routine_line, 'statement', e.statement, 'arbiter', json_object('constraint', e.key_name))))) END),
  json_object('name-the-constraint', json_array(
    json_object('edit', 'set-sql-conflict-target', 'call', e.call, 'params', json_object('arbiter_constraint', e.key_name))))
FROM excluded e
WHERE e.place = 1

UNION ALL

SELECT
  'wrong-conflict-target', s.qualified, s.key_name, 'error', 'certain',
  'ON CONFLICT (' || s.named || ') in ' || s.routine_name || '() is ' || CASE s.astray_by WHEN 'superset' THEN 'a part of' ELSE 'more than' END || ' the key ' || s.key_name,
  s.id, json_array('42P10'),
  json_array(
    'No unique index has exactly the columns (' || s.named || '); the key that is there is ' || s.key_name || ' (' || s.key_text || ').',
    'The server decides this while planning: the statement fails for new rows too, and with it whatever has called the function.',
    'A narrower or wider index would be another rule; the target is what is wrong.'),
  json_array(json_object('label', 'conflict target', 'value', s.named),
             json_object('label', 'unique key', 'value', s.key_name || ' (' || s.key_text || ')')),
  json_array(json_object('cause', 'missing-unique-index', 'because', s.key_name || ' is there: full, valid and checked at once')),
  json_array('rewrite-function-target'),
  json_object(
    'constraint', json_object('ident', s.key_name),
    'arbiter', 'ON CONFLICT (' || s.key_text || ')', 'plain', json('false'),
    'routine_signature', json_object('routine', s.routine),
    'definition', (SELECT json_object('sql', q.definition) FROM routine q WHERE q.oid = s.routine),
    'rewritten', json_object('rewritten', json_object('routine', s.routine, 'changes', json_array(json_object(
      'line', s.routine_line, 'statement', s.statement, 'arbiter', json_object('columns', json(s.key_columns))))))),
  NULL
FROM astray s
WHERE s.place = 1

UNION ALL

SELECT
  'wrong-conflict-target', m.qualified, m.key_name, 'error', 'certain',
  'onConflict: ''' || m.named || ''' names no column of ' || m.qualified,
  m.id, json_array('42703'),
  json_array(
    'The REST interface quotes what onConflict lists as column names: no constraint name, no expression, no predicate can be sent.',
    'The key that is meant is ' || m.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(m.key_columns)) || ').'),
  json_array(json_object('label', 'named', 'value', m.named), json_object('label', 'unique key', 'value', m.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(m.key_columns)) || ')')),
  json_array(json_object('cause', 'missing-unique-index', 'because', m.key_name || ' is there: full, valid and checked at once')),
  json_array(CASE m.origin WHEN 'code' THEN 'name-its-columns' ELSE 'name-its-columns-there' END),
  json_object('constraint', json_object('ident', m.key_name),
    'arbiter', 'onConflict: ''' || (SELECT group_concat(value, ',') FROM json_each(m.key_columns)) || '''', 'key_columns', NULL, 'plain', json('false')),
  json_object('name-its-columns', json_array(
    json_object('edit', 'set-conflict-target', 'call', m.call, 'params', json_object('columns', json(m.key_columns)))))
FROM misspelled m
WHERE m.place = 1

UNION ALL

-- A view whose INSTEAD OF trigger takes the rows: no key stands behind a conflict target there.
SELECT
  'missing-unique-index', r.qualified, t.name, 'error', 'certain',
  'ON CONFLICT on ' || r.qualified || ', whose rows the trigger ' || t.name || ' takes',
  w.id, json_array(w.verdict),
  json_array(
    'An INSTEAD OF trigger stands between the view and every table, so no unique index can serve a conflict target there, whatever the tables have.',
    CASE WHEN EXISTS (SELECT 1 FROM write i WHERE i.routine = t.routine AND i.has_conflict = 1)
         THEN f.qualified || '() states ON CONFLICT itself: the clause of the outer statement is what is too much.'
         ELSE 'Another index would not help: the clause belongs into the INSERT that ' || f.qualified || '() runs.' END),
  json_array(json_object('label', 'view', 'value', r.qualified), json_object('label', 'trigger', 'value', t.name || ' (INSTEAD OF INSERT) runs ' || f.qualified || '()')),
  json_array(json_object('cause', 'partial-index-predicate-mismatch', 'because', 'no index is looked at behind an INSTEAD OF trigger')),
  json_array('leave-it-to-the-trigger'),
  json_object('trigger', json_object('ident', t.name), 'function', f.qualified || '()', 'view', r.qualified,
    'tolerant', json(CASE WHEN EXISTS (SELECT 1 FROM write i WHERE i.routine = t.routine AND i.has_conflict = 1) THEN 'true' ELSE 'false' END)),
  NULL
FROM write w
JOIN relation r ON r.oid = w.relation AND r.managed = 0
JOIN rel_trigger t ON t.oid = (
  SELECT min(x.oid) FROM rel_trigger x, json_each(x.events) e
  WHERE x.relation = r.oid AND x.timing = 'instead of' AND e.value = 'insert' AND x.enabled IN ('origin', 'always'))
JOIN routine f ON f.oid = t.routine
WHERE w.verdict IN ('42P10', '42704')
