-- Trigger functions that do not find the table they mean, find a namesake of it, or may not write it.
WITH
told AS (
  SELECT s.sqlstate, s.relation, s.relation_oid, s.role, lower(coalesce(s.message, '')) AS message, lower(coalesce(s.url_path, '')) AS url_path,
         EXISTS (SELECT 1 FROM symptom_frame f WHERE f.function IS NOT NULL) AS has_frames
  FROM symptom s
),
-- Writes in trigger functions, and in what they call, once for each statement that sets them off.
caused AS (
  SELECT e.trigger, e.relation AS outer_relation, e.event, e.fires, e.definer, e.depth, e.path AS effect_path, w.*,
         o.qualified AS outer_qualified, o.schema AS outer_schema, o.rls AS outer_rls, o.owner AS outer_owner,
         t.name AS trigger_name, t.routine AS trigger_routine, t.enabled, t.timing, t.level,
         q.schema AS routine_schema, q.search_path, q.body, q.returns_trigger, q.qualified AS routine_label,
         row_number() OVER (PARTITION BY w.id ORDER BY (SELECT x.relation_oid FROM symptom x) = e.relation DESC, e.depth, e.fires, t.name, e.event) AS place
  FROM effect e
  JOIN write w ON w.id = e.write
  JOIN rel_trigger t ON t.oid = e.trigger
  JOIN relation o ON o.oid = e.relation AND o.parent IS NULL
  JOIN routine q ON q.oid = w.routine AND q.managed = 0
  WHERE e.fires <> 'never'
    AND NOT EXISTS (SELECT 1 FROM json_each(coalesce(w.guards, '[]')) g WHERE g.value IN ('others', 'undefined_table', 'undefined_column', 'insufficient_privilege', '42P01', '42703', '42501'))
),
-- Bare names, and the table that is meant: in the trigger's own schema, the function's, public; else the only one.
bare AS (
  SELECT c.* FROM caused c
  WHERE c.place = 1 AND c.schema_given = 0
    -- A table that the function makes for itself.
    AND lower(c.body) NOT LIKE '%create temp%' AND lower(c.body) NOT LIKE '%create local temp%'
),
meant AS (
  SELECT c.id AS write, n.oid, n.qualified, n.schema, n.name,
         row_number() OVER (PARTITION BY c.id ORDER BY n.oid IS c.relation DESC, n.schema = c.outer_schema DESC, n.schema = c.routine_schema DESC, n.schema = 'public' DESC, n.qualified) AS place,
         count(*) OVER (PARTITION BY c.id) AS namesakes
  FROM bare c JOIN relation n ON n.name = c.name AND n.kind IN ('table', 'partitioned', 'view', 'foreign') AND n.managed = 0
),
-- The namesake that is found lacks columns that another one has.
misled AS (
  SELECT c.id AS write, n.oid, n.qualified, n.schema, n.name, f.qualified AS found,
         (SELECT group_concat(v.value, ', ') FROM json_each(c.columns) v WHERE v.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = c.relation)) AS lacking,
         row_number() OVER (PARTITION BY c.id ORDER BY n.schema = c.outer_schema DESC, n.schema = c.routine_schema DESC, n.qualified) AS place
  FROM bare c
  JOIN relation f ON f.oid = c.relation
  JOIN relation n ON n.name = c.name AND n.kind IN ('table', 'partitioned') AND n.managed = 0
  WHERE c.search_path IS NOT NULL
    AND EXISTS (SELECT 1 FROM attribute a WHERE a.relation = f.oid)
    AND EXISTS (SELECT 1 FROM json_each(c.columns) v WHERE v.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = f.oid))
    AND NOT EXISTS (SELECT 1 FROM json_each(c.columns) v WHERE v.value NOT IN (SELECT a.name FROM attribute a WHERE a.relation = n.oid))
),
unfound AS (
  SELECT c.*, m.oid AS target_oid, m.qualified AS goal, m.schema AS target_schema, m.name AS target_name, NULL AS found, NULL AS lacking,
         EXISTS (SELECT 1 FROM told t WHERE t.sqlstate = '42P01' AND t.relation IN (c.name, m.qualified)
                   AND (NOT t.has_frames OR EXISTS (SELECT 1 FROM symptom_frame f WHERE f.routine = c.routine))) AS is_reported,
         c.relation IS NULL AND c.search_path IS NOT NULL AS pinned_away,
         -- Sign-ups run with the path of the service that does them.
         c.search_path IS NULL AND c.outer_schema = 'auth'
           AND EXISTS (SELECT 1 FROM role r WHERE r.name = 'supabase_auth_admin'
                         AND instr(',' || replace(replace(r.search_path, ' ', ''), '"', '') || ',', ',' || m.schema || ',') = 0) AS from_auth
  FROM bare c JOIN meant m ON m.write = c.id AND m.place = 1
),
lost AS (
  SELECT u.* FROM unfound u
  -- A report from before the path was pinned says nothing of the function as it is now.
  WHERE u.pinned_away OR u.from_auth OR (u.is_reported AND (u.search_path IS NULL OR u.relation IS NOT u.target_oid))
  UNION ALL
  SELECT c.*, m.oid, m.qualified, m.schema, m.name, m.found, m.lacking,
         EXISTS (SELECT 1 FROM told t WHERE t.sqlstate = '42703' AND EXISTS (SELECT 1 FROM symptom_frame f WHERE f.routine = c.routine)), 0, 0
  FROM bare c JOIN misled m ON m.write = c.id AND m.place = 1
),
nowhere AS (
  SELECT l.*, row_number() OVER (PARTITION BY l.routine, l.target_oid ORDER BY l.is_reported DESC, l.routine_line) AS nth FROM lost l
),

-- Who may write the outer table but not the inner one, where the function runs with the caller's rights.
caller AS (
  SELECT r.name FROM role r
  WHERE r.superuser = 0 AND r.bypass_rls = 0 AND r.name NOT IN ('service_role', 'authenticator')
    AND (EXISTS (SELECT 1 FROM privilege p WHERE p.role = r.name) OR EXISTS (SELECT 1 FROM policy_for p WHERE p.role = r.name))
),
demand (operation, action, command) AS (
  VALUES ('insert', '', 'insert'), ('insert', 'nothing', 'select'), ('insert', 'update', 'select'), ('insert', 'update', 'update'),
         ('update', '', 'update'), ('delete', '', 'delete')
),
wanted AS (
  SELECT c.id AS write, d.command
  FROM (SELECT DISTINCT id, operation, action, target_kind FROM caused) c
  JOIN demand d ON d.operation = c.operation AND (d.action = '' OR (d.action = c.action AND (d.command <> 'select' OR c.target_kind <> 'none')))
),
refused AS (
  SELECT c.*, r.name AS role,
         EXISTS (SELECT 1 FROM wanted d WHERE d.write = c.id
                   AND NOT EXISTS (SELECT 1 FROM granted p WHERE p.relation = c.relation AND p.role IN (r.name, 'PUBLIC') AND p.command = d.command)) AS lacks_grant,
         -- Without a policy an UPDATE or DELETE finds no rows, which is no error.
         n.rls = 1 AND c.operation = 'insert'
           AND EXISTS (SELECT 1 FROM wanted d WHERE d.write = c.id
                         AND NOT EXISTS (SELECT 1 FROM policy_for p WHERE p.relation = c.relation AND p.permissive = 1
                                           AND p.command IN (d.command, 'all') AND p.role IN (r.name, 'public'))) AS lacks_policy,
         r.name = c.outer_owner
           OR (EXISTS (SELECT 1 FROM granted p WHERE p.relation = c.outer_relation AND p.role IN (r.name, 'PUBLIC') AND p.command = c.event)
               AND (c.outer_rls = 0 OR EXISTS (
                 SELECT 1 FROM policy_for p WHERE p.relation = c.outer_relation AND p.permissive = 1 AND p.command IN (c.event, 'all')
                   AND (p.role = r.name OR (p.role = 'public' AND (r.name <> 'anon' OR lower(coalesce(p.check_expr, p.using_expr, '')) NOT LIKE '%auth.%')))))) AS may_outer,
         r.name = c.outer_owner AND c.outer_schema = 'auth' AS is_service
  FROM caused c JOIN relation n ON n.oid = c.relation AND n.managed = 0 AND n.kind IN ('table', 'partitioned')
  JOIN caller r ON r.name <> n.owner OR n.rls_forced = 1
  WHERE c.definer = 0
),
spoken AS (
  SELECT c.*,
         EXISTS (SELECT 1 FROM told t JOIN symptom_frame s ON s.routine = c.routine WHERE t.sqlstate = '42501' AND (t.relation_oid = c.relation OR t.relation = c.name)) AS by_frame,
         -- The request names another table than the refusal does, and nothing else writes that one.
         EXISTS (SELECT 1 FROM told t WHERE t.sqlstate = '42501' AND NOT t.has_frames AND (t.relation_oid = c.relation OR (t.relation_oid IS NULL AND t.relation = c.name)))
           AND NOT EXISTS (SELECT 1 FROM write a WHERE a.origin IN ('code', 'pasted') AND a.relation = c.relation AND a.operation = c.operation) AS by_table
  FROM refused c WHERE c.lacks_grant OR c.lacks_policy
),
forbidden AS (
  SELECT c.*, c.by_frame OR (c.by_table AND c.may_outer) AS is_reported,
         row_number() OVER (PARTITION BY c.routine, c.relation
                            ORDER BY c.by_frame DESC, c.may_outer DESC, c.role = (SELECT t.role FROM told t) DESC, c.is_service DESC, c.role = 'authenticated' DESC, c.role = 'anon' DESC, c.depth, c.routine_line, c.event, c.role) AS nth
  FROM spoken c
  WHERE c.by_frame
     OR (c.may_outer
         AND (c.is_service OR c.outer_rls = 1 OR c.by_table
              -- Without row level security rights alone say little: somebody has to use them.
              OR EXISTS (SELECT 1 FROM write a JOIN own_call k ON k.id = a.call AND NOT k.elsewhere
                         WHERE a.relation = c.outer_relation AND a.operation = c.event AND a.via = 'postgrest')))
),
-- Refused inside the function, but no role in sight lacks anything: the policies that are there refuse the row.
unfit AS (
  SELECT c.*, coalesce(t.role, (SELECT r.name FROM role r WHERE r.name = 'authenticated'), 'the caller') AS role,
         instr(t.message, 'permission denied') > 0 AS lacks_grant, instr(t.message, 'permission denied') = 0 AS lacks_policy, 0, 0, 0, 0, 1,
         row_number() OVER (PARTITION BY c.routine, c.relation ORDER BY c.place, c.routine_line) AS nth
  FROM told t
  JOIN caused c ON c.definer = 0 AND (c.relation = t.relation_oid OR (t.relation_oid IS NULL AND c.name = t.relation))
  WHERE t.sqlstate = '42501' AND EXISTS (SELECT 1 FROM symptom_frame s WHERE s.routine = c.routine)
    AND NOT EXISTS (SELECT 1 FROM forbidden f WHERE f.routine = c.routine AND f.relation = c.relation)
),
barred AS (
  SELECT * FROM forbidden WHERE nth = 1 UNION ALL SELECT * FROM unfit WHERE nth = 1
),

-- Both kinds as one shape.
shown AS (
  SELECT l.id, l.trigger_name, l.trigger, l.outer_relation, l.outer_qualified, l.event, l.timing, l.level, l.enabled, l.fires, l.effect_path, l.routine, l.routine_label, l.routine_line,
         l.operation, l.name, l.schema_given, l.search_path, l.definer, l.is_reported,
         l.target_oid, l.goal AS target, l.target_schema, l.target_name, l.found, l.lacking, l.from_auth, NULL AS role, 0 AS lacks_grant, 0 AS lacks_policy, 0 AS is_service,
         l.routine AS fix_routine, CASE WHEN l.found IS NULL THEN '42P01' ELSE '42703' END AS state,
         -- The right schema first, then what is pinned already; a pinned path with odd names is left to a person.
         CASE WHEN l.search_path IS NULL OR l.search_path GLOB '*"*' AND l.search_path <> '""' THEN json_array(l.target_schema, 'public')
              ELSE json('["' || replace(replace(replace(l.target_schema, '\', '\\'), '"', '\"') || ', ' || replace(l.search_path, '""', ''), ', ', '","') || '"]') END AS schemas,
         l.search_path GLOB '*"*' AND l.search_path <> '""' AS odd_path
  FROM nowhere l WHERE l.nth = 1
  UNION ALL
  SELECT b.id, b.trigger_name, b.trigger, b.outer_relation, b.outer_qualified, b.event, b.timing, b.level, b.enabled, b.fires, b.effect_path, b.routine, b.routine_label, b.routine_line,
         b.operation, b.name, b.schema_given, b.search_path, b.definer, b.is_reported,
         n.oid, n.qualified, n.schema, n.name, NULL, NULL, 0, b.role, b.lacks_grant, b.lacks_policy, b.is_service,
         -- Only a trigger function may run as its owner: anybody can call another one.
         CASE WHEN b.returns_trigger = 1 THEN b.routine WHEN b.depth = 1 THEN b.trigger_routine END,
         '42501', json_array(n.schema, b.routine_schema, 'public'), 0
  FROM barred b JOIN relation n ON n.oid = b.relation
),
judged AS (
  SELECT s.*, q.qualified || '()' AS fixed_label, q.owner, q.definition, q.search_path AS fixed_path,
         -- Constants and values of the row only; who asks must not matter.
         q.oid IS NOT NULL AND q.managed = 0 AND q.parsed = 1
           AND NOT EXISTS (SELECT 1 FROM unknown u WHERE u.routine IN (s.fix_routine, s.routine))
           AND NOT EXISTS (SELECT 1 FROM write w WHERE w.routine IN (s.fix_routine, s.routine) AND w.dynamic = 1)
           AND NOT EXISTS (SELECT 1 FROM routine x, json_each('["current_user", "current_role", "session_user", "set role", "set_config", "execute "]') m
                           WHERE x.oid IN (s.fix_routine, s.routine) AND instr(lower(x.body), m.value) > 0) AS harmless,
         (SELECT json_group_array(value) FROM (
            SELECT value, min(rank) AS rank FROM (
              SELECT j.value AS value, j.key AS rank FROM json_each(s.schemas) j WHERE j.value NOT IN ('', 'pg_temp', 'pg_catalog', '$user')
              UNION ALL SELECT x.schema, 100 FROM extension x WHERE s.search_path IS NULL AND x.schema = 'extensions'
              UNION ALL SELECT 'pg_temp', 200)
            GROUP BY value ORDER BY rank)) AS path
  FROM shown s LEFT JOIN routine q ON q.oid = s.fix_routine
)
SELECT
  'trigger-context' AS cause,
  j.target AS relation,
  j.trigger_name AS object,
  'error' AS severity,
  CASE WHEN j.is_reported OR j.from_auth OR (j.state <> '42501' AND j.search_path IS NOT NULL) OR (j.state = '42501' AND j.fires = 'always') THEN 'certain' ELSE 'likely' END AS confidence,
  CASE j.state
    WHEN '42P01' THEN 'Trigger ' || j.trigger_name || ' does not find ' || j.target || ': its function looks elsewhere'
    WHEN '42703' THEN 'Trigger ' || j.trigger_name || ' finds ' || j.found || ' instead of ' || j.target
    ELSE 'Trigger ' || j.trigger_name || ' writes ' || j.target || ' as ' || j.role || ', who may not' END AS title,
  j.id AS write,
  (SELECT json_group_array(json(place)) FROM (
     SELECT json_object('function', j.routine_label, 'line', j.routine_line) AS place
     UNION ALL
     SELECT * FROM (
       SELECT json_object('file', a.path, 'line', a.line, 'end_line', a.end_line)
       FROM write a WHERE a.origin = 'code' AND a.relation = j.outer_relation AND a.operation = j.event
       ORDER BY a.path, a.line LIMIT 20))) AS sites,
  -- A schema on the path that the caller may not use is passed over without a word.
  CASE WHEN j.state = '42501' AND j.lacks_grant AND j.schema_given = 0 THEN json_array('42501', '42P01') ELSE json_array(j.state) END AS sqlstates,
  json_array(
    'An ' || j.event || ' of ' || j.outer_qualified || ' fires ' || j.trigger_name || ', and ' || j.routine_label || '() line ' || j.routine_line || ' writes ' || j.name || '.',
    CASE j.state
      WHEN '42P01' THEN 'The name has no schema, and ' || CASE WHEN j.search_path IS NOT NULL THEN 'the function''s own search_path (' || CASE j.search_path WHEN '""' THEN 'empty' ELSE j.search_path END || ')'
                                                            WHEN j.from_auth THEN 'the sign-up service''s search_path' ELSE 'the search_path of whoever fires the trigger' END || ' does not lead to ' || j.target || '.'
      WHEN '42703' THEN 'The name has no schema, and the function''s search_path (' || j.search_path || ') leads to ' || j.found || ', which has no ' || j.lacking || '; ' || j.target || ' has.'
      ELSE 'The function runs with the rights of whoever fires it (SECURITY INVOKER), and ' || j.role || CASE WHEN j.lacks_grant THEN ' lacks a privilege on ' || j.target ELSE ' has no policy that lets the row into ' || j.target END || '.' END,
    'The whole outer statement is rolled back with ' || j.state || ', an error about a table that the application does not name.',
    CASE j.state WHEN '42501' THEN 'The refusal is right as far as people are concerned: it is the trigger that should not write as one of them.' ELSE 'The table is there; the name leads elsewhere.' END
  ) AS why,
  (SELECT json_group_array(value) FROM (
     SELECT coalesce((SELECT a.path || ':' || a.line FROM write a WHERE a.origin = 'code' AND a.relation = j.outer_relation AND a.operation = j.event ORDER BY a.path, a.line LIMIT 1),
                     upper(j.event) || ' ' || j.outer_qualified) AS value
     UNION ALL SELECT p.value FROM json_each(j.effect_path) p)) AS chain,
  json_array(
    json_object('label', 'trigger', 'value', j.trigger_name || ' ' || j.timing || ' ' || j.event || ' on ' || j.outer_qualified || ' for each ' || j.level || ', enabled: ' || j.enabled),
    json_object('label', 'function', 'value', j.routine_label || '() line ' || j.routine_line),
    json_object('label', 'runs as', 'value', CASE WHEN j.definer THEN 'its owner' ELSE 'whoever fires it' || coalesce(', such as ' || j.role, '') END),
    json_object('label', 'search_path', 'value', coalesce('pinned: ' || CASE j.search_path WHEN '""' THEN 'empty' ELSE j.search_path END, 'not pinned')),
    json_object('label', 'table that is found', 'value', j.found)
  ) AS evidence,
  CASE j.state WHEN '42501' THEN json_array(
      json_object('cause', 'rls-policy-missing', 'because', 'nobody writes ' || j.target || ' directly: the trigger does'))
    ELSE json_array(json_object('cause', 'wrong-conflict-target', 'because', 'the statement is refused before any key is looked at')) END AS ruled_out,
  CASE WHEN j.state <> '42501' THEN CASE WHEN j.odd_path THEN json_array('name-the-schema') ELSE json_array('pin-search-path', 'name-the-schema') END
       WHEN j.harmless THEN json_array('run-as-owner', 'allow-own-rows')
       ELSE json_array('allow-own-rows') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(j.target_schema, j.target_name)),
    'target', j.target,
    'trigger', json_object('ident', j.trigger_name),
    'routine_label', j.routine_label || '()',
    'fixed_label', j.fixed_label,
    'line', j.routine_line,
    'routine_signature', json_object('routine', j.fix_routine),
    'definition', CASE WHEN j.definition IS NULL THEN NULL ELSE json_object('sql', j.definition) END,
    'owner', j.owner,
    'role', coalesce(j.role, ''),
    'privilege', json_object('literal', upper(j.operation)),
    'lacks_grant', json(CASE WHEN j.lacks_grant THEN 'true' ELSE 'false' END),
    'lacks_policy', json(CASE WHEN j.lacks_policy THEN 'true' ELSE 'false' END),
    'path_text', (SELECT group_concat(value, ', ') FROM json_each(j.path)),
    -- A function that has its path keeps it when only its rights change.
    'path', CASE WHEN j.state = '42501' AND j.fixed_path IS NOT NULL THEN json('[]')
                 ELSE (SELECT json_group_array(json_object('ident', value)) FROM json_each(j.path)) END
  ) AS params
FROM judged j
