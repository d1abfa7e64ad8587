-- Two triggers whose inserts make one row for one statement.
WITH
told AS (
  SELECT s.sqlstate, s.constraint_name, s.index_oid, EXISTS (SELECT 1 FROM symptom_frame f WHERE f.function IS NOT NULL) AS has_frames
  FROM symptom s
),
-- What a trigger's function does besides one insert; such a trigger cannot go.
only_inserts AS (
  SELECT w.id AS write
  FROM write w JOIN routine q ON q.oid = w.routine
  WHERE q.parsed = 1
    AND NOT EXISTS (SELECT 1 FROM write o WHERE o.routine = w.routine AND o.id <> w.id)
    AND NOT EXISTS (SELECT 1 FROM unknown u WHERE u.routine = w.routine)
    AND NOT EXISTS (SELECT 1 FROM json_each('["perform", "raise", "notify", "execute", "call ", "new :=", "set_config", "http"]') m WHERE instr(lower(q.body), m.value) > 0)
    AND lower(q.body) NOT GLOB '*new.* := *' AND lower(q.body) NOT GLOB '*old.* := *'
),
pair AS (
  SELECT d.*, k.name AS key_name, k.columns AS key_columns,
         (SELECT group_concat(value, ', ') FROM json_each(k.columns)) AS key_text,
         EXISTS (SELECT 1 FROM told t WHERE t.sqlstate = '23505' AND (t.index_oid = k.oid OR t.constraint_name = k.name)
                   AND (NOT t.has_frames OR EXISTS (SELECT 1 FROM symptom_frame f WHERE f.routine = w.routine))) AS is_reported,
         a.name AS first_name, a.events AS first_events, a.update_columns AS first_update_columns, a.when_expr AS first_when,
         a.definition AS first_definition, a.enabled AS first_enabled, a.relation AS first_relation, a.timing AS first_timing, a.level AS first_level,
         b.name AS second_name, b.events AS second_events, b.update_columns AS second_update_columns, b.when_expr AS second_when,
         b.definition AS second_definition, b.enabled AS second_enabled, b.relation AS second_relation, b.timing AS second_timing, b.level AS second_level,
         v.routine AS first_routine, v.routine_line AS first_line, v.column_values AS first_values, v.conditional AS first_conditional,
         w.routine AS second_routine, w.routine_line AS second_line, w.column_values AS second_values, w.conditional AS second_conditional,
         w.columns AS second_columns, w.statement AS second_statement,
         q.qualified AS routine_label, q.definition AS routine_definition, q.managed AS routine_managed, q.schema AS routine_schema, q.name AS routine_name,
         f.qualified AS first_routine_label,
         x.qualified AS inner_qualified, x.schema AS inner_schema, x.name AS inner_name,
         o.qualified AS outer_qualified, o.schema AS outer_schema, o.name AS outer_name,
         row_number() OVER (PARTITION BY d.target, min(a.oid, b.oid), max(a.oid, b.oid)
                            ORDER BY d.event = 'insert' DESC, d.always DESC, k.is_primary DESC, json_array_length(k.columns), k.name) AS place,
         (SELECT count(*) FROM json_each(a.events) e WHERE e.value NOT IN (SELECT value FROM json_each(b.events))) AS first_events_alone,
         (SELECT count(*) FROM json_each(b.events) e WHERE e.value NOT IN (SELECT value FROM json_each(a.events))) AS second_events_alone,
         v.id IN (SELECT write FROM only_inserts) AS first_only,
         w.id IN (SELECT write FROM only_inserts) AS second_only
  FROM doubled d
  JOIN rel_trigger a ON a.oid = d.first_trigger
  JOIN rel_trigger b ON b.oid = d.second_trigger
  JOIN write v ON v.id = d.first_write
  JOIN write w ON w.id = d.second_write
  JOIN routine q ON q.oid = w.routine
  JOIN routine f ON f.oid = v.routine
  JOIN relation x ON x.oid = d.target
  JOIN relation o ON o.oid = d.relation
  LEFT JOIN rel_index k ON k.oid = d.index_oid
),
chosen AS (
  SELECT p.*,
         -- A trigger may go if the other one fires whenever it does, and stores all that it stores.
         CASE
           WHEN p.first_relation <> p.second_relation OR p.first_timing <> p.second_timing OR p.first_level <> p.second_level
             OR p.first_when = '' OR p.second_when = '' OR p.first_definition IS NULL OR p.second_definition IS NULL THEN ''
           WHEN p.second_events_alone = 0 AND (p.first_when IS NULL OR p.first_when IS p.second_when)
             AND (json_array_length(p.first_update_columns) = 0 OR p.first_update_columns = p.second_update_columns)
             AND (p.first_enabled = 'always' OR p.second_enabled <> 'always')
             AND (p.same_function OR (p.second_only AND p.first_conditional = 0 AND p.second_extra = '[]' AND p.differs = '[]')) THEN 'second'
           WHEN p.first_events_alone = 0 AND (p.second_when IS NULL OR p.first_when IS p.second_when)
             AND (json_array_length(p.second_update_columns) = 0 OR p.first_update_columns = p.second_update_columns)
             AND (p.second_enabled = 'always' OR p.first_enabled <> 'always')
             AND (p.same_function OR (p.first_only AND p.second_conditional = 0 AND p.first_extra = '[]' AND p.differs = '[]')) THEN 'first'
           ELSE '' END AS redundant,
         -- What the later insert alone brings, and what it takes from the row where the earlier one has a constant.
         (SELECT json_group_array(c.value) FROM json_each(p.second_columns) c
          WHERE c.value NOT IN (SELECT value FROM json_each(p.key_columns))
            AND c.value NOT IN (SELECT u.value FROM rel_index i, json_each(i.columns) u WHERE i.relation = p.target AND i.is_primary = 1)
            AND c.value NOT IN ('created_at', 'inserted_at')
            AND (c.value IN (SELECT value FROM json_each(p.second_extra))
                 OR (c.value IN (SELECT value FROM json_each(p.differs))
                     AND EXISTS (SELECT 1 FROM json_each(p.second_values) y WHERE y.key = c.value AND lower(y.value) LIKE '%new.%')
                     AND NOT EXISTS (SELECT 1 FROM json_each(p.first_values) y WHERE y.key = c.value AND lower(y.value) LIKE '%new.%')))) AS stored
  FROM pair p WHERE p.place = 1
)
SELECT
  'duplicate-triggers' AS cause,
  c.inner_qualified AS relation,
  CASE WHEN c.redundant = 'first' AND (c.same_function OR c.index_oid IS NULL) THEN c.first_name ELSE c.second_name END AS object,
  CASE WHEN c.index_oid IS NULL THEN 'warning' ELSE 'error' END AS severity,
  CASE WHEN c.always = 1 OR c.is_reported = 1 THEN 'certain' ELSE 'likely' END AS confidence,
  'Triggers ' || c.first_name || ' and ' || c.second_name || ' both insert the same row into ' || c.inner_qualified AS title,
  c.second_write AS write,
  (SELECT json_group_array(json(place)) FROM (
     SELECT json_object('function', c.routine_label, 'line', c.second_line) AS place
     UNION ALL
     SELECT json_object('function', c.first_routine_label, 'line', c.first_line) WHERE c.first_write <> c.second_write
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', a.path, 'line', a.line, 'end_line', a.end_line)
       FROM write a WHERE a.origin = 'code' AND a.relation = c.relation AND a.operation = c.event
       ORDER BY a.path, a.line LIMIT 20))) AS sites,
  CASE WHEN c.index_oid IS NULL THEN json_array() ELSE json_array('23505') END AS sqlstates,
  c.key_name AS constraint_name,
  json_array(
    'One ' || c.event || ' into ' || c.outer_qualified || ' fires ' || c.first_name || ' and then ' || c.second_name || ', in this order.',
    CASE WHEN c.first_write = c.second_write THEN 'Both run ' || c.routine_label || '(), whose line ' || c.second_line || ' inserts into ' || c.inner_qualified || '.'
         ELSE c.first_routine_label || '() line ' || c.first_line || ' and ' || c.routine_label || '() line ' || c.second_line || ' insert into ' || c.inner_qualified || '.' END,
    CASE WHEN c.index_oid IS NULL THEN 'No unique key stands in the way, so the row is stored twice and nobody is told.'
         ELSE 'Both give the same (' || c.key_text || '), so the later insert meets ' || c.key_name || ' and the whole statement is rolled back.' END,
    CASE WHEN c.always = 1 THEN 'This happens to every row that fires them.' ELSE 'One of the two fires only under a condition: not every row fails.' END
  ) AS why,
  (SELECT json_group_array(value) FROM (
     SELECT coalesce((SELECT a.path || ':' || a.line FROM write a WHERE a.origin = 'code' AND a.relation = c.relation AND a.operation = c.event ORDER BY a.path, a.line LIMIT 1),
                     upper(c.event) || ' ' || c.outer_qualified) AS value
     UNION ALL SELECT 'trigger ' || c.first_name UNION ALL SELECT 'trigger ' || c.second_name
     UNION ALL SELECT c.routine_label || '() line ' || c.second_line UNION ALL SELECT c.inner_qualified
     UNION ALL SELECT c.key_name WHERE c.key_name IS NOT NULL)) AS chain,
  json_array(
    json_object('label', 'fires first', 'value', c.first_definition),
    json_object('label', 'fires second', 'value', c.second_definition),
    json_object('label', 'key', 'value', c.key_name || ' (' || c.key_text || ')'),
    json_object('label', 'only the first stores', 'value', (SELECT nullif(group_concat(value, ', '), '') FROM json_each(c.first_extra))),
    json_object('label', 'only the second stores', 'value', (SELECT nullif(group_concat(value, ', '), '') FROM json_each(c.second_extra)))
  ) AS evidence,
  json_array(
    json_object('cause', 'trigger-not-idempotent', 'because', 'it fails on the first firing already, because another trigger was there before'),
    json_object('cause', 'trigger-and-code-double-insert', 'because', 'both inserts stand in trigger functions'),
    json_object('cause', 'legitimate-conflict', 'because', 'nobody chose the value twice: both triggers derive it from one row')
  ) AS ruled_out,
  CASE WHEN c.index_oid IS NULL THEN CASE WHEN c.redundant = '' THEN json_array('one-writer') ELSE json_array('drop-redundant-trigger', 'one-writer') END
       WHEN c.redundant = '' OR c.routine_managed = 1 THEN json_array('make-second-tolerant', 'one-writer')
       WHEN c.same_function = 1 THEN json_array('drop-redundant-trigger', 'make-second-tolerant', 'one-writer')
       ELSE json_array('make-second-tolerant', 'drop-redundant-trigger', 'one-writer') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(c.inner_schema, c.inner_name)),
    'outer', json_object('name', json_array(c.outer_schema, c.outer_name)),
    'first_trigger', json_object('ident', c.first_name),
    'second_trigger', json_object('ident', c.second_name),
    'kept', json_object('ident', CASE c.redundant WHEN 'first' THEN c.second_name ELSE c.first_name END),
    'redundant', json_object('ident', CASE c.redundant WHEN 'first' THEN c.first_name ELSE c.second_name END),
    'redundant_always', json(CASE WHEN CASE c.redundant WHEN 'first' THEN c.first_enabled ELSE c.second_enabled END = 'always' THEN 'true' ELSE 'false' END),
    'trigger_definition', json_object('sql', coalesce(CASE c.redundant WHEN 'first' THEN c.first_definition ELSE c.second_definition END, '')),
    'routine', json_object('name', json_array(c.routine_schema, c.routine_name)),
    'routine_signature', json_object('routine', c.second_routine),
    'definition', CASE WHEN c.routine_definition IS NULL THEN NULL ELSE json_object('sql', c.routine_definition) END,
    'stores', (SELECT coalesce(group_concat(value, ', '), '') FROM json_each(c.stored)),
    'rewritten', CASE WHEN c.index_oid IS NULL THEN NULL ELSE json_object('rewritten', json_object('routine', c.second_routine, 'changes', json_array(json_object(
       'line', c.second_line, 'statement', c.second_statement,
       'upsert', json_object('relation', json_array(c.inner_schema, c.inner_name), 'target', json(c.key_columns),
                             'set', json(c.stored), 'compare', json(c.stored)))))) END
  ) AS params
FROM chosen c
WHERE c.index_oid IS NOT NULL OR c.always = 1
