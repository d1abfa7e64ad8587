-- Statements that need a policy (or a grant) which the request's role does not have on a table with row level security.
WITH
told AS MATERIALIZED (
  SELECT s.relation_oid AS relation, s.role, s.http_status, s.operation, lower(coalesce(s.message, '')) AS message,
         instr(lower(coalesce(s.message, '')), 'permission denied') > 0 AS denied
  FROM symptom s
  WHERE s.sqlstate = '42501' AND s.relation_oid IS NOT NULL
    -- A restrictive policy names itself: it is there, and it refused this row.
    AND instr(lower(coalesce(s.message, '')), 'security policy "') = 0
    -- Inside a trigger's function, or one that runs as its owner, other rights apply: another fault.
    AND NOT EXISTS (SELECT 1 FROM symptom_frame f LEFT JOIN routine q ON q.oid = f.routine
                    WHERE f.function IS NOT NULL AND (q.oid IS NULL OR q.returns_trigger = 1 OR q.security_definer = 1))
),
-- Names of settings by which policies know the caller; code that sets one runs under them.
setting_name AS MATERIALIZED (
  SELECT DISTINCT e.relation, substr(rest, 1, instr(rest, '''') - 1) AS name
  FROM (SELECT relation, substr(expr, instr(expr, 'current_setting(''') + 17) AS rest FROM policy_expression WHERE instr(expr, 'current_setting(''') > 0) e
  WHERE instr(rest, '''') > 1
),
guarded AS MATERIALIZED (
  SELECT r.oid, r.qualified, r.schema, r.name, r.owner, r.rls, r.rls_forced,
         EXISTS (SELECT 1 FROM told t WHERE t.relation = r.oid) AS is_told,
         EXISTS (SELECT 1 FROM setting_name n JOIN code_call c ON instr(c.statement, n.name) > 0 WHERE n.relation = r.oid) AS is_set
  FROM relation r
  WHERE r.kind IN ('table', 'partitioned') AND r.managed = 0
    AND (r.rls = 1 OR EXISTS (SELECT 1 FROM told t WHERE t.relation = r.oid))
),
-- Roles belong to the whole server: here they count where the database is one of Supabase, or says something about them.
api_role AS MATERIALIZED (
  SELECT o.name FROM role o
  WHERE o.name IN ('anon', 'authenticated')
    AND ((SELECT platform FROM server) = 'supabase'
         OR EXISTS (SELECT 1 FROM policy_for p WHERE p.role = o.name AND p.permissive = 1)
         OR EXISTS (SELECT 1 FROM privilege v WHERE v.role = o.name))
),
-- As whom the request runs: as reported; else the signed-in role, where policies speak of it, else the anonymous one. Where
-- nothing tells, 'public': somebody whom the policies bind.
asking AS MATERIALIZED (
  SELECT s.* FROM (SELECT g.*, coalesce(
    (SELECT t.role FROM told t JOIN role o ON o.name = t.role WHERE t.relation = g.oid),
    (SELECT o.name FROM told t JOIN api_role o ON o.name = 'anon' WHERE t.relation = g.oid AND t.http_status = 401),
    (SELECT o.name FROM api_role o JOIN policy_for p ON p.relation = g.oid AND p.permissive = 1 AND p.role IN (o.name, 'public') WHERE o.name = 'authenticated'),
    (SELECT o.name FROM api_role o JOIN policy_for p ON p.relation = g.oid AND p.permissive = 1 AND p.role = o.name WHERE o.name = 'anon'),
    (SELECT min(p.named) FROM policy_for p WHERE p.relation = g.oid AND p.permissive = 1 AND p.named <> 'public' HAVING count(DISTINCT p.named) = 1),
    (SELECT o.name FROM api_role o WHERE o.name = 'authenticated'),
    (SELECT v.role FROM server v JOIN role o ON o.name = v.role
     WHERE g.is_told AND o.superuser = 0 AND o.bypass_rls = 0 AND (v.role <> g.owner OR g.rls_forced = 1)),
    CASE WHEN g.is_told OR g.is_set THEN 'public' END) AS role FROM guarded g) s
  WHERE s.role IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM role o WHERE o.name = s.role AND (o.superuser = 1 OR o.bypass_rls = 1))
    AND (s.role <> s.owner OR s.rls_forced = 1)
),
-- Such a policy lets nobody in: the service key does not ask the policies at all.
for_service AS MATERIALIZED (
  SELECT e.relation, e.name FROM policy_expression e
  WHERE replace(replace(replace(replace(lower(e.expr), '(', ''), ')', ''), ' ', ''), '::text', '')
        IN ('auth.role=''service_role''', 'selectauth.roleasrole=''service_role''',
            'auth.jwt->>''role''=''service_role''', 'selectauth.jwtasjwt->>''role''=''service_role''')
),
heard AS MATERIALIZED (
  SELECT DISTINCT a.oid AS relation, p.name, p.command, p.permissive, p.using_expr, p.check_expr
  FROM asking a JOIN policy_for p ON p.relation = a.oid
  WHERE (a.role = 'public' OR p.role IN (a.role, 'public'))
    -- Unreported, the client may well have the service key out of sight.
    AND NOT (a.is_told = 1 AND p.permissive = 1 AND EXISTS (SELECT 1 FROM for_service f WHERE f.relation = p.relation AND f.name = p.name))
),
command (name) AS (VALUES ('select'), ('insert'), ('update'), ('delete')),
allowed AS MATERIALIZED (
  SELECT DISTINCT a.oid AS relation, c.name AS command
  FROM asking a JOIN command c
  WHERE a.rls = 0 OR EXISTS (SELECT 1 FROM heard h WHERE h.relation = a.oid AND h.permissive = 1 AND h.command IN (c.name, 'all'))
),
-- Where a write lands: a view that asks as the caller hands the policies of its table on.
landing AS MATERIALIZED (
  SELECT w.id AS write, w.relation FROM write w
  UNION ALL
  SELECT w.id, v.relation FROM write w JOIN view_source v ON v.view = w.relation AND v.auto_updatable = 1
  JOIN relation r ON r.oid = w.relation AND r.security_invoker = 1
),
statement AS MATERIALIZED (
  SELECT w.id, l.relation, w.operation, w.path, w.line, w.end_line, w.routine_name, w.routine_line, w.has_conflict, w.action, w.target_kind, w.returns_rows, w.cardinality, w.origin,
         (w.path LIKE '%.tsx' OR w.path LIKE '%.jsx' OR w.path LIKE '%.vue' OR w.path LIKE '%.svelte') AS in_page,
         -- Code behind an interface of its own may have the service key out of sight.
         EXISTS (SELECT 1 FROM json_each('["/server/","/api/","/backend/","/route.ts","/route.js"]') m WHERE instr('/' || lower(w.path), m.value) > 0) AS behind
  FROM write w
  JOIN landing l ON l.write = w.id
  JOIN asking a ON a.oid = l.relation
  WHERE w.operation IN ('insert', 'update', 'delete')
    -- An error of another kind was raised behind the policies: they let the statement pass.
    AND ((w.origin = 'pasted' AND NOT EXISTS (SELECT 1 FROM symptom y WHERE y.sqlstate IN ('23505', '23503', '23502', '23514', '23P01', '42P10', '21000')))
         OR (w.origin = 'code' AND (w.via = 'postgrest' OR a.is_told OR a.is_set)
             -- A reported refusal was not the service key's, wherever the file is.
             AND w.call IN (SELECT c.id FROM own_call c WHERE a.is_told OR NOT c.elsewhere))
         -- A function that runs with its caller's rights, called over the REST interface.
         OR (w.origin = 'routine' AND EXISTS (
               SELECT 1 FROM routine f JOIN own_call c ON c.verb = 'rpc' AND c.routine = f.name
               WHERE f.oid = w.routine AND f.security_definer = 0 AND f.returns_trigger = 0)))
),
-- Reads of exactly one row that the report says to be none: no error tells of a missing policy. Here no SELECT policy shows any row to anybody.
blind AS MATERIALIZED (
  SELECT rd.relation, c.path, c.line, c.end_line
  FROM no_row u JOIN asking a ON a.oid = u.relation AND a.rls = 1
  JOIN reads rd ON rd.relation = a.oid AND rd.cardinality = 'single' JOIN code_call c ON c.id = rd.call
  WHERE coalesce(u.operation, 'select') = 'select' AND c.id IN (SELECT id FROM own_call)
    AND NOT EXISTS (SELECT 1 FROM policy p WHERE p.relation = a.oid AND p.permissive = 1 AND p.command IN ('select', 'all'))
),
-- SQLite prepares a CTE anew wherever it is named, and all that it names: so each is named as seldom as can be.
reason (why) AS (VALUES ('itself'), ('compared'), ('returned'), ('merged'), ('found')),
-- `silent`: without the policy no row is touched, and no error says so.
needed AS MATERIALIZED (
  SELECT s.relation, s.id AS statement, CASE k.why WHEN 'itself' THEN s.operation WHEN 'merged' THEN 'update' ELSE 'select' END AS command, s.in_page,
         k.why = 'returned' AS by_returning, (k.why = 'itself' AND s.operation <> 'insert') OR k.why = 'found' AS silent
  FROM statement s JOIN reason k
    ON CASE k.why WHEN 'itself' THEN 1
                  WHEN 'compared' THEN s.operation = 'insert' AND s.has_conflict = 1 AND coalesce(s.target_kind, 'columns') <> 'none'
                  WHEN 'returned' THEN s.operation = 'insert' AND s.returns_rows = 1 AND s.has_conflict = 0
                  WHEN 'merged' THEN s.operation = 'insert' AND s.has_conflict = 1 AND s.action = 'update'
                  ELSE s.operation IN ('update', 'delete') END
  UNION ALL
  SELECT DISTINCT b.relation, NULL, 'select', 0, 0, 1 FROM blind b
  UNION ALL
  -- Only the message is known: the conflict path of an upsert says so; else the write itself, else what it reads back.
  SELECT a.oid, NULL,
         CASE WHEN instr(t.message, '(using expression)') > 0 THEN 'update'
              WHEN t.denied THEN coalesce(nullif(t.operation, 'upsert'), 'select')
              WHEN NOT EXISTS (SELECT 1 FROM allowed x WHERE x.relation = a.oid AND x.command = 'insert') THEN 'insert'
              ELSE 'select' END, 0, 0, 0
  FROM told t JOIN asking a ON a.oid = t.relation
  WHERE NOT EXISTS (SELECT 1 FROM statement s WHERE s.relation = a.oid)
    -- A table that only a trigger writes: with its caller's rights it is the trigger that should not ask as one of them, and
    -- with its owner's, beside code that leaves the table alone, the report is from before that.
    AND NOT (NOT EXISTS (SELECT 1 FROM write w WHERE w.relation = a.oid AND w.origin IN ('code', 'pasted'))
             AND EXISTS (SELECT 1 FROM effect e JOIN write w ON w.id = e.write
                         WHERE w.relation = a.oid AND e.fires <> 'never' AND (e.definer = 0 OR EXISTS (SELECT 1 FROM code_call))))
),
lacking AS MATERIALIZED (
  SELECT n.* FROM needed n
  WHERE NOT EXISTS (SELECT 1 FROM allowed x WHERE x.relation = n.relation AND x.command = n.command)
),
-- The error says which of the two it is; a role whose rights were not read lacks none that we know of.
ungranted AS MATERIALIZED (
  SELECT DISTINCT n.relation, n.command
  FROM needed n JOIN asking a ON a.oid = n.relation
  WHERE NOT EXISTS (SELECT 1 FROM told t WHERE t.relation = a.oid AND NOT t.denied)
    AND a.role <> a.owner
    AND (EXISTS (SELECT 1 FROM told t WHERE t.relation = a.oid AND t.denied)
         OR EXISTS (SELECT 1 FROM granted v WHERE v.role = a.role))
    AND NOT EXISTS (SELECT 1 FROM granted v WHERE v.relation = n.relation AND v.role IN (a.role, 'PUBLIC') AND v.command = n.command)
),
-- A predicate of this table that ties a row to the caller, and nothing broader; the write's own first.
own_predicate AS MATERIALIZED (
  SELECT p.*, row_number() OVER (PARTITION BY p.relation ORDER BY p.rank, p.name) AS place
  FROM policy_expression p
  JOIN asking a ON a.oid = p.relation
  JOIN heard h ON h.relation = p.relation AND h.name = p.name
  WHERE p.permissive = 1 AND p.asks_caller
    AND lower(p.expr) NOT LIKE '% or %' AND lower(p.expr) NOT LIKE '%is not null%' AND instr(p.expr, '=') > 0
    -- A policy that reads its own table, or one whose policies read this table, would go round in circles (42P17).
    AND NOT EXISTS (
      SELECT 1 FROM (SELECT ' ' || lower(replace(replace(p.expr, char(10), ' '), '"', '')) || ' ' AS said) q
      WHERE instr(replace(q.said, 'select auth.uid() as uid', ''), ' from ') > 0
        AND (instr(q.said, ' from ' || lower(a.name) || ' ') + instr(q.said, ' join ' || lower(a.name) || ' ')
             + instr(q.said, ' from (' || lower(a.name) || ' ') + instr(q.said, '.' || lower(a.name) || ' ') > 0
             OR EXISTS (SELECT 1 FROM policy o WHERE o.relation <> p.relation
                          AND instr(lower(coalesce(o.using_expr, '') || coalesce(o.check_expr, '')), 'from') > 0
                          AND instr(lower(coalesce(o.using_expr, '') || coalesce(o.check_expr, '')), lower(a.name)) > 0)))
    AND EXISTS (SELECT 1 FROM attribute c WHERE c.relation = p.relation
                  AND instr(replace(replace(p.expr, 'auth.uid() AS uid', ''), 'auth.uid()', ''), c.name) > 0)
),
-- How the project's other policies say whose a row is: (column = caller), and nothing else.
saying AS MATERIALIZED (
  SELECT DISTINCT e.relation, e.roles, c.name AS column_name, c.type,
         CASE WHEN substr(e.inner, 1, length(q.said) + 3) = q.said || ' = ' THEN substr(e.inner, length(q.said) + 4)
              WHEN substr(e.inner, -length(q.said) - 3) = ' = ' || q.said THEN substr(e.inner, 1, length(e.inner) - length(q.said) - 3) END AS caller
  FROM (SELECT relation, roles, substr(expr, 2, length(expr) - 2) AS inner FROM policy_expression
        WHERE permissive = 1 AND asks_caller AND substr(expr, 1, 1) = '(' AND lower(expr) NOT LIKE '% or %' AND lower(expr) NOT LIKE '% and %' AND lower(expr) NOT LIKE '% from %') e
  JOIN attribute c ON c.relation = e.relation
  JOIN (SELECT a.relation, a.name, a.name AS said FROM attribute a UNION ALL SELECT a.relation, a.name, '"' || replace(a.name, '"', '""') || '"' FROM attribute a) q
    ON q.relation = c.relation AND q.name = c.name
  WHERE substr(e.inner, 1, length(q.said) + 3) = q.said || ' = ' OR substr(e.inner, -length(q.said) - 3) = ' = ' || q.said
),
parent AS MATERIALIZED (
  SELECT k.relation, json_extract(k.columns, '$[0]') AS column_name, k.ref_relation, json_extract(k.ref_columns, '$[0]') AS ref_column
  FROM rel_constraint k WHERE k.kind = 'foreign' AND json_array_length(k.columns) = 1
),
needy AS MATERIALIZED (
  SELECT a.oid FROM asking a
  WHERE a.oid IN (SELECT l.relation FROM lacking l) AND a.oid NOT IN (SELECT o.relation FROM own_predicate o)
),
-- The same column of this table: of the same name, or referring to the same users.
alike AS MATERIALIZED (
  SELECT n.oid AS relation, b.name AS column_name, b.type AS own_type, s.type, s.caller, s.roles
  FROM needy n CROSS JOIN attribute b ON b.relation = n.oid AND lower(b.name) <> 'id'
  CROSS JOIN (SELECT DISTINCT column_name, type, caller, roles FROM saying) s ON s.column_name = b.name
  UNION
  SELECT n.oid, b.name, b.type, s.type, s.caller, s.roles
  FROM needy n CROSS JOIN parent m ON m.relation = n.oid
  CROSS JOIN saying s ON s.relation <> n.oid
    AND ((s.relation = m.ref_relation AND s.column_name = m.ref_column)
         OR (s.relation, s.column_name) IN (SELECT o.relation, o.column_name FROM parent o WHERE o.ref_relation = m.ref_relation AND o.ref_column = m.ref_column))
  JOIN attribute b ON b.relation = n.oid AND b.name = m.column_name
),
carried AS MATERIALIZED (
  SELECT relation, min(column_name) AS column_name, min(caller) AS caller, CASE WHEN count(DISTINCT roles) = 1 THEN min(roles) END AS roles
  FROM (SELECT relation, column_name, roles, CASE WHEN type = own_type THEN caller ELSE '(' || caller || ')::text' END AS caller FROM alike
        WHERE type = own_type OR (own_type IN ('text', 'character varying') AND type IN ('uuid', 'bigint', 'integer')))
  GROUP BY relation HAVING count(DISTINCT column_name) = 1 AND count(DISTINCT caller) = 1
),
-- Users of Supabase, directly or through the table of their profiles.
owner_column AS MATERIALIZED (
  SELECT k.relation, min(k.column_name) AS name
  FROM parent k LEFT JOIN parent p ON p.relation = k.ref_relation AND p.column_name = k.ref_column
  JOIN relation u ON u.oid IN (k.ref_relation, p.ref_relation) AND u.qualified = 'auth.users'
  GROUP BY k.relation HAVING count(DISTINCT k.column_name) = 1
),
lack AS MATERIALIZED (
  SELECT l.relation, max(l.command = 'select') AS add_select, max(l.command = 'insert') AS add_insert, max(l.command = 'update') AS add_update, max(l.command = 'delete') AS add_delete,
         max(l.silent = 0 AND l.command IN ('select', 'update')) AS half_refused, max(l.silent = 0) AS refused, max(l.silent = 0 AND l.command = 'update') AS update_refused, max(l.silent = 1) AS ignored,
         max(l.silent = 1 AND coalesce(s.behind, 1) = 0) AS ignored_in_sight, max(l.silent = 1 AND (coalesce(s.cardinality, '') = 'single' OR l.statement IS NULL)) AS expects_one,
         max(l.silent = 1 AND EXISTS (SELECT 1 FROM no_row u WHERE u.relation = l.relation
                                        AND CASE WHEN l.statement IS NULL THEN 1 ELSE s.cardinality = 'single' AND coalesce(u.operation, s.operation) = s.operation END)) AS is_unmet,
         min(l.by_returning) AS only_returning, max(l.in_page = 1) AS in_page
  FROM lacking l LEFT JOIN statement s ON s.id = l.statement GROUP BY l.relation
),
judged AS MATERIALIZED (
  SELECT a.*,
         k.add_select, k.add_insert, k.add_update, k.add_delete, k.half_refused, coalesce(k.refused, 0) AS refused, k.update_refused, k.ignored, k.ignored_in_sight,
         k.expects_one, k.is_unmet, coalesce(k.only_returning, 1) AS only_returning, k.in_page, m.may_insert, m.may_update, m.relation IS NOT NULL AS may_something,
         e.upserts IS NOT NULL AS is_seen, e.upserts,
         CASE WHEN k.relation IS NOT NULL THEN substr(CASE WHEN k.add_delete THEN ', DELETE' ELSE '' END || CASE WHEN k.add_insert THEN ', INSERT' ELSE '' END
           || CASE WHEN k.add_select THEN ', SELECT' ELSE '' END || CASE WHEN k.add_update THEN ', UPDATE' ELSE '' END, 3) END AS missing,
         (SELECT group_concat(upper(command), ', ') FROM (SELECT command FROM ungranted u WHERE u.relation = a.oid ORDER BY command)) AS missing_grants,
         (SELECT group_concat(command, ', ') FROM (SELECT DISTINCT upper(h.command) AS command FROM heard h WHERE h.relation = a.oid AND h.permissive = 1 ORDER BY 1)) AS there,
         coalesce(o.expr, CASE WHEN y.caller IS NOT NULL THEN '("' || replace(y.column_name, '"', '""') || '" = ' || y.caller || ')' END) AS expr,
         -- Whom policies elsewhere speak to, where nothing tells who asks here.
         coalesce(o.roles, CASE WHEN a.role = 'public' THEN y.roles END) AS sibling_roles, o.name AS sibling,
         CASE WHEN (SELECT has_auth_uid FROM server) = 1 AND a.role = 'authenticated' THEN w.name END AS owner_name,
         CASE WHEN a.role = 'public' THEN 'the role of the request' ELSE a.role END AS who
  FROM asking a
  LEFT JOIN lack k ON k.relation = a.oid
  LEFT JOIN (SELECT relation, max(command = 'insert') AS may_insert, max(command = 'update') AS may_update FROM allowed GROUP BY relation) m ON m.relation = a.oid
  LEFT JOIN (SELECT relation, max(has_conflict = 1) AS upserts FROM statement GROUP BY relation) e ON e.relation = a.oid
  LEFT JOIN own_predicate o ON o.relation = a.oid AND o.place = 1
  LEFT JOIN carried y ON y.relation = a.oid
  LEFT JOIN owner_column w ON w.relation = a.oid
),
-- Nobody is signed in, and every policy that could let the statement pass asks who is.
nobody AS MATERIALIZED (
  SELECT a.*, coalesce(t.operation, 'insert') AS command, group_concat(h.name, ', ') AS policies
  FROM asking a JOIN told t ON t.relation = a.oid
  JOIN (SELECT *, lower(coalesce(check_expr, using_expr, '')) AS asks FROM heard ORDER BY name) h
    ON h.relation = a.oid AND h.permissive = 1 AND h.command IN (coalesce(t.operation, 'insert'), 'all')
  WHERE a.role = 'anon' AND NOT t.denied AND a.oid NOT IN (SELECT l.relation FROM lacking l)
  GROUP BY a.oid
  HAVING min(instr(h.asks, 'auth.uid()') > 0 OR instr(h.asks, 'auth.jwt()') > 0 OR replace(h.asks, ' ', '') LIKE '%auth.role()%=''authenticated''%')
),
-- An UPDATE that marks a row so that no SELECT policy shows it any more: to look the row up it needs those policies, and then
-- the new row has to pass them, too.
leaving AS MATERIALIZED (
  SELECT s.relation, s.id, s.path, s.line, s.end_line, v.key AS marked, v.value AS mark,
         row_number() OVER (PARTITION BY s.relation, s.id ORDER BY v.key) AS place
  FROM statement s JOIN write w ON w.id = s.id JOIN json_each(w.column_values) v
  JOIN (SELECT DISTINCT relation FROM heard WHERE permissive = 1 AND command IN ('select', 'all')) h ON h.relation = s.relation
  WHERE s.operation = 'update' AND s.path IS NOT NULL AND lower(trim(v.value)) NOT IN ('null', 'undefined', 'false', 'none')
    AND (s.returns_rows = 1 OR EXISTS (SELECT 1 FROM code_call c WHERE c.id = w.call AND (c.verb = 'sql' OR json_array_length(c.filters) > 0)))
    AND NOT EXISTS (
      SELECT 1 FROM heard p, (SELECT CASE WHEN lower(v.key) = v.key THEN v.key ELSE '"' || v.key || '"' END AS name) q
      WHERE p.relation = s.relation AND p.permissive = 1 AND p.command IN ('select', 'all')
        AND (instr(p.using_expr, ' OR ') > 0
             OR NOT (instr(p.using_expr, '(' || q.name || ' IS NULL)') > 0
                     OR (lower(trim(v.value)) = 'true'
                         AND (instr(p.using_expr, '(NOT ' || q.name || ')') > 0 OR instr(p.using_expr, '(' || q.name || ' = false)') > 0 OR instr(p.using_expr, '(' || q.name || ' IS FALSE)') > 0)))))
),
other (causes) AS (VALUES (json_array(
  json_object('cause', 'insert-should-be-upsert', 'because', 'the row is refused by a policy, not by a key'),
  json_object('cause', 'trigger-context', 'because', 'the statement itself is refused, no function runs in between')))),
found AS MATERIALIZED (
  SELECT j.*,
         CASE WHEN j.is_unmet OR (j.is_told AND (j.refused OR j.missing IS NULL)) THEN 'error'
              WHEN j.half_refused AND (j.may_insert OR j.may_update) THEN 'warning'
              WHEN j.add_insert AND (j.may_update OR j.in_page) THEN 'warning'
              WHEN j.ignored_in_sight AND j.may_insert THEN 'warning'
              WHEN j.ignored AND j.may_something AND j.in_page THEN 'warning'
              -- Readable, and written by somebody else: mostly on purpose.
              ELSE 'info' END AS severity
  FROM judged j
  WHERE (j.missing IS NOT NULL AND (j.is_told OR j.is_unmet OR j.may_something OR j.in_page))
     OR (j.is_told AND j.missing_grants IS NOT NULL)
)
SELECT
  'rls-policy-missing' AS cause,
  f.qualified AS relation,
  NULL AS object,
  f.severity AS severity,
  CASE WHEN f.is_seen AND f.is_told THEN 'certain' ELSE 'likely' END AS confidence,
  CASE WHEN f.missing IS NULL THEN f.who || ' lacks the grant of ' || CASE WHEN f.role = 'public' THEN 'some of ' ELSE '' END || f.missing_grants || ' on ' || f.qualified
       ELSE f.qualified || ' has no ' || f.missing || ' policy for ' || f.who || ', which the statement needs' END AS title,
  NULL AS write,
  (SELECT json_group_array(json(site)) FROM (
     SELECT * FROM (
       SELECT DISTINCT CASE WHEN s.path IS NOT NULL THEN json_object('file', s.path, 'line', s.line, 'end_line', s.end_line)
                            ELSE json_object('function', s.routine_name, 'line', s.routine_line) END AS site
       FROM statement s
       WHERE s.relation = f.oid AND (s.path IS NOT NULL OR s.routine_name IS NOT NULL)
         AND (EXISTS (SELECT 1 FROM lacking l WHERE l.statement = s.id AND (l.silent = 0 OR NOT f.refused OR NOT f.is_told)) OR f.missing IS NULL)
       ORDER BY s.id)
     UNION ALL
     SELECT * FROM (SELECT DISTINCT json_object('file', b.path, 'line', b.line, 'end_line', b.end_line) FROM blind b WHERE b.relation = f.oid ORDER BY b.path, b.line))) AS sites,
  CASE WHEN f.refused OR f.missing IS NULL THEN json_array('42501') WHEN f.expects_one THEN json_array('PGRST116') ELSE json_array() END AS sqlstates,
  f.role AS key,
  (SELECT json_group_array(value) FROM (
     SELECT 'Policies for ' || f.who || ' on ' || f.qualified || ': ' || coalesce(f.there, 'none') || '; the statement needs ' || f.missing || ' as well.' AS value WHERE f.missing IS NOT NULL
     UNION ALL SELECT 'ON CONFLICT with a target checks the proposed row against the SELECT policies, even for DO NOTHING and even when the row is new.'
       WHERE f.add_select AND NOT f.only_returning AND f.upserts
     UNION ALL SELECT 'On the conflict path DO UPDATE needs an UPDATE policy: new rows pass, rows that are there are refused.'
       WHERE f.update_refused
     UNION ALL SELECT 'UPDATE and DELETE without their policy touch no row and raise no error: the code believes that it was done.' WHERE f.ignored AND (f.add_update OR f.add_delete)
     UNION ALL SELECT 'Without a SELECT policy no row is visible to ' || f.who || ': a request for one row finds none, whatever the table holds.' WHERE f.oid IN (SELECT b.relation FROM blind b)
     UNION ALL SELECT 'Asking for the written row (.select(), RETURNING) needs a SELECT policy that the row passes.' WHERE f.add_select AND f.only_returning AND f.oid NOT IN (SELECT b.relation FROM blind b)
     UNION ALL SELECT 'Privileges that ' || f.who || ' lacks on the table: ' || CASE WHEN f.role = 'public' THEN 'some of ' ELSE '' END || f.missing_grants || '. Policies choose rows only where the command is granted at all.' WHERE f.missing_grants IS NOT NULL)) AS why,
  (SELECT json_group_array(json_object('label', label, 'value', value)) FROM (
     SELECT 'role of the request' AS label, f.who AS value
     UNION ALL SELECT 'policies for it', coalesce(f.there, 'none')
     UNION ALL SELECT 'policies missing', coalesce(f.missing, 'none')
     UNION ALL SELECT 'policies that ask for the service key, and so let nobody in', (SELECT group_concat(name, ', ') FROM (SELECT DISTINCT s.name FROM for_service s WHERE s.relation = f.oid ORDER BY 1))
     UNION ALL SELECT 'grants missing', coalesce(f.missing_grants, 'none')
     UNION ALL SELECT CASE WHEN f.sibling IS NULL THEN 'whose a row is, as policies of other tables say it' ELSE 'predicate of the others' END, f.expr WHERE f.expr IS NOT NULL)) AS evidence,
  (SELECT causes FROM other) AS ruled_out,
  CASE WHEN f.missing_grants IS NOT NULL THEN json_array('grant-first')
       WHEN f.expr IS NOT NULL OR f.owner_name IS NOT NULL THEN
         CASE WHEN f.only_returning THEN json_array('add-policies', 'do-without-returning') ELSE json_array('add-policies', 'state-who-may') END
       WHEN f.only_returning THEN json_array('do-without-returning', 'state-who-may')
       ELSE json_array('state-who-may') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(f.schema, f.name)),
    'roles', CASE WHEN coalesce(f.sibling_roles, json_array(f.role)) = '["public"]' THEN json_object('sql', 'PUBLIC') ELSE json_object('columns', json(coalesce(f.sibling_roles, json_array(f.role)))) END,
    'who', f.who,
    'predicate', json_object('sql', f.expr),
    'sibling', coalesce(f.sibling, ''),
    'owner', json_object('ident', f.owner_name),
    'commands', (SELECT json_group_array(json_object(
        'name', json_object('sql', upper(c.name)),
        'policy', json_object('new_name', f.name || '_' || c.name || '_own' || (SELECT CASE WHEN count(*) = 0 THEN '' ELSE '_' || (count(*) + 1) END FROM policy p WHERE p.relation = f.oid AND substr(p.name, 1, length(f.name || '_' || c.name || '_own')) = f.name || '_' || c.name || '_own')),
        'reads', json(CASE WHEN c.name = 'insert' THEN 'false' ELSE 'true' END),
        'writes', json(CASE WHEN c.name IN ('insert', 'update') THEN 'true' ELSE 'false' END)))
      FROM command c WHERE CASE c.name WHEN 'select' THEN f.add_select WHEN 'insert' THEN f.add_insert WHEN 'update' THEN f.add_update ELSE f.add_delete END),
    'only_returning', json(CASE WHEN f.only_returning THEN 'true' ELSE 'false' END),
    'missing', coalesce(f.missing, ''),
    'missing_grants', coalesce(f.missing_grants, '')
  ) AS params
FROM found f
UNION ALL
SELECT
  'rls-policy-missing', n.qualified, NULL, 'error', 'likely',
  'The request on ' || n.qualified || ' came without a session, and its policies ask who is signed in',
  NULL,
  (SELECT json_group_array(json(site)) FROM (
     SELECT DISTINCT json_object('file', s.path, 'line', s.line, 'end_line', s.end_line) AS site
     FROM statement s WHERE s.relation = n.oid AND s.operation = n.command AND s.path IS NOT NULL ORDER BY s.id)),
  json_array('42501'), n.role,
  json_array(
    'The request ran as anon: it was refused with 401, which PostgREST answers to a caller without a session.',
    'Policies for ' || upper(n.command) || ' on ' || n.qualified || ' (' || n.policies || ') compare with the signed-in user; for anon that is NULL, so no row passes.',
    'The policies do what they are for. The session is missing: not signed in yet, signed out, expired, or a client on the server without the person''s cookies.'),
  json_array(
    json_object('label', 'role of the request', 'value', n.role),
    json_object('label', 'policies that ask who is signed in', 'value', n.policies)),
  (SELECT causes FROM other),
  json_array('send-the-session', 'state-who-may'),
  json_object(
    'relation', json_object('name', json_array(n.schema, n.name)),
    'roles', json_object('columns', json_array(n.role)),
    'who', n.role, 'missing', upper(n.command), 'missing_grants', '')
FROM nobody n
UNION ALL
SELECT
  'rls-policy-missing', a.qualified, NULL,
  -- Where it is so, each such request is refused; unreported it may be code that nobody runs, or another role's.
  CASE WHEN a.is_told THEN 'error' ELSE 'info' END, 'certain',
  'The UPDATE of ' || l.marked || ' takes the row of ' || a.qualified || ' out of sight, which its SELECT policies refuse',
  l.id,
  json_array(json_object('file', l.path, 'line', l.line, 'end_line', l.end_line)),
  json_array('42501'), l.marked,
  json_array(
    'Every SELECT policy for ' || a.role || ' on ' || a.qualified || ' asks for rows whose ' || l.marked || ' is not set; the UPDATE sets it.',
    'An UPDATE that looks its rows up is held to the SELECT policies twice: the old row has to pass them, and so has the new one. The UPDATE policy is not at fault.'),
  json_array(
    json_object('label', 'role of the request', 'value', a.role),
    json_object('label', 'sets', 'value', l.marked || ' = ' || l.mark),
    json_object('label', 'SELECT policies', 'value', (SELECT group_concat(name, ', ') FROM (SELECT h.name FROM heard h WHERE h.relation = a.oid AND h.permissive = 1 AND h.command IN ('select', 'all') ORDER BY 1)))),
  (SELECT causes FROM other),
  json_array('mark-through-function'),
  json_object(
    'relation', json_object('name', json_array(a.schema, a.name)),
    'roles', json_object('columns', json_array(a.role)),
    'who', a.role, 'marked', json_object('ident', l.marked), 'missing', 'SELECT', 'missing_grants', '')
FROM leaving l JOIN asking a ON a.oid = l.relation
WHERE l.place = 1
