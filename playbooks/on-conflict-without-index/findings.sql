-- Upserts whose conflict target no unique index can serve, and why not; plus unique indexes that a
-- failed build left invalid.
WITH RECURSIVE
failing AS (
  SELECT w.*, r.oid AS table_oid, r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.kind AS rel_kind, r.row_estimate, r.owned AS rel_owned, r.owner AS rel_owner,
         coalesce((SELECT group_concat(t.value, ', ') FROM json_each(w.target) t), w.target_constraint, 'no target') AS target_text
  FROM write w
  -- A view that passes writes on: the key has to be its table's, if that one has the same columns.
  JOIN relation r ON r.oid = coalesce((
    SELECT min(v.relation) FROM view_source v
    WHERE v.view = w.relation AND v.auto_updatable = 1
      -- What an INSTEAD OF trigger takes reaches no key at all.
      AND NOT EXISTS (SELECT 1 FROM rel_trigger t, json_each(t.events) e WHERE t.relation = w.relation AND t.timing = 'instead of' AND e.value = 'insert')
      AND NOT EXISTS (SELECT 1 FROM json_each(w.target) t WHERE t.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = v.relation))
    HAVING count(*) = 1), w.relation)
  WHERE w.has_conflict = 1 AND w.operation = 'insert'
    AND (w.verdict IN ('42P10', '55000')
         -- A parameter in the predicate is proved from its value while plans are custom, and no more once the plan is
         -- generic: the same statement then fails. Only what is prepared gets there.
         OR (w.predicate_has_param = 1 AND w.verdict IN ('ok', 'unknown')
             AND NOT EXISTS (SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.usable = 1 AND a.reason <> 'predicate parameter')
             AND EXISTS (SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.reason = 'predicate parameter')
             AND (w.origin = 'routine'
                  OR EXISTS (SELECT 1 FROM code_call c WHERE c.id = w.call AND c.prepared = 1)
                  OR EXISTS (SELECT 1 FROM symptom s WHERE s.sqlstate = '42P10' AND (s.relation_oid IS NULL OR s.relation_oid = w.relation)))))
    AND w.target_kind IN ('columns', 'expressions', 'constraint', 'none')
    AND r.kind IN ('table', 'partitioned') AND r.has_rules IS NOT 1
),
candidate AS (
  SELECT f.id AS write, a.index_oid, a.reason, i.name AS index_name, i.predicate, i.columns,
         i.constraint_oid, i.is_ready,
         CASE
           WHEN a.reason = 'deferrable' THEN 1
           WHEN a.reason IN ('invalid', 'not ready') THEN 2
           WHEN a.reason IN ('partial without predicate', 'predicate not implied',
                             'predicate parameter') THEN 3
           WHEN a.reason = 'expression'
                AND json_array_length(i.columns) = json_array_length(f.target)
                AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c
                                WHERE c.value IS NOT NULL AND c.value NOT IN (SELECT value FROM json_each(f.target)))
                AND EXISTS (SELECT 1 FROM json_each(f.target) t, json_each(i.expressions) e
                            WHERE instr(lower(e.value), lower(t.value)) > 0) THEN 4
           WHEN a.reason IN ('subset', 'superset') THEN 6
           WHEN a.reason = 'collation' THEN 5
           WHEN a.reason = 'exclusion' AND (SELECT group_concat(c.value) FROM (SELECT value FROM json_each(i.columns) ORDER BY value) c)
             = (SELECT group_concat(c.value) FROM (SELECT value FROM json_each(f.target) ORDER BY value) c) THEN 5
         END AS nearness
  FROM failing f
  JOIN arbiter a ON a.write = f.id AND (a.usable = 0 OR a.reason = 'predicate parameter')
  JOIN rel_index i ON i.oid = a.index_oid
),
nearest AS (
  SELECT *, row_number() OVER (PARTITION BY write ORDER BY nearness, index_name) AS place
  FROM candidate WHERE nearness IS NOT NULL
),
-- An index on just these columns that is not unique misleads: it looks like the rule and holds nothing.
misleading AS (
  SELECT f.id AS write, min(i.name) AS index_name
  FROM failing f JOIN rel_index i ON i.relation = f.table_oid AND i.is_unique = 0
  WHERE i.predicate IS NULL
    AND (SELECT group_concat(c.value) FROM (SELECT value FROM json_each(i.columns) ORDER BY value) c)
      = (SELECT group_concat(c.value) FROM (SELECT value FROM json_each(f.target) ORDER BY value) c)
  GROUP BY f.id
),
judged AS (
  SELECT f.*, n.index_oid, n.index_name, n.reason, n.predicate AS index_predicate,
         (SELECT t.text FROM conflict_target t WHERE t.index_oid = n.index_oid) AS index_target,
         n.is_ready AS index_ready, m.index_name AS misleading_index,
         CASE n.nearness
           WHEN 1 THEN 'deferrable-arbiter'
           WHEN 2 THEN 'invalid-unique-index'
           WHEN 3 THEN 'partial-index-predicate-mismatch'
           WHEN 4 THEN 'expression-index-target'
           WHEN 5 THEN 'another key'
           WHEN 6 THEN 'another key'
           ELSE 'missing-unique-index'
         END AS fault
  FROM failing f
  LEFT JOIN nearest n ON n.write = f.id AND n.place = 1
  LEFT JOIN misleading m ON m.write = f.id
  -- A target that a usable index serves and only the server refuses is not ours to explain.
  -- All keys that fit are arbiters together (without a target every key is one), so a deferrable key stands in the
  -- way of those that would serve.
  WHERE (f.target_kind = 'none' OR f.verdict = '55000' OR NOT EXISTS (SELECT 1 FROM arbiter a WHERE a.write = f.id AND a.usable = 1 AND a.reason <> 'predicate parameter'))
    -- Nor is one whose index could not be read while somebody held the table.
    AND NOT EXISTS (SELECT 1 FROM rel_index u WHERE u.relation = f.table_oid AND u.is_unique = 1
                      AND (u.predicate = '' OR EXISTS (SELECT 1 FROM json_each(u.expressions) e WHERE e.value = '')))
),
-- Who counts on a key being checked late: SET CONSTRAINTS, and an UPDATE that moves many rows along their own key, such as
-- position = position + 1, which a key that is checked row by row refuses half way.
put_off AS (
  SELECT write, min(place) AS place FROM (
    SELECT j.id AS write, c.path || ':' || c.line AS place
    FROM judged j JOIN rel_constraint k ON k.index_oid = j.index_oid
    JOIN code_call c ON c.verb = 'sql' AND lower(c.statement) LIKE '%set constraints%deferred%'
      AND (instr(lower(c.statement), lower(k.name)) > 0 OR lower(c.statement) LIKE '%constraints all%')
    WHERE j.fault = 'deferrable-arbiter'
    UNION ALL
    SELECT j.id, q.qualified || '()'
    FROM judged j JOIN rel_constraint k ON k.index_oid = j.index_oid
    JOIN routine q ON q.managed = 0 AND lower(q.body) LIKE '%set constraints%deferred%'
      AND (instr(lower(q.body), lower(k.name)) > 0 OR lower(q.body) LIKE '%constraints all%')
    WHERE j.fault = 'deferrable-arbiter'
    UNION ALL
    SELECT j.id, coalesce(u.path || ':' || u.line, u.routine_name || '()')
    FROM judged j JOIN rel_constraint k ON k.index_oid = j.index_oid
    JOIN write u ON u.relation = j.table_oid AND u.operation = 'update' AND u.via = 'sql'
    WHERE j.fault = 'deferrable-arbiter'
      AND EXISTS (SELECT 1 FROM json_each(u.column_values) v
                  WHERE v.key IN (SELECT value FROM json_each(k.columns)) AND instr(lower(v.value), lower(v.key)) > 0
                    AND (instr(v.value, '+') > 0 OR instr(v.value, '-') > 0 OR lower(v.value) LIKE 'case%')))
  GROUP BY write
),
-- A partial index whose predicate only leaves out rows with a NULL in its key holds the rule of a whole one: such rows
-- never conflict anyway. What is left of the predicate when each of those conditions is taken out.
leaves_out AS (
  SELECT j.id AS write, 0 AS place, j.index_predicate AS rest
  FROM judged j JOIN rel_index i ON i.oid = j.index_oid
  WHERE j.fault = 'partial-index-predicate-mismatch' AND j.via = 'postgrest' AND j.rel_kind = 'table'
    AND i.nulls_not_distinct = 0 AND i.collations NOT LIKE '%"%'
  UNION ALL
  SELECT l.write, l.place + 1,
         replace(replace(l.rest, '(' || c.value || ' IS NOT NULL)', ''), '("' || c.value || '" IS NOT NULL)', '')
  FROM leaves_out l JOIN judged j ON j.id = l.write JOIN rel_index i ON i.oid = j.index_oid JOIN json_each(i.columns) c ON c.key = l.place
),
whole_rule AS (
  SELECT l.write FROM leaves_out l JOIN judged j ON j.id = l.write JOIN rel_index i ON i.oid = j.index_oid
  WHERE l.place = json_array_length(i.columns) AND trim(replace(l.rest, 'AND', ''), ' ()') = ''
),
-- The rules by which one of several equal rows may stay.
quarantine_fixes AS (
  SELECT m.relation, (SELECT json_group_array(id) FROM (
           SELECT 'quarantine-keep-newest' AS id WHERE m.has_age = 1 OR m.has_key = 0
           UNION ALL SELECT 'quarantine-keep-oldest' WHERE m.has_age = 1 OR m.has_key = 0
           UNION ALL SELECT 'quarantine-keep-highest' WHERE m.has_key = 1
           UNION ALL SELECT 'quarantine-keep-lowest' WHERE m.has_key = 1
           UNION ALL SELECT 'quarantine-keep-most-referenced' WHERE m."references" > 0)) AS ids
  FROM move_plan m
),
named AS (
  SELECT j.*,
         j.rel_kind = 'table' AND j.row_estimate >= 100000 AND (SELECT s.pooled FROM server s) IS NOT 1 AS beside,
         EXISTS (SELECT 1 FROM rel_index i WHERE i.oid = j.index_oid AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NULL)) AS whole_index,
         coalesce(q.qualified, '') AS routine_qualified,
         coalesce(q.identity_args, '') AS routine_args, q.schema AS routine_schema, q.name AS routine_base,
         coalesce(q.owned, 1) AS routine_owned,
         j.rel_name || '_' || (SELECT group_concat(t.value, '_') FROM json_each(j.target) t)
           || CASE WHEN j.target_predicate IS NOT NULL THEN '_partial' ELSE '' END
           || '_key' AS wanted_name,
         m.params AS move, m."references" AS known_references, m.has_age, m.has_key
  FROM judged j LEFT JOIN routine q ON q.oid = j.routine LEFT JOIN move_plan m ON m.relation = j.table_oid
  WHERE j.fault <> 'another key'
),
-- What a rebuild beside the traffic leaves when it fails: an index with the rule of another one. It is the other that is to
-- be whole; the copy can only go. REINDEX CONCURRENTLY names such a copy by an ending.
unfinished_copy AS (
  SELECT c.oid, (SELECT o.name FROM rel_index o
                 WHERE o.relation = c.relation AND o.oid <> c.oid AND o.is_unique = 1
                   AND substr(o.definition, instr(o.definition, ' USING ')) = substr(c.definition, instr(c.definition, ' USING '))
                   AND (o.is_valid = 1 OR c.ending IS NOT NULL AND instr(o.name, '_ccnew') + instr(o.name, '_ccold') = 0)
                 ORDER BY o.is_valid DESC, o.name LIMIT 1) AS copy_of
  FROM (SELECT i.*, CASE WHEN rtrim(i.name, '0123456789') LIKE '%\_ccnew' ESCAPE '\' OR rtrim(i.name, '0123456789') LIKE '%\_ccold' ESCAPE '\' THEN 1 END AS ending
        FROM rel_index i WHERE i.is_unique = 1 AND i.is_valid = 0 AND i.definition IS NOT NULL) c
)

SELECT
  n.fault AS cause,
  n.qualified AS relation,
  CASE n.fault
    WHEN 'missing-unique-index' THEN n.misleading_index
    WHEN 'deferrable-arbiter' THEN coalesce((SELECT c.name FROM rel_constraint c WHERE c.index_oid = n.index_oid), n.index_name)
    ELSE n.index_name
  END AS object,
  'error' AS severity,
  'certain' AS confidence,
  CASE n.fault
    WHEN 'missing-unique-index' THEN 'No unique index on ' || n.qualified || ' (' || n.target_text || ') for ON CONFLICT'
    WHEN 'partial-index-predicate-mismatch' THEN 'ON CONFLICT (' || n.target_text || ') does not state the predicate of ' || n.index_name
    WHEN 'expression-index-target' THEN 'ON CONFLICT (' || n.target_text || ') names a column, but ' || n.index_name || ' is on an expression'
    WHEN 'invalid-unique-index' THEN 'The unique index ' || n.index_name || ' is invalid, so ON CONFLICT cannot use it'
    ELSE CASE n.target_kind WHEN 'none' THEN 'The key ' || n.index_name || ' is deferrable, and ON CONFLICT without a target asks all keys'
           WHEN 'constraint' THEN 'The key ' || n.index_name || ' is deferrable, so ON CONFLICT cannot use it'
           ELSE 'The key ' || n.index_name || ' on (' || n.target_text || ') is deferrable, so ON CONFLICT is refused' END
  END AS title,
  n.id AS write,
  json_array(CASE WHEN n.fault = 'deferrable-arbiter' THEN '55000'
    -- A predicate in onConflict is taken for a part of a column's name.
    WHEN EXISTS (SELECT 1 FROM code_call c, json_each(c.on_conflict) o WHERE c.id = n.call AND n.via = 'postgrest' AND lower(o.value) LIKE '% where %') THEN '42703'
    ELSE '42P10' END) AS sqlstates,
  json_array(
    CASE n.fault
      WHEN 'missing-unique-index' THEN
        'ON CONFLICT (' || n.target_text || ')' || coalesce(' WHERE ' || n.target_predicate, '') || ' asks for a unique index on exactly these columns of ' || n.qualified || ', and there is none.'
      WHEN 'partial-index-predicate-mismatch' THEN
        n.index_name || ' covers only rows where ' || n.index_predicate || '. PostgreSQL considers it only if the WHERE of ON CONFLICT implies that' ||
        CASE WHEN n.via = 'postgrest' THEN ', and a REST request cannot send a WHERE.'
             WHEN n.target_predicate IS NULL THEN ', and the statement has no WHERE there.'
             WHEN n.reason = 'predicate parameter' THEN '. In ''' || n.target_predicate || ''' the planner sees a value while it plans each call anew, and a mere parameter once it keeps one plan (from the sixth call of a prepared statement on).'
             ELSE '; ''' || n.target_predicate || ''' does not.' END
      WHEN 'expression-index-target' THEN
        n.index_name || ' is unique on (' || n.index_target || '), which is not the same as the column' || CASE WHEN json_array_length(n.target) > 1 THEN 's' ELSE '' END || ' (' || n.target_text || ').'
      WHEN 'invalid-unique-index' THEN
        n.index_name || ' has the right columns, but a build that did not finish left it invalid: the planner never uses it' ||
        CASE WHEN n.index_ready = 1 THEN ', although it still refuses new duplicates.' ELSE ', and it does not even refuse new duplicates.' END
      ELSE
        n.index_name || ' is checked at the end of the transaction (DEFERRABLE), and such a key can never be the arbiter of ON CONFLICT, even when it is initially immediate' ||
        CASE WHEN EXISTS (SELECT 1 FROM arbiter a WHERE a.write = n.id AND a.usable = 1 AND n.target_kind <> 'none')
             THEN '. The other key on the same columns does not help: the server takes both for arbiters.' ELSE '.' END
    END,
    CASE WHEN n.reason = 'predicate parameter' THEN 'So it works in every test and fails later, on connections that have lived a while. A constant in the predicate holds always.'
         ELSE 'The server decides this while planning: not one row was looked at, and the statement fails for new rows too.' END,
    'Inside a transaction everything after the error is refused (25P02) until ROLLBACK or ROLLBACK TO a savepoint; COMMIT then answers ROLLBACK without an error.'
  ) AS why,
  (SELECT json_group_array(json_object('label', label, 'value', value)) FROM (
     SELECT 'conflict target' AS label, n.target_text || coalesce(' where ' || n.target_predicate, '') AS value
     UNION ALL SELECT 'decided by', CASE n.verdict_by WHEN 'server' THEN 'the server (EXPLAIN of the statement''s conflict clause)' ELSE 'the catalog''s rules' END
     UNION ALL SELECT i.name, a.reason || coalesce(', predicate ' || i.predicate, '')
       FROM arbiter a JOIN rel_index i ON i.oid = a.index_oid WHERE a.write = n.id
     UNION ALL SELECT n.misleading_index, 'same columns, but not unique: it holds no rule' WHERE n.misleading_index IS NOT NULL
     UNION ALL SELECT 'the late check is needed by', p.place FROM put_off p WHERE p.write = n.id
  )) AS evidence,
  (SELECT json_group_array(json_object('cause', cause, 'because', because)) FROM (
     SELECT 'insert-should-be-upsert' AS cause, 'the statement has an ON CONFLICT clause; it is refused before any row is compared' AS because
     UNION ALL SELECT 'partial-index-predicate-mismatch', 'no partial unique index has these columns' WHERE n.fault = 'missing-unique-index'
     UNION ALL SELECT 'missing-unique-index', n.index_name || ' is there (' || n.reason || ')' WHERE n.fault <> 'missing-unique-index'
     UNION ALL SELECT 'invalid-unique-index', 'every unique index of the table is valid'
       WHERE n.fault <> 'invalid-unique-index' AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.relation = n.table_oid AND i.is_unique = 1 AND i.is_valid = 0)
     UNION ALL SELECT 'deferrable-arbiter', 'no unique key of the table is deferrable'
       WHERE n.fault <> 'deferrable-arbiter' AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.relation = n.table_oid AND i.is_unique = 1 AND i.is_immediate = 0)
  )) AS ruled_out,
  CASE n.fault
    WHEN 'missing-unique-index' THEN (SELECT json_group_array(id) FROM (
        SELECT 'ask-the-owner' AS id WHERE n.rel_owned = 0
        -- On a large table writers must not wait for the build, unless nothing but a transaction goes through.
        UNION ALL SELECT 'create-unique-index-concurrently' WHERE n.beside AND n.row_estimate >= 1000000
        UNION ALL SELECT 'create-unique-index'
        UNION ALL SELECT 'create-unique-index-concurrently' WHERE n.beside AND n.row_estimate < 1000000
        UNION ALL SELECT x.value FROM quarantine_fixes q, json_each(q.ids) x WHERE q.relation = n.table_oid AND n.rel_owned IS NOT 0
        UNION ALL SELECT 'settle-by-hand' WHERE n.rel_owned IS NOT 0))
    WHEN 'partial-index-predicate-mismatch' THEN
      CASE WHEN n.id IN (SELECT write FROM whole_rule) THEN json_array('cover-every-row', 'upsert-through-function')
           WHEN n.via = 'postgrest' THEN json_array('upsert-through-function')
           WHEN n.origin = 'routine' THEN json_array('rewrite-function-predicate')
           ELSE json_array('state-the-predicate') END
    WHEN 'expression-index-target' THEN
      CASE WHEN n.via = 'postgrest' THEN json_array('upsert-through-function')
           WHEN n.origin = 'routine' THEN json_array('rewrite-function-expression')
           ELSE json_array('state-the-expression') END
    WHEN 'invalid-unique-index' THEN
      CASE WHEN (SELECT i.definition FROM rel_index i WHERE i.oid = n.index_oid) IS NULL THEN json_array() ELSE (SELECT json_group_array(id) FROM (
        SELECT 'ask-the-owner' AS id WHERE n.rel_owned = 0
        UNION ALL SELECT 'rebuild-invalid-index-concurrently' WHERE n.beside AND n.row_estimate >= 1000000
        UNION ALL SELECT 'rebuild-invalid-index'
        UNION ALL SELECT 'rebuild-invalid-index-concurrently' WHERE n.beside AND n.row_estimate < 1000000
        UNION ALL SELECT x.value FROM quarantine_fixes q, json_each(q.ids) x WHERE q.relation = n.table_oid AND n.whole_index AND n.rel_owned IS NOT 0)) END
    ELSE CASE WHEN n.id IN (SELECT write FROM put_off) THEN json_array('keep-it-deferrable', 'make-immediate')
              WHEN n.rel_owned = 0 THEN json_array('ask-the-owner', 'make-immediate') ELSE json_array('make-immediate') END
  END AS fixes,
  json_object(
    'relation', json_object('name', json_array(n.rel_schema, n.rel_name)),
    'schema', json_object('ident', n.rel_schema),
    'columns', CASE WHEN n.target_kind = 'expressions' THEN json_object('expression', n.target_text)
                    ELSE json_object('columns', json(n.target)) END,
    'key_columns', json(n.target),
    'target_text', n.target_text,
    'owner', n.rel_owner,
    'role', (SELECT s.role FROM server s),
    'partial', json(CASE WHEN n.target_predicate IS NULL THEN 'false' ELSE 'true' END),
    'predicate', CASE
        WHEN n.fault = 'missing-unique-index' THEN
          CASE WHEN n.target_predicate IS NULL THEN NULL ELSE json_object('expression', n.target_predicate) END
        WHEN n.index_predicate IS NULL THEN NULL
        ELSE json_object('sql', n.index_predicate) END,
    'expression', CASE WHEN n.index_target IS NOT NULL THEN json_object('sql', n.index_target) END,
    'index', json_object('new_name', coalesce(n.index_name,
        n.wanted_name || CASE WHEN EXISTS (SELECT 1 FROM rel_index x WHERE x.schema = n.rel_schema AND x.name = n.wanted_name) THEN '_2' ELSE '' END)),
    'new_index', json_object('new_table', json_array(n.rel_schema, coalesce(n.index_name, n.wanted_name || CASE WHEN EXISTS (SELECT 1 FROM rel_index x WHERE x.schema = n.rel_schema AND x.name = n.wanted_name) THEN '_2' ELSE '' END))),
    'whole_name', json_object('new_name', n.wanted_name || CASE WHEN EXISTS (SELECT 1 FROM rel_index x WHERE x.schema = n.rel_schema AND x.name = n.wanted_name) THEN '_2' ELSE '' END),
    'index_name', CASE WHEN n.index_name IS NULL THEN NULL ELSE json_object('name', json_array(n.rel_schema, n.index_name)) END,
    'index_definition', (SELECT CASE WHEN i.definition IS NULL THEN NULL ELSE json_object('sql', i.definition) END FROM rel_index i WHERE i.oid = n.index_oid),
    'constraint', (SELECT json_object('ident', c.name) FROM rel_constraint c WHERE c.index_oid = n.index_oid),
    'constraint_kind', (SELECT c.kind FROM rel_constraint c WHERE c.index_oid = n.index_oid),
    'constraint_deferred', (SELECT c.initially_deferred FROM rel_constraint c WHERE c.index_oid = n.index_oid),
    'constraint_columns', (SELECT json_object('columns', json(c.columns)) FROM rel_constraint c WHERE c.index_oid = n.index_oid),
    'included', (SELECT CASE WHEN coalesce(json_array_length(i.include_columns), 0) > 0 THEN json_object('columns', json(i.include_columns)) END FROM rel_index i WHERE i.oid = n.index_oid),
    'put_off_by', (SELECT p.place FROM put_off p WHERE p.write = n.id),
    'leaves', CASE WHEN n.target_predicate IS NULL THEN (SELECT json_group_array(json(l.params)) FROM leaf_key l WHERE l.relation = n.table_oid AND l.columns = json(n.target)) ELSE json('[]') END,
    'move', json(n.move),
    'known_references', n.known_references,
    'make', 'index',
    'rows', coalesce(n.row_estimate, 0),
    'partitioned', json(CASE WHEN n.rel_kind = 'partitioned' THEN 'true' ELSE 'false' END),
    'nulls_not_distinct', json(CASE WHEN (SELECT i.nulls_not_distinct FROM rel_index i WHERE i.oid = n.index_oid AND n.fault IN ('invalid-unique-index', 'deferrable-arbiter')) = 1 THEN 'true' ELSE 'false' END),
    'copy_of', NULL,
    'carcass', CASE WHEN n.fault = 'invalid-unique-index' THEN json_object('name', json_array(n.rel_schema, n.index_name)) END,
    'key_definition', (SELECT CASE WHEN i.definition IS NULL OR n.fault <> 'invalid-unique-index' THEN NULL ELSE json_object('sql', i.definition) END FROM rel_index i WHERE i.oid = n.index_oid),
    'routine', CASE WHEN n.routine IS NULL THEN NULL ELSE json_object('name', json_array(n.routine_schema, n.routine_base)) END,
    'routine_oid', n.routine,
    'routine_signature', CASE WHEN n.routine IS NULL THEN NULL
        ELSE json_object('routine', n.routine) END,
    'definition', (SELECT CASE WHEN q.definition IS NULL THEN NULL ELSE json_object('sql', q.definition) END FROM routine q WHERE q.oid = n.routine),
    'rewritten', CASE WHEN n.routine IS NULL OR n.fault NOT IN ('partial-index-predicate-mismatch', 'expression-index-target') THEN NULL
        ELSE json_object('rewritten', json_object('routine', n.routine, 'changes', json_array(
          CASE n.fault WHEN 'expression-index-target'
            THEN json_object('line', n.routine_line, 'statement', n.statement, 'expression', n.index_target)
            ELSE json_object('line', n.routine_line, 'statement', n.statement, 'predicate', n.index_predicate) END))) END
  ) AS params,
  CASE
    WHEN n.origin <> 'code' OR n.via <> 'sql' THEN NULL
    WHEN n.fault = 'partial-index-predicate-mismatch' THEN
      json_object('state-the-predicate', json_array(json_object('edit', 'add-conflict-predicate', 'call', n.call,
        'params', json_object('predicate', n.index_predicate))))
    WHEN n.fault = 'expression-index-target' THEN
      json_object('state-the-expression', json_array(json_object('edit', 'set-sql-conflict-target', 'call', n.call,
        'params', json_object('target', n.index_target))))
  END AS edits
FROM named n

UNION ALL

-- Invalid unique indexes that no statement in sight names: writers may still meet them.
SELECT
  'invalid-unique-index', r.qualified, i.name, 'warning', 'certain',
  'The unique index ' || i.name || ' on ' || r.qualified || ' is invalid' || coalesce(': an unfinished copy of ' || u.copy_of, ''),
  NULL, json_array('42P10', '23505'),
  json_array(
    'A build that did not finish left ' || i.name || ' behind. The planner never uses it'
      || CASE WHEN u.copy_of IS NULL THEN ', and ON CONFLICT cannot name its columns.'
              ELSE ', and ' || u.copy_of || ' stands for the same rule: it only costs its share of every write.' END,
    CASE WHEN u.copy_of IS NOT NULL THEN 'Built once more it would be a second index for one rule, so it is dropped, not rebuilt.'
         WHEN i.is_ready = 1 THEN 'It still refuses new duplicates, so inserts can fail with 23505 while upserts on the same columns fail with 42P10.'
         ELSE 'It does not refuse duplicates either: the rule it stands for is not held at all.' END),
  json_array(json_object('label', 'valid', 'value', 'no'),
             json_object('label', 'ready', 'value', CASE WHEN i.is_ready = 1 THEN 'yes' ELSE 'no' END)),
  NULL,
  CASE WHEN u.copy_of IS NOT NULL THEN json_array('drop-unfinished-copy') ELSE (SELECT json_group_array(id) FROM (
     SELECT 'rebuild-invalid-index-concurrently' AS id WHERE r.row_estimate >= 1000000 AND (SELECT s.pooled FROM server s) IS NOT 1
     UNION ALL SELECT 'rebuild-invalid-index'
     UNION ALL SELECT 'rebuild-invalid-index-concurrently' WHERE r.row_estimate >= 100000 AND r.row_estimate < 1000000 AND (SELECT s.pooled FROM server s) IS NOT 1
     UNION ALL SELECT x.value FROM quarantine_fixes q, json_each(q.ids) x
       WHERE q.relation = i.relation AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NULL))) END,
  json_object(
    'copy_of', CASE WHEN u.copy_of IS NOT NULL THEN json_object('ident', u.copy_of) END,
    'schema', json_object('ident', i.schema),
    'new_index', json_object('name', json_array(i.schema, i.name)),
    'key_columns', json(i.columns),
    'nulls_not_distinct', json(CASE WHEN i.nulls_not_distinct = 1 THEN 'true' ELSE 'false' END),
    'make', 'index',
    'rows', coalesce(r.row_estimate, 0),
    'carcass', json_object('name', json_array(i.schema, i.name)),
    'key_definition', json_object('sql', i.definition),
    'move', (SELECT json(m.params) FROM move_plan m WHERE m.relation = i.relation),
    'known_references', (SELECT m."references" FROM move_plan m WHERE m.relation = i.relation),
    'relation', json_object('name', json_array(r.schema, r.name)),
    'columns', json_object('columns', (SELECT json_group_array(c.value) FROM json_each(i.columns) c WHERE c.value IS NOT NULL)),
    'predicate', CASE WHEN i.predicate IS NULL THEN NULL ELSE json_object('sql', i.predicate) END,
    'index', json_object('ident', i.name),
    'index_name', json_object('name', json_array(i.schema, i.name)),
    'index_definition', CASE WHEN i.definition IS NULL THEN NULL ELSE json_object('sql', i.definition) END),
  NULL
FROM rel_index i JOIN relation r ON r.oid = i.relation LEFT JOIN unfinished_copy u ON u.oid = i.oid
WHERE i.is_unique = 1 AND i.is_valid = 0 AND r.managed = 0 AND r.kind = 'table' AND i.definition IS NOT NULL AND coalesce(i.predicate, 'none') <> ''
  AND i.oid NOT IN (SELECT index_oid FROM named WHERE index_oid IS NOT NULL AND fault = 'invalid-unique-index')
