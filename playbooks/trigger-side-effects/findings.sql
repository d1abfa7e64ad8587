-- Inserts inside trigger functions that meet their own earlier row, and handlers that hide every failure.
WITH
-- The trigger's inserts, with the key that a second run would meet.
inner_insert AS (
  SELECT e.relation AS outer_relation, e.event, e.trigger, e.depth, e.fires, e.stores, e.path AS effect_path,
         o.qualified AS outer_qualified, o.schema AS outer_schema, o.name AS outer_name,
         ' ' || replace(replace(replace(coalesce(o.partition_key, ''), '(', ' '), ')', ' '), ',', ' ') || ' ' AS partitioned_by,
         t.name AS trigger_name, t.timing, t.enabled, t.update_columns, lower(coalesce(t.when_expr, '')) AS when_text,
         replace(replace(lower(coalesce(t.when_expr, '') || ' ' || coalesce(w.conditions, '')), '!=', '<>'), ' ', '') AS asked,
         w.*, k.oid AS key_index, k.name AS key_name, k.columns AS key_columns,
         q.qualified AS routine_label, q.schema AS routine_schema, q.name AS routine_base, q.definition, lower(q.body) AS body_text,
         -- Where the key's values come from: columns of the outer row, constants, or what cannot be foreseen.
         (SELECT json_group_array(json_extract(v.value, '$.row')) FROM json_each(k.columns) c JOIN json_each(e.stores) v ON v.key = c.value
          WHERE json_extract(v.value, '$.row') IS NOT NULL) AS key_of_row,
         NOT EXISTS (SELECT 1 FROM json_each(k.columns) c LEFT JOIN json_each(e.stores) v ON v.key = c.value
                     WHERE json_extract(v.value, '$.row') IS NULL AND coalesce(json_extract(v.value, '$.constant'), 'null') = 'null') AS all_known
  FROM effect e
  JOIN write w ON w.id = e.write AND w.operation = 'insert' AND w.has_conflict = 0
  JOIN relation o ON o.oid = e.relation AND o.parent IS NULL
  JOIN rel_trigger t ON t.oid = e.trigger
  JOIN full_unique_key k ON k.relation = w.relation
  JOIN routine q ON q.oid = w.routine AND q.managed = 0
  WHERE e.fires <> 'never' AND w.columns IS NOT NULL AND w.column_values IS NOT NULL
    -- A column that is left out gets its default: never the same one twice, or one that may well repeat (a day, a constant).
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) c
                    WHERE c.value NOT IN (SELECT value FROM json_each(w.columns))
                      AND NOT EXISTS (SELECT 1 FROM attribute a WHERE a.relation = w.relation AND a.name = c.value AND a.generated = 0
                                        AND a.default_expr NOT LIKE '%nextval(%' AND a.default_expr NOT LIKE '%uuid%' AND a.default_expr NOT LIKE '%random%'))
),
foreseen AS (
  SELECT i.*,
         -- A partitioned table's key holds the partition key beside what makes it unique; a generated value is the row's own without a key.
         EXISTS (SELECT 1 FROM full_unique_key u WHERE u.relation = i.outer_relation
                   AND NOT EXISTS (SELECT 1 FROM json_each(u.columns) c
                                   WHERE c.value NOT IN (SELECT value FROM json_each(i.key_of_row)) AND instr(i.partitioned_by, ' ' || c.value || ' ') = 0))
           OR EXISTS (SELECT 1 FROM json_each(i.key_of_row) x JOIN attribute a ON a.relation = i.outer_relation AND a.name = x.value
                      WHERE coalesce(a.identity, '') <> '' OR a.default_expr LIKE '%nextval(%' OR a.default_expr LIKE '%uuid%') AS once_per_row,
         EXISTS (SELECT 1 FROM json_each(coalesce(i.guards, '[]')) g WHERE g.value IN ('unique_violation', 'integrity_constraint_violation', '23505', '23000')) AS expects_duplicates,
         EXISTS (SELECT 1 FROM json_each(coalesce(i.guards, '[]')) g WHERE g.value = 'others') AS hides_errors,
         EXISTS (SELECT 1 FROM write d WHERE d.routine = i.routine AND d.relation = i.relation AND d.operation = 'delete' AND d.routine_line < i.routine_line) AS deletes_first,
         -- A key column that changes with each firing gives another key each time.
         EXISTS (SELECT 1 FROM json_each(i.key_of_row) x LEFT JOIN attribute a ON a.relation = i.outer_relation AND a.name = x.value
                 WHERE x.value IN (SELECT value FROM json_each(i.update_columns))
                   OR instr(i.when_text || i.body_text, 'distinct from') > 0 AND instr(i.when_text || i.body_text, 'old.' || lower(x.value)) > 0
                   OR a.type LIKE 'timestamp%' OR a.type = 'date'
                   OR EXISTS (SELECT 1 FROM json_each('["version", "revision", "rev", "seq", "serial", "state", "status", "phase", "stage", "step", "period", "month", "year", "etag", "hash"]') m WHERE instr(lower(x.value), m.value) > 0)
                   OR EXISTS (SELECT 1 FROM rel_trigger b JOIN routine c ON c.oid = b.routine
                              WHERE b.relation = i.outer_relation AND b.timing = 'before' AND instr(replace(lower(c.body), ' ', ''), 'new.' || lower(x.value) || ':=') > 0)) AS moves_on,
         -- A BEFORE trigger runs before the conflict is looked for: also where an upsert then leaves or updates the row that is there.
         i.timing = 'before' AND EXISTS (
           SELECT 1 FROM write u JOIN arbiter b ON b.write = u.id AND b.usable = 1 JOIN rel_index n ON n.oid = b.index_oid
           WHERE u.relation = i.outer_relation
             AND NOT EXISTS (SELECT 1 FROM json_each(i.key_of_row) x WHERE x.value NOT IN (SELECT value FROM json_each(n.columns) WHERE value IS NOT NULL))) AS before_upsert,
         -- When the row becomes something: it does so once.
         instr(i.asked, 'old.') > 0 AND i.asked GLOB '*new.[a-z_"]*=''*' AS becomes,
         EXISTS (SELECT 1 FROM symptom y WHERE y.sqlstate = '23505' AND y.index_oid = i.key_index) AS key_reported,
         -- PostgREST's answer shows no function: there the request is for the outer table, or nothing else writes the inner one.
         EXISTS (SELECT 1 FROM symptom y WHERE y.sqlstate = '23505' AND y.index_oid = i.key_index
                   AND NOT EXISTS (SELECT 1 FROM symptom_frame)
                   AND coalesce(y.operation, i.event) IN (i.event, 'upsert')
                   AND (substr(y.url_path, instr(y.url_path, '/rest/v1/') + 9) = i.outer_name
                        OR (coalesce(y.url_path, '') NOT LIKE '%/rest/v1/%' AND EXISTS (SELECT 1 FROM code_call)
                            AND NOT EXISTS (SELECT 1 FROM write o WHERE o.relation = i.relation AND o.operation IN ('insert', 'update') AND o.routine IS NOT i.routine)))) AS key_alone,
         -- So it is with a bare 409 of an UPDATE that touches no key of its own table.
         i.event = 'update' AND EXISTS (
           SELECT 1 FROM symptom y JOIN write u ON u.relation = y.relation_oid AND u.operation = 'update' AND u.origin = 'code' AND u.via = 'postgrest'
           WHERE y.sqlstate IS NULL AND y.postgrest_code IS NULL AND y.http_status = 409 AND y.operation = 'update' AND y.relation_oid = i.outer_relation
             AND coalesce(y.service, 'database') = 'database'
             AND NOT EXISTS (SELECT 1 FROM write o WHERE o.relation = u.relation AND o.operation = 'update' AND o.origin = 'code' AND o.id <> u.id)
             AND NOT EXISTS (SELECT 1 FROM rel_index k WHERE k.relation = u.relation AND k.is_unique = 1
                               AND (u.columns IS NULL OR json_array_length(coalesce(k.expressions, '[]')) > 0 OR EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value IN (SELECT value FROM json_each(u.columns)))))
             AND NOT EXISTS (SELECT 1 FROM rel_constraint k JOIN json_each(k.columns) c ON k.relation = u.relation AND k.kind = 'foreign' AND c.value IN (SELECT value FROM json_each(u.columns)))
             AND NOT EXISTS (SELECT 1 FROM effect e JOIN write o ON o.id = e.write WHERE e.relation = u.relation AND e.event = 'update' AND e.fires <> 'never' AND (o.routine IS NOT i.routine OR o.relation IS NOT i.relation))) AS answered,
         -- The same function may write other tables; the reported key says which insert was refused.
         EXISTS (SELECT 1 FROM symptom y JOIN symptom_frame f ON f.routine = i.routine WHERE y.sqlstate = '23505'
                   AND NOT EXISTS (SELECT 1 FROM rel_index z WHERE z.oid = y.index_oid AND z.relation <> i.relation AND z.parent_index IS NULL)) AS frame_reported
  FROM inner_insert i
),
-- An update fires it again for the same row; an insert does so for another row that gives the same key.
repeated AS (
  SELECT f.*,
         row_number() OVER (PARTITION BY f.id ORDER BY f.frame_reported DESC, f.key_reported DESC,
           -- Of several triggers of the function the one that the failed statement set off, directly or through others; and of
           -- those on its way the function's own, whose row the values are taken from.
           EXISTS (SELECT 1 FROM symptom y JOIN effect e ON e.relation = y.relation_oid AND e.write = f.id AND instr(e.path, substr(f.effect_path, 2)) > 0) DESC,
           f.depth = 1 DESC, f.event = 'update' DESC, f.depth, f.outer_relation, f.key_name) AS place
  FROM foreseen f
  WHERE f.expects_duplicates = 0 AND f.deletes_first = 0
    -- Where another trigger wrote the row just before, that is the fault.
    AND ((f.frame_reported AND NOT EXISTS (SELECT 1 FROM doubled d WHERE d.second_write = f.id AND d.index_oid IS NOT NULL))
         OR ((f.key_alone OR f.answered) AND f.hides_errors = 0 AND NOT EXISTS (SELECT 1 FROM doubled d WHERE d.second_write = f.id AND d.index_oid IS NOT NULL))
         OR (f.all_known AND f.depth = 1 AND f.looks_first = 0 AND f.becomes = 0
             AND ((f.event = 'update' AND f.moves_on = 0) OR (f.event = 'insert' AND (f.once_per_row = 0 OR f.before_upsert)))))
),
chosen AS (
  SELECT r.*, x.qualified AS inner_qualified, x.schema AS inner_schema, x.name AS inner_name
  FROM repeated r JOIN relation x ON x.oid = r.relation
  WHERE r.place = 1
),
-- All repairable inserts of one function into one table are one finding.
grouped AS (
  SELECT min(id) AS first_write, count(*) AS statements, max(hides_errors) AS any_hidden, max(frame_reported) AS any_frame, max(key_reported) AS any_key
  FROM chosen GROUP BY routine, relation
),
shown AS (
  SELECT g.statements, g.any_hidden, g.any_frame, g.any_key, r.*, (SELECT group_concat(value, ', ') FROM json_each(r.key_columns)) AS key_text
  FROM grouped g JOIN chosen r ON r.id = g.first_write
),
-- What the row that is there takes over: all that is neither its key nor the same each time. A counter adds up.
part AS (
  SELECT r.id AS write, c.value AS name, c.key AS position,
         r.event = 'insert' AND a.type IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision')
           AND EXISTS (SELECT 1 FROM json_each('["count", "total", "sum", "balance", "number_of", "num_", "points", "score", "quantity", "qty", "amount"]') m WHERE instr(lower(c.value), m.value) > 0)
           AND lower(c.value) NOT LIKE '%id' AND lower(c.value) NOT LIKE 'last%' AS adds_up,
         -- What the trigger says of itself is the same only as long as the function has no other one.
         json_extract(o.value, '$.constant') IS NOT NULL AND instr(lower(v.value), 'tg_') = 0 AS is_constant,
         EXISTS (SELECT 1 FROM json_each('["now()", "_timestamp"]') m WHERE instr(lower(v.value), m.value) > 0) AS is_time
  FROM chosen r
  JOIN json_each(r.columns) c
  JOIN json_each(r.column_values) v ON v.key = c.value
  LEFT JOIN json_each(r.stores) o ON o.key = c.value
  LEFT JOIN attribute a ON a.relation = r.relation AND a.name = c.value
  WHERE c.value NOT IN (SELECT value FROM json_each(r.key_columns))
    AND c.value NOT IN (SELECT p.value FROM full_unique_key u, json_each(u.columns) p WHERE u.relation = r.relation AND u.is_primary = 1)
    AND c.value NOT IN ('created_at', 'inserted_at')
    AND NOT EXISTS (SELECT 1 FROM json_each('["random", "uuid_generate", "nextval"]') m WHERE instr(lower(v.value), m.value) > 0) AND lower(trim(v.value)) <> 'default'
),
change AS (
  SELECT r.routine, r.relation, r.routine_line, json_object(
      'line', r.routine_line, 'statement', r.statement,
      'upsert', json_object(
        'relation', json_array(r.inner_schema, r.inner_name),
        'target', json(r.key_columns),
        'set', (SELECT json_group_array(name) FROM (SELECT p.name FROM part p WHERE p.write = r.id AND p.adds_up = 0 AND p.is_constant = 0 ORDER BY p.position)),
        'add', (SELECT json_group_array(name) FROM (SELECT p.name FROM part p WHERE p.write = r.id AND p.adds_up = 1 ORDER BY p.position)),
        -- A time that tells of the last change moves only with one; any other, such as when somebody was last seen, always.
        'compare', (SELECT json_group_array(name) FROM (SELECT p.name FROM part p WHERE p.write = r.id AND p.is_constant = 0 AND p.is_time = 0
                      AND NOT EXISTS (SELECT 1 FROM part z WHERE z.write = r.id AND z.is_time = 1
                                        AND NOT EXISTS (SELECT 1 FROM json_each('["updated", "modified", "changed", "edited", "synced"]') m WHERE instr(lower(z.name), m.value) > 0))
                    ORDER BY p.position)))) AS entry,
    (SELECT group_concat(CASE WHEN p.adds_up THEN 'sum of ' ELSE '' END || p.name, ', ') FROM (SELECT * FROM part ORDER BY adds_up, position) p
     WHERE p.write = r.id AND p.is_time = 0 AND (p.adds_up = 1 OR p.is_constant = 0)) AS stores
  FROM chosen r
),
-- Other writes whose failure nobody would see: once for each function and table.
quiet AS (
  SELECT e.relation AS outer_relation, e.event, e.trigger, e.path AS effect_path, e.definer, w.*, x.oid AS inner_oid, x.qualified AS inner_qualified, x.schema AS inner_schema, x.name AS inner_name,
         o.qualified AS outer_qualified, t.name AS trigger_name, t.timing, t.enabled, q.qualified AS routine_label,
         (SELECT group_concat(c.value, ', ') FROM json_each(w.columns) c WHERE c.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = x.oid)) AS unknown_columns,
         (SELECT group_concat(a.name, ', ') FROM attribute a
          WHERE a.relation = x.oid AND w.operation = 'insert' AND a.not_null = 1 AND a.has_default = 0 AND coalesce(a.identity, '') = '' AND coalesce(a.generated, 0) = 0
            AND (a.name NOT IN (SELECT value FROM json_each(w.columns)) OR json_extract(e.stores, '$."' || replace(a.name, '"', '\"') || '".constant') = 'null')
            AND NOT EXISTS (SELECT 1 FROM rel_trigger b, json_each(b.events) ev WHERE b.relation = x.oid AND b.timing = 'before' AND b.level = 'row' AND ev.value = 'insert')) AS left_null,
         EXISTS (SELECT 1 FROM symptom y WHERE y.sqlstate = '23503' AND y.referenced_relation IN (x.name, x.qualified))
           OR EXISTS (SELECT 1 FROM no_row y WHERE y.relation = x.oid) AS missed,
         row_number() OVER (PARTITION BY w.routine, x.oid ORDER BY e.depth, w.routine_line, e.event, t.name) AS place
  FROM effect e
  JOIN write w ON w.id = e.write AND w.operation IN ('insert', 'update')
  -- A pinned search_path may not reach the table that is meant.
  JOIN relation x ON x.managed = 0 AND x.oid = coalesce(w.relation, (
    SELECT min(n.oid) FROM routine p JOIN relation n ON n.name = w.name AND n.managed = 0 AND n.kind IN ('table', 'partitioned')
    WHERE p.oid = w.routine AND w.schema_given = 0 AND p.search_path IS NOT NULL AND lower(p.body) NOT LIKE '%create temp%' AND lower(p.body) NOT LIKE '%create local temp%'
    HAVING count(*) = 1))
  JOIN relation o ON o.oid = e.relation AND o.parent IS NULL
  JOIN rel_trigger t ON t.oid = e.trigger
  JOIN routine q ON q.oid = w.routine AND q.managed = 0
  WHERE e.fires <> 'never' AND w.columns IS NOT NULL
    AND EXISTS (SELECT 1 FROM attribute a WHERE a.relation = x.oid)
    AND EXISTS (SELECT 1 FROM json_each(coalesce(w.guards, '[]')) g WHERE g.value = 'others')
    AND NOT EXISTS (SELECT 1 FROM shown s WHERE s.routine = w.routine AND s.relation = w.relation)
),
-- Statements in code that a foreign key refuses because such a row is missing.
refused AS (
  SELECT w.id AS write
  FROM symptom y
  JOIN rel_constraint f ON f.oid = y.constraint_oid AND f.kind = 'foreign'
  JOIN write w ON w.relation = f.relation AND w.origin = 'code' AND w.operation IN ('insert', 'update')
  WHERE y.sqlstate = '23503' AND y.referenced_relation IS NOT NULL
    AND (w.columns IS NULL OR EXISTS (SELECT 1 FROM json_each(w.columns) c WHERE c.value IN (SELECT value FROM json_each(f.columns))))
),
weighed AS (
  SELECT h.*,
         CASE WHEN h.relation IS NULL THEN 'the function''s search_path does not reach ' || h.inner_qualified || ' (42P01)'
              WHEN h.unknown_columns IS NOT NULL THEN h.inner_qualified || ' has no column ' || h.unknown_columns || ' (42703)'
              WHEN h.left_null IS NOT NULL THEN h.left_null || ' may not be null and is not given (23502)'
              WHEN h.verdict IN ('42P10', '42704', '42809', '55000', '0A000') THEN 'its conflict clause finds no usable unique index (' || h.verdict || ')' END AS surely,
         EXISTS (SELECT 1 FROM json_each('["log", "audit", "event", "history", "analytic", "metric", "notif", "outbox", "queue", "stat", "cache", "activity", "trace", "track"]') m
                 WHERE instr(lower(h.inner_name), m.value) > 0) AS on_the_side
  FROM quiet h WHERE h.place = 1
)
SELECT
  CASE WHEN s.any_hidden THEN 'swallowed-trigger-error' ELSE 'trigger-not-idempotent' END AS cause,
  s.inner_qualified AS relation,
  s.trigger_name AS object,
  'error' AS severity,
  CASE WHEN s.any_frame OR s.any_key OR (s.event = 'update' AND s.fires = 'always') THEN 'certain' ELSE 'likely' END AS confidence,
  CASE WHEN s.any_hidden THEN 'Trigger ' || s.trigger_name || ' hides that its insert into ' || s.inner_qualified || ' fails'
       ELSE 'Trigger ' || s.trigger_name || ' inserts into ' || s.inner_qualified || CASE WHEN s.event = 'insert' AND s.once_per_row THEN ' where the row is there already, on an ' ELSE ' again on every ' END || s.event || ' of ' || s.outer_qualified END AS title,
  s.id AS write,
  -- The function first, then the statements in code that fire it: those are what the server refuses.
  (SELECT json_group_array(json(place)) FROM (
     SELECT json_object('function', s.routine_label, 'line', s.routine_line) AS place
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', a.path, 'line', a.line, 'end_line', a.end_line)
       FROM write a WHERE a.origin = 'code'
         -- Directly, or through triggers that lead there.
         AND EXISTS (SELECT 1 FROM effect e
                     WHERE e.write = s.id AND e.relation = a.relation AND e.fires <> 'never' AND instr(e.path, substr(s.effect_path, 2)) > 0
                       AND (a.operation = e.event OR (e.event = 'update' AND a.action = 'update')))
       ORDER BY a.path, a.line LIMIT 20))) AS sites,
  CASE WHEN s.any_hidden THEN json_array() ELSE json_array('23505') END AS sqlstates,
  s.key_name AS constraint_name,
  json_array(
    CASE s.event WHEN 'delete' THEN 'A ' ELSE 'An ' END || s.event || ' of ' || s.outer_qualified || ' fires ' || s.trigger_name || ', and ' || s.routine_label || '() line ' || s.routine_line || ' inserts into ' || s.inner_qualified || ' without a conflict clause.',
    CASE s.event WHEN 'update' THEN 'The key (' || s.key_text || ') is made of the row''s own values, so the second firing for the same row meets ' || s.key_name || '.'
                 WHEN 'delete' THEN 'A row with that (' || s.key_text || ') was deleted before, so that ' || s.key_name || ' has it already.'
                 WHEN 'insert' THEN CASE WHEN s.before_upsert THEN 'It fires BEFORE, and so ahead of the look for a conflict: an upsert of a row that is there fires it again for the same (' || s.key_text || '), which meets ' || s.key_name || '.'
                 WHEN s.once_per_row THEN 'The key (' || s.key_text || ') is the row''s own, and a row with it is there already: left from an earlier row, or written by something else.'
                 ELSE 'The key (' || s.key_text || ') is not made of a unique key of ' || s.outer_qualified || ', so another row gives the same key and meets ' || s.key_name || '.' END END,
    CASE WHEN s.any_hidden THEN 'EXCEPTION WHEN OTHERS catches that and everything else: the outer row is saved, the inner row is missing or stale, and ' || CASE WHEN s.told = 1 THEN 'the application sees success.' ELSE 'nobody is told.' END
         ELSE 'The whole outer statement is rolled back with an error that names a table the application never wrote; through REST it is a 409 on ' || s.outer_qualified || '.' END,
    CASE WHEN s.statements > 1 THEN 'The same function does this in ' || s.statements || ' statements; the fix covers all of them.' ELSE 'The key is right: it is the insert that does not expect the row.' END
  ) AS why,
  (SELECT json_group_array(value) FROM (
     SELECT coalesce((SELECT a.path || ':' || a.line FROM write a WHERE a.origin = 'code' AND a.relation = s.outer_relation AND a.operation = s.event ORDER BY a.path, a.line LIMIT 1),
                     upper(s.event) || ' ' || s.outer_qualified) AS value
     UNION ALL SELECT p.value FROM json_each(s.effect_path) p
     UNION ALL SELECT s.key_name)) AS chain,
  json_array(
    json_object('label', 'trigger', 'value', s.trigger_name || ' ' || s.timing || ' ' || s.event || ' on ' || s.outer_qualified || ', enabled: ' || s.enabled),
    json_object('label', 'function', 'value', s.routine_label || '() line ' || s.routine_line),
    json_object('label', 'key', 'value', s.key_name || ' (' || s.key_text || ')'),
    json_object('label', 'key values', 'value', (SELECT group_concat(v.key || ' = ' || v.value, ', ') FROM json_each(s.column_values) v WHERE v.key IN (SELECT value FROM json_each(s.key_columns)))),
    json_object('label', 'reported', 'value', CASE WHEN s.any_frame THEN 'the error''s CONTEXT names this function' WHEN s.any_key THEN 'the error names this key' ELSE 'not yet' END)
  ) AS evidence,
  json_array(
    json_object('cause', 'trigger-and-code-double-insert', 'because', 'the failing statement is the trigger''s own INSERT'),
    json_object('cause', 'legitimate-conflict', 'because', 'nobody chose the value: the trigger derives it from the row')
  ) AS ruled_out,
  CASE WHEN s.any_hidden THEN json_array('repair-function', 'let-errors-through') ELSE json_array('repair-function', 'disable-trigger') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(s.inner_schema, s.inner_name)),
    'outer', json_object('name', json_array(s.outer_schema, s.outer_name)),
    'trigger', json_object('ident', s.trigger_name),
    'routine', json_object('name', json_array(s.routine_schema, s.routine_base)),
    'routine_label', s.routine_label || '()',
    'routine_signature', json_object('routine', s.routine),
    'definition', CASE WHEN s.definition IS NULL THEN NULL ELSE json_object('sql', s.definition) END,
    'stores', (SELECT max(stores) FROM change c WHERE c.routine = s.routine AND c.relation = s.relation),
    'rewritten', json_object('rewritten', json_object('routine', s.routine, 'changes',
        (SELECT json_group_array(json(c.entry)) FROM change c WHERE c.routine = s.routine AND c.relation = s.relation)))
  ) AS params,
  NULL AS edits
FROM shown s
UNION ALL
SELECT
  'swallowed-trigger-error',
  h.inner_qualified,
  h.trigger_name,
  CASE WHEN h.surely IS NOT NULL OR h.missed THEN 'error'
       -- The handler's own message is the report: then it has happened.
       WHEN h.on_the_side OR (h.told = 1 AND NOT EXISTS (SELECT 1 FROM symptom y JOIN symptom_frame f ON f.routine = h.routine WHERE y.sqlstate = '01000' AND coalesce(y.relation_oid, h.inner_oid) = h.inner_oid)) THEN 'info'
       ELSE 'warning' END,
  CASE WHEN h.surely IS NOT NULL THEN 'certain' ELSE 'likely' END,
  CASE WHEN h.surely IS NOT NULL THEN 'Trigger ' || h.trigger_name || ' hides that its ' || h.operation || ' of ' || h.inner_qualified || ' always fails'
       ELSE 'Trigger ' || h.trigger_name || ' would hide any failure of its ' || h.operation || ' of ' || h.inner_qualified END,
  h.id,
  (SELECT json_group_array(json(place)) FROM (
     SELECT json_object('function', h.routine_label, 'line', h.routine_line) AS place
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', a.path, 'line', a.line, 'end_line', a.end_line)
       FROM write a
       -- What is missed later is refused there; else where the trigger is set off.
       WHERE a.origin = 'code' AND CASE WHEN h.missed AND EXISTS (SELECT 1 FROM refused) THEN a.id IN (SELECT write FROM refused)
                                        ELSE a.relation = h.outer_relation AND a.operation = h.event END
       ORDER BY a.path, a.line LIMIT 20)
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', c.path, 'line', c.line, 'end_line', c.end_line)
       FROM symptom y JOIN reads r ON r.relation = h.inner_oid AND r.cardinality = 'single' JOIN code_call c ON c.id = r.call
       WHERE h.missed AND y.postgrest_code = 'PGRST116'
       ORDER BY c.path, c.line LIMIT 20))),
  -- Nothing is raised here; what is missed later is.
  CASE WHEN h.missed THEN (SELECT json_array(coalesce(y.sqlstate, y.postgrest_code)) FROM symptom y) ELSE json_array() END,
  CASE WHEN h.missed THEN (SELECT y.constraint_name FROM symptom y) END,
  json_array(
    'An ' || h.event || ' of ' || h.outer_qualified || ' fires ' || h.trigger_name || ', and ' || h.routine_label || '() line ' || h.routine_line || ' writes ' || h.inner_qualified || ' under EXCEPTION WHEN OTHERS.',
    CASE WHEN h.surely IS NOT NULL THEN 'The statement cannot succeed: ' || h.surely || '.' ELSE 'Whatever goes wrong there, a key, a NULL, a right, a renamed column, is caught.' END,
    'The outer row is saved, the row of ' || h.inner_qualified || ' is missing or stale, and ' || CASE WHEN h.told = 1 THEN 'only the handler''s own message says so: the application sees success.' ELSE 'nobody is told.' END,
    CASE WHEN h.missed THEN 'The reported error is about such a row: it is not there.' ELSE 'It shows later, as a foreign key that is not met or a page without its data.' END),
  (SELECT json_group_array(value) FROM (
     SELECT upper(h.event) || ' ' || h.outer_qualified AS value
     UNION ALL SELECT p.value FROM json_each(h.effect_path) p
     UNION ALL SELECT 'EXCEPTION WHEN OTHERS')),
  json_array(
    json_object('label', 'trigger', 'value', h.trigger_name || ' ' || h.timing || ' ' || h.event || ' on ' || h.outer_qualified || ', enabled: ' || h.enabled),
    json_object('label', 'function', 'value', h.routine_label || '() line ' || h.routine_line),
    json_object('label', 'why it fails', 'value', h.surely)),
  json_array(
    json_object('cause', 'trigger-not-idempotent', 'because', 'no error reaches the caller'),
    json_object('cause', 'fk-parent-missing', 'because', 'the row should have been written by ' || h.trigger_name)),
  json_array('let-errors-through'),
  json_object(
    'relation', json_object('name', json_array(h.inner_schema, h.inner_name)),
    'trigger', json_object('ident', h.trigger_name),
    'routine_label', h.routine_label || '()',
    'routine_signature', json_object('routine', h.routine)),
  NULL
FROM weighed h
