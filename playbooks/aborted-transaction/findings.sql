-- Statements that follow an error in its transaction: in the catch block, without a ROLLBACK first, or behind a
-- try whose catch keeps the error to itself. A transaction's number is its own among all files.
WITH
call AS (
  SELECT c.*, CASE WHEN c.said LIKE 'BEGIN%' OR c.said LIKE 'START TRANSACTION%' THEN 'begin'
                   WHEN c.said LIKE 'COMMIT%' OR c.said LIKE 'END%' THEN 'commit'
                   WHEN c.said LIKE 'ROLLBACK%' OR c.said LIKE 'ABORT%' THEN 'rollback' ELSE '' END AS does
  FROM (SELECT *, upper(ltrim(statement, ' ' || char(9, 10, 13))) AS said FROM code_call) c
),
sent AS (
  SELECT * FROM call WHERE tx IS NOT NULL
),
-- Where the transaction was opened by a statement; a callback's (sql.begin) has none.
opened AS (
  SELECT c.path, c.function_start, c.client, c.tx, min(c.start_byte) AS begins, min(c.line) AS line, min(c.in_try) AS in_try, max(c.in_loop) AS in_loop,
         -- A block (with conn.transaction():) has no BEGIN of its own, and an error that leaves the block rolls it back.
         max(c.statement_start_byte IS NULL AND NOT EXISTS (SELECT 1 FROM sent f WHERE f.path = c.path AND f.start_byte = c.start_byte AND f.id <> c.id)) AS is_block
  FROM sent c
  WHERE c.does = 'begin'
  GROUP BY c.path, c.function_start, c.client, c.tx
),
-- The first statement of the catch block that goes on, and the write before it that may have failed: on the table of the
-- first error where the log tells it, else the last.
in_catch AS (
  SELECT o.path, o.tx, o.client, o.line AS begin_line, w.line AS write_line, w.end_line AS write_end, w.relation,
         c.id AS call, c.line AS next_line, c.end_line AS next_end,
         o.in_try = 0 AND EXISTS (SELECT 1 FROM sent k WHERE k.tx = o.tx AND k.in_catch = 1 AND k.does = 'commit'
                                    AND k.start_byte > c.start_byte) AS commits_again,
         'catch' AS how,
         row_number() OVER (PARTITION BY o.tx ORDER BY c.start_byte,
           w.relation = (SELECT s.relation_oid FROM symptom s WHERE s.reported_sqlstate = '25P02') DESC, r.start_byte DESC) AS place
  FROM opened o
  JOIN call c ON c.path = o.path AND c.function_start = o.function_start AND c.client = o.client
    AND c.in_catch = 1 AND c.start_byte > o.begins AND c.verb = 'sql'
    AND c.does <> 'rollback' AND (o.is_block = 0 OR c.tx = o.tx)
  JOIN sent r ON r.tx = o.tx AND r.in_catch = 0 AND r.savepoint = 0
    AND r.start_byte > o.begins AND r.start_byte < c.start_byte
  JOIN write w ON w.call = r.id
  WHERE NOT EXISTS (
    SELECT 1 FROM call k
    WHERE k.path = c.path AND k.function_start = c.function_start AND k.client = c.client
      AND k.in_catch = 1 AND k.start_byte < c.start_byte AND k.does = 'rollback')
),
-- An error that is caught and kept quiet, and the next statement of the same transaction.
kept_quiet AS (
  SELECT c.path, c.tx, c.client, o.line AS begin_line, w.line AS write_line, w.end_line AS write_end, w.relation,
         c.id AS call, n.line AS next_line, n.end_line AS next_end, 0 AS commits_again,
         'quiet' AS how, row_number() OVER (PARTITION BY c.id ORDER BY n.start_byte) AS place,
         -- Several writes of one try: the table of the first error where the log tells it, else the first of them.
         row_number() OVER (PARTITION BY c.path, c.tx, c.client, c.caught_until ORDER BY
           w.relation = (SELECT s.relation_oid FROM symptom s WHERE s.reported_sqlstate = '25P02') DESC, c.start_byte, n.start_byte) AS rank
  FROM sent c
  JOIN write w ON w.call = c.id
  JOIN sent n ON n.tx = c.tx AND n.client = c.client
    AND ((n.line > c.caught_until AND n.in_catch = 0) OR (n.line > c.line AND n.line <= c.caught_until AND n.in_catch = 1))
  LEFT JOIN opened o ON o.tx = c.tx
  WHERE c.savepoint = 0 AND c.in_catch = 0
    -- COMMIT alone gives up nothing but the failed statement itself; a loop within the transaction has its other rounds to lose.
    AND (n.does <> 'commit' OR (c.in_loop = 1 AND 0 IN (o.in_loop, n.in_loop)) OR EXISTS (SELECT 1 FROM sent b JOIN write bw ON bw.call = b.id
                                              WHERE b.tx = c.tx AND b.start_byte < c.start_byte))
    -- A ROLLBACK behind the try, or in its catch, may be the answer to the kept error.
    AND NOT EXISTS (SELECT 1 FROM call k
                    WHERE k.path = c.path AND k.client = c.client AND k.function_start = c.function_start
                      AND k.verb = 'sql' AND k.start_byte > c.start_byte AND k.does = 'rollback'
                      AND (k.in_catch = 0 OR k.line <= c.caught_until))
),
found AS (
  SELECT path, tx, client, begin_line, write_line, write_end, relation, call, next_line, next_end, commits_again, how, place
  FROM kept_quiet WHERE place = 1 AND rank = 1
  UNION ALL
  SELECT i.* FROM in_catch i
  WHERE i.place = 1 AND NOT EXISTS (SELECT 1 FROM kept_quiet q WHERE q.tx = i.tx AND q.next_line = i.next_line)
)
SELECT
  'aborted-transaction' AS cause,
  x.qualified AS relation,
  NULL AS object,
  'error' AS severity,
  'certain' AS confidence,
  CASE g.how WHEN 'catch' THEN 'The catch block goes on in the transaction that the error has ended'
             ELSE 'An error within the transaction is kept quiet, and the transaction goes on' END AS title,
  NULL AS write,
  json_array(json_object('file', g.path, 'line', g.write_line, 'end_line', g.write_end),
             json_object('file', g.path, 'line', g.next_line, 'end_line', g.next_end)) AS sites,
  json_array('25P02') AS sqlstates,
  json_array(
    CASE WHEN g.begin_line IS NULL THEN 'The callback''s statements are one transaction on ' || g.client
         ELSE 'BEGIN on line ' || g.begin_line || ' opens a transaction on ' || g.client END
      || '; when a statement in it fails, PostgreSQL refuses every further one with 25P02 until ROLLBACK.',
    CASE g.how WHEN 'catch' THEN 'The catch block runs the statement on line ' || g.next_line || ' on the same connection without a ROLLBACK before it, so that one can only fail, too.'
               ELSE 'An error of the statement on line ' || g.write_line || ' is caught and not thrown on; the statement on line ' || g.next_line || ' is then refused, whatever it does.' END,
    'A COMMIT after that answers ROLLBACK and raises nothing: the work is gone without an error.'
  ) AS why,
  CASE WHEN g.begin_line IS NULL THEN json_array(g.path || ':' || g.write_line || ' statement that may fail', g.path || ':' || g.next_line || ' refused with 25P02')
       ELSE json_array(g.path || ':' || g.begin_line || ' BEGIN', g.path || ':' || g.write_line || ' statement that may fail', g.path || ':' || g.next_line || ' refused with 25P02') END AS chain,
  json_array(json_object('label', 'connection', 'value', g.client), json_object('label', 'savepoint', 'value', 'none before the statement')) AS evidence,
  (SELECT json_group_array(json_object('cause', cause, 'because', 'the statement on line ' || g.next_line || ' was refused before a right, a key or a row of its table was looked at'))
   FROM (SELECT 'rls-policy-missing' AS cause, '42501' AS raises UNION ALL SELECT 'missing-unique-index', '42P10')
   WHERE raises NOT IN (SELECT coalesce(s.sqlstate, '') FROM symptom s)) AS ruled_out,
  CASE WHEN g.how = 'quiet' THEN json_array('savepoint-first')
       WHEN g.commits_again THEN json_array('savepoint-first', 'rollback-first')
       ELSE json_array('rollback-first', 'savepoint-first') END AS fixes,
  json_object() AS params,
  json_object(
    'rollback-first', json_array(json_object('edit', 'rollback-in-catch', 'call', g.call, 'params', json_object())),
    'savepoint-first', json_array(json_object('edit', 'savepoint-before-try', 'call', g.call, 'params', json_object()))) AS edits
FROM found g LEFT JOIN relation x ON x.oid = g.relation
