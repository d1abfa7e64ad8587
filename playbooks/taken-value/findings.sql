-- The reported conflict is on something that people choose (one text value, or what an exclusion constraint keeps apart),
-- and a plain statement met it.
WITH
-- A PATCH that was answered with 409 and nothing more: the one UPDATE of the table touches one key, and nothing else that is
-- answered so.
answered AS (
  SELECT i.oid AS index_oid, i.name
  FROM symptom s
  JOIN write w ON w.relation = s.relation_oid AND w.operation = 'update' AND w.origin = 'code' AND w.via = 'postgrest'
  JOIN rel_index i ON i.relation = w.relation AND i.is_unique = 1 AND EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IN (SELECT value FROM json_each(w.columns)))
  WHERE s.sqlstate IS NULL AND s.postgrest_code IS NULL AND s.http_status = 409 AND s.operation = 'update' AND coalesce(s.service, 'database') = 'database'
    AND NOT EXISTS (SELECT 1 FROM write o WHERE o.relation = w.relation AND o.operation = 'update' AND o.id <> w.id)
    AND NOT EXISTS (SELECT 1 FROM rel_index o WHERE o.relation = w.relation AND o.is_unique = 1 AND o.oid <> i.oid
                      AND (json_array_length(coalesce(o.expressions, '[]')) > 0 OR EXISTS (SELECT 1 FROM json_each(o.columns) c WHERE c.value IN (SELECT value FROM json_each(w.columns)))))
    AND NOT EXISTS (SELECT 1 FROM rel_constraint f JOIN json_each(CASE WHEN f.relation = w.relation THEN f.columns ELSE f.ref_columns END) c
                    WHERE f.kind = 'foreign' AND w.relation IN (f.relation, f.ref_relation) AND c.value IN (SELECT value FROM json_each(w.columns)))
    AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.relation = w.relation AND e.event = 'update' AND e.fires <> 'never')
),
reported AS (
  SELECT s.sqlstate, s.url_path, s.constraint_name, s.constraint_oid, s.index_oid, s.relation_oid, s.on_conflict FROM symptom s
  UNION ALL
  SELECT '23505', s.url_path, a.name, NULL, a.index_oid, s.relation_oid, NULL FROM symptom s JOIN answered a
),
told AS (
  SELECT s.sqlstate, s.url_path, s.constraint_name, s.constraint_oid, s.index_oid, s.relation_oid
  FROM reported s
  WHERE s.sqlstate IN ('23505', '23P01')
    -- What a trigger writes on its own is another matter.
    AND NOT EXISTS (SELECT 1 FROM symptom_frame f LEFT JOIN routine q ON q.oid = f.routine
                    WHERE f.function IS NOT NULL AND coalesce(q.returns_trigger, 1) = 1)
    -- Nobody has it any more if the row is marked as deleted.
    AND NOT EXISTS (SELECT 1 FROM key_owner o JOIN soft_delete d ON d.relation = o.relation AND d.attribute = o.attribute
                    WHERE o.index_oid = s.index_oid AND o.dead > 0 AND d.strength = 'strong')
    -- A request that names the key in on_conflict, or a MERGE, means the row that is there.
    AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.oid = s.index_oid AND s.on_conflict IS NOT NULL
                    AND (SELECT group_concat(value) FROM (SELECT value FROM json_each(s.on_conflict) ORDER BY value))
                      = (SELECT group_concat(value) FROM (SELECT value FROM json_each(i.columns) ORDER BY value)))
    AND NOT EXISTS (SELECT 1 FROM write w WHERE w.relation = s.relation_oid AND w.operation = 'merge' AND w.origin IN ('code', 'pasted'))
),
met AS (
  SELECT t.sqlstate, t.url_path, i.oid AS index_oid, i.name AS key_name, i.columns, i.expressions, i.predicate, i.relation,
         r.qualified, r.name AS rel_name
  FROM told t
  JOIN rel_index i ON i.oid = t.index_oid OR (t.index_oid IS NULL AND i.name = t.constraint_name AND i.relation = t.relation_oid)
  JOIN relation r ON r.oid = i.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  WHERE (t.sqlstate = '23P01' AND i.is_exclusion = 1) OR (t.sqlstate = '23505' AND i.is_unique = 1)
),
-- The column that holds the chosen value; what an exclusion constraint keeps apart needs no single one.
chosen AS (
  SELECT m.*, v.attribute AS column_name FROM met m JOIN chosen_value v ON v.index_oid = m.index_oid WHERE m.sqlstate = '23505'
  UNION ALL
  SELECT m.*, NULL FROM met m WHERE m.sqlstate = '23P01'
),
plain AS (
  SELECT k.index_oid, w.id, w.path, w.line, w.end_line, w.via, c.library, w.routine_name, w.routine_line,
         (EXISTS (SELECT 1 FROM json_each(c.handles_sqlstate) h WHERE h.value = k.sqlstate)
          OR EXISTS (SELECT 1 FROM json_each(w.guards) g WHERE g.value IN ('unique_violation', 'exclusion_violation', 'integrity_constraint_violation', '23505', '23P01', '23000', 'others'))) AS handled,
         (w.has_conflict = 1) AS has_clause,
         -- Code that goes on with the row it finds, saves it, or loads rows in bulk takes it for its own.
         (w.operation = 'insert' AND k.sqlstate = '23505'
          AND (coalesce(c.in_loop, 0) = 1 OR w.rows = 'many'
               OR (coalesce(c.refuses_found, 1) = 0
                   AND EXISTS (SELECT 1 FROM reads rd WHERE rd.followed_by = w.id AND rd.guards_write = 1 AND json_array_length(rd.filter_columns) > 0
                                 AND NOT EXISTS (SELECT 1 FROM json_each(rd.filter_columns) f WHERE f.value NOT IN (SELECT value FROM json_each(k.columns)))))
               OR (json_array_length(k.columns) > 1
                   AND EXISTS (SELECT 1 FROM write u JOIN code_call uc ON uc.id = u.call
                               WHERE u.relation = w.relation AND u.operation = 'update' AND u.path = w.path
                                 AND uc.function = c.function AND uc.function <> '')))) AS own_row,
         EXISTS (SELECT 1 FROM same_row s WHERE s.code_write = w.id AND s.verdict = 'same') AS by_trigger
  FROM chosen k
  JOIN write w ON w.relation = k.relation AND w.operation IN ('insert', 'update')
    AND (w.origin = 'code'
         OR (w.origin = 'routine'
             AND EXISTS (SELECT 1 FROM routine q WHERE q.oid = w.routine AND q.returns_trigger = 0
                           AND (q.oid IN (SELECT f.routine FROM symptom_frame f)
                                OR substr(coalesce(k.url_path, ''), instr(coalesce(k.url_path, ''), '/rpc/') + 5) = q.name))))
    AND (w.columns IS NULL OR k.column_name IS NULL OR k.column_name IN (SELECT value FROM json_each(w.columns)))
  LEFT JOIN code_call c ON c.id = w.call
),
-- Plain, and deaf to this error.
deaf AS (
  SELECT p.*, row_number() OVER (PARTITION BY p.index_oid ORDER BY p.id) AS place
  FROM plain p WHERE p.handled = 0 AND p.has_clause = 0 AND p.by_trigger = 0 AND p.own_row = 0
),
open AS (
  SELECT k.*,
         (SELECT json_group_array(json(CASE WHEN d.path IS NULL THEN json_object('function', d.routine_name, 'line', d.routine_line)
                                           ELSE json_object('file', d.path, 'line', d.line, 'end_line', d.end_line) END))
          FROM (SELECT * FROM deaf d WHERE d.index_oid = k.index_oid ORDER BY d.id) d) AS sites,
         f.path, f.via, f.library
  FROM chosen k LEFT JOIN deaf f ON f.index_oid = k.index_oid AND f.place = 1
  -- What a seed writes nobody has chosen. Where the code is known, one of its statements has to be the one.
  WHERE NOT EXISTS (SELECT 1 FROM plain p WHERE p.index_oid = k.index_oid AND p.library = 'sql-file')
    AND (f.index_oid IS NOT NULL
         OR NOT EXISTS (SELECT 1 FROM plain p WHERE p.index_oid = k.index_oid))
),
shown AS (
  SELECT o.*,
         coalesce(o.column_name, (SELECT group_concat(value, ', ') FROM json_each(o.columns) WHERE value IS NOT NULL), 'the value') AS what,
         '''' || replace(o.key_name, '''', '\''') || '''' AS quoted
  FROM open o
)
SELECT
  'legitimate-conflict' AS cause,
  s.qualified AS relation,
  s.key_name AS object,
  'warning' AS severity,
  'likely' AS confidence,
  CASE s.sqlstate WHEN '23505' THEN 'The ' || s.what || ' of ' || s.qualified || ' is taken, and the code does not say so'
       ELSE s.key_name || ' keeps rows of ' || s.qualified || ' apart, and the code does not say so' END AS title,
  NULL AS write,
  s.sites AS sites,
  json_array(s.sqlstate) AS sqlstates,
  s.key_name AS constraint_name,
  json_array(
    CASE s.sqlstate WHEN '23505' THEN s.key_name || ' allows each ' || s.what || ' once, and somebody has this one.'
         ELSE s.key_name || ' refuses a row that overlaps one that is there (' || s.what || ').' END,
    CASE s.sqlstate WHEN '23505' THEN 'It is a value that people choose: the row that has it is another one, not an earlier state of this one, so writing over it would be wrong.'
         ELSE 'Both rows cannot be true at once; which one gives way is for a person to say.' END,
    CASE WHEN json_array_length(s.sites) > 0 THEN 'The statement is right as it is; what is missing is an answer to ' || s.sqlstate || '.'
         ELSE 'The statement was not found in the code; wherever it is, it needs an answer to ' || s.sqlstate || '.' END
  ) AS why,
  json_array(
    json_object('label', 'key', 'value', s.key_name || ' (' || coalesce((SELECT group_concat(value, ', ') FROM json_each(s.columns) WHERE value IS NOT NULL), (SELECT group_concat(value, ', ') FROM json_each(s.expressions))) || ')' || coalesce(' WHERE ' || s.predicate, '')),
    json_object('label', 'handled in the code', 'value', 'no')
  ) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'a repeat of the same row would bring the same ids; this key holds a chosen value'),
    json_object('cause', 'sequence-behind', 'because', 'no sequence fills this key')
  ) AS ruled_out,
  json_array('tell-the-person') AS fixes,
  json_object(
    'constraint', json_object('ident', s.key_name),
    'sqlstate', s.sqlstate,
    'what', s.what,
    'idiom', CASE
      WHEN s.library IN ('sqlalchemy', 'django') THEN 'except IntegrityError as error: if error.' || CASE s.library WHEN 'django' THEN '__cause__' ELSE 'orig' END || '.diag.constraint_name == ' || s.quoted || ': ' || CASE s.library WHEN 'django' THEN '' ELSE 'roll back and ' END || 'answer "taken"; else: raise'
      WHEN s.library = 'prisma' THEN 'catch (error) { if (error.code === ''P2002'') return { ok: false, reason: ''taken'' }; throw error; }'
      WHEN s.library = 'sequelize' THEN 'catch (error) { if (error.parent?.code === ''' || s.sqlstate || ''' && error.parent.constraint === ' || s.quoted || ') return { ok: false, reason: ''taken'' }; throw error; }'
      WHEN s.library = 'typeorm' THEN 'catch (error) { if (error.driverError?.code === ''' || s.sqlstate || ''' && error.driverError.constraint === ' || s.quoted || ') return { ok: false, reason: ''taken'' }; throw error; }'
      WHEN s.library = 'drizzle' THEN 'catch (error) { if (error.cause?.code === ''' || s.sqlstate || ''' && error.cause.constraint === ' || s.quoted || ') return { ok: false, reason: ''taken'' }; throw error; }'
      WHEN s.library = 'objection' THEN 'catch (error) { if (error.nativeError?.code === ''' || s.sqlstate || ''' && error.constraint === ' || s.quoted || ') return { ok: false, reason: ''taken'' }; throw error; }'
      WHEN s.path LIKE '%.py' AND s.via = 'sql' THEN 'except psycopg.errors.' || CASE s.sqlstate WHEN '23505' THEN 'UniqueViolation' ELSE 'ExclusionViolation' END || ' as error: if error.diag.constraint_name == ' || s.quoted || ': answer "taken"; else: raise'
      WHEN s.path LIKE '%.py' THEN 'except APIError as error: if error.code == ''' || s.sqlstate || ''': answer "taken"; else: raise'
      WHEN s.via = 'postgrest' THEN 'if (error?.code === ''' || s.sqlstate || ''' && error.message.includes(' || s.quoted || ')) return { ok: false, reason: ''taken'' }; if (error) throw error;'
      ELSE 'catch (error) { if (error.code === ''' || s.sqlstate || ''' && error.constraint === ' || s.quoted || ') return { ok: false, reason: ''taken'' }; throw error; }' END
  ) AS params
FROM shown s
