-- Plain inserts into a table with a full unique key that the payload fills, where something says that the
-- row may be there already: a look before it, an effect that runs again, or the reported error itself.
WITH
-- Every column of the key is written by the statement; a key that the server fills is not met twice.
plain AS (
  SELECT w.*, k.oid AS key_index, k.name AS key_name, k.columns AS key_columns, k.width, k.is_primary,
         r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.rls,
         c.library, c.function_start, c.in_effect, c.in_loop, c.service_key, c.condition_columns, c.refuses_found
  FROM write w
  -- A simple view passes the row on to its table, and ON CONFLICT with it.
  JOIN relation r ON r.oid = coalesce((SELECT v.relation FROM view_source v WHERE v.view = w.relation AND v.auto_updatable = 1), w.relation)
    AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN full_unique_key k ON k.relation = r.oid
  JOIN code_call c ON c.id = w.call
  WHERE w.operation = 'insert' AND w.has_conflict = 0 AND c.verb <> 'upsert'
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) kc
                    WHERE kc.value NOT IN (SELECT value FROM json_each(w.columns)))
    -- A key value made on the spot cannot be there already.
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) kc, json_each(w.column_values) v
                    WHERE v.key = kc.value
                      AND (lower(v.value) LIKE '%uuid%(%' OR lower(v.value) LIKE '%nanoid(%' OR lower(v.value) LIKE '%cuid%(%'
                           OR lower(v.value) LIKE '%date.now(%' OR lower(v.value) LIKE '%math.random(%' OR lower(v.value) LIKE '%randombytes(%'))
    -- A test inserts what it needs into a database of its own, unless the error was raised there.
    AND (NOT EXISTS (SELECT 1 FROM json_each('["/tests/","/test/","/__tests__/",".test.",".spec.","_test.py","_test.dart","/conftest.py"]') m
                     WHERE instr('/' || lower(c.path), m.value) > 0)
         OR EXISTS (SELECT 1 FROM symptom_place sp WHERE sp.file = c.path OR sp.file LIKE '%/' || c.path))
    AND NOT EXISTS (SELECT 1 FROM json_each(c.handles_sqlstate) s WHERE s.value = '23505')
    -- A number that is counted on from the greatest one is another row's when it is taken: writing over that would lose it.
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) kc JOIN json_each(w.column_values) v ON v.key = kc.value
                    WHERE replace(v.value, ' ', '') GLOB '*+1*' OR v.value LIKE '%.length%')
    AND NOT EXISTS (SELECT 1 FROM code_call m
                    WHERE m.path = c.path AND m.function_start = c.function_start AND instr(lower(m.statement), lower(r.name)) > 0
                      AND EXISTS (SELECT 1 FROM json_each(k.columns) kc WHERE instr(replace(lower(m.statement), '"', ''), 'max(' || lower(kc.value)) > 0))
    -- Rows whose key holds the id of a row made just before: no stored row can have it, so the batch repeats itself.
    AND NOT EXISTS (SELECT 1 FROM batch b WHERE b.write = w.id AND b.index_oid = k.oid AND b.fresh = 1)
    -- Nor is a stored row in the way of a batch where none has the reported value.
    AND NOT (w.rows = 'many'
             AND EXISTS (SELECT 1 FROM batch b WHERE b.write = w.id AND b.index_oid = k.oid AND b.verdict = 'unknown')
             AND EXISTS (SELECT 1 FROM key_owner o WHERE o.index_oid = k.oid AND o.attribute IS NULL AND o.owners = 0)
             AND NOT EXISTS (SELECT 1 FROM write d WHERE d.relation = w.relation AND d.operation = 'delete'))
    -- A trigger that writes this very row is another fault with another cure.
    AND NOT EXISTS (SELECT 1 FROM same_row s WHERE s.code_write = w.id AND s.verdict = 'same')
    -- Nor is a row that is marked as deleted one to write into.
    AND NOT EXISTS (SELECT 1 FROM key_owner o JOIN soft_delete d ON d.relation = o.relation AND d.attribute = o.attribute
                    WHERE o.index_oid = k.oid AND o.dead > 0 AND d.strength = 'strong')
),
-- The second half of a replacement (DELETE, then INSERT) is the first half's matter, too.
replaces AS (
  SELECT p.id AS write FROM plain p JOIN code_call c ON c.id = p.call
  WHERE EXISTS (SELECT 1 FROM code_call dc JOIN write d ON d.call = dc.id
                WHERE d.relation = p.relation AND d.operation = 'delete' AND dc.path = c.path AND dc.function_start = c.function_start
                  AND dc.start_byte < c.start_byte
                  AND EXISTS (SELECT 1 FROM json_each(p.key_columns) k WHERE instr(lower(coalesce(dc.statement, dc.filters)), lower(k.value)) > 0))
),
looked AS (
  SELECT p.id, p.key_index, rd.call AS read_call, rd.line AS read_line, rd.cardinality AS read_cardinality
  FROM plain p JOIN reads rd ON rd.followed_by = p.id
  WHERE rd.guards_write = 1
    -- A look that leaves deleted rows out: those are what the INSERT meets.
    AND NOT EXISTS (SELECT 1 FROM soft_delete d JOIN code_call lc ON lc.id = rd.call
                    WHERE d.relation = p.relation AND d.dead_rows > 0 AND instr(coalesce(lc.filters, '') || coalesce(lc.statement, ''), d.attribute) > 0)
    -- The look compares the key (or a part of it); a look for something else proves nothing.
    AND json_array_length(rd.filter_columns) > 0
    AND NOT EXISTS (SELECT 1 FROM json_each(rd.filter_columns) f WHERE f.value NOT IN (SELECT value FROM json_each(p.key_columns)))
),
reported AS (
  SELECT p.id AS write, p.key_index
  FROM plain p JOIN symptom s ON s.sqlstate = '23505'
  WHERE (s.index_oid = p.key_index OR s.constraint_name = p.key_name)
    AND NOT EXISTS (SELECT 1 FROM symptom_frame)
    -- The error tells of a statement in an SQL file: no other one was sent.
    AND (p.library = 'sql-file' OR NOT EXISTS (SELECT 1 FROM code_call f WHERE f.library = 'sql-file'))
    -- Deleted rows keep their keys: unless a live row has this one, such a row was met.
    AND NOT EXISTS (SELECT 1 FROM soft_delete d WHERE d.relation = p.relation AND d.strength = 'strong' AND d.dead_rows > 0
                      AND d.attribute NOT IN (SELECT value FROM json_each(p.key_columns))
                      AND NOT EXISTS (SELECT 1 FROM key_owner o WHERE o.index_oid = p.key_index AND o.attribute = d.attribute AND o.dead = 0))
),
-- A POST that was answered with 409 and nothing more: the table has one statement that inserts, one key that its rows can
-- meet, and no trigger that writes. What else is answered so is a foreign key; one that is the key itself may as well be it.
bare AS (
  SELECT p.id AS write, min(p.key_index) AS key_index
  FROM plain p JOIN symptom s ON s.relation_oid = p.relation
  WHERE s.sqlstate IS NULL AND s.postgrest_code IS NULL AND s.http_status = 409 AND s.operation = 'insert'
    AND s.on_conflict IS NULL AND s.resolution IS NULL AND coalesce(s.service, 'database') = 'database'
    AND p.via = 'postgrest' AND p.rows IS NOT 'many'
    AND NOT EXISTS (SELECT 1 FROM write o WHERE o.relation = p.relation AND o.operation = 'insert' AND o.id <> p.id)
    AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.relation = p.relation AND e.event = 'insert' AND e.fires <> 'never')
    AND NOT EXISTS (SELECT 1 FROM soft_delete d WHERE d.relation = p.relation AND d.strength = 'strong' AND coalesce(d.dead_rows, 1) > 0)
    AND NOT EXISTS (SELECT 1 FROM rel_index o WHERE o.relation = p.relation AND o.is_unique = 1 AND o.oid <> p.key_index
                      AND (json_array_length(coalesce(o.expressions, '[]')) > 0
                           OR NOT EXISTS (SELECT 1 FROM json_each(o.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(p.columns)))))
    AND NOT EXISTS (SELECT 1 FROM rel_constraint f WHERE f.relation = p.relation AND f.kind = 'foreign' AND p.width = 1 AND f.columns = p.key_columns)
  GROUP BY p.id
),
updates AS (
  SELECT p.id AS write, u.column_values
  FROM plain p JOIN write u ON u.relation = p.relation AND u.operation = 'update' AND u.path = p.path
  JOIN code_call c ON c.id = u.call AND c.function_start = p.function_start
),
-- A value that people choose is theirs to change, unless the code takes the row that has it for its own.
judged AS (
  SELECT p.*, l.read_call, l.read_line, l.read_cardinality,
         (p.id, p.key_index) IN (SELECT write, key_index FROM reported) AS is_reported,
         (p.id, p.key_index) IN (SELECT write, key_index FROM bare) AS is_answered,
         p.key_index IN (SELECT index_oid FROM chosen_value) AS is_chosen,
         (l.read_call IS NOT NULL AND coalesce(p.refuses_found, 1) = 0) AS takes_what_is_there,
         -- Who finds the row is told so: only the rare race is left, and a silent second success would be another answer.
         (l.read_call IS NOT NULL AND p.refuses_found = 1 AND p.in_effect IS NOT 1) AS refuses,
         (p.in_loop = 1 OR p.rows = 'many' OR p.library = 'sql-file') AS in_bulk,
         NOT EXISTS (SELECT 1 FROM json_each(p.columns) x WHERE x.value NOT IN (SELECT value FROM json_each(p.key_columns))) AS only_key,
         p.id IN (SELECT write FROM updates) AS also_updates,
         -- The update counts on from what the look has found: the first values written over that would lose it.
         EXISTS (SELECT 1 FROM updates u JOIN json_each(u.column_values) v
                 WHERE u.write = p.id AND v.key IN (SELECT value FROM json_each(p.columns))
                   -- x.n + 1, n = n + 1, F('n') + 1, {increment: 1}, eb('n', '+', 1): the column itself, and something done to it.
                   AND (instr(lower(v.value), 'increment') > 0 OR instr(lower(v.value), 'decrement') > 0
                        OR (instr(lower(' ' || replace(replace(replace(replace(replace(v.value, '"', ' '), '''', ' '), '.', ' '), '(', ' '), '[', ' ')), ' ' || lower(v.key)) > 0
                            AND (instr(v.value, '+') > 0 OR instr(v.value, ' - ') > 0 OR instr(v.value, '||') > 0 OR instr(v.value, '...') > 0 OR instr(v.value, '.concat(') > 0
                                 OR lower(v.value) LIKE '%greatest(%' OR lower(v.value) LIKE '%array_append(%')))) AS counts_on,
         -- The update adds to a column just what the INSERT begins it with.
         (SELECT json_group_array(DISTINCT v.key) FROM updates u JOIN json_each(u.column_values) v JOIN json_each(p.column_values) x ON x.key = v.key
          WHERE u.write = p.id AND p.via = 'sql' AND p.statement IS NOT NULL AND v.key NOT IN (SELECT value FROM json_each(p.key_columns))
            AND replace(replace(lower(v.value), ' ', ''), '"', '') IN (
              lower(x.key) || '+' || replace(lower(x.value), ' ', ''), replace(lower(x.value), ' ', '') || '+' || lower(x.key),
              lower(p.rel_name) || '.' || lower(x.key) || '+' || replace(lower(x.value), ' ', ''))) AS counted,
         (SELECT json_group_array(x.value) FROM json_each(p.columns) x
          WHERE x.value NOT IN (SELECT v.key FROM updates u, json_each(u.column_values) v WHERE u.write = p.id)) AS not_updated,
         -- The look also goes on to the INSERT where a row is there whose column is still empty: it is to be filled.
         EXISTS (SELECT 1 FROM json_each(p.condition_columns) x WHERE x.value IN (SELECT value FROM json_each(p.columns))
                   AND x.value NOT IN (SELECT value FROM json_each(p.key_columns))) AS fills,
         (SELECT count(*) FROM json_each(p.column_values) v
          WHERE v.key NOT IN (SELECT value FROM json_each(p.key_columns))
            AND NOT (lower(trim(v.value)) IN ('true', 'false', 'null', '[]', '{}', 'now()', 'current_timestamp')
                     OR v.value GLOB '[0-9]*' OR v.value GLOB '''*''' OR v.value GLOB '"*"'
                     OR lower(v.value) LIKE 'new date(%')) AS fresh_values,
         (p.via = 'postgrest' AND p.rls = 1 AND coalesce(p.service_key, 0) = 0 AND NOT EXISTS (
            SELECT 1 FROM policy y WHERE y.relation = p.relation AND y.permissive = 1 AND y.command IN ('select', 'all'))) AS lacks_select_policy
  FROM plain p LEFT JOIN looked l USING (id, key_index)
),
-- Reads of exactly one row that the reported PGRST116 can come from. Where the report names no table, it is a read
-- whose error the code looks at: one in a file that the report names, else the only one that does not ask by primary key.
alone AS (
  SELECT x.call, row_number() OVER (PARTITION BY x.call ORDER BY x.line) AS place
  FROM (
    SELECT rd.call, rd.line, s.relation IS NOT NULL AS named, p.file IS NOT NULL AS at_place,
           count(*) FILTER (WHERE p.file IS NOT NULL) OVER () AS at_places,
           by_key.relation IS NULL AS uncertain,
           count(*) FILTER (WHERE by_key.relation IS NULL) OVER () AS uncertain_ones
    FROM reads rd JOIN code_call c ON c.id = rd.call JOIN relation r ON r.oid = rd.relation AND r.managed = 0
    -- A bare 406 of a table that is there is the same: the others are for a schema or a media type that is not.
    JOIN symptom s ON (s.postgrest_code = 'PGRST116' OR (s.postgrest_code IS NULL AND s.sqlstate IS NULL AND s.http_status = 406 AND s.relation_oid = r.oid AND coalesce(s.service, 'database') = 'database')) AND (s.relation_oid = r.oid OR s.relation = r.name OR (s.relation IS NULL AND (c.checks_error = 1 OR c.throws = 1)))
      -- Several rows are too many, not none.
      AND (s.detail IS NULL OR s.detail NOT LIKE '%contain% rows%' OR s.detail LIKE '%contain% 0 rows%')
    -- A bundle's file keeps its folder and loses its ending.
    LEFT JOIN (SELECT DISTINCT file FROM symptom_place) p ON s.relation IS NULL
      AND (p.file = rd.path OR p.file LIKE '%/' || rd.path
           OR substr(p.file, instr(p.file, '.next/server/') + 13) = rtrim(rtrim(rd.path, 'cmjtsx'), '.') || '.js' AND instr(p.file, '.next/server/') > 0)
    LEFT JOIN full_unique_key by_key ON by_key.relation = rd.relation AND by_key.is_primary = 1
      AND NOT EXISTS (SELECT 1 FROM json_each(by_key.columns) k WHERE k.value NOT IN (SELECT value FROM json_each(rd.filter_columns)))
    WHERE rd.cardinality = 'single'
      -- The request shows by what it asked.
      AND (s.filter_columns IS NULL OR NOT EXISTS (
        SELECT value FROM json_each(rd.filter_columns) EXCEPT SELECT value FROM json_each(s.filter_columns)))) x
  WHERE x.named OR x.at_place OR (x.at_places = 0 AND x.uncertain AND x.uncertain_ones = 1)
),
chosen AS (
  SELECT j.*,
         row_number() OVER (PARTITION BY j.id ORDER BY j.is_reported DESC, j.read_call IS NULL, j.is_primary, j.width, j.key_name, j.read_line DESC) AS place
  FROM judged j
  WHERE (j.is_chosen = 0 OR j.takes_what_is_there OR j.in_bulk OR (j.width > 1 AND j.also_updates))
    AND (j.is_reported OR j.is_answered OR j.read_call IS NOT NULL OR j.in_effect = 1)
    AND j.id NOT IN (SELECT write FROM replaces)
)
SELECT
  'insert-should-be-upsert' AS cause,
  c.qualified AS relation,
  c.key_name AS object,
  CASE WHEN c.is_reported THEN 'error' WHEN c.refuses THEN 'info' ELSE 'warning' END AS severity,
  'likely' AS confidence,
  'A plain INSERT into ' || c.qualified || ' meets ' || c.key_name || ' on a repeat' AS title,
  c.id AS write,
  NULL AS sites,
  json_array('23505') AS sqlstates,
  c.key_name AS constraint_name,
  json_array(
    'The INSERT has no conflict handling, and ' || c.key_name || ' allows one row for each (' || (SELECT group_concat(value, ', ') FROM json_each(c.key_columns)) || ').',
    CASE WHEN c.read_call IS NOT NULL THEN 'Line ' || c.read_line || ' looks for the row first, but between the look and the INSERT another tab, effect or retry can insert it; and a row that the look cannot see still counts.'
         WHEN c.in_effect = 1 THEN 'It stands in an effect, which runs again whenever the component mounts again.'
         WHEN c.is_reported THEN 'The reported error names this key.'
         ELSE 'The request was answered with 409, and of the keys of ' || c.qualified || ' it is this one that the statement can meet. A foreign key is answered in the same way: the body of the answer tells which.' END,
    CASE WHEN c.fills THEN 'The code comes to the INSERT also where the row is there and ' || (SELECT group_concat(x.value, ', ') FROM json_each(c.condition_columns) x WHERE x.value IN (SELECT value FROM json_each(c.columns))) || ' is empty; then it is refused every time.'
         WHEN c.counts_on THEN 'The UPDATE beside it counts on from what is there: storing the first values over that would lose the count.'
         WHEN c.read_cardinality = 'single' THEN 'The look uses .single(): without a row it returns an error (PGRST116, 406) and no data, it does not throw; the code goes on to the INSERT.'
         ELSE 'The row that is there is as it should be; only the second INSERT of it is wrong.' END
  ) AS why,
  NULL AS chain,
  json_array(
    json_object('label', 'key', 'value', c.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(c.key_columns)) || ')'),
    json_object('label', 'payload', 'value', (SELECT group_concat(value, ', ') FROM json_each(c.columns))),
    json_object('label', 'look before it', 'value', CASE WHEN c.read_call IS NULL THEN 'none' ELSE c.path || ':' || c.read_line END),
    json_object('label', 'row level security', 'value', CASE WHEN c.rls = 1 AND c.service_key = 1 THEN 'on; the service key passes it' WHEN c.rls = 1 THEN CASE WHEN c.lacks_select_policy THEN 'on, without a SELECT policy: an upsert would be refused (42501)' ELSE 'on' END ELSE 'off' END)
  ) AS evidence,
  (SELECT json_group_array(json_object('cause', cause, 'because', because)) FROM (
     SELECT 'trigger-and-code-double-insert' AS cause, 'no trigger writes this row before the code does' AS because
     UNION ALL SELECT 'missing-unique-index', c.key_name || ' is there, whole, valid and checked at once'
     UNION ALL SELECT 'sequence-behind', 'the key is filled by the code, not by a sequence'
  )) AS ruled_out,
  CASE WHEN c.library = 'sql-file' THEN json_array('upsert-ignoring-duplicates', 'upsert-merging')
       WHEN c.counted <> '[]' THEN json_array('upsert-counting', 'upsert-ignoring-duplicates', 'upsert-merging', 'treat-duplicate-as-done')
       WHEN c.lacks_select_policy THEN json_array('treat-duplicate-as-done', 'upsert-ignoring-duplicates', 'upsert-merging')
       WHEN c.fills OR (c.also_updates AND NOT c.counts_on AND NOT c.only_key) OR (c.read_call IS NULL AND c.fresh_values > 0)
         THEN json_array('upsert-merging', 'upsert-ignoring-duplicates', 'treat-duplicate-as-done')
       ELSE json_array('upsert-ignoring-duplicates', 'upsert-merging', 'treat-duplicate-as-done') END AS fixes,
  json_object(
    'columns', json_object('columns', json(c.key_columns)),
    'constraint', json_object('ident', c.key_name),
    'counted', (SELECT group_concat(value, ', ') FROM json_each(c.counted)),
    'returns', json(CASE WHEN c.via = 'sql' AND c.returns_rows = 1 THEN 'true' ELSE 'false' END),
    -- supabase-js gives the error back; the clients of Python and Dart raise it.
    'gives_error', json(CASE WHEN c.via = 'postgrest' AND c.path NOT LIKE '%.py' AND c.path NOT LIKE '%.dart' THEN 'true' ELSE 'false' END),
    'needs_select_policy', json(CASE WHEN c.via = 'postgrest' AND c.rls = 1 AND coalesce(c.service_key, 0) = 0 THEN 'true' ELSE 'false' END)
  ) AS params,
  json_object(
    'upsert-counting', json_array(json_object('edit', 'insert-to-upsert', 'call', c.call, 'params', json_object('conflict_columns', json(c.key_columns), 'ignore_duplicates', json('false'),
      'keep_columns', json(c.not_updated), 'add_columns', json(c.counted)))),
    'treat-duplicate-as-done', json_array(json_object('edit', 'handle-conflict', 'call', c.call, 'params', json_object('sqlstate', '23505'))),
    'upsert-ignoring-duplicates', (SELECT json_group_array(json(e)) FROM (
        SELECT json_object('edit', 'insert-to-upsert', 'call', c.call, 'params', json_object('conflict_columns', json(c.key_columns), 'ignore_duplicates', json('true'),
          'may_update', json(CASE WHEN c.rls = 0 OR c.service_key = 1 OR EXISTS (
            SELECT 1 FROM policy y WHERE y.relation = c.relation AND y.permissive = 1 AND y.command IN ('update', 'all')) THEN 'true' ELSE 'false' END),
          'id_values', json(coalesce((SELECT b.id_values FROM kept_value b WHERE b.write = c.id AND b.index_oid = c.key_index), '{}')))) AS e
        UNION ALL SELECT json_object('edit', 'single-to-maybe-single', 'call', c.read_call, 'params', json('{"optional": true}')) WHERE c.read_cardinality = 'single')),
    'upsert-merging', (SELECT json_group_array(json(e)) FROM (
        SELECT json_object('edit', 'insert-to-upsert', 'call', c.call, 'params', json_object('conflict_columns', json(c.key_columns), 'ignore_duplicates', json('false'),
          'keep_columns', json(coalesce((SELECT b.keep_columns FROM kept_value b WHERE b.write = c.id AND b.index_oid = c.key_index), '[]')),
          'drop_columns', json(coalesce((SELECT b.drop_columns FROM kept_value b WHERE b.write = c.id AND b.index_oid = c.key_index), '[]')),
          'id_values', json(coalesce((SELECT b.id_values FROM kept_value b WHERE b.write = c.id AND b.index_oid = c.key_index), '{}')))) AS e
        UNION ALL SELECT json_object('edit', 'single-to-maybe-single', 'call', c.read_call, 'params', json('{"optional": true}')) WHERE c.read_cardinality = 'single'))
  ) AS edits
FROM chosen c
WHERE c.place = 1

UNION ALL

-- DO NOTHING returns no row for a duplicate, so asking for exactly one object fails on every repeat.
SELECT
  'single-on-zero-rows', r.qualified, NULL, 'warning', 'certain',
  '.single() behind an upsert that ignores duplicates fails on every repeat',
  w.id, NULL, json_array('PGRST116'), NULL,
  json_array(
    'With ignoreDuplicates a row that exists is left alone and nothing is returned; .single() asks for exactly one row and turns that into 406 (PGRST116).',
    'The request is rolled back then, so nothing is written either.'),
  NULL,
  json_array(json_object('label', 'statement', 'value', w.path || ':' || w.line)),
  NULL,
  json_array('maybe-single'),
  json_object('columns', json_object('columns', json(w.target)), 'constraint', NULL),
  json_object('maybe-single', json_array(json_object('edit', 'single-to-maybe-single', 'call', w.call, 'params', json('{}'))))
FROM write w JOIN relation r ON r.oid = w.relation
WHERE w.via = 'postgrest' AND w.action = 'nothing' AND w.cardinality = 'single'

UNION ALL

-- The reported PGRST116 on a read whose filter does not promise a row.
SELECT
  'single-on-zero-rows', r.qualified, NULL, 'error', 'likely',
  '.single() on ' || r.qualified || ' where no row is normal',
  NULL, json_array(json_object('file', rd.path, 'line', rd.line, 'end_line', (SELECT c.end_line FROM code_call c WHERE c.id = rd.call))), json_array('PGRST116'), NULL,
  json_array(
    'The request asks for exactly one row of ' || r.qualified || ' and the answer has none (or several): 406, PGRST116.',
    'None may mean that the row is not there yet, or that row level security hides it; the error is the same.'),
  NULL,
  json_array(json_object('label', 'filter', 'value', coalesce((SELECT group_concat(value, ', ') FROM json_each(rd.filter_columns)), 'none'))),
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'the refused request reads; no key was met'),
    json_object('cause', 'aborted-transaction', 'because', 'each request over REST is a transaction of its own')),
  json_array('maybe-single'),
  json_object('columns', json_object('columns', json('[]')), 'constraint', NULL),
  json_object('maybe-single', json_array(json_object('edit', 'single-to-maybe-single', 'call', rd.call, 'params', json('{}'))))
FROM alone a JOIN reads rd ON rd.call = a.call AND a.place = 1 JOIN relation r ON r.oid = rd.relation
-- Nobody but the service key is shown a row.
WHERE NOT (r.rls = 1
           AND EXISTS (SELECT 1 FROM role o WHERE o.name IN ('anon', 'authenticated'))
           AND EXISTS (SELECT 1 FROM code_call c WHERE c.id = rd.call AND coalesce(c.service_key, 0) = 0 AND lower(coalesce(c.client, '')) NOT LIKE '%service%' AND lower(coalesce(c.client, '')) NOT LIKE '%admin%')
           AND EXISTS (SELECT 1 FROM symptom s WHERE s.postgrest_code = 'PGRST116' AND s.relation_oid = r.oid)
           AND NOT EXISTS (SELECT 1 FROM policy p WHERE p.relation = r.oid AND p.permissive = 1 AND p.command IN ('select', 'all')))
-- A trigger promises the row, and hides it when it cannot keep that.
  AND NOT EXISTS (
  SELECT 1 FROM effect e JOIN write w ON w.id = e.write
  WHERE e.fires <> 'never' AND w.operation = 'insert' AND w.columns IS NOT NULL
    AND (w.relation = r.oid OR (w.relation IS NULL AND w.schema_given = 0 AND w.name = r.name))
    AND EXISTS (SELECT 1 FROM json_each(coalesce(w.guards, '[]')) g WHERE g.value = 'others'))

UNION ALL

-- MERGE looks first, as code does: two of them at once both find nothing, and the second meets the key.
SELECT
  'insert-should-be-upsert', r.qualified, k.name, 'error', 'likely',
  'A MERGE into ' || r.qualified || ' meets ' || k.name || ' when another one is faster',
  w.id, NULL, json_array('23505'), k.name,
  json_array(
    'MERGE decides by what it sees when it starts whether a row is there. What another transaction inserts meanwhile it does not see, and its INSERT then meets ' || k.name || '.',
    'Only ON CONFLICT waits for the other transaction and then updates the row that it made.'),
  NULL,
  json_array(json_object('label', 'key', 'value', k.name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(k.columns)) || ')')),
  json_array(json_object('cause', 'legitimate-conflict', 'because', 'the statement means to update the row that is there'),
             json_object('cause', 'missing-unique-index', 'because', k.name || ' is there, whole, valid and checked at once')),
  json_array('on-conflict-for-merge'),
  json_object('columns', json_object('columns', json(k.columns)), 'constraint', json_object('ident', k.name)),
  NULL
FROM symptom s
JOIN full_unique_key k ON s.sqlstate = '23505' AND (k.oid = s.index_oid OR (s.index_oid IS NULL AND k.name = s.constraint_name))
JOIN relation r ON r.oid = k.relation AND r.managed = 0
JOIN write w ON w.relation = r.oid AND w.operation = 'merge' AND w.origin IN ('code', 'pasted')
WHERE (s.statement IS NULL OR lower(s.statement) LIKE '%merge%into%') AND lower(coalesce(w.statement, '')) LIKE '%insert%'
  AND NOT EXISTS (SELECT 1 FROM symptom_frame f WHERE f.function IS NOT NULL)
