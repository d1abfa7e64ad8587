-- A sequence whose next value is at or below ids that are in the column it feeds, where a key makes that an error.
WITH
-- A sequence feeds its column only while the column's default (or identity) calls it.
feeding AS (
  SELECT s.*, r.qualified, r.schema AS rel_schema, r.name AS rel_name, a.identity, a.type,
         coalesce(s.next_value, s.last_value + s.increment, s.start_value) AS next
  FROM sequence s
  JOIN relation r ON r.oid = s.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN attribute a ON a.relation = s.relation AND a.name = s.attribute
  WHERE s.increment > 0 AND s.column_max IS NOT NULL
    AND (a.identity <> ''
         OR (a.has_default = 1 AND (coalesce(a.default_expr, '') = ''
             OR (instr(a.default_expr, 'nextval(') > 0
                 AND (instr(a.default_expr, '''' || replace(s.name, '''', '''''') || '''') > 0
                      OR instr(a.default_expr, '.' || replace(s.name, '''', '''''') || '''') > 0
                      OR instr(a.default_expr, '"' || replace(replace(s.name, '"', '""'), '''', '''''') || '"') > 0)))))
),
behind AS (
  SELECT f.*,
         -- Same step, same remainder: what interleaved writers or blocks of ids leave alone stays alone.
         f.next + f.increment * ((f.column_max - f.next) / f.increment + 1) AS restart,
         CASE WHEN f.increment = 1 THEN coalesce(f.next_taken, f.column_max)
              WHEN (coalesce(f.next_taken, f.column_max) - f.next) % f.increment = 0 THEN coalesce(f.next_taken, f.column_max)
              WHEN (f.column_max - f.next) % f.increment = 0 THEN f.column_max
         END AS taken
  FROM feeding f
  WHERE f.next <= f.column_max
),
keyed AS (
  SELECT b.*, i.oid AS key_index, i.name AS key_name, json_array_length(i.columns) AS width,
         coalesce((SELECT 1 FROM symptom y WHERE y.sqlstate = '23505'
                     AND (y.index_oid = i.oid
                          -- A partition's own index, at most two levels down.
                          OR y.index_oid IN (SELECT c.oid FROM rel_index c WHERE c.parent_index = i.oid OR c.parent_index IN (SELECT p.oid FROM rel_index p WHERE p.parent_index = i.oid))
                          OR (y.index_oid IS NULL AND y.constraint_name = i.name AND y.relation_oid = b.relation))), 0) AS reported,
         row_number() OVER (PARTITION BY b.oid ORDER BY json_array_length(i.columns), i.is_primary DESC, i.name) AS place
  FROM behind b
  LEFT JOIN rel_index i ON i.relation = b.relation AND i.is_unique = 1 AND i.is_valid = 1 AND i.predicate IS NULL AND i.parent_index IS NULL
    AND EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value = b.attribute)
  WHERE b.taken IS NOT NULL
),
judged AS (
  SELECT k.*, max(k.reported) OVER (PARTITION BY k.oid) AS is_reported,
         row_number() OVER (PARTITION BY k.oid ORDER BY k.reported DESC, k.place) AS chosen,
         (SELECT json_group_array(json(site)) FROM (
            SELECT CASE WHEN w.path IS NOT NULL THEN json_object('file', w.path, 'line', w.line, 'end_line', w.end_line)
                        ELSE json_object('function', w.routine_name, 'line', w.routine_line) END AS site
            FROM write w
            WHERE w.relation = k.relation AND w.operation = 'insert' AND w.origin IN ('code', 'routine')
              AND w.columns IS NOT NULL AND k.attribute NOT IN (SELECT value FROM json_each(w.columns))
            ORDER BY w.id)) AS sites
  FROM keyed k
)
SELECT
  'sequence-behind' AS cause,
  j.qualified AS relation,
  coalesce(j.key_name, j.schema || '.' || j.name) AS object,
  CASE WHEN j.is_reported THEN 'error'
       -- Without a key of its own nothing fails; a lone far id (a placeholder) is not met for long.
       WHEN coalesce(j.width, 0) <> 1 OR (j.taken - j.next) / j.increment > 1000 THEN 'info'
       ELSE 'warning' END AS severity,
  CASE WHEN j.width = 1 AND j.next_value IS NOT NULL AND j.taken = j.next THEN 'certain' ELSE 'likely' END AS confidence,
  'The next ' || j.attribute || ' of ' || j.qualified || ' is ' || j.next || ', but ids up to ' || j.column_max || ' are there' AS title,
  NULL AS write,
  j.sites AS sites,
  json_array('23505') AS sqlstates,
  j.key_name AS constraint_name,
  j.schema || '.' || j.name AS key,
  json_array(
    'The sequence ' || j.schema || '.' || j.name || ' gives ' || j.next || ' next; ' || CASE WHEN j.taken = j.next THEN 'that id is taken' ELSE 'the first taken id from there on is ' || j.taken END || ', and the greatest is ' || j.column_max || '.',
    CASE WHEN j.last_value IS NULL AND j.next = j.start_value THEN 'It was never used: the rows that are there brought their own ids.'
         ELSE 'Rows came in with explicit ids after it had been used: an explicit id does not move a sequence.' END,
    CASE WHEN j.key_name IS NULL THEN 'No key covers ' || j.attribute || ', so nothing would fail: the same id would be there twice.'
         WHEN j.width > 1 THEN j.key_name || ' holds further columns: only rows that agree in those collide.'
         ELSE 'An INSERT that leaves ' || j.attribute || ' to the database therefore meets ' || j.key_name || ': 23505. The statement is right, and so is the key.' END
  ) AS why,
  json_array(j.qualified || '.' || j.attribute, j.schema || '.' || j.name, coalesce(j.key_name, 'no key')) AS chain,
  json_array(
    json_object('label', 'next id', 'value', CAST(j.next AS TEXT)),
    json_object('label', 'greatest id', 'value', CAST(j.column_max AS TEXT)),
    json_object('label', 'last id handed out', 'value', coalesce(CAST(j.last_value AS TEXT), 'none')),
    json_object('label', 'made by', 'value', CASE WHEN j.identity <> '' THEN 'GENERATED ' || upper(j.identity) || ' AS IDENTITY' ELSE 'DEFAULT nextval' END)
  ) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'the id is chosen by the sequence, not by the statement: it is a new row'),
    json_object('cause', 'legitimate-conflict', 'because', 'nobody chose this id')
  ) AS ruled_out,
  CASE WHEN j.restart > j.max_value THEN json_array('make-room-first') ELSE json_array('restart-after-greatest') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(j.rel_schema, j.rel_name)),
    'sequence', json_object('name', json_array(j.schema, j.name)),
    'column', json_object('ident', j.attribute),
    'increment', json_object('literal', j.increment),
    'restart', json_object('literal', j.restart),
    'greatest', CAST(j.column_max AS TEXT),
    'max_value', CAST(j.max_value AS TEXT)
  ) AS params
FROM judged j
WHERE j.chosen = 1
