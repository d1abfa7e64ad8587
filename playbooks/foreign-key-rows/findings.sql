-- The reported foreign key, and which side of it the refused statement was on.
WITH
told AS (
  SELECT s.*, lower(coalesce(s.message, '')) AS said,
         substr(s.url_path, instr(s.url_path, '/rest/v1/') + 9) AS addressed
  FROM symptom s
  WHERE s.sqlstate IN ('23503', '23001')
    -- A bare 409 on a DELETE says as much: nothing else that a DELETE itself can break is answered so.
     OR (s.sqlstate IS NULL AND s.http_status = 409 AND s.operation = 'delete'
         AND coalesce(s.service, 'database') = 'database')
     -- Nor anything else that a plain INSERT can break whose row meets no unique key: the server makes a column of each.
     OR (s.sqlstate IS NULL AND s.postgrest_code IS NULL AND s.http_status = 409 AND s.operation = 'insert'
         AND s.on_conflict IS NULL AND s.resolution IS NULL AND coalesce(s.service, 'database') = 'database'
         AND EXISTS (SELECT 1 FROM write w WHERE w.relation = s.relation_oid AND w.operation = 'insert' AND w.origin = 'code')
         AND NOT EXISTS (SELECT 1 FROM write w WHERE w.relation = s.relation_oid AND w.operation = 'insert' AND (w.has_conflict = 1 OR w.columns IS NULL))
         AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.relation = s.relation_oid AND e.event = 'insert' AND e.fires <> 'never')
         AND NOT EXISTS (SELECT 1 FROM sequence_feed q WHERE q.relation = s.relation_oid AND q.next_taken IS NOT NULL)
         AND NOT EXISTS (
           SELECT 1 FROM rel_index i
           WHERE i.relation = s.relation_oid AND i.is_unique = 1
             AND (json_array_length(coalesce(i.expressions, '[]')) > 0
                  OR NOT EXISTS (
                    SELECT 1 FROM json_each(i.columns) c JOIN attribute a ON a.relation = i.relation AND a.name = c.value
                    WHERE (coalesce(a.identity, '') <> '' OR a.default_expr LIKE '%nextval(%' OR a.default_expr LIKE '%uuid%')
                      AND NOT EXISTS (SELECT 1 FROM write w, json_each(w.columns) x WHERE w.relation = i.relation AND w.operation = 'insert' AND x.value = c.value)))))
),
-- The only key that would refuse it: with several, or with triggers that write, the code has to be seen.
lone_key AS (
  SELECT t.relation_oid AS parent, min(k.oid) AS oid
  FROM told t JOIN rel_constraint k ON k.ref_relation = t.relation_oid
  WHERE coalesce(k.on_delete, 'no action') IN ('no action', 'restrict')
    AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.relation = t.relation_oid AND e.event = 'delete' AND e.fires <> 'never')
    AND t.operation IS NOT 'insert'
  GROUP BY t.relation_oid HAVING count(*) = 1
  UNION ALL
  SELECT t.relation_oid, min(k.oid)
  FROM told t JOIN rel_constraint k ON k.relation = t.relation_oid AND k.kind = 'foreign'
  WHERE t.operation = 'insert'
    AND EXISTS (SELECT 1 FROM write w, json_each(w.columns) x WHERE w.relation = k.relation AND w.operation = 'insert' AND x.value IN (SELECT value FROM json_each(k.columns)))
  GROUP BY t.relation_oid HAVING count(*) = 1
),
violated AS (
  SELECT t.*, k.oid AS key_oid, k.name AS key_name, k.columns AS child_columns, k.ref_columns, k.on_delete, k.on_update, k."deferrable" AS may_defer,
         c.oid AS child_oid, c.qualified AS child, c.schema AS child_schema, c.name AS child_name,
         p.oid AS parent_oid, p.qualified AS parent, p.schema AS parent_schema, p.name AS parent_name, p.managed AS parent_managed
  FROM told t
  JOIN rel_constraint k
    ON (k.oid = t.constraint_oid OR (t.sqlstate IS NULL AND k.oid IN (SELECT l.oid FROM lone_key l)))
  JOIN relation c ON c.oid = k.relation
  JOIN relation p ON p.oid = k.ref_relation
),
sided AS (
  SELECT v.*,
         CASE WHEN v.sqlstate = '23001' THEN 'parent'
              WHEN instr(v.said, 'insert or update on table') > 0 THEN 'child'
              WHEN instr(v.said, 'update or delete on table') > 0 THEN 'parent'
              -- Messages may be translated: what was asked for tells the side as well.
              WHEN v.operation = 'delete' THEN 'parent'
              WHEN v.addressed = v.parent_name AND v.parent_oid <> v.child_oid THEN 'parent'
              WHEN v.operation IN ('insert', 'upsert') OR v.addressed = v.child_name THEN 'child'
              WHEN v.key_columns = v.ref_columns AND v.key_columns <> v.child_columns THEN 'parent'
              ELSE 'child' END AS side
  FROM violated v
),
-- A parent that mirrors auth.users: its key is the user's id, and all else that it must have it makes itself.
mirror AS (
  SELECT s.key_oid, json_extract(pk.columns, '$[0]') AS key_column
  FROM sided s
  JOIN rel_constraint pk ON pk.relation = s.parent_oid AND pk.kind = 'primary' AND pk.columns = s.ref_columns
  JOIN rel_constraint f ON f.relation = s.parent_oid AND f.columns = pk.columns AND json_extract(f.ref_columns, '$[0]') = 'id'
  JOIN relation u ON u.oid = f.ref_relation AND u.qualified = 'auth.users'
  WHERE NOT EXISTS (SELECT 1 FROM attribute a
                    WHERE a.relation = s.parent_oid AND a.not_null = 1 AND a.name <> json_extract(pk.columns, '$[0]')
                      AND a.has_default = 0 AND coalesce(a.identity, '') = '' AND coalesce(a.generated, 0) = 0)
    -- Every key that points at the parent has to be one column, so that undo can look before it takes a row back.
    AND NOT EXISTS (SELECT 1 FROM rel_constraint r WHERE r.ref_relation = s.parent_oid AND json_array_length(r.columns) <> 1)
),
maker AS (
  SELECT s.key_oid, min(g.name) AS name
  FROM sided s
  JOIN relation u ON u.qualified = 'auth.users'
  JOIN effect e ON e.relation = u.oid AND e.event = 'insert' AND e.fires <> 'never'
  JOIN write w ON w.id = e.write AND w.relation = s.parent_oid AND w.operation = 'insert'
  JOIN rel_trigger g ON g.oid = e.trigger
  GROUP BY s.key_oid
),
places AS (
  SELECT w.id,
         CASE WHEN w.path IS NOT NULL THEN json_object('file', w.path, 'line', w.line, 'end_line', w.end_line)
              ELSE json_object('function', w.routine_name, 'line', w.routine_line) END AS site
  FROM sided s
  JOIN write w ON w.origin = 'code' OR w.routine IN (SELECT routine FROM symptom_frame)
  WHERE (s.side = 'child' AND w.relation = s.child_oid AND w.operation IN ('insert', 'update')
         AND (w.columns IS NULL OR EXISTS (SELECT 1 FROM json_each(w.columns) c WHERE c.value IN (SELECT value FROM json_each(s.child_columns)))))
     OR (s.side = 'parent' AND w.relation = s.parent_oid
         AND (w.operation = 'delete'
              OR (w.operation = 'update' AND (w.columns IS NULL OR EXISTS (SELECT 1 FROM json_each(w.columns) c WHERE c.value IN (SELECT value FROM json_each(s.ref_columns)))))))
),
-- Places that write the child under the very id that the same function gives to the parent further down: those always fail.
too_early AS (
  SELECT w.id, w.path, w.line, p.line AS parent_line
  FROM sided s
  JOIN write w ON w.relation = s.child_oid AND w.operation = 'insert' JOIN code_call c ON c.id = w.call
  JOIN write p ON p.relation = s.parent_oid AND p.operation = 'insert'
  JOIN code_call pc ON pc.id = p.call AND pc.path = c.path AND pc.function_start = c.function_start AND pc.start_byte > c.start_byte
  WHERE s.side = 'child' AND s.parent_oid <> s.child_oid AND json_array_length(s.child_columns) = 1
    AND EXISTS (SELECT 1 FROM json_each(w.column_values) cv JOIN json_each(p.column_values) pv ON pv.value = cv.value
                WHERE cv.key = json_extract(s.child_columns, '$[0]') AND pv.key = json_extract(s.ref_columns, '$[0]'))
),
text AS (
  SELECT s.key_oid,
         (SELECT 'Line ' || t.line || ' of ' || t.path || ' writes it before line ' || min(t.parent_line) || ' writes its parent under the same id.'
          FROM too_early t GROUP BY t.id ORDER BY t.id LIMIT 1) AS early,
         (SELECT group_concat(value, ', ') FROM json_each(s.child_columns)) AS child_text,
         (SELECT group_concat(value, ', ') FROM json_each(s.ref_columns)) AS ref_text,
         (SELECT json_group_array(json(site)) FROM (SELECT DISTINCT p.site AS site FROM places p
            WHERE p.id IN (SELECT t.id FROM too_early t) OR NOT EXISTS (SELECT 1 FROM too_early) ORDER BY p.id)) AS sites,
         (SELECT group_concat(c.qualified || ' (' || k.name || ', on delete ' || coalesce(k.on_delete, 'no action') || ')', '; ')
          FROM rel_constraint k JOIN relation c ON c.oid = k.relation WHERE k.ref_relation = s.parent_oid) AS referencing,
         EXISTS (SELECT 1 FROM json_each(s.child_columns) x JOIN attribute a ON a.relation = s.child_oid AND a.name = x.value WHERE a.not_null = 0) AS optional
  FROM sided s
)
SELECT
  'fk-parent-missing' AS cause,
  s.child AS relation,
  s.key_name AS object,
  'error' AS severity,
  'likely' AS confidence,
  'A row of ' || s.child || ' points at a row of ' || s.parent || ' that is not there' AS title,
  NULL AS write,
  x.sites AS sites,
  json_array('23503') AS sqlstates,
  s.key_name AS constraint_name,
  json_array(
    s.key_name || ' asks that (' || x.child_text || ') of ' || s.child || ' is found in ' || s.parent || ' (' || x.ref_text || '); for the refused row it is not.',
    CASE WHEN s.parent = 'auth.users' THEN 'The id is no user''s: made up by signUp() for an address that is registered already, of a user deleted since, or of another project.'
         WHEN m.key_column IS NOT NULL AND g.name IS NOT NULL THEN 'Rows of ' || s.parent || ' are made by the trigger ' || g.name || ' when a user signs up; users from before it, or for whom it failed, have none.'
         WHEN m.key_column IS NOT NULL THEN s.parent || ' holds one row for each user, and nothing in the database makes it when a user signs up.'
         WHEN x.early IS NOT NULL THEN x.early
         ELSE 'The parent is written later, in a request that failed, was deleted meanwhile, or the id comes from elsewhere.' END,
    'Neither ON CONFLICT nor a retry excuses a foreign key. The key is right.'
  ) AS why,
  json_array(s.child || ' (' || x.child_text || ')', s.key_name, s.parent || ' (' || x.ref_text || ')') AS chain,
  json_array(
    json_object('label', 'foreign key', 'value', s.key_name || ': ' || s.child || ' (' || x.child_text || ') → ' || s.parent || ' (' || x.ref_text || ')'),
    json_object('label', 'may be NULL', 'value', CASE WHEN x.optional THEN 'yes' ELSE 'no' END),
    json_object('label', 'checked', 'value', CASE WHEN s.may_defer = 1 THEN 'deferrable' ELSE 'at once' END)
  ) AS evidence,
  json_array(
    json_object('cause', 'fk-still-referenced', 'because', 'the refused statement writes ' || s.child || ', the side that points'),
    json_object('cause', 'upsert-rewrites-primary-key', 'because', 'that changes a row of the parent; here the parent is not found')
  ) AS ruled_out,
  CASE WHEN s.parent = 'auth.users' THEN json_array('check-user-id')
       WHEN m.key_column IS NOT NULL AND s.parent_managed = 0 THEN json_array('backfill-from-users', 'write-parent-first')
       ELSE json_array('write-parent-first') END AS fixes,
  json_object(
    'child', json_object('name', json_array(s.child_schema, s.child_name)),
    'parent', json_object('name', json_array(s.parent_schema, s.parent_name)),
    'parent_key', json_object('ident', coalesce(m.key_column, json_extract(s.ref_columns, '$[0]'))),
    'record', json_object('new_table', json_array('fixit_quarantine', s.parent_schema || '_' || s.parent_name || '_added')),
    'children', (SELECT json_group_array(json_object(
                   'table', json_object('name', json_array(c.schema, c.name)),
                   'column', json_object('ident', json_extract(k.columns, '$[0]')),
                   'target', json_object('ident', json_extract(k.ref_columns, '$[0]'))))
                 FROM rel_constraint k JOIN relation c ON c.oid = k.relation WHERE k.ref_relation = s.parent_oid),
    'columns', json_object('columns', json(s.child_columns)),
    'trigger', coalesce(g.name, ''),
    'deferrable', json(CASE WHEN s.may_defer = 1 THEN 'true' ELSE 'false' END),
    'optional', json(CASE WHEN x.optional THEN 'true' ELSE 'false' END),
    'operation', '', 'referencing', ''
  ) AS params
FROM sided s JOIN text x USING (key_oid)
LEFT JOIN mirror m USING (key_oid)
LEFT JOIN maker g USING (key_oid)
WHERE s.side = 'child'
  -- Where a trigger should have made the parent and hides its failures, that is the fault.
  AND NOT EXISTS (SELECT 1 FROM effect e JOIN write h ON h.id = e.write AND h.operation = 'insert', json_each(h.guards) g
                  WHERE h.relation = s.parent_oid AND e.fires <> 'never' AND g.value = 'others')

UNION ALL

SELECT
  'fk-still-referenced', s.child, s.key_name, 'error', 'likely',
  'The row of ' || s.parent || ' is still referenced by ' || s.child,
  NULL, x.sites, json_array('23503', '23001'), s.key_name,
  json_array(
    'Rows of ' || s.child || ' (' || x.child_text || ') point at the row of ' || s.parent || ' that was to be deleted or get another key; ' || s.key_name || ' keeps it (on delete ' || coalesce(s.on_delete, 'no action') || ').',
    'That is what the key is for: without it those rows would point at nothing.'),
  json_array(s.parent || ' (' || x.ref_text || ')', s.key_name, s.child || ' (' || x.child_text || ')'),
  json_array(json_object('label', 'keys that point at ' || s.parent, 'value', x.referencing)),
  json_array(
    json_object('cause', 'fk-parent-missing', 'because', 'the refused statement changes ' || s.parent || ', the side that is pointed at'),
    json_object('cause', 'upsert-rewrites-primary-key', 'because', 'the statement is no upsert')),
  json_array('settle-children-first', 'keep-and-mark'),
  json_object(
    'child', json_object('name', json_array(s.child_schema, s.child_name)),
    'parent', json_object('name', json_array(s.parent_schema, s.parent_name)),
    'columns', json_object('columns', json(s.child_columns)),
    'operation', CASE WHEN s.operation = 'update' THEN 'UPDATE' ELSE 'DELETE' END,
    'referencing', x.referencing)
FROM sided s JOIN text x USING (key_oid)
WHERE s.side = 'parent'
  -- An insert or upsert that is refused on this side has re-keyed the row: another fault.
  AND coalesce(s.operation, '') NOT IN ('insert', 'upsert')
  AND NOT EXISTS (SELECT 1 FROM write w WHERE w.origin = 'pasted' AND w.operation = 'insert' AND w.relation = s.parent_oid)
  -- The message does not tell an upsert from an UPDATE: where only an upsert of the code writes the key, it was that.
  AND (s.operation IS NOT NULL OR x.sites <> '[]' OR NOT EXISTS (
        SELECT 1 FROM write w JOIN json_each(w.update_columns) c
        WHERE w.origin = 'code' AND w.relation = s.parent_oid AND w.operation = 'insert' AND w.action = 'update'
          AND c.value IN (SELECT value FROM json_each(s.ref_columns))))
