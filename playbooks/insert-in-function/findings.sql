-- The reported key, met by the plain INSERT of a function that the application calls.
WITH
told AS (
  SELECT s.*, EXISTS (SELECT 1 FROM symptom_frame f WHERE f.function IS NOT NULL) AS has_context
  FROM symptom s
  WHERE s.sqlstate = '23505'
    -- What a trigger writes is another matter.
    AND NOT EXISTS (SELECT 1 FROM symptom_frame f JOIN routine q ON q.oid = f.routine WHERE q.returns_trigger = 1)
),
plain AS (
  SELECT w.*, k.name AS key_name, k.columns AS key_columns, t.has_context, t.url_path, t.statement AS told_statement,
         r.qualified, r.schema AS rel_schema, r.name AS rel_name,
         q.qualified AS routine_label, q.schema AS routine_schema, q.name AS routine_base, q.definition,
         EXISTS (SELECT 1 FROM write u WHERE u.routine = w.routine AND u.relation = w.relation AND u.operation = 'update') AS also_updates,
         EXISTS (SELECT 1 FROM chosen_value v WHERE v.index_oid = k.oid) AS is_chosen
  FROM told t
  JOIN full_unique_key k ON k.oid = t.index_oid OR (t.index_oid IS NULL AND k.name = t.constraint_name AND k.relation = t.relation_oid)
  JOIN write w ON w.relation = k.relation AND w.operation = 'insert' AND w.has_conflict = 0
  JOIN routine q ON q.oid = w.routine AND q.returns_trigger = 0 AND q.managed = 0
  JOIN relation r ON r.oid = w.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  WHERE NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(w.columns)))
    AND NOT EXISTS (SELECT 1 FROM json_each(coalesce(w.guards, '[]')) g
                    WHERE g.value IN ('unique_violation', 'integrity_constraint_violation', '23505', '23000', 'others'))
    -- A key value made on the spot is not there already.
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) c JOIN json_each(w.column_values) v ON v.key = c.value
                    WHERE lower(v.value) LIKE '%uuid%(%' OR lower(v.value) LIKE '%nextval(%' OR lower(v.value) LIKE 'default')
    AND CASE WHEN t.has_context THEN w.routine IN (SELECT f.routine FROM symptom_frame f)
             WHEN instr(coalesce(t.url_path, ''), '/rpc/') > 0 THEN substr(t.url_path, instr(t.url_path, '/rpc/') + 5) IN (q.name, q.name || '/')
             WHEN t.statement IS NOT NULL THEN ' ' || lower(t.statement) GLOB '*[^a-z0-9_$]' || lower(q.name) || '(*'
             -- Nothing tells who wrote: only where no statement of the code could have.
             ELSE NOT EXISTS (SELECT 1 FROM write c WHERE c.origin = 'code' AND c.relation = w.relation AND c.operation = 'insert') END
),
-- What the function's own UPDATE of that table does: with the column, the INSERT's value is stored, or added to what is there.
updated AS (
  SELECT p.id AS write, v.key AS name,
         replace(lower(v.value), ' ', '') = replace(lower(x.value), ' ', '') AS stores,
         replace(replace(lower(v.value), ' ', ''), '"', '') IN (
           lower(x.key) || '+' || replace(lower(x.value), ' ', ''), replace(lower(x.value), ' ', '') || '+' || lower(x.key),
           p.rel_name || '.' || lower(x.key) || '+' || replace(lower(x.value), ' ', ''), p.rel_schema || '.' || p.rel_name || '.' || lower(x.key) || '+' || replace(lower(x.value), ' ', '')) AS adds
  FROM plain p
  JOIN write u ON u.routine = p.routine AND u.relation = p.relation AND u.operation = 'update'
  JOIN json_each(u.column_values) v
  JOIN json_each(p.column_values) x ON x.key = v.key
),
judged AS (
  SELECT p.*,
         (SELECT json_group_array(DISTINCT a.name) FROM updated a WHERE a.write = p.id AND a.adds = 1
            AND NOT EXISTS (SELECT 1 FROM updated o WHERE o.write = p.id AND o.name = a.name AND o.adds = 0)) AS added,
         (SELECT json_group_array(c.value) FROM json_each(p.columns) c JOIN json_each(p.column_values) v ON v.key = c.value
          WHERE c.value NOT IN (SELECT value FROM json_each(p.key_columns))
            AND c.value NOT IN (SELECT x.value FROM rel_index pk, json_each(pk.columns) x WHERE pk.relation = p.relation AND pk.is_primary = 1)
            AND c.value NOT IN ('created_at', 'inserted_at')
            AND c.value NOT IN (SELECT a.name FROM updated a WHERE a.write = p.id AND a.adds = 1)
            AND (c.value IN (SELECT a.name FROM updated a WHERE a.write = p.id AND a.stores = 1)
                 OR NOT (lower(trim(v.value)) IN ('true', 'false', 'null', 'default', 'now()', 'current_timestamp')
                         OR trim(v.value) GLOB '[0-9]*' OR trim(v.value) GLOB '''*'))
            -- A function that only makes sure that there is a row leaves the one that is there alone.
            AND (p.also_updates OR NOT p.looks_first)) AS fresh
  FROM plain p
  WHERE p.is_chosen = 0 OR p.looks_first OR p.also_updates
)
SELECT
  'insert-should-be-upsert' AS cause,
  j.qualified AS relation,
  j.key_name AS object,
  'error' AS severity,
  CASE WHEN j.has_context THEN 'certain' ELSE 'likely' END AS confidence,
  'The INSERT of ' || j.routine_label || '() into ' || j.qualified || ' meets ' || j.key_name || ' on a repeat' AS title,
  j.id AS write,
  (SELECT json_group_array(json(place)) FROM (
     SELECT json_object('function', j.routine_label, 'line', j.routine_line) AS place
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', c.path, 'line', c.line, 'end_line', c.end_line)
       FROM code_call c
       WHERE (c.verb = 'rpc' AND c.routine = j.routine_base) OR (c.verb = 'sql' AND ' ' || lower(c.statement) GLOB '*[^a-z0-9_$]' || lower(j.routine_base) || '(*')
       ORDER BY c.path, c.line LIMIT 10))) AS sites,
  json_array('23505') AS sqlstates,
  j.key_name AS constraint_name,
  json_array(
    j.routine_label || '() line ' || j.routine_line || ' inserts without a conflict clause, and ' || j.key_name || ' allows one row for each (' || (SELECT group_concat(value, ', ') FROM json_each(j.key_columns)) || ').',
    CASE WHEN j.looks_first THEN 'It looks for the row first, but another call can insert the row between the look and the INSERT.'
         ELSE 'Called again with the same values it can only be refused.' END,
    'The row that is there is as it should be; only the second INSERT of it is wrong.'
  ) AS why,
  json_array(j.routine_label || '() line ' || j.routine_line, j.qualified, j.key_name) AS chain,
  json_array(
    json_object('label', 'key', 'value', j.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(j.key_columns)) || ')'),
    json_object('label', 'statement', 'value', j.statement),
    json_object('label', 'named by the error', 'value', CASE WHEN j.has_context THEN 'yes, in CONTEXT' ELSE 'no' END)
  ) AS evidence,
  json_array(
    json_object('cause', 'trigger-not-idempotent', 'because', 'the function is called by the application, not by a trigger'),
    json_object('cause', 'sequence-behind', 'because', 'the key is filled by the statement, not by a sequence')
  ) AS ruled_out,
  json_array('conflict-clause', 'handle-duplicate') AS fixes,
  json_object(
    'relation', json_object('name', json_array(j.rel_schema, j.rel_name)),
    'columns', json_object('columns', json(j.key_columns)),
    'constraint', json_object('ident', j.key_name),
    'routine', json_object('name', json_array(j.routine_schema, j.routine_base)),
    'routine_signature', json_object('routine', j.routine),
    'definition', CASE WHEN j.definition IS NULL THEN NULL ELSE json_object('sql', j.definition) END,
    'stores', (SELECT group_concat(value, ', ') FROM json_each(j.fresh)),
    'adds', (SELECT group_concat(value, ', ') FROM json_each(j.added)),
    'rewritten', json_object('rewritten', json_object('routine', j.routine, 'changes', json_array(json_object(
      'line', j.routine_line, 'statement', j.statement,
      'upsert', json_object(
        'relation', json_array(j.rel_schema, j.rel_name),
        'target', json(j.key_columns),
        -- DO NOTHING returns no row: where the function asks for one, the key is written over itself.
        'set', CASE WHEN j.fresh <> '[]' THEN json(j.fresh)
                    WHEN j.returns_rows = 1 AND j.added = '[]' THEN json_array(json_extract(j.key_columns, '$[0]'))
                    ELSE json('[]') END,
        'add', json(j.added),
        'compare', CASE WHEN j.fresh <> '[]' AND j.added = '[]' AND j.returns_rows = 0 THEN json(j.fresh) ELSE json('[]') END)))))
  ) AS params
FROM judged j
