-- Views over the facts --------------------------------------------------------------------------

-- Unique keys over plain columns and every row, which ON CONFLICT can name by its columns alone.
CREATE VIEW full_unique_key AS
  SELECT i.oid, i.relation, i.name, i.columns, i.is_primary, json_array_length(i.columns) AS width
  FROM rel_index i
  WHERE i.is_unique = 1 AND i.is_valid = 1 AND i.is_immediate = 1 AND i.predicate IS NULL AND i.parent_index IS NULL
    AND NOT EXISTS (SELECT 1 FROM json_each(i.columns) c WHERE c.value IS NULL);

-- What an INSERT brings and a row that is met by a full unique key keeps as its own: its primary key, where that is another
-- key, and the time at which it was first stored. `keep_columns` (JSON) are not to be set over; `drop_columns` are not to be
-- sent at all, where the REST interface would set all that is sent, the value is made on the spot, and the server can make
-- one, too. `id_values` (JSON) are the source texts of the primary key's columns among them, by column.
CREATE VIEW kept_value AS
  SELECT w.id AS write, o.oid AS index_oid,
         (SELECT json_group_object(v.key, v.value) FROM json_each(w.column_values) v
          WHERE v.key NOT IN (SELECT value FROM json_each(o.columns))
            AND v.key IN (SELECT k.value FROM full_unique_key p, json_each(p.columns) k
                          WHERE p.relation = o.relation AND p.is_primary = 1 AND p.oid <> o.oid)) AS id_values,
         json_group_array(a.name) FILTER (WHERE w.via <> 'postgrest') AS keep_columns,
         json_group_array(a.name) FILTER (WHERE w.via = 'postgrest' AND (a.has_default = 1 OR a.identity <> '') AND EXISTS (
           SELECT 1 FROM json_each(w.column_values) v
           WHERE v.key = a.name AND instr(v.value, '??') = 0 AND instr(v.value, '||') = 0
             AND (lower(v.value) LIKE '%uuid%(%' OR lower(v.value) LIKE '%nanoid(%' OR lower(v.value) LIKE '%cuid%(%'
                  OR lower(v.value) LIKE '%date.now(%' OR lower(v.value) LIKE '%math.random(%' OR lower(v.value) LIKE 'new date()%'))) AS drop_columns
  FROM write w
  JOIN full_unique_key o
    ON o.relation = coalesce((SELECT v.relation FROM view_source v WHERE v.view = w.relation AND v.auto_updatable = 1), w.relation)
  JOIN attribute a ON a.relation = o.relation
  WHERE w.operation = 'insert' AND a.name IN (SELECT value FROM json_each(w.columns)) AND a.name NOT IN (SELECT value FROM json_each(o.columns))
    AND (a.name IN (SELECT k.value FROM full_unique_key p, json_each(p.columns) k WHERE p.relation = o.relation AND p.is_primary = 1 AND p.oid <> o.oid)
         OR ((a.type LIKE 'timestamp%' OR a.type = 'date')
             AND EXISTS (SELECT 1 FROM json_each('["created", "inserted", "received", "registered", "joined", "started", "enrolled", "opened", "issued", "added", "first"]') m
                         WHERE instr(lower(a.name), m.value) > 0)
             AND EXISTS (SELECT 1 FROM json_each(w.column_values) v
                         WHERE v.key = a.name
                           AND EXISTS (SELECT 1 FROM json_each('["now(", "current_timestamp", "current_date", "localtimestamp", "new date()", "clock_timestamp("]') m
                                       WHERE instr(lower(v.value), m.value) > 0))))
  GROUP BY w.id, o.oid;

-- Policies by the roles that they speak to: those that they name, 'public' among them, and the members of those.
CREATE VIEW policy_for AS
  SELECT p.*, x.value AS role, x.value AS named FROM policy p, json_each(p.roles) x
  UNION ALL
  SELECT p.*, m.member, x.value FROM policy p, json_each(p.roles) x JOIN role_member m ON m.role = x.value;

-- What policies ask of a row, their CHECK and their USING each for itself. `rank`: which says first what a new row has
-- to be. `asks_caller`: it asks who the caller is, itself or by a function of the project.
CREATE VIEW policy_expression AS
  SELECT e.*, EXISTS (SELECT 1 FROM json_each('["auth.uid()", "auth.jwt()", "current_user", "session_user", "current_setting("]') m WHERE instr(lower(e.expr), m.value) > 0)
           OR EXISTS (SELECT 1 FROM routine f WHERE f.argument_types = '' AND f.returns_trigger = 0 AND instr(e.expr, f.name || '()') > 0) AS asks_caller
  FROM (SELECT p.relation, p.name, p.roles, p.permissive, p.check_expr AS expr, CASE p.command WHEN 'insert' THEN 1 WHEN 'all' THEN 2 ELSE 3 END AS rank
        FROM policy p WHERE trim(coalesce(p.check_expr, '')) <> ''
        UNION ALL
        SELECT p.relation, p.name, p.roles, p.permissive, p.using_expr, CASE p.command WHEN 'all' THEN 2 WHEN 'update' THEN 4 WHEN 'delete' THEN 5 ELSE 6 END
        FROM policy p WHERE trim(coalesce(p.using_expr, '')) <> '') e;

-- The report of a request for one row that found none; an answer of several rows has the same code.
CREATE VIEW no_row AS
  SELECT relation_oid AS relation, operation FROM symptom
  WHERE postgrest_code = 'PGRST116' AND (detail IS NULL OR detail NOT LIKE '%contain% rows%' OR detail LIKE '%contain% 0 rows%');

-- Commands that a role has the privilege of, be it on some columns only; several rows where it is on several.
CREATE VIEW granted AS
  SELECT relation, role, substr(privilege, 1, instr(privilege || ' ', ' ') - 1) AS command FROM privilege;

-- Calls with the rights of whoever is signed in: not those of a client that plainly has the service key.
-- `elsewhere`: in a file that seems to be no part of what people call, such as a seed, a script, a test.
CREATE VIEW own_call AS
  SELECT c.id, c.verb, c.routine,
         EXISTS (SELECT 1 FROM json_each('["service_role", "service-role", "servicerole", "admin", "seed", "/script", "migrat", "cron", "webhook", "/worker", "backfill", "supabase/functions/", "/test", "/__test", ".test.", ".spec."]') m
                 WHERE instr('/' || lower(c.path), m.value) > 0) AS elsewhere
  FROM code_call c
  WHERE coalesce(c.service_key, 0) = 0
    AND NOT EXISTS (SELECT 1 FROM json_each('["service", "admin", "root", "elevated"]') m WHERE instr(lower(c.client), m.value) > 0);

-- Unique keys that partitions have of their own. An index on the same columns (JSON array, in this order) of a partitioned
-- table above takes them in, and they go when it is dropped: `params` are the typed values to make one again.
CREATE VIEW leaf_key AS
  WITH RECURSIVE above(leaf, relation) AS (
    SELECT oid, parent FROM relation WHERE parent IS NOT NULL
    UNION
    SELECT a.leaf, r.parent FROM above a JOIN relation r ON r.oid = a.relation WHERE r.parent IS NOT NULL
  )
  SELECT a.relation, json(i.columns) AS columns,
         json_object('definition', json_object('sql', i.definition), 'table', json_object('name', json_array(p.schema, p.name)),
                     'name', json_object('ident', i.name), 'constraint', CASE WHEN c.definition IS NOT NULL THEN json_object('sql', c.definition) END,
                     'referenced', json(CASE WHEN EXISTS (SELECT 1 FROM rel_constraint f WHERE f.kind = 'foreign' AND f.ref_relation = p.oid) THEN 'true' ELSE 'false' END)) AS params
  FROM above a
  JOIN relation p ON p.oid = a.leaf
  JOIN full_unique_key k ON k.relation = p.oid
  JOIN rel_index i ON i.oid = k.oid AND coalesce(i.nulls_not_distinct, 0) = 0 AND i.definition IS NOT NULL
  LEFT JOIN rel_constraint c ON c.oid = i.constraint_oid;

-- What playbooks look up row by row; without these a query over a large schema is quadratic.
CREATE INDEX rel_index_relation ON rel_index (relation);
CREATE INDEX rel_index_name ON rel_index (name);
CREATE INDEX rel_constraint_relation ON rel_constraint (relation);
CREATE INDEX rel_constraint_ref ON rel_constraint (ref_relation);
CREATE INDEX rel_trigger_relation ON rel_trigger (relation);
CREATE INDEX policy_relation ON policy (relation);
CREATE INDEX privilege_relation ON privilege (relation, role);
CREATE INDEX write_relation ON write (relation);
CREATE INDEX write_routine ON write (routine);
CREATE INDEX arbiter_write ON arbiter (write);
CREATE INDEX arbiter_index ON arbiter (index_oid);
CREATE INDEX code_call_relation ON code_call (relation);
