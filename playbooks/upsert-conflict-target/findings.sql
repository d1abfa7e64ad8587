-- Upserts whose conflict target cannot be met, or is not the key that the rows collide on; upserts that
-- bring a new primary key; replacing rows by DELETE and INSERT in two transactions.
WITH
unique_key AS (
  SELECT k.*, (SELECT group_concat(value, ',') FROM (SELECT value FROM json_each(k.columns) ORDER BY value)) AS signature
  FROM full_unique_key k
),
primary_key AS (SELECT * FROM unique_key WHERE is_primary = 1),
upserts AS (
  SELECT w.*, r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.rls,
         coalesce(t.columns, w.target) AS aim,
         coalesce(t.signature, (SELECT group_concat(value, ',') FROM (SELECT value FROM json_each(w.target) ORDER BY value))) AS target_signature,
         coalesce(t.name, (SELECT group_concat(value, ', ') FROM json_each(w.target))) AS target_text,
         pk.columns AS pk_columns, pk.signature AS pk_signature, pk.name AS pk_name
  FROM write w
  JOIN relation r ON r.oid = w.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  LEFT JOIN primary_key pk ON pk.relation = w.relation
  -- A key that is named by its constraint is aimed at as one named by its columns.
  LEFT JOIN unique_key t ON w.target_kind = 'constraint' AND t.relation = w.relation AND t.name = w.target_constraint
  -- Of what was only pasted it is sure that it finds no key, and not what it brings.
  WHERE (w.origin = 'code' OR (w.origin = 'pasted' AND w.verdict = '42P10')) AND w.operation = 'insert' AND w.has_conflict = 1
    AND (w.target_kind = 'columns' OR t.oid IS NOT NULL)
),
-- Without a primary key there is no target to fall back to: PostgREST drops the clause and sends a plain INSERT.
aimless AS (
  SELECT w.*, r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.rls, NULL AS aim, NULL AS target_signature, NULL AS target_text,
         NULL AS pk_columns, NULL AS pk_signature, NULL AS pk_name, 'absent' AS pk_value,
         k.oid AS key_index, k.name AS key_name, k.columns AS key_columns, k.width, 0 AS is_reported,
         'no clause' AS fault, 1 AS place, count(*) OVER (PARTITION BY w.id) AS rivals
  FROM write w
  JOIN code_call c ON c.id = w.call AND c.verb = 'upsert' AND c.on_conflict IS NULL AND c.options_known IS NOT 0
  JOIN relation r ON r.oid = w.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN unique_key k ON k.relation = w.relation
  WHERE w.via = 'postgrest' AND w.has_conflict = 0 AND w.columns IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) x WHERE x.value NOT IN (SELECT value FROM json_each(w.columns)))
),
-- A primary key whose value the payload makes up cannot match a row that is there.
pk_use AS (
  SELECT u.id AS write,
         CASE
           WHEN u.columns IS NULL THEN 'unknown'
           WHEN EXISTS (SELECT 1 FROM json_each(u.pk_columns) k WHERE k.value NOT IN (SELECT value FROM json_each(u.columns))) THEN 'absent'
           WHEN EXISTS (SELECT 1 FROM json_each(u.pk_columns) k, json_each(u.column_values) v
                        WHERE v.key = k.value
                          AND (lower(v.value) LIKE '%uuid%(%' OR lower(v.value) LIKE '%nanoid(%' OR lower(v.value) LIKE '%cuid%(%'
                               OR lower(v.value) LIKE '%date.now(%' OR lower(v.value) LIKE '%math.random(%')
                          AND instr(v.value, '??') = 0 AND instr(v.value, '||') = 0) THEN 'fresh'
           ELSE 'given'
         END AS pk_value
  FROM upserts u WHERE u.pk_columns IS NOT NULL
),
-- An index that means the target and only cannot serve it: the target is right, and playbook
-- on-conflict-without-index says what it lacks.
meant AS (
  SELECT a.write FROM arbiter a JOIN rel_index i ON i.oid = a.index_oid JOIN upserts u ON u.id = a.write
  WHERE a.reason IN ('deferrable', 'invalid', 'not ready', 'partial without predicate', 'predicate not implied', 'predicate parameter')
     OR (a.reason = 'expression' AND json_array_length(i.columns) = json_array_length(u.target)
         AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NOT NULL AND c.value NOT IN (SELECT value FROM json_each(u.target)))
         AND EXISTS (SELECT 1 FROM json_each(u.target) t, json_each(i.expressions) e WHERE instr(lower(e.value), lower(t.value)) > 0))
),
other_key AS (
  SELECT u.id AS write, k.oid AS key_index, k.name AS key_name, k.columns AS key_columns, k.signature, k.width,
         coalesce((SELECT 1 FROM symptom s WHERE s.sqlstate = '23505' AND (s.index_oid = k.oid OR s.constraint_name = k.name)), 0) AS is_reported,
         u.columns IS NOT NULL AS is_filled
  FROM upserts u JOIN unique_key k ON k.relation = u.relation AND k.is_primary = 0 AND k.signature <> u.target_signature
  WHERE (u.columns IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(u.columns))))
    AND (u.columns IS NULL OR NOT EXISTS (
          SELECT 1 FROM json_each(k.columns) c, json_each(u.column_values) v
          WHERE v.key = c.value AND (lower(v.value) LIKE '%uuid%(%' OR lower(v.value) LIKE '%nanoid(%')))
),
wrong AS (
  SELECT u.*, p.pk_value, o.key_index, o.key_name, o.key_columns, o.width, o.is_reported,
         CASE WHEN u.verdict = '42P10' THEN 'no such key' ELSE 'other key' END AS fault,
         row_number() OVER (PARTITION BY u.id ORDER BY o.is_reported DESC,
           (SELECT count(*) FROM json_each(o.key_columns) c WHERE c.value IN (SELECT value FROM json_each(u.target))) DESC, o.width DESC, o.key_name) AS place,
         count(*) OVER (PARTITION BY u.id) AS rivals
  FROM upserts u
  LEFT JOIN pk_use p ON p.write = u.id
  JOIN other_key o ON o.write = u.id
  WHERE (u.verdict IN ('ok', 'unknown') AND u.target_signature = u.pk_signature
         AND (p.pk_value IN ('absent', 'fresh') OR (p.pk_value = 'unknown' AND o.is_reported) OR (p.pk_value = 'given' AND o.is_reported)))
     OR (u.verdict IN ('ok', 'unknown') AND u.target_signature <> coalesce(u.pk_signature, '') AND o.is_reported)
     -- The target is a part of a key, or more than a key: it is the target that is wrong, not the key.
     OR (u.verdict = '42P10' AND u.id NOT IN (SELECT write FROM meant) AND EXISTS (
           SELECT 1 FROM arbiter a WHERE a.write = u.id AND a.index_oid = o.key_index AND a.reason IN ('subset', 'superset')))
),
-- The primary key is the right target where the given one holds it and more.
wrong_pk AS (
  SELECT u.*, p.pk_value, k.oid AS key_index, k.name AS key_name, k.columns AS key_columns, k.width, 0 AS is_reported,
         'no such key' AS fault, 1 AS place, 1 AS rivals
  FROM upserts u JOIN pk_use p ON p.write = u.id JOIN unique_key k ON k.relation = u.relation AND k.is_primary = 1
  WHERE u.verdict = '42P10' AND p.pk_value = 'given' AND u.id NOT IN (SELECT write FROM meant)
    AND EXISTS (SELECT 1 FROM arbiter a WHERE a.write = u.id AND a.index_oid = k.oid AND a.reason IN ('subset', 'superset'))
    AND u.id NOT IN (SELECT id FROM wrong)
),
-- A made-up primary key matters where it is written over the old one: REST assigns the whole payload, SQL what SET says.
all_wrong AS (
  SELECT a.*, a.pk_columns IS NOT NULL AND a.key_columns <> a.pk_columns AND coalesce(a.pk_value, '') <> 'absent' AND a.call IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM json_each(a.pk_columns) k WHERE k.value IN (SELECT value FROM json_each(a.key_columns)))
         AND (a.via = 'postgrest' OR a.update_columns IS NULL
              OR EXISTS (SELECT 1 FROM json_each(a.pk_columns) k WHERE k.value IN (SELECT value FROM json_each(a.update_columns)))) AS drops_id
  FROM (SELECT * FROM wrong WHERE place = 1 UNION ALL SELECT * FROM wrong_pk UNION ALL SELECT * FROM aimless WHERE rivals = 1) a
),
told_key AS (
  SELECT k.oid FROM unique_key k JOIN symptom s ON s.sqlstate = '23505' AND (s.index_oid = k.oid OR (s.index_oid IS NULL AND s.constraint_name = k.name))
),
-- Is the client one that takes a connection for each statement, by its name?
called AS (
  SELECT c.*, lower(c.client) LIKE '%pool%' OR lower(c.client) LIKE '%db' OR lower(c.client) LIKE '%sql' OR lower(c.client) LIKE '%prisma' OR lower(c.client) LIKE '%knex' AS pooled
  FROM code_call c
),
-- DELETE and INSERT of one table in one function, each in a transaction of its own: over the REST interface always,
-- over SQL where neither stands in a transaction and the client is no single connection that a caller may have begun one on.
replaced AS (
  SELECT i.*, r.qualified, r.name AS rel_name, k.oid AS key_index, k.name AS key_name, k.columns AS key_columns, d.path AS delete_path, d.line AS delete_line,
         d.end_line AS delete_end, dc.id AS delete_call,
         k.oid IN (SELECT oid FROM told_key) AS is_reported, (ic.library IN ('typeorm', 'sequelize', 'django') OR ic.callers_tx = 1 OR (ic.library IN ('node-postgres', 'asyncpg') AND ic.pooled = 0)) AS may_be_held,
         -- The delete names exactly the row that the insert brings: one upsert does both.
         (i.rows = 'one' AND json_array_length(dc.filters) = json_array_length(k.columns)
          AND NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE NOT EXISTS (
                SELECT 1 FROM json_each(dc.filters) f
                WHERE json_extract(f.value, '$.column') = c.value AND json_extract(f.value, '$.op') IN ('eq', '=', 'match')
                  AND trim(json_extract(f.value, '$.value')) = trim(json_extract(i.column_values, '$."' || c.value || '"'))))) AS same_row,
         row_number() OVER (PARTITION BY i.id ORDER BY
           EXISTS (SELECT 1 FROM symptom s WHERE s.index_oid = k.oid OR (s.index_oid IS NULL AND s.constraint_name = k.name)) DESC,
           (json_array_length(dc.filters) = json_array_length(k.columns)
            AND NOT EXISTS (SELECT 1 FROM json_each(dc.filters) f WHERE json_extract(f.value, '$.column') NOT IN (SELECT value FROM json_each(k.columns)))) DESC,
           k.is_primary, k.name, d.id DESC) AS place
  FROM write i
  JOIN called ic ON ic.id = i.call
  JOIN code_call dc ON dc.path = ic.path AND dc.function = ic.function AND dc.function_start = ic.function_start AND dc.start_byte < ic.start_byte
    AND ic.function <> '' AND dc.in_catch = ic.in_catch
  JOIN write d ON d.call = dc.id AND d.relation = i.relation AND d.operation = 'delete'
  JOIN relation r ON r.oid = i.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  JOIN unique_key k ON k.relation = i.relation
  WHERE i.operation = 'insert' AND i.origin = 'code' AND i.has_conflict = 0
    AND (i.columns IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value NOT IN (SELECT value FROM json_each(i.columns))))
    AND (i.via = 'postgrest'
         OR (ic.library IN ('node-postgres', 'postgres.js', 'drizzle', 'prisma', 'kysely', 'knex', 'asyncpg') AND ic.tx IS NULL AND dc.tx IS NULL
             AND ic.pooled = 1 AND (ic.callers_tx = 0 OR k.oid IN (SELECT oid FROM told_key)))
         -- A single connection on which each statement is its own transaction, unless one is begun; what commits has begun one.
         OR (ic.library IN ('node-postgres', 'asyncpg') AND ic.tx IS NULL AND dc.tx IS NULL AND ic.callers_tx = 0
             AND k.oid IN (SELECT oid FROM told_key)
             AND NOT EXISTS (SELECT 1 FROM code_call e WHERE e.path = ic.path AND e.function_start = ic.function_start AND e.start_byte > ic.start_byte AND upper(e.statement) LIKE 'COMMIT%'))
         -- A caller, a decorator or a setting may open a transaction around these: the report says that none was there.
         OR (ic.library IN ('typeorm', 'sequelize', 'django') AND ic.tx IS NULL AND dc.tx IS NULL
             AND lower(ic.client) NOT LIKE '%manager%' AND lower(ic.client) NOT LIKE '%runner%' AND lower(ic.client) NOT LIKE '%transaction%' AND lower(ic.client) NOT LIKE 't%x%'
             AND k.oid IN (SELECT oid FROM told_key)))
    -- A delete by something else (what has expired, what belongs to others) is not the first half of a replacement.
    AND CASE WHEN dc.verb = 'delete' THEN json_array_length(dc.filters) = 0
                  OR EXISTS (SELECT 1 FROM json_each(dc.filters) f
                             WHERE json_extract(f.value, '$.column') IN (SELECT value FROM json_each(k.columns)) AND json_extract(f.value, '$.op') IN ('eq', '=', 'in', 'match'))
             ELSE EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE instr(lower(replace(dc.statement, '"', '')), lower(c.value)) > 0) END
),
policies AS (
  SELECT a.id AS write,
         (SELECT group_concat(command, ', ') FROM (
            SELECT 'SELECT' AS command WHERE NOT EXISTS (SELECT 1 FROM policy y WHERE y.relation = a.relation AND y.permissive = 1 AND y.command IN ('select', 'all'))
            UNION ALL SELECT 'INSERT' WHERE NOT EXISTS (SELECT 1 FROM policy y WHERE y.relation = a.relation AND y.permissive = 1 AND y.command IN ('insert', 'all'))
            UNION ALL SELECT 'UPDATE' WHERE NOT EXISTS (SELECT 1 FROM policy y WHERE y.relation = a.relation AND y.permissive = 1 AND y.command IN ('update', 'all')))) AS lacking
  FROM all_wrong a WHERE a.rls = 1 AND a.via = 'postgrest'
)
SELECT
  'wrong-conflict-target' AS cause,
  a.qualified AS relation,
  a.key_name AS object,
  'error' AS severity,
  CASE WHEN a.pk_value IN ('absent', 'fresh') OR a.fault = 'no such key' THEN 'certain' ELSE 'likely' END AS confidence,
  'The upsert into ' || a.qualified || CASE WHEN a.fault = 'no clause' THEN ' has no target and is sent as a plain INSERT' WHEN a.target_given = 0 THEN ' falls back to the primary key' ELSE ' targets (' || a.target_text || ')' END || ', but rows collide on ' || a.key_name AS title,
  a.id AS write,
  NULL AS sites,
  CASE a.fault WHEN 'no such key' THEN json_array('42P10') ELSE json_array('23505') END AS sqlstates,
  CASE a.fault WHEN 'no such key' THEN NULL ELSE a.key_name END AS constraint_name,
  json_array(
    CASE WHEN a.fault = 'no such key' THEN 'No unique index has exactly the columns (' || a.target_text || '); the key that is there is ' || a.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(a.key_columns)) || ').'
         WHEN a.fault = 'no clause' THEN a.qualified || ' has no primary key, and the call names no columns: the REST interface then has no target and drops the clause.'
         WHEN a.pk_value = 'absent' THEN 'The target is the primary key (' || a.target_text || '), and the payload does not bring it: the server makes a new one, so the target never matches a row that is there.'
         WHEN a.pk_value = 'fresh' THEN 'The payload makes up a new ' || a.target_text || ' on every call, so the target never matches a row that is there.'
         ELSE 'ON CONFLICT looks at (' || a.target_text || ') only; a duplicate in another key is an error as in a plain INSERT.' END,
    CASE WHEN a.fault = 'no such key' THEN 'A narrower or wider index would be another rule; the target is what is wrong.'
         ELSE 'The second save of the same (' || (SELECT group_concat(value, ', ') FROM json_each(a.key_columns)) || ') then meets ' || a.key_name || ': 23505.' END,
    CASE WHEN a.fault = 'no clause' THEN 'So the call behaves like .insert(), whatever its name.'
         WHEN a.target_given = 0 THEN 'Without onConflict the REST interface takes the primary key as the target.' ELSE 'Naming (' || a.target_text || ') is valid; it is just not where these rows meet.' END
  ) AS why,
  NULL AS chain,
  (SELECT json_group_array(json_object('label', label, 'value', value)) FROM (
     SELECT 'conflict target' AS label, coalesce(a.target_text, 'none') || CASE WHEN a.target_given = 0 THEN ' (default: the primary key)' ELSE '' END AS value
     UNION ALL SELECT 'key that rows collide on', a.key_name || ' (' || (SELECT group_concat(value, ', ') FROM json_each(a.key_columns)) || ')'
     UNION ALL SELECT 'payload', coalesce((SELECT group_concat(value, ', ') FROM json_each(a.columns)), CASE WHEN a.call IS NULL THEN 'not shown' ELSE 'not known: a variable' END)
     UNION ALL SELECT 'policies missing for an upsert', p.lacking FROM policies p WHERE p.write = a.id AND p.lacking IS NOT NULL)) AS evidence,
  json_array(
    json_object('cause', 'missing-unique-index', 'because', a.key_name || ' is there: full, valid and checked at once'),
    json_object('cause', 'rls-policy-missing', 'because', 'a missing policy raises 42501, not a conflict')
  ) AS ruled_out,
  json_array(CASE WHEN a.call IS NULL THEN 'name-the-key' ELSE 'target-the-natural-key' END) AS fixes,
  json_object(
    'columns', json_object('columns', json(a.key_columns)),
    'constraint', json_object('ident', a.key_name),
    'id_columns', json_object('columns', json(coalesce(a.pk_columns, '[]'))),
    'table', a.rel_name,
    'drops_id', json(CASE WHEN a.drops_id THEN 'true' ELSE 'false' END),
    'lacks_policies', json(CASE WHEN (SELECT lacking FROM policies p WHERE p.write = a.id) IS NULL THEN 'false' ELSE 'true' END),
    'lacking', coalesce((SELECT lacking FROM policies p WHERE p.write = a.id), '')
  ) AS params,
  CASE WHEN a.call IS NOT NULL THEN json_object('target-the-natural-key', json_array(json_object('edit', 'set-conflict-target', 'call', a.call, 'params', json_object(
    'columns', json(a.key_columns),
    'drop_columns', json(CASE WHEN a.drops_id THEN a.pk_columns ELSE '[]' END))))) END AS edits
FROM all_wrong a

UNION ALL

-- The target is right, but DO UPDATE writes a new primary key over one that other rows reference.
SELECT
  'upsert-rewrites-primary-key', u.qualified, f.name, 'error',
  CASE p.pk_value WHEN 'fresh' THEN 'certain' ELSE 'likely' END,
  'The upsert into ' || u.qualified || ' writes a new ' || (SELECT group_concat(value, ', ') FROM json_each(u.pk_columns)) || ' over one that ' || child.qualified || ' references',
  u.id, NULL, json_array('23503', '23001'), f.name,
  json_array(
    'The payload makes up a new ' || (SELECT group_concat(value, ', ') FROM json_each(u.pk_columns)) || ' on every call, and DO UPDATE assigns ' || CASE WHEN u.via = 'postgrest' THEN 'every column of the payload, the primary key too.' ELSE 'it over the one that is there.' END,
    'When the row is there already its key changes, and ' || f.name || ' on ' || child.qualified || ' still points at the old one: 23503 from an upsert.'),
  NULL,
  json_array(json_object('label', 'referencing key', 'value', child.qualified || ': ' || f.name),
             json_object('label', 'columns that DO UPDATE sets', 'value', (SELECT group_concat(value, ', ') FROM json_each(u.update_columns)))),
  json_array(json_object('cause', 'fk-parent-missing', 'because', 'the parent row is there; the upsert changes its key')),
  json_array('leave-id-out'),
  json_object('columns', json_object('columns', json(u.aim)), 'constraint', json_object('ident', f.name),
              'id_columns', json_object('columns', json(u.pk_columns)), 'table', u.rel_name,
              'assigned', json(CASE WHEN u.via = 'postgrest' THEN 'false' ELSE 'true' END)),
  json_object('leave-id-out', json_array(json_object('edit', 'set-conflict-target', 'call', u.call, 'params', json_object('columns', json(u.aim), 'drop_columns', json(u.pk_columns)))))
FROM upserts u
JOIN pk_use p ON p.write = u.id
JOIN rel_constraint f ON f.ref_relation = u.relation AND f.kind = 'foreign' AND f.on_update IN ('no action', 'restrict')
  AND NOT EXISTS (SELECT 1 FROM json_each(f.ref_columns) c WHERE c.value NOT IN (SELECT value FROM json_each(u.pk_columns)))
JOIN relation child ON child.oid = f.relation
WHERE u.action = 'update' AND u.verdict IN ('ok', 'unknown') AND u.target_signature <> u.pk_signature
  AND (p.pk_value = 'fresh' OR (p.pk_value = 'given' AND EXISTS (SELECT 1 FROM symptom s WHERE s.constraint_name = f.name AND s.sqlstate IN ('23503', '23001'))))
  AND EXISTS (SELECT 1 FROM json_each(u.update_columns) x WHERE x.value IN (SELECT value FROM json_each(u.pk_columns)))
  -- The reported key where there is one of these, else the first.
  AND f.oid = (SELECT g.oid FROM rel_constraint g
               WHERE g.ref_relation = u.relation AND g.kind = 'foreign' AND g.on_update IN ('no action', 'restrict')
               ORDER BY EXISTS (SELECT 1 FROM symptom s WHERE s.constraint_oid = g.oid OR (s.constraint_oid IS NULL AND s.constraint_name = g.name)) DESC, g.oid
               LIMIT 1)

UNION ALL

-- Rows are replaced in two transactions.
SELECT
  'delete-then-insert', i.qualified, i.key_name, CASE WHEN i.is_reported THEN 'error' ELSE 'warning' END, CASE WHEN i.may_be_held THEN 'likely' ELSE 'certain' END,
  'Rows of ' || i.qualified || ' are replaced by DELETE and INSERT in two transactions',
  i.id, json_array(json_object('file', i.path, 'line', i.line, 'end_line', i.end_line), json_object('file', i.delete_path, 'line', i.delete_line, 'end_line', i.delete_end)),
  json_array('23505'), i.key_name,
  json_array(
    'The delete on line ' || i.delete_line || ' is committed before the insert on line ' || i.line || ' runs: when the insert fails, the rows are gone, and whatever cascades from them.',
    'Two tabs that delete, delete, insert, insert still collide on ' || i.key_name || '.',
    CASE WHEN EXISTS (SELECT 1 FROM rel_constraint f WHERE f.ref_relation = i.relation AND f.kind = 'foreign' AND f.on_delete = 'cascade')
         THEN 'Other tables reference these rows with ON DELETE CASCADE: each save deletes their rows too.'
         WHEN EXISTS (SELECT 1 FROM rel_index x, json_each(x.columns) c WHERE x.relation = i.relation AND x.is_primary = 1
                        AND c.value NOT IN (SELECT value FROM json_each(i.columns)))
         THEN 'New rows get new ids each time, so nothing can point at them for long.'
         ELSE 'Between the two, whoever reads finds the rows missing.' END),
  NULL,
  json_array(json_object('label', 'delete', 'value', i.delete_path || ':' || i.delete_line), json_object('label', 'insert', 'value', i.path || ':' || i.line)),
  json_array(json_object('cause', 'insert-should-be-upsert', 'because', 'the row was deleted on purpose just before; the two halves are what belongs together'),
             json_object('cause', 'legitimate-conflict', 'because', 'nobody else has the value: another run of the same function brought the row back')),
  CASE WHEN i.same_row THEN json_array('upsert-instead', 'replace-atomically') ELSE json_array('replace-atomically') END,
  json_object('columns', json_object('columns', json(i.key_columns)), 'constraint', json_object('ident', i.key_name),
              'id_columns', json_object('columns', json('[]')), 'table', i.rel_name, 'rest', json(CASE i.via WHEN 'postgrest' THEN 'true' ELSE 'false' END)),
  CASE WHEN i.same_row THEN json_object('upsert-instead', json_array(
    json_object('edit', 'insert-to-upsert', 'call', i.call, 'params', json_object('conflict_columns', json(i.key_columns), 'ignore_duplicates', json('false'),
          'keep_columns', json(coalesce((SELECT b.keep_columns FROM kept_value b WHERE b.write = i.id AND b.index_oid = i.key_index), '[]')),
          'drop_columns', json(coalesce((SELECT b.drop_columns FROM kept_value b WHERE b.write = i.id AND b.index_oid = i.key_index), '[]')),
          'id_values', json(coalesce((SELECT b.id_values FROM kept_value b WHERE b.write = i.id AND b.index_oid = i.key_index), '{}')))),
    json_object('edit', 'drop-delete', 'call', i.delete_call, 'params', json_object()))) END
FROM replaced i
WHERE i.place = 1
