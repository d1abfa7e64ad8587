-- A sequence whose next value is at or behind ids that are in a column it numbers, where a key makes that an error; and one
-- that is reported to have given its last number.
WITH
numbering AS (
  SELECT f.how, f.routine, f.attribute, f.relation, f.partly, f.farthest, f.next_taken,
         s.oid, s.schema, s.name, s.increment, s.start_value, s.last_value, s.next_value, s.cache, s.cycles,
         r.kind, r.qualified, r.schema AS rel_schema, r.name AS rel_name, a.identity,
         coalesce(s.next_value, s.last_value + s.increment, s.start_value) AS next,
         CASE WHEN s.increment > 0 THEN 1 ELSE -1 END AS direction,
         -- Where the numbers end: the sequence's own bound, or the column's type.
         CASE WHEN s.increment > 0 THEN min(s.max_value, CASE a.type WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 ELSE s.max_value END)
              ELSE max(s.min_value, CASE a.type WHEN 'smallint' THEN -32768 WHEN 'integer' THEN -2147483648 ELSE s.min_value END)
         END AS bound,
         count(*) OVER (PARTITION BY f.relation, f.attribute) AS sequences
  FROM sequence_feed f
  JOIN sequence s ON s.oid = f.sequence
  JOIN relation r ON r.oid = f.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN attribute a ON a.relation = f.relation AND a.name = f.attribute
),
-- One sequence may number several columns: it goes on behind all of them.
together AS (
  SELECT oid, max(farthest * direction) * max(direction) AS farthest_of_all, count(*) AS columns,
         min(bound * direction) * max(direction) AS nearest_bound,
         json_group_array(json_object('table', json_object('name', json_array(rel_schema, rel_name)),
           'column', json_object('ident', attribute), 'only', CASE WHEN kind = 'table' THEN json('true') ELSE json('false') END)) AS fed,
         group_concat(DISTINCT qualified) AS tables
  FROM (SELECT * FROM numbering ORDER BY oid, qualified, attribute) GROUP BY oid
),
behind AS (
  SELECT n.*, t.farthest_of_all, t.columns, t.nearest_bound, t.fed, t.tables,
         -- Same step, same remainder: what interleaved writers or blocks of ids leave alone stays alone.
         n.next + n.increment * ((t.farthest_of_all - n.next) / n.increment + 1) AS restart,
         CASE WHEN abs(n.increment) = 1 THEN coalesce(n.next_taken, n.farthest)
              WHEN (coalesce(n.next_taken, n.farthest) - n.next) % n.increment = 0 THEN coalesce(n.next_taken, n.farthest)
              WHEN (n.farthest - n.next) % n.increment = 0 THEN n.farthest
         END AS taken
  FROM numbering n JOIN together t ON t.oid = n.oid
  WHERE n.next * n.direction <= n.farthest * n.direction
),
keyed AS (
  SELECT b.*, i.oid AS key_index, i.name AS key_name, json_array_length(i.columns) AS width,
         coalesce((SELECT 1 FROM symptom y WHERE y.sqlstate = '23505'
                     AND (y.columns IS NULL OR b.attribute NOT IN (SELECT value FROM json_each(y.columns)))
                     AND (y.index_oid = i.oid
                          -- A partition's own index, at most two levels down.
                          OR y.index_oid IN (SELECT c.oid FROM rel_index c WHERE c.parent_index = i.oid OR c.parent_index IN (SELECT p.oid FROM rel_index p WHERE p.parent_index = i.oid))
                          OR (y.index_oid IS NULL AND y.constraint_name = i.name AND y.relation_oid = b.relation))), 0) AS reported
  FROM behind b
  LEFT JOIN rel_index i ON i.relation = b.relation AND i.is_unique = 1 AND i.is_valid = 1 AND i.predicate IS NULL AND i.parent_index IS NULL
    AND EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value = b.attribute)
  WHERE b.taken IS NOT NULL
),
judged AS (
  SELECT k.*, max(k.reported) OVER (PARTITION BY k.oid, k.relation) AS is_reported,
         row_number() OVER (PARTITION BY k.oid, k.relation ORDER BY k.reported DESC, k.width, k.key_name) AS chosen,
         (k.taken - k.next) / k.increment AS distance,
         (SELECT json_group_array(json(site)) FROM (
            SELECT CASE WHEN w.path IS NOT NULL THEN json_object('file', w.path, 'line', w.line, 'end_line', w.end_line)
                        ELSE json_object('function', w.routine_name, 'line', w.routine_line) END AS site
            FROM write w
            WHERE w.relation = k.relation AND w.operation = 'insert' AND w.origin IN ('code', 'routine')
              AND w.columns IS NOT NULL AND k.attribute NOT IN (SELECT value FROM json_each(w.columns))
            ORDER BY w.id)) AS sites,
         -- All that is known to write the table brings ids of its own: nobody asks the sequence.
         (k.last_value IS NULL AND EXISTS (SELECT 1 FROM write w WHERE w.relation = k.relation AND w.operation = 'insert')
          AND NOT EXISTS (SELECT 1 FROM write w WHERE w.relation = k.relation AND w.operation IS NOT 'update' AND w.operation IS NOT 'delete'
                            AND (w.columns IS NULL OR k.attribute NOT IN (SELECT value FROM json_each(w.columns))))) AS unasked
  FROM keyed k
),
-- The sequence that a 2200H names. Of several columns that it numbers the narrowest is the measure.
ended AS (
  SELECT s.oid, s.schema, s.name, s.increment, s.last_value, f.qualified, f.rel_schema, f.rel_name, f.attribute, f.type, f.room, f.rows, f.referenced,
         CASE WHEN s.increment < 0 THEN s.min_value ELSE s.max_value END AS ends_at,
         row_number() OVER (PARTITION BY s.oid ORDER BY f.room, f.qualified, f.attribute) AS place
  FROM symptom y, json_each(y.identifiers) n
  JOIN sequence s ON s.name = n.value
  JOIN (SELECT c.sequence, r.qualified, r.schema AS rel_schema, r.name AS rel_name, c.attribute, a.type, r.row_estimate AS rows,
               CASE a.type WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 WHEN 'bigint' THEN 9223372036854775807 END AS room,
               (SELECT count(*) FROM rel_constraint k, json_each(k.ref_columns) t
                WHERE k.kind = 'foreign' AND k.ref_relation = r.oid AND t.value = a.name) AS referenced
        FROM sequence_feed c
        JOIN relation r ON r.oid = c.relation AND r.managed = 0
        JOIN attribute a ON a.relation = c.relation AND a.name = c.attribute) f ON f.sequence = s.oid AND f.room IS NOT NULL
  WHERE y.sqlstate = '2200H'
    -- The message has no schema: of several of that name it is the one beside the table.
    AND (s.schema IS y.schema OR NOT EXISTS (SELECT 1 FROM sequence o WHERE o.name = s.name AND o.oid <> s.oid))
)
SELECT
  'sequence-behind' AS cause,
  j.qualified AS relation,
  coalesce(j.key_name, j.schema || '.' || j.name) AS object,
  CASE WHEN j.is_reported THEN 'error'
       -- Without a key of its own nothing fails; a lone far id (a placeholder) is not met for long.
       WHEN coalesce(j.width, 0) <> 1 OR j.distance > 1000 OR j.unasked THEN 'info'
       -- Old rows before a sequence that has begun anew go before it comes; ranges of several sequences may never meet.
       WHEN j.distance > 0 AND (j.cycles = 1 OR j.partly = 1 OR j.sequences > 1) THEN 'info'
       ELSE 'warning' END AS severity,
  CASE WHEN j.width = 1 AND j.next_value IS NOT NULL AND j.distance = 0 AND j.partly = 0 THEN 'certain' ELSE 'likely' END AS confidence,
  'The next ' || j.attribute || ' of ' || j.qualified || ' is ' || j.next || ', but ids ' || CASE j.direction WHEN 1 THEN 'up' ELSE 'down' END || ' to ' || j.farthest || ' are there' AS title,
  NULL AS write,
  j.sites AS sites,
  json_array('23505') AS sqlstates,
  j.key_name AS constraint_name,
  j.schema || '.' || j.name AS key,
  json_array(
    'The sequence ' || j.schema || '.' || j.name || ' gives ' || j.next || ' next; ' || CASE WHEN j.distance = 0 THEN 'that id is taken' ELSE 'the first taken id from there on is ' || j.taken END || ', and the ' || CASE j.direction WHEN 1 THEN 'greatest' ELSE 'least' END || ' is ' || j.farthest || '.'
      || CASE WHEN j.columns > 1 THEN ' It numbers more than one table: ' || replace(j.tables, ',', ', ') || '.' ELSE '' END,
    CASE WHEN j.last_value IS NULL AND j.next = j.start_value THEN 'It was never used: the rows that are there brought their own ids.'
         WHEN j.cycles = 1 THEN 'It begins anew at its end, or rows came in with explicit ids, which do not move a sequence.'
         ELSE 'Rows came in with explicit ids after it had been used: an explicit id does not move a sequence.' END,
    CASE WHEN j.key_name IS NULL THEN 'No key covers ' || j.attribute || ', so nothing would fail: the same id would be there twice.'
         WHEN j.width > 1 THEN j.key_name || ' holds further columns: only rows that agree in those collide.'
         ELSE 'An INSERT that leaves ' || j.attribute || ' to the database therefore meets ' || j.key_name || ': 23505. The statement is right, and so is the key.' END
  ) AS why,
  json_array(j.qualified || '.' || j.attribute, j.schema || '.' || j.name, coalesce(j.key_name, 'no key')) AS chain,
  json_array(
    json_object('label', 'next id', 'value', CAST(j.next AS TEXT)),
    json_object('label', CASE j.direction WHEN 1 THEN 'greatest id' ELSE 'least id' END, 'value', CAST(j.farthest AS TEXT)),
    json_object('label', 'last id handed out', 'value', coalesce(CAST(j.last_value AS TEXT), 'none')),
    json_object('label', 'made by', 'value', CASE j.how WHEN 'trigger' THEN 'the trigger function ' || j.routine WHEN 'identity' THEN 'GENERATED ' || upper(j.identity) || ' AS IDENTITY' ELSE 'DEFAULT nextval' END),
    json_object('label', 'ids that a session takes at once', 'value', CASE WHEN j.cache > 1 THEN CAST(j.cache AS TEXT) END)
  ) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'the id is chosen by the sequence, not by the statement: it is a new row'),
    json_object('cause', 'legitimate-conflict', 'because', 'nobody chose this id')
  ) AS ruled_out,
  CASE WHEN j.restart * j.direction > j.nearest_bound * j.direction THEN json_array('make-room-first') ELSE json_array('restart-after-greatest') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(j.rel_schema, j.rel_name)),
    'sequence', json_object('name', json_array(j.schema, j.name)),
    'column', json_object('ident', j.attribute),
    'fed', json(j.fed),
    'down', CASE j.direction WHEN 1 THEN json('false') ELSE json('true') END,
    'cached', CASE WHEN j.cache > 1 THEN json('true') ELSE json('false') END,
    'shared', CASE WHEN j.columns > 1 THEN json('true') ELSE json('false') END,
    'increment', json_object('literal', j.increment),
    'restart', json_object('literal', j.restart),
    'greatest', CAST(j.farthest_of_all AS TEXT),
    'bound', CAST(j.nearest_bound AS TEXT)
  ) AS params
FROM judged j
WHERE j.chosen = 1

UNION ALL

SELECT
  'sequence-at-its-end', e.qualified, e.schema || '.' || e.name, 'error', 'likely',
  'The sequence ' || e.schema || '.' || e.name || ' ends at ' || e.ends_at,
  NULL, json_array(), json_array('2200H'), NULL, e.schema || '.' || e.name,
  json_array(
    'The sequence ' || e.schema || '.' || e.name || ' numbers ' || e.qualified || '.' || e.attribute || ' and may not go beyond ' || e.ends_at || '.',
    CASE WHEN abs(e.ends_at) < e.room THEN 'That is the bound of the sequence alone: the column (' || e.type || ') takes greater numbers.'
         ELSE 'The column (' || e.type || ') takes no greater number either.' END),
  json_array(e.qualified || '.' || e.attribute, e.schema || '.' || e.name),
  json_array(json_object('label', 'end of the sequence', 'value', CAST(e.ends_at AS TEXT)),
             json_object('label', 'last id handed out', 'value', CAST(e.last_value AS TEXT)),
             json_object('label', 'type of the column', 'value', e.type)),
  json_array(json_object('cause', 'sequence-behind', 'because', 'no id is taken: there is no next number at all')),
  CASE WHEN abs(e.ends_at) < e.room THEN json_array('let-it-count-on') ELSE json_array('widen-the-column') END,
  json_object(
    'relation', json_object('name', json_array(e.rel_schema, e.rel_name)),
    'sequence', json_object('name', json_array(e.schema, e.name)),
    'column', json_object('ident', e.attribute),
    'type', json_object('sql', e.type),
    'down', json(CASE WHEN e.increment < 0 THEN 'true' ELSE 'false' END),
    'limit', json_object('literal', CASE WHEN e.increment < 0 THEN -e.room - 1 ELSE e.room END),
    'ends_at', json_object('literal', e.ends_at),
    'wider', CASE e.type WHEN 'smallint' THEN 'integer' WHEN 'integer' THEN 'bigint' END,
    'rows', CAST(e.rows AS TEXT),
    'referenced', CASE WHEN e.referenced > 0 THEN CAST(e.referenced AS TEXT) END)
FROM ended e
WHERE e.place = 1
