-- A catch block that goes on using the connection of an open transaction without a ROLLBACK first.
WITH
opened AS (
  SELECT c.path, c.function, c.function_start, c.client, c.tx, min(c.start_byte) AS begins, min(c.line) AS line
  FROM code_call c
  WHERE c.verb = 'sql' AND c.tx IS NOT NULL AND (upper(trim(c.statement)) LIKE 'BEGIN%' OR upper(trim(c.statement)) LIKE 'START TRANSACTION%')
  GROUP BY c.path, c.function, c.function_start, c.client, c.tx
),
risky AS (
  SELECT o.*, max(w.line) AS write_line, w.relation, w.id AS write
  FROM opened o
  JOIN code_call c ON c.path = o.path AND c.tx = o.tx AND c.client = o.client AND c.in_catch = 0 AND c.start_byte > o.begins AND c.savepoint = 0
  JOIN write w ON w.call = c.id
  GROUP BY o.path, o.tx, o.client
),
goes_on AS (
  SELECT r.*, c.id AS call, c.line AS next_line, c.end_line AS next_end, c.start_byte,
         row_number() OVER (PARTITION BY r.path, r.tx ORDER BY c.start_byte) AS place
  FROM risky r
  JOIN code_call c ON c.path = r.path AND c.function = r.function AND c.function_start = r.function_start AND c.client = r.client
    AND c.in_catch = 1 AND c.start_byte > r.begins AND c.verb = 'sql'
    AND upper(trim(coalesce(c.statement, ''))) NOT LIKE 'ROLLBACK%' AND upper(trim(coalesce(c.statement, ''))) NOT LIKE 'ABORT%'
  WHERE NOT EXISTS (
    SELECT 1 FROM code_call k
    WHERE k.path = c.path AND k.function = c.function AND k.function_start = c.function_start AND k.client = c.client
      AND k.in_catch = 1 AND k.start_byte < c.start_byte AND upper(trim(coalesce(k.statement, ''))) LIKE 'ROLLBACK%')
)
SELECT
  'aborted-transaction' AS cause,
  x.qualified AS relation,
  NULL AS object,
  'error' AS severity,
  'certain' AS confidence,
  'The catch block goes on in the transaction that the error has ended' AS title,
  NULL AS write,
  json_array(json_object('file', g.path, 'line', g.next_line, 'end_line', g.next_end)) AS sites,
  json_array('25P02') AS sqlstates,
  json_array(
    'BEGIN on line ' || g.line || ' opens a transaction on ' || g.client || '; when a statement in it fails, PostgreSQL refuses every further one with 25P02 until ROLLBACK.',
    'The catch block runs the statement on line ' || g.next_line || ' on the same connection without a ROLLBACK before it, so that one can only fail, too.',
    'A COMMIT after that answers ROLLBACK and raises nothing: the work is gone without an error.'
  ) AS why,
  json_array(g.path || ':' || g.line || ' BEGIN', g.path || ':' || g.write_line || ' statement that may fail', g.path || ':' || g.next_line || ' refused with 25P02') AS chain,
  json_array(json_object('label', 'connection', 'value', g.client), json_object('label', 'savepoint', 'value', 'none before the statement')) AS evidence,
  json_array('rollback-first') AS fixes,
  json_object() AS params,
  json_object('rollback-first', json_array(json_object('edit', 'rollback-in-catch', 'call', g.call, 'params', json_object()))) AS edits
FROM goes_on g LEFT JOIN relation x ON x.oid = g.relation
WHERE g.place = 1
