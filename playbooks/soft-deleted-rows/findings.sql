-- Unique keys over all rows on tables whose rows are only marked as deleted: a deleted row keeps its value.
WITH
told AS MATERIALIZED (
  SELECT s.index_oid, s.relation_oid FROM symptom s WHERE s.sqlstate = '23505'
),
-- Marks that some row bears, as far as is known.
used AS MATERIALIZED (
  SELECT d.*, r.name AS rel_name, lower(r.name) AS low_name, lower(d.attribute) AS low_mark
  FROM soft_delete d JOIN relation r ON r.oid = d.relation WHERE d.live <> '' AND coalesce(d.dead_rows, 1) > 0
),
sent AS MATERIALIZED (
  SELECT c.path, c.line, lower(c.statement) AS said FROM code_call c WHERE c.statement IS NOT NULL
),
-- Who says that marked rows are out of sight: reads, policies, indexes over the others, functions; and what marks them.
hides AS MATERIALIZED (
  SELECT d.relation, d.attribute, 'reads leave them out (' || c.path || ':' || c.line || ')' AS said, 1 AS rank
  FROM used d JOIN code_call c ON c.relation = d.rel_name AND c.verb = 'select', json_each(c.filters) f
  WHERE json_extract(f.value, '$.column') = d.attribute
  UNION ALL
  SELECT d.relation, d.attribute, 'a statement looks at the mark (' || c.path || ':' || c.line || ')', 2
  FROM used d JOIN sent c ON instr(c.said, d.low_mark) > 0 AND instr(c.said, d.low_name) > 0
  UNION ALL
  SELECT d.relation, d.attribute, 'the policy ' || p.name || ' looks at the mark', 3
  FROM used d JOIN policy_expression p ON p.relation = d.relation AND instr(lower(p.expr), d.low_mark) > 0
  UNION ALL
  SELECT d.relation, d.attribute, 'the index ' || i.name || ' leaves them out', 4
  FROM used d JOIN rel_index i ON i.relation = d.relation
  WHERE instr(lower(i.predicate), d.low_mark) > 0
  UNION ALL
  SELECT d.relation, d.attribute, 'they are marked by an UPDATE (' || coalesce(w.path || ':' || w.line, w.routine_name || '()') || ')', 5
  FROM used d JOIN write w ON w.relation = d.relation AND w.operation = 'update'
  WHERE d.attribute IN (SELECT value FROM json_each(w.columns))
    AND lower(coalesce((SELECT v.value FROM json_each(w.column_values) v WHERE v.key = d.attribute), '')) NOT IN ('null', 'none')
    -- A switch (enabled, active) that is set to whatever somebody wants marks nothing as deleted.
    AND (d.strength = 'strong' OR lower(trim((SELECT v.value FROM json_each(w.column_values) v WHERE v.key = d.attribute))) IN ('true', 'false', '0', '1'))
  UNION ALL
  SELECT d.relation, d.attribute, 'the function ' || f.qualified || '() looks at the mark', 6
  FROM used d JOIN write w ON w.relation = d.relation JOIN routine f ON f.oid = w.routine AND f.managed = 0
  WHERE instr(lower(f.body), d.low_mark) > 0
),
hidden AS MATERIALIZED (
  SELECT relation, attribute, said, row_number() OVER (PARTITION BY relation, attribute ORDER BY rank, said) AS place FROM hides
),
mark AS MATERIALIZED (
  SELECT d.*, h.said AS hidden_by
  FROM used d LEFT JOIN hidden h ON h.relation = d.relation AND h.attribute = d.attribute AND h.place = 1
),
-- Keys that cover the marked rows as well.
whole_key AS MATERIALIZED (
  SELECT i.*, r.qualified, r.schema AS rel_schema, r.name AS rel_name, r.kind,
         k.name AS constraint_name, k.definition AS constraint_definition,
         EXISTS (SELECT 1 FROM told t WHERE t.index_oid = i.oid) AS is_told
  FROM rel_index i
  JOIN relation r ON r.oid = i.relation AND r.kind IN ('table', 'partitioned') AND r.managed = 0
  LEFT JOIN rel_constraint k ON k.oid = i.constraint_oid
  WHERE i.is_unique = 1 AND i.is_valid = 1 AND coalesce(i.predicate, 'none') <> ''
    AND NOT EXISTS (SELECT 1 FROM json_each(i.expressions) e WHERE e.value = '')
),
met AS MATERIALIZED (
  SELECT k.*, m.attribute, m.live, m.strength, m.dead_rows, m.hidden_by, o.owners, o.dead,
         row_number() OVER (PARTITION BY k.oid ORDER BY coalesce(o.dead, 0) DESC, m.strength = 'strong' DESC, m.hidden_by IS NOT NULL DESC, coalesce(m.dead_rows, 0) DESC, m.attribute) AS place
  FROM whole_key k
  JOIN mark m ON m.relation = k.relation
  LEFT JOIN key_owner o ON o.index_oid = k.oid AND o.attribute = m.attribute
  WHERE NOT EXISTS (SELECT 1 FROM json_each(k.columns) c WHERE c.value = m.attribute)
    AND instr(lower(coalesce(k.predicate, '')), lower(m.attribute)) = 0
    AND NOT EXISTS (SELECT 1 FROM json_each(k.expressions) e WHERE instr(lower(e.value), lower(m.attribute)) > 0)
    AND (m.strength = 'strong' OR m.hidden_by IS NOT NULL)
),
-- Statements that bring a value for the key and say nothing about meeting it.
refused AS MATERIALIZED (
  SELECT m.oid, w.id, w.origin, w.path, w.line, w.end_line, w.routine_name, w.routine_line, w.via,
         EXISTS (SELECT 1 FROM code_call c, json_each(c.handles_sqlstate) h WHERE c.id = w.call AND h.value = '23505')
           OR EXISTS (SELECT 1 FROM json_each(w.guards) g WHERE g.value IN ('unique_violation', 'others')) AS handled,
         w.operation
  FROM met m
  JOIN write w ON w.relation = m.relation AND w.operation IN ('insert', 'update') AND w.origin IN ('code', 'routine')
  WHERE m.place = 1
    AND (w.columns IS NULL AND w.operation = 'insert'
         OR EXISTS (SELECT 1 FROM json_each(w.columns) c
                    WHERE c.value IN (SELECT value FROM json_each(m.columns))
                       OR EXISTS (SELECT 1 FROM json_each(m.expressions) e WHERE instr(lower(e.value), lower(c.value)) > 0)))
    AND NOT EXISTS (SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.index_oid = m.oid AND coalesce(a.usable, 1) = 1)
),
judged AS MATERIALIZED (
  SELECT m.*,
         EXISTS (SELECT 1 FROM arbiter a WHERE a.index_oid = m.oid AND coalesce(a.usable, 1) = 1) AS is_arbiter,
         EXISTS (SELECT 1 FROM rel_constraint c WHERE c.kind = 'foreign' AND c.ref_relation = m.relation
                   AND json_array_length(c.ref_columns) = json_array_length(m.columns)
                   AND NOT EXISTS (SELECT 1 FROM json_each(c.ref_columns) x WHERE x.value NOT IN (SELECT value FROM json_each(m.columns) WHERE value IS NOT NULL))) AS referenced,
         EXISTS (SELECT 1 FROM refused f WHERE f.oid = m.oid AND f.operation = 'insert' AND f.handled = 0) AS met_unawares,
         -- Somebody brings rows back on purpose: then the value is meant to stay theirs.
         EXISTS (SELECT 1 FROM write w WHERE w.relation = m.relation
                   AND EXISTS (SELECT 1 FROM json_each(w.column_values) v WHERE v.key = m.attribute
                                 AND lower(trim(v.value)) IN ('null', 'none', CASE WHEN m.live LIKE '%IS NOT FALSE' OR m.live NOT LIKE '% %' THEN 'true' ELSE 'false' END))
                   AND (w.operation = 'update' OR w.has_conflict = 1)) AS brought_back,
         -- What marks a row also takes the value off it: then no deleted row owns one.
         EXISTS (SELECT 1 FROM write w WHERE w.relation = m.relation AND w.operation = 'update'
                   AND m.attribute IN (SELECT value FROM json_each(w.columns))
                   AND EXISTS (SELECT 1 FROM json_each(w.columns) c
                               WHERE c.value IN (SELECT value FROM json_each(m.columns))
                                  OR EXISTS (SELECT 1 FROM json_each(m.expressions) e WHERE instr(lower(e.value), lower(c.value)) > 0))) AS is_freed,
         -- Values that nobody chooses do not come again.
         NOT EXISTS (SELECT 1 FROM json_each(m.columns) c LEFT JOIN attribute a ON a.relation = m.relation AND a.name = c.value
                     WHERE c.value IS NULL OR (a.has_default = 0 AND coalesce(a.identity, '') = '' AND lower(a.name) <> 'id'
                       AND NOT EXISTS (SELECT 1 FROM json_each('["token", "hash", "number", "uuid", "external", "stripe"]') n WHERE instr(lower(a.name), n.value) > 0))) AS machine_made
  FROM met m WHERE m.place = 1
),
found AS MATERIALIZED (
  SELECT j.*,
         CASE
           WHEN j.is_told AND j.owners > 0 AND j.dead > 0 THEN 'error'
           WHEN j.is_told AND j.owners > 0 OR j.is_freed THEN NULL
           WHEN j.is_told AND j.is_primary = 0 AND coalesce(j.dead_rows, CASE WHEN j.hidden_by IS NOT NULL THEN 1 END) > 0 THEN 'error'
           WHEN j.is_told THEN NULL
           WHEN j.is_primary = 1 OR coalesce(j.dead_rows, 0) = 0 OR j.machine_made OR NOT j.met_unawares OR j.is_arbiter THEN NULL
           WHEN j.brought_back OR j.hidden_by IS NULL THEN 'info'
           WHEN j.strength = 'weak' THEN 'info'
           ELSE 'warning' END AS severity
  FROM judged j
),
shown AS MATERIALIZED (
  SELECT f.*,
         coalesce((SELECT group_concat(value, ', ') FROM json_each(f.columns) WHERE value IS NOT NULL), '') AS column_text,
         -- What stands after the index's name and ON in its definition: its table, method, key and options.
         CASE WHEN substr(f.definition, 1, length('CREATE UNIQUE INDEX ' || f.name || ' ON ')) = 'CREATE UNIQUE INDEX ' || f.name || ' ON '
              THEN substr(f.definition, length('CREATE UNIQUE INDEX ' || f.name || ' ON ') + 1)
              WHEN substr(f.definition, 1, length('CREATE UNIQUE INDEX "' || replace(f.name, '"', '""') || '" ON ')) = 'CREATE UNIQUE INDEX "' || replace(f.name, '"', '""') || '" ON '
              THEN substr(f.definition, length('CREATE UNIQUE INDEX "' || replace(f.name, '"', '""') || '" ON ') + 1) END AS placed
  FROM found f WHERE f.severity IS NOT NULL
),
planned AS MATERIALIZED (
  SELECT s.*,
         CASE WHEN s.predicate IS NULL THEN s.placed
              WHEN substr(s.placed, -length(' WHERE ' || s.predicate)) = ' WHERE ' || s.predicate THEN substr(s.placed, 1, length(s.placed) - length(' WHERE ' || s.predicate)) END AS body,
         coalesce(nullif(s.column_text, ''), (SELECT group_concat(value, ', ') FROM json_each(s.expressions))) AS key_text,
         (SELECT json_group_array(json_object('file', path, 'function', routine_name, 'line', coalesce(line, routine_line), 'end_line', end_line))
          FROM (SELECT * FROM refused r WHERE r.oid = s.oid AND (s.is_told OR (r.operation = 'insert' AND r.handled = 0))
                  AND (r.origin = 'code' OR NOT EXISTS (SELECT 1 FROM refused o WHERE o.oid = s.oid AND o.origin = 'code')
                       OR EXISTS (SELECT 1 FROM symptom_frame f JOIN routine q ON q.oid = f.routine WHERE q.qualified = r.routine_name))
                  AND (r.operation = 'insert' OR NOT EXISTS (SELECT 1 FROM refused o WHERE o.oid = s.oid AND o.operation = 'insert') OR (SELECT operation FROM symptom) = 'update')
                ORDER BY r.id)) AS sites,
         (SELECT via FROM refused r WHERE r.oid = s.oid AND r.origin = 'code' ORDER BY r.id LIMIT 1) AS via
  FROM shown s
),
decided AS MATERIALIZED (
  SELECT p.*,
         p.is_primary = 0 AND p.is_immediate = 1 AND p.kind = 'table' AND p.body IS NOT NULL AND NOT p.is_arbiter AND NOT p.referenced
           AND (p.constraint_name IS NULL OR p.constraint_definition IS NOT NULL) AS can_narrow,
         EXISTS (SELECT 1 FROM rel_index x WHERE x.schema = p.schema AND x.name = p.name || '_live') AS is_taken
  FROM planned p
)
SELECT
  'soft-deleted-row' AS cause,
  d.qualified AS relation,
  d.name AS object,
  d.severity AS severity,
  CASE WHEN d.owners > 0 THEN 'certain' ELSE 'likely' END AS confidence,
  CASE WHEN d.owners > 0 THEN 'A deleted row of ' || d.qualified || ' still owns the value of ' || d.name
       ELSE 'Deleted rows of ' || d.qualified || ' keep their values of ' || d.name END AS title,
  NULL AS write,
  d.sites AS sites,
  json_array('23505') AS sqlstates,
  d.name AS constraint_name,
  json_array(
    d.name || ' covers every row of ' || d.qualified || ', also those that are only marked as deleted (' || d.attribute || ').',
    CASE WHEN d.owners > 0 THEN 'The row that has the reported value is one of those: it is out of sight, and still in the way.'
         WHEN d.dead_rows > 0 THEN d.dead_rows || ' rows are marked as deleted; whoever brings one of their values again meets a row that nobody sees.'
         ELSE 'Rows are marked as deleted there; whoever brings one of their values again meets a row that nobody sees.' END,
    CASE WHEN d.referenced THEN 'A foreign key refers to ' || d.name || ', so the key has to stay over all rows: the old row is to be brought back.'
         WHEN d.is_arbiter THEN 'Statements use ' || d.name || ' for ON CONFLICT; over live rows only they would be refused (42P10), so the old row is to be brought back.' END
  ) AS why,
  json_array(
    json_object('label', 'key', 'value', d.name || ' (' || d.key_text || ')' || coalesce(' WHERE ' || d.predicate, '')),
    json_object('label', 'live rows', 'value', d.live),
    json_object('label', 'rows marked as deleted', 'value', d.dead_rows),
    json_object('label', 'the row with the reported value', 'value', CASE WHEN d.owners > 0 THEN 'deleted' END),
    json_object('label', 'out of sight', 'value', d.hidden_by)
  ) AS evidence,
  (SELECT json_group_array(json_object('cause', cause, 'because', because)) FROM (
     SELECT 'legitimate-conflict' AS cause, 'the row that has the value is deleted' AS because WHERE d.owners > 0
     UNION ALL SELECT 'insert-should-be-upsert', CASE WHEN d.owners > 0 THEN 'the row is not there for the application: an upsert would write into a deleted row' ELSE 'an upsert would write into a deleted row, which stays out of sight' END
     UNION ALL SELECT 'sequence-behind', 'no sequence fills this key' WHERE d.is_primary = 0)) AS ruled_out,
  CASE WHEN d.can_narrow THEN json_array('unique-among-live', 'revive-the-row') ELSE json_array('revive-the-row') END AS fixes,
  json_object(
    'relation', json_object('name', json_array(d.rel_schema, d.rel_name)),
    'key', json_object('ident', d.name),
    'key_text', d.key_text,
    'key_name', json_object('name', json_array(d.schema, d.name)),
    'mark', json_object('ident', d.attribute),
    'live', json_object('expression', CASE WHEN d.predicate IS NULL THEN d.live ELSE '(' || d.predicate || ') AND (' || d.live || ')' END),
    'live_text', d.live,
    'body', CASE WHEN d.body IS NOT NULL THEN json_object('sql', d.body) END,
    'constraint', CASE WHEN d.constraint_name IS NOT NULL THEN json_object('ident', d.constraint_name) END,
    'constraint_definition', CASE WHEN d.constraint_definition IS NOT NULL THEN json_object('sql', d.constraint_definition) END,
    'definition', CASE WHEN d.definition IS NOT NULL THEN json_object('sql', d.definition) END,
    'building', json_object('new_name', d.name || '_live' || CASE WHEN d.is_taken THEN '_2' ELSE '' END),
    'building_name', json_object('new_table', json_array(d.schema, d.name || '_live' || CASE WHEN d.is_taken THEN '_2' ELSE '' END)),
    'has_expression', json(CASE WHEN EXISTS (SELECT 1 FROM json_each(d.columns) c WHERE c.value IS NULL) THEN 'true' ELSE 'false' END),
    'rest', json(CASE WHEN d.via = 'postgrest' THEN 'true' ELSE 'false' END),
    'why_not', CASE WHEN d.is_primary = 1 THEN 'the primary key cannot leave rows out'
                    WHEN d.referenced THEN 'a foreign key refers to ' || d.name
                    WHEN d.is_arbiter THEN 'statements name this key in ON CONFLICT and would be refused (42P10)'
                    ELSE '' END,
    'alive', CASE WHEN d.live LIKE '%IS NULL' AND d.live NOT LIKE '% OR %' THEN 'NULL' WHEN d.live LIKE 'NOT %' OR d.live LIKE '%IS NOT TRUE' THEN 'false'
                  WHEN d.live LIKE '%IS NOT FALSE' OR d.live NOT LIKE '% %' THEN 'true' ELSE 'the state of a live row' END
  ) AS params
FROM decided d
