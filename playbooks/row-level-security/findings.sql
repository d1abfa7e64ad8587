-- Statements that need a policy (or a grant) which the request's role does not have on a table with row level security.
WITH
told AS (
  SELECT s.relation_oid AS relation, s.role, s.http_status, lower(coalesce(s.message, '')) AS message
  FROM symptom s
  WHERE s.sqlstate = '42501' AND s.relation_oid IS NOT NULL
    -- Inside a trigger's function other rights may apply: another fault.
    AND NOT EXISTS (SELECT 1 FROM symptom_frame f WHERE f.function IS NOT NULL)
),
guarded AS (
  SELECT r.oid, r.qualified, r.schema, r.name, r.owner, r.rls, r.rls_forced,
         EXISTS (SELECT 1 FROM told t WHERE t.relation = r.oid) AS is_told
  FROM relation r
  WHERE r.kind IN ('table', 'partitioned') AND r.managed = 0
    AND (r.rls = 1 OR EXISTS (SELECT 1 FROM told t WHERE t.relation = r.oid))
),
named AS (
  SELECT p.relation, x.value AS role FROM policy p, json_each(p.roles) x WHERE p.permissive = 1
),
-- As whom the request runs: as reported; else the signed-in role, where policies speak of it, else the anonymous one.
speaker AS (
  SELECT g.*, coalesce(
    (SELECT t.role FROM told t JOIN role o ON o.name = t.role WHERE t.relation = g.oid),
    (SELECT o.name FROM told t JOIN role o ON o.name = 'anon' WHERE t.relation = g.oid AND t.http_status = 401),
    (SELECT o.name FROM role o JOIN named n ON n.relation = g.oid AND n.role IN (o.name, 'public') WHERE o.name = 'authenticated'),
    (SELECT o.name FROM role o JOIN named n ON n.relation = g.oid AND n.role = o.name WHERE o.name = 'anon'),
    (SELECT o.name FROM role o WHERE o.name = 'authenticated' AND g.is_told),
    (SELECT min(n.role) FROM named n WHERE n.relation = g.oid AND n.role <> 'public' HAVING count(DISTINCT n.role) = 1),
    (SELECT v.role FROM server v WHERE g.is_told)) AS role
  FROM guarded g
),
asking AS (
  SELECT s.* FROM speaker s
  WHERE s.role IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM role o WHERE o.name = s.role AND (o.superuser = 1 OR o.bypass_rls = 1))
    AND (s.role <> s.owner OR s.rls_forced = 1)
),
command (name) AS (VALUES ('select'), ('insert'), ('update')),
allowed AS (
  SELECT DISTINCT a.oid AS relation, c.name AS command
  FROM asking a JOIN command c
  WHERE a.rls = 0
     OR EXISTS (SELECT 1 FROM policy p, json_each(p.roles) x
                WHERE p.relation = a.oid AND p.permissive = 1 AND p.command IN (c.name, 'all') AND x.value IN (a.role, 'public'))
),
-- Inserts as the request's role: not those of a client or a file that plainly works with the service key.
statement AS (
  SELECT w.id, w.relation, w.path, w.line, w.end_line, w.has_conflict, w.action, w.target_kind, w.returns_rows, w.origin,
         (w.path LIKE '%.tsx' OR w.path LIKE '%.jsx' OR w.path LIKE '%.vue' OR w.path LIKE '%.svelte') AS in_page
  FROM write w
  JOIN asking a ON a.oid = w.relation
  LEFT JOIN code_call c ON c.id = w.call
  WHERE w.operation = 'insert'
    AND (w.origin = 'pasted'
         OR (w.origin = 'code' AND (w.via = 'postgrest' OR a.is_told)
             AND lower(coalesce(c.client, '')) NOT LIKE '%service%' AND lower(coalesce(c.client, '')) NOT LIKE '%admin%'
             AND lower(coalesce(c.client, '')) NOT LIKE '%root%' AND lower(coalesce(c.client, '')) NOT LIKE '%elevated%'
             -- A reported refusal was not the service key's, wherever the file is.
             AND (a.is_told OR NOT EXISTS (
               SELECT 1 FROM json_each('["service_role","service-role","servicerole","admin","seed","/script","migrat","cron","webhook","/worker","backfill","supabase/functions/","/test","/__test",".test.",".spec."]') m
               WHERE instr('/' || lower(w.path), m.value) > 0))))
),
needed AS (
  SELECT s.relation, s.id AS statement, 'insert' AS command, s.in_page, 0 AS by_returning FROM statement s
  UNION ALL
  SELECT s.relation, s.id, 'select', s.in_page, 0 FROM statement s WHERE s.has_conflict = 1 AND coalesce(s.target_kind, 'columns') <> 'none'
  UNION ALL
  SELECT s.relation, s.id, 'select', s.in_page, 1 FROM statement s WHERE s.returns_rows = 1 AND s.has_conflict = 0
  UNION ALL
  SELECT s.relation, s.id, 'update', s.in_page, 0 FROM statement s WHERE s.has_conflict = 1 AND s.action = 'update'
  UNION ALL
  -- Only the message is known: the conflict path of an upsert says so; else the write itself, else what it reads back.
  SELECT a.oid, NULL,
         CASE WHEN instr(t.message, '(using expression)') > 0 THEN 'update'
              WHEN NOT EXISTS (SELECT 1 FROM allowed x WHERE x.relation = a.oid AND x.command = 'insert') THEN 'insert'
              ELSE 'select' END, 0, 0
  FROM told t JOIN asking a ON a.oid = t.relation
  WHERE NOT EXISTS (SELECT 1 FROM statement s WHERE s.relation = a.oid)
),
lacking AS (
  SELECT n.* FROM needed n
  WHERE NOT EXISTS (SELECT 1 FROM allowed x WHERE x.relation = n.relation AND x.command = n.command)
),
ungranted AS (
  SELECT DISTINCT n.relation, n.command
  FROM needed n JOIN asking a ON a.oid = n.relation
  WHERE NOT EXISTS (SELECT 1 FROM privilege v WHERE v.relation = n.relation AND v.role IN (a.role, 'PUBLIC')
                      AND (v.privilege = n.command OR v.privilege LIKE n.command || ' (%'))
    AND a.role <> a.owner
),
-- A predicate of this table that ties a row to the caller, and nothing broader; the write's own first.
predicates AS (
  SELECT p.relation, p.name, p.roles, p.command, e.expr, e.rank
  FROM policy p JOIN asking a ON a.oid = p.relation
  JOIN (SELECT p2.rowid AS policy_row, p2.check_expr AS expr, CASE p2.command WHEN 'insert' THEN 1 WHEN 'all' THEN 2 ELSE 3 END AS rank
        FROM policy p2 WHERE p2.check_expr IS NOT NULL
        UNION ALL
        SELECT p2.rowid, p2.using_expr, CASE p2.command WHEN 'all' THEN 2 WHEN 'update' THEN 4 WHEN 'delete' THEN 5 ELSE 6 END
        FROM policy p2 WHERE p2.using_expr IS NOT NULL) e ON e.policy_row = p.rowid
  WHERE p.permissive = 1 AND trim(e.expr) <> ''
    AND EXISTS (SELECT 1 FROM json_each(p.roles) x WHERE x.value IN (a.role, 'public'))
),
own_predicate AS (
  SELECT p.*, row_number() OVER (PARTITION BY p.relation ORDER BY p.rank, p.name) AS place
  FROM predicates p
  WHERE (lower(p.expr) LIKE '%auth.uid()%' OR lower(p.expr) LIKE '%auth.jwt()%' OR lower(p.expr) LIKE '%current_user%'
         OR lower(p.expr) LIKE '%session_user%' OR lower(p.expr) LIKE '%current_setting(%')
    AND lower(p.expr) NOT LIKE '% or %' AND lower(p.expr) NOT LIKE '%is not null%' AND instr(p.expr, '=') > 0
    -- A policy that reads its own table, or one whose policies read this table, would go round in circles (42P17).
    AND NOT EXISTS (
      SELECT 1 FROM asking a, (SELECT ' ' || lower(replace(replace(p.expr, char(10), ' '), '"', '')) || ' ' AS said) q
      WHERE a.oid = p.relation AND instr(q.said, ' from ') > 0
        AND (instr(q.said, ' from ' || lower(a.name) || ' ') + instr(q.said, ' join ' || lower(a.name) || ' ')
             + instr(q.said, ' from (' || lower(a.name) || ' ') + instr(q.said, '.' || lower(a.name) || ' ') > 0
             OR EXISTS (SELECT 1 FROM policy o WHERE o.relation <> p.relation
                          AND instr(lower(coalesce(o.using_expr, '') || coalesce(o.check_expr, '')), 'from') > 0
                          AND instr(lower(coalesce(o.using_expr, '') || coalesce(o.check_expr, '')), lower(a.name)) > 0)))
    AND EXISTS (SELECT 1 FROM attribute c WHERE c.relation = p.relation
                  AND instr(replace(replace(p.expr, 'auth.uid() AS uid', ''), 'auth.uid()', ''), c.name) > 0)
),
owner_column AS (
  SELECT k.relation, min(json_extract(k.columns, '$[0]')) AS name
  FROM rel_constraint k JOIN relation u ON u.oid = k.ref_relation AND u.schema = 'auth' AND u.name = 'users'
  WHERE k.kind = 'foreign' AND json_array_length(k.columns) = 1
  GROUP BY k.relation HAVING count(DISTINCT json_extract(k.columns, '$[0]')) = 1
),
judged AS (
  SELECT a.*,
         EXISTS (SELECT 1 FROM lacking l WHERE l.relation = a.oid AND l.command = 'select') AS add_select,
         EXISTS (SELECT 1 FROM lacking l WHERE l.relation = a.oid AND l.command = 'insert') AS add_insert,
         EXISTS (SELECT 1 FROM lacking l WHERE l.relation = a.oid AND l.command = 'update') AS add_update,
         EXISTS (SELECT 1 FROM allowed x WHERE x.relation = a.oid AND x.command = 'insert') AS may_insert,
         EXISTS (SELECT 1 FROM allowed x WHERE x.relation = a.oid AND x.command = 'update') AS may_update,
         EXISTS (SELECT 1 FROM allowed x WHERE x.relation = a.oid) AS may_something,
         NOT EXISTS (SELECT 1 FROM lacking l WHERE l.relation = a.oid AND l.by_returning = 0) AS only_returning,
         EXISTS (SELECT 1 FROM lacking l WHERE l.relation = a.oid AND l.in_page = 1) AS in_page,
         (SELECT group_concat(upper(command), ', ') FROM (SELECT DISTINCT command FROM lacking l WHERE l.relation = a.oid ORDER BY command)) AS missing,
         (SELECT group_concat(upper(command), ', ') FROM (SELECT command FROM ungranted u WHERE u.relation = a.oid ORDER BY command)) AS missing_grants,
         (SELECT group_concat(DISTINCT upper(p.command)) FROM policy p, json_each(p.roles) x WHERE p.relation = a.oid AND p.permissive = 1 AND x.value IN (a.role, 'public')) AS there,
         o.expr, o.roles AS sibling_roles, o.name AS sibling,
         CASE WHEN (SELECT has_auth_uid FROM server) = 1 AND a.role = 'authenticated' THEN w.name END AS owner_name
  FROM asking a
  LEFT JOIN own_predicate o ON o.relation = a.oid AND o.place = 1
  LEFT JOIN owner_column w ON w.relation = a.oid
),
found AS (
  SELECT j.*,
         CASE WHEN j.is_told THEN 'error'
              WHEN (j.add_select OR j.add_update) AND (j.may_insert OR j.may_update) THEN 'warning'
              WHEN j.add_insert AND (j.may_update OR j.in_page) THEN 'warning'
              -- Readable, and written by somebody else: mostly on purpose.
              ELSE 'info' END AS severity
  FROM judged j
  WHERE (j.missing IS NOT NULL AND (j.is_told OR j.may_something))
     OR (j.is_told AND j.missing_grants IS NOT NULL)
)
SELECT
  'rls-policy-missing' AS cause,
  f.qualified AS relation,
  NULL AS object,
  f.severity AS severity,
  CASE WHEN EXISTS (SELECT 1 FROM statement s WHERE s.relation = f.oid) AND f.is_told THEN 'certain' ELSE 'likely' END AS confidence,
  CASE WHEN f.missing IS NULL THEN f.role || ' lacks the grant of ' || f.missing_grants || ' on ' || f.qualified
       ELSE f.qualified || ' has no ' || f.missing || ' policy for ' || f.role || ', which the statement needs' END AS title,
  NULL AS write,
  (SELECT json_group_array(json(site)) FROM (
     SELECT DISTINCT json_object('file', s.path, 'line', s.line, 'end_line', s.end_line) AS site
     FROM statement s
     WHERE s.relation = f.oid AND s.path IS NOT NULL
       AND (EXISTS (SELECT 1 FROM lacking l WHERE l.statement = s.id) OR f.missing IS NULL)
     ORDER BY s.id)) AS sites,
  json_array('42501') AS sqlstates,
  f.role AS key,
  (SELECT json_group_array(value) FROM (
     SELECT 'Policies for ' || f.role || ' on ' || f.qualified || ': ' || coalesce(f.there, 'none') || '; the statement needs ' || f.missing || ' as well.' AS value WHERE f.missing IS NOT NULL
     UNION ALL SELECT 'ON CONFLICT with a target checks the proposed row against the SELECT policies, even for DO NOTHING and even when the row is new.'
       WHERE f.add_select AND NOT f.only_returning AND EXISTS (SELECT 1 FROM statement s WHERE s.relation = f.oid AND s.has_conflict = 1)
     UNION ALL SELECT 'On the conflict path DO UPDATE needs an UPDATE policy: new rows pass, rows that are there are refused.' WHERE f.add_update
     UNION ALL SELECT 'Asking for the written row (.select(), RETURNING) needs a SELECT policy that the row passes.' WHERE f.add_select AND f.only_returning
     UNION ALL SELECT 'Privileges that ' || f.role || ' lacks on the table: ' || f.missing_grants || '.' WHERE f.missing_grants IS NOT NULL)) AS why,
  (SELECT json_group_array(json_object('label', label, 'value', value)) FROM (
     SELECT 'role of the request' AS label, f.role AS value
     UNION ALL SELECT 'policies for it', coalesce(f.there, 'none')
     UNION ALL SELECT 'policies missing', coalesce(f.missing, 'none')
     UNION ALL SELECT 'grants missing', coalesce(f.missing_grants, 'none')
     UNION ALL SELECT 'predicate of the others', f.expr WHERE f.expr IS NOT NULL)) AS evidence,
  json_array(
    json_object('cause', 'insert-should-be-upsert', 'because', 'the row is refused by a policy, not by a key'),
    json_object('cause', 'trigger-context', 'because', 'the statement itself is refused, no function runs in between')
  ) AS ruled_out,
  CASE WHEN f.missing_grants IS NOT NULL THEN json_array('grant-first')
       WHEN f.expr IS NOT NULL OR f.owner_name IS NOT NULL THEN
         CASE WHEN f.only_returning THEN json_array('add-policies', 'do-without-returning') ELSE json_array('add-policies', 'state-who-may') END
       WHEN f.only_returning THEN json_array('do-without-returning', 'state-who-may')
       ELSE json_array('state-who-may') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(f.schema, f.name)),
    'roles', json_object('columns', json(coalesce(f.sibling_roles, json_array(f.role)))),
    'predicate', json_object('sql', f.expr),
    'sibling', coalesce(f.sibling, ''),
    'owner', json_object('ident', f.owner_name),
    'add_select', json(CASE WHEN f.add_select THEN 'true' ELSE 'false' END),
    'add_insert', json(CASE WHEN f.add_insert THEN 'true' ELSE 'false' END),
    'add_update', json(CASE WHEN f.add_update THEN 'true' ELSE 'false' END),
    'only_returning', json(CASE WHEN f.only_returning THEN 'true' ELSE 'false' END),
    'wanted', json_object('literal', f.add_select + f.add_insert + f.add_update),
    'missing', coalesce(f.missing, ''),
    'missing_grants', coalesce(f.missing_grants, ''),
    'select_name', json_object('new_name', f.name || '_select_own' || (SELECT CASE WHEN count(*) = 0 THEN '' ELSE '_' || (count(*) + 1) END FROM policy p WHERE p.relation = f.oid AND p.name LIKE f.name || '\_select\_own%' ESCAPE '\')),
    'insert_name', json_object('new_name', f.name || '_insert_own' || (SELECT CASE WHEN count(*) = 0 THEN '' ELSE '_' || (count(*) + 1) END FROM policy p WHERE p.relation = f.oid AND p.name LIKE f.name || '\_insert\_own%' ESCAPE '\')),
    'update_name', json_object('new_name', f.name || '_update_own' || (SELECT CASE WHEN count(*) = 0 THEN '' ELSE '_' || (count(*) + 1) END FROM policy p WHERE p.relation = f.oid AND p.name LIKE f.name || '\_update\_own%' ESCAPE '\'))
  ) AS params
FROM found f
