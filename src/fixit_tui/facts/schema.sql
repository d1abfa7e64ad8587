-- The fact tables: documentation and contract at once. SQLite dialect.
-- Lists are JSON arrays, maps are JSON objects. Flags are 0 or 1; NULL means "not known".
-- oid columns hold the server's oids; `relation`, `routine` and so on refer to them.

-- Catalog facts -------------------------------------------------------------------------------

-- The server and the session that read it: exactly one row.
CREATE TABLE server (
  host TEXT, port INTEGER, database TEXT, role TEXT,
  version INTEGER,              -- server_version_num, such as 180006
  platform TEXT,                -- 'postgresql' or 'supabase'
  replica INTEGER,              -- in recovery
  superuser INTEGER,
  pooled INTEGER,               -- a transaction pooler stands in between
  has_auth_uid INTEGER,         -- function auth.uid() exists
  has_postgrest INTEGER,        -- role authenticator, or a pgrst event trigger, exists
  captured_at TEXT              -- ISO 8601, UTC
);

-- Tables, partitioned tables, views, materialized views, foreign tables (user schemas and auth).
CREATE TABLE relation (
  oid INTEGER PRIMARY KEY,
  schema TEXT, name TEXT,
  qualified TEXT,               -- schema.name, unquoted, for people and for JSON
  kind TEXT,                    -- 'table','partitioned','view','matview','foreign'
  owner TEXT,
  owned INTEGER,                -- the session's role may alter it
  managed INTEGER,              -- belongs to the platform (auth, storage, …): never changed
  rls INTEGER, rls_forced INTEGER,
  row_estimate INTEGER,         -- planner's estimate, NULL if never analysed
  bytes INTEGER,                -- from the planner's page count; NULL if never analysed
  parent INTEGER,               -- partitioned parent's oid
  replica_identity TEXT,        -- 'default','nothing','full','index'
  has_rules INTEGER,            -- rewrite rules for INSERT or UPDATE, beside which ON CONFLICT is refused
  security_invoker INTEGER,     -- a view that asks its tables as the caller, not as its owner
  grants TEXT,                  -- JSON array of [role, privilege], without the owner's
  partition_key TEXT,           -- of a partitioned table, such as 'RANGE (at)'; NULL when not read
  partition_bound TEXT,         -- of a partition, such as 'FOR VALUES IN (1)'; NULL when not read
  view_query TEXT               -- what a view selects; NULL when not read
);

CREATE TABLE attribute (
  relation INTEGER, number INTEGER, name TEXT, type TEXT,
  not_null INTEGER,
  has_default INTEGER,
  default_expr TEXT,            -- NULL when none or not read
  identity TEXT,                -- '', 'always', 'by default'
  generated INTEGER,            -- stored or virtual generated column
  generated_expr TEXT,          -- 'STORED' or 'VIRTUAL' and its expression; NULL when not read
  collation TEXT,               -- only when not the type's own
  PRIMARY KEY (relation, number)
);

-- Primary keys, unique, foreign keys, exclusion, check constraints (never NOT NULL).
CREATE TABLE rel_constraint (
  oid INTEGER PRIMARY KEY,
  relation INTEGER, schema TEXT, name TEXT,
  kind TEXT,                    -- 'primary','unique','foreign','exclusion','check'
  columns TEXT,                 -- JSON array of names in key order
  index_oid INTEGER,
  "deferrable" INTEGER, initially_deferred INTEGER, validated INTEGER,
  ref_relation INTEGER, ref_columns TEXT,
  on_delete TEXT, on_update TEXT, -- 'no action','restrict','cascade','set null','set default'
  definition TEXT               -- pg_get_constraintdef; NULL when not read
);

CREATE TABLE rel_index (
  oid INTEGER PRIMARY KEY,
  relation INTEGER, schema TEXT, name TEXT,
  is_unique INTEGER, is_primary INTEGER, is_exclusion INTEGER,
  is_valid INTEGER, is_ready INTEGER, is_immediate INTEGER,
  nulls_not_distinct INTEGER,
  columns TEXT,                 -- JSON array of key columns; null for an expression key
  include_columns TEXT,         -- JSON array
  expressions TEXT,             -- JSON array of expression texts, in key order of their nulls;
                                -- '' where it was not read
  predicate TEXT,               -- partial index predicate as the server prints it; NULL if none,
                                -- '' if there is one that was not read
  collations TEXT,              -- JSON array: collation name per key where not the column's own
  parent_index INTEGER,         -- partitioned parent's index
  constraint_oid INTEGER,
  definition TEXT               -- pg_get_indexdef; NULL when not read
);

CREATE TABLE rel_trigger (
  oid INTEGER PRIMARY KEY,
  relation INTEGER, name TEXT,
  routine INTEGER,
  timing TEXT,                  -- 'before','after','instead of'
  level TEXT,                   -- 'row','statement'
  events TEXT,                  -- JSON array of 'insert','update','delete','truncate'
  update_columns TEXT,          -- JSON array, empty = any
  enabled TEXT,                 -- 'origin','disabled','replica','always'
  when_expr TEXT,               -- NULL if none; '' if there is one that was not read
  args TEXT,                    -- JSON array (TG_ARGV)
  is_constraint INTEGER,
  definition TEXT               -- pg_get_triggerdef
);

CREATE TABLE routine (
  oid INTEGER PRIMARY KEY,
  schema TEXT, name TEXT,
  qualified TEXT,               -- schema.name
  identity_args TEXT,           -- pg_get_function_identity_arguments: with names
  argument_types TEXT,          -- types only, as to_regprocedure takes them
  kind TEXT,                    -- 'function','procedure','aggregate','window'
  language TEXT,
  returns_trigger INTEGER,
  security_definer INTEGER,
  search_path TEXT,             -- pinned value, NULL if not pinned
  config TEXT,                  -- JSON array of proconfig entries
  owner TEXT, owned INTEGER, managed INTEGER,
  body TEXT,                    -- prosrc; for BEGIN ATOMIC the rendered body
  body_line INTEGER,            -- line of `definition` on which the body's first line stands
  definition TEXT,              -- pg_get_functiondef
  parsed INTEGER,               -- 1 parsed, 0 could not be (see unknown)
  parse_error TEXT
);

CREATE TABLE policy (
  relation INTEGER, name TEXT,
  command TEXT,                 -- 'select','insert','update','delete','all'
  permissive INTEGER,
  roles TEXT,                   -- JSON array; ['public'] for everybody
  using_expr TEXT, check_expr TEXT -- NULL if none, or not read (see gap)
);

-- Table privileges of the roles that requests run as (anon, authenticated, service_role, PUBLIC,
-- supabase_auth_admin, the session's own role, and every role named by a policy), also through roles
-- they inherit from.
-- 'select', 'insert', 'update', 'delete'; on some columns only: 'insert (a)', one row for each.
CREATE TABLE privilege (relation INTEGER, role TEXT, privilege TEXT);

CREATE TABLE sequence (
  oid INTEGER PRIMARY KEY, schema TEXT, name TEXT,
  relation INTEGER, attribute TEXT,   -- owner column, or the column whose default calls it
  bound INTEGER,                      -- 1: that column owns it (serial, identity); 0: only calls it
  last_value INTEGER,                 -- NULL: not used since it was made or set
  increment INTEGER, start_value INTEGER,
  min_value INTEGER, max_value INTEGER,
  cache INTEGER,                      -- numbers that a session takes at once
  cycles INTEGER,                     -- begins anew at its end
  owner TEXT,
  grants TEXT,                        -- JSON array of [role, privilege], without the owner's
  next_value INTEGER                  -- what nextval() gives next; NULL: not asked
);

-- Columns that store what nextval() of a sequence gives, as it is. One sequence may number several.
CREATE TABLE sequence_feed (
  sequence INTEGER, relation INTEGER, attribute TEXT,
  how TEXT,                           -- 'identity','default','trigger' (BEFORE INSERT sets NEW.attribute)
  routine TEXT,                       -- with 'trigger': the function, qualified
  partly INTEGER,                     -- 1: for some rows only
  farthest INTEGER,                   -- the column's greatest value, the least for a sequence that
                                      -- counts down; NULL: empty or not asked
  next_taken INTEGER,                 -- the column's first value from next_value on, as it counts
  PRIMARY KEY (sequence, relation, attribute)
);

-- Types of people: enums, domains, composite types, ranges.
CREATE TABLE data_type (
  oid INTEGER PRIMARY KEY, schema TEXT, name TEXT, qualified TEXT,
  kind TEXT,                    -- 'enum','domain','composite','range'
  definition TEXT               -- what follows the name in CREATE TYPE or CREATE DOMAIN
);

-- Unique keys with a column that may be NULL, over plain columns and with NULLs distinct: rows that
-- such a key does not keep apart. No row here: not asked (see gap), or the table is empty.
CREATE TABLE key_rows (
  index_oid INTEGER PRIMARY KEY,
  null_sets INTEGER,                  -- sets of rows with equal keys, where NULL counts as equal to NULL
  null_extra INTEGER                  -- rows beyond the first one of each set
);

-- Columns that seem to mark deleted rows, on tables with a unique key that the column is no part of.
CREATE TABLE soft_delete (
  relation INTEGER, attribute TEXT,
  strength TEXT,                -- 'strong': its name says deleted; 'weak': ended, or not active
  live TEXT,                    -- condition of the rows that are there, such as deleted_at IS NULL
  dead_rows INTEGER,            -- rows that are not; NULL: not asked (see gap)
  PRIMARY KEY (relation, attribute)
);

CREATE TABLE role (
  name TEXT PRIMARY KEY, superuser INTEGER, bypass_rls INTEGER, can_login INTEGER,
  settable INTEGER,             -- the session may SET ROLE to it
  search_path TEXT              -- what ALTER ROLE … SET gave it; NULL if nothing
);
-- Members that have the rights of a role which some policy names, also through other roles.
CREATE TABLE role_member (member TEXT, role TEXT);
CREATE TABLE extension (name TEXT, schema TEXT, version TEXT);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE event_trigger (name TEXT, event TEXT, enabled TEXT);
CREATE TABLE publication_table (publication TEXT, relation INTEGER);

-- Views that pass writes on, and what they read.
CREATE TABLE view_source (view INTEGER, relation INTEGER, auto_updatable INTEGER);

-- What could not be read, and what that costs the answer.
CREATE TABLE gap (what TEXT, costs TEXT);

-- Code facts ----------------------------------------------------------------------------------

CREATE TABLE code_file (
  path TEXT PRIMARY KEY,        -- relative to the code folder, forward slashes
  language TEXT,
  sha256 TEXT,
  status TEXT,                  -- 'scanned', or why not: 'too big','binary','unreadable',
                                -- 'link loop','minified'
  bytes INTEGER
);

-- One row for each database call found in code, in source order within a file.
CREATE TABLE code_call (
  id INTEGER PRIMARY KEY,
  path TEXT, line INTEGER, end_line INTEGER,   -- 1-based, the whole chain
  start_byte INTEGER, end_byte INTEGER,        -- of the whole call expression, in the file's bytes
  library TEXT,                 -- 'supabase-js','node-postgres','postgres.js','drizzle','prisma','kysely', …
  client TEXT,                  -- text of the client expression ('supabase', 'pool', 'tx')
  verb TEXT,                    -- 'insert','upsert','update','delete','select','rpc','sql'
  schema TEXT,                  -- NULL: the default
  relation TEXT,                -- NULL: computed (see unknown)
  routine TEXT,                 -- for rpc
  columns TEXT,                 -- JSON array of written columns; NULL if not known
  column_values TEXT,           -- JSON object column → source text of its value
  rows TEXT,                    -- 'one','many','unknown'
  row_list TEXT,                -- JSON array of objects column → source text, one for each row, where
                                -- several rows are written out; NULL otherwise
  distinct_by TEXT,             -- source text of what takes repeats out of the rows before they are
                                -- sent, such as 'new Set(ids)'; NULL if nothing like it was seen
  on_conflict TEXT,             -- JSON array as written; NULL if absent. With SQL: columns or expressions,
                                -- empty for a clause without target
  ignore_duplicates INTEGER,    -- NULL if absent
  target_constraint TEXT,       -- ON CONSTRAINT name, where a query builder states one
  target_predicate TEXT,        -- WHERE of the conflict target as SQL, bound values as $n; NULL if absent
  update_columns TEXT,          -- JSON array of what DO UPDATE sets; NULL: every written column
  default_to_null INTEGER,
  options_known INTEGER,        -- 0: an options object that could not be read
  selects TEXT,                 -- text of .select() after a write, or of the read; NULL if absent
  cardinality TEXT,             -- 'many','single','maybe_single'
  filters TEXT,                 -- JSON array of {"column","op","value"} (source text of value)
  throws INTEGER,               -- .throwOnError()
  awaited INTEGER,              -- awaited, returned, or .then()-ed; 0: the request is never sent
  checks_error INTEGER,         -- the result's `error` is bound or tested
  handles_sqlstate TEXT,        -- JSON array of SQLSTATEs compared nearby, such as ["23505"]
  statement TEXT,               -- for 'sql': the SQL text with $n placeholders
  statement_path TEXT,          -- the file that holds the SQL text, where it is another one than `path`
  statement_line INTEGER, statement_end_line INTEGER,  -- the text's lines, where it does not stand in the call itself
  statement_start_byte INTEGER, -- where the SQL text begins in its file (after the quote)
  statement_verbatim INTEGER,   -- 1: the SQL text stands in the file byte for byte at that place
  params TEXT,                  -- for 'sql': JSON array of source texts, in placeholder order
  prepared INTEGER,             -- named or automatically prepared
  function TEXT,                -- enclosing function's name, '' at module level
  function_start INTEGER, function_end INTEGER, -- its lines
  in_try INTEGER,               -- inside try
  in_catch INTEGER,             -- inside a catch block
  caught_until INTEGER,         -- its error is caught and neither thrown on nor rolled back: the code
                                -- goes on behind this line; NULL: the function ends with the error
  in_loop INTEGER,              -- inside for/while/map/forEach
  in_effect INTEGER,            -- inside useEffect and its like
  condition_on INTEGER,         -- code_call.id of the read whose result the enclosing `if` tests
  refuses_found INTEGER,        -- with condition_on: the way without this write throws or answers an error
  condition_columns TEXT,       -- with condition_on: JSON array of columns of the row that was read, whose
                                -- emptiness, too, leads to this write: `!row?.email`
  tx INTEGER,                   -- number of the BEGIN…COMMIT run this statement belongs to
  savepoint INTEGER,            -- a SAVEPOINT stands between BEGIN and it
  callers_tx INTEGER,           -- its client is given from outside, and the code hands transactions on:
                                -- it may stand in a caller's
  service_key INTEGER           -- the client is seen to be made with the service key
);

-- Functions that the code folder's SQL files define, in the order of their paths. Migrations are history: the last
-- definition of a name counts, and only to name the place.
CREATE TABLE sql_definition (
  path TEXT, line INTEGER,
  schema TEXT,                  -- NULL: the file does not say
  name TEXT,
  body_line INTEGER,            -- the file's line on which the body's first line stands
  body TEXT                     -- NULL: in no dollar quotes
);

-- Statements that write rows in the code folder's SQL files (seeds, scripts, migrations), outside of functions. They
-- run once or by hand: only the one that the pasted error tells of becomes a `code_call`, of library 'sql-file'. Those
-- with placeholders or a name are queries of the application: calls like those in code, of library 'sql'.
CREATE TABLE sql_statement (
  path TEXT, line INTEGER, end_line INTEGER,
  start_byte INTEGER, end_byte INTEGER,
  statement TEXT                -- as it is written, without the semicolon
);

-- Statements of the code folder's files, migrations among them, that make a unique key.
CREATE TABLE key_definition (
  path TEXT, line INTEGER, end_line INTEGER,
  schema TEXT,                  -- NULL: the file does not say
  relation TEXT,
  name TEXT                     -- of the index or constraint, made up as the server does where none is given
);

-- What was seen but could not be resolved: counted and listed, never dropped.
-- `area` is 'code' (path, line) or 'routine' (routine oid, line in its body).
CREATE TABLE unknown (
  area TEXT, path TEXT, routine INTEGER, line INTEGER,
  what TEXT,                    -- such as 'table name', 'conflict options', 'dynamic SQL'
  reason TEXT
);

-- Symptom facts -------------------------------------------------------------------------------

-- At most one row: the error to explain (the first of its transaction where it is known).
CREATE TABLE symptom (
  source TEXT, service TEXT, sqlstate TEXT, postgrest_code TEXT, http_status INTEGER,
  method TEXT, url_path TEXT, schema TEXT,
  relation TEXT,                -- name as the error gives it
  referenced_relation TEXT,
  constraint_name TEXT,         -- as the error gives it, else of the only key over `key_columns`
  operation TEXT,               -- 'insert','update','delete','upsert','select'
  on_conflict TEXT, columns TEXT, key_columns TEXT,   -- JSON arrays
  filter_columns TEXT,          -- JSON array: columns that a REST request asks for its rows by
  identifiers TEXT,             -- JSON array: other names in the error, a model's among them
  resolution TEXT,
  statement TEXT, role TEXT, message TEXT, detail TEXT,
  reported_sqlstate TEXT,       -- what was pasted, when it is only a consequence (25P02)
  relation_oid INTEGER,         -- resolved through the catalog, NULL if not or ambiguous
  constraint_oid INTEGER,       -- rel_constraint.oid
  index_oid INTEGER             -- rel_index.oid
);
CREATE TABLE symptom_frame (depth INTEGER, function TEXT, line INTEGER, kind TEXT, statement TEXT,
  routine INTEGER);             -- innermost first; routine resolved through the catalog
-- The row that has the reported key value, where the error shows the value and the server was asked:
-- one row for each soft_delete of its table, and one without an attribute. No row: not known; with
-- an attribute neither where nobody has the value.
CREATE TABLE key_owner (
  index_oid INTEGER, relation INTEGER, attribute TEXT,
  owners INTEGER,               -- rows with that key value: 0 or 1 (the value itself is not kept)
  dead INTEGER                  -- of those, the deleted ones
);
CREATE TABLE symptom_place (file TEXT, line INTEGER);

-- Derived facts -------------------------------------------------------------------------------

-- Every place that writes a row, whatever it is.
CREATE TABLE write (
  id INTEGER PRIMARY KEY,
  origin TEXT,                  -- 'code','routine','pasted'
  call INTEGER,                 -- code_call.id
  path TEXT, line INTEGER, end_line INTEGER,
  routine INTEGER, routine_name TEXT,  -- qualified
  routine_line INTEGER,         -- line in the body, as PL/pgSQL reports it
  relation INTEGER,             -- relation.oid; NULL: no such relation was captured
  schema TEXT, name TEXT,       -- as written or defaulted
  schema_given INTEGER,         -- 1: the statement itself names the schema
  operation TEXT,               -- 'insert','update','delete','merge'; NULL when dynamic
  columns TEXT,                 -- JSON array; NULL if not known. INSERT: given columns; UPDATE: set ones
  column_values TEXT,           -- JSON object column → expression text; for SQL in code the source
                                -- text that a placeholder is bound to
  rows TEXT,                    -- 'one','many','unknown'
  has_conflict INTEGER,         -- an ON CONFLICT clause (or its PostgREST equivalent) is sent
  action TEXT,                  -- 'nothing','update', NULL without conflict clause
  target_kind TEXT,             -- 'columns','expressions','constraint','none'; NULL without clause
  target TEXT,                  -- JSON array of column names or expression texts
  target_given INTEGER,         -- 0: PostgREST's default, the primary key
  target_constraint TEXT,       -- ON CONSTRAINT name
  target_predicate TEXT,        -- WHERE of the conflict target
  predicate_has_param INTEGER,  -- that predicate holds a placeholder or variable
  update_columns TEXT,          -- JSON array of columns that DO UPDATE sets
  returns_rows INTEGER,         -- RETURNING, or a representation is asked for
  cardinality TEXT,             -- 'many','single','maybe_single'
  via TEXT,                     -- 'postgrest' or 'sql': what can be expressed differs
  guards TEXT,                  -- JSON array: conditions ('others', …) of enclosing exception handlers
                                -- that do not raise again
  told INTEGER,                 -- a routine's: the nearest handler of 'others' says what it caught, by
                                -- RAISE WARNING or the like, or in a row
  conditional INTEGER,          -- inside IF/CASE/loop, after an IF that may have returned, or fed
                                -- by a query that may find nothing
  conditions TEXT,              -- JSON array: a routine's; the texts of those conditions, '' for one
                                -- that has no text
  looks_first INTEGER,          -- a routine's: stands under a condition on what a read of the same
                                -- relation has found
  dynamic INTEGER,              -- EXECUTE of a string: content not known
  statement TEXT,               -- SQL text where there is one
  verdict TEXT,                 -- conflict clause: 'ok','42P10','55000','42704','42809','0A000','unknown'
  verdict_by TEXT               -- 'server' (EXPLAIN) or 'rule'
);

-- Each write with a conflict clause × each unique or exclusion index of the table that takes its rows
-- (for a view that table's); also a plain index on just the target's columns ('not unique'), and a
-- unique index that only a partition has ('partition leaf').
CREATE TABLE arbiter (
  write INTEGER, index_oid INTEGER,
  usable INTEGER,
  reason TEXT                   -- '' if usable, else one of: not unique, subset, superset,
                                -- other columns, partial without predicate, predicate not implied,
                                -- predicate parameter, expression, invalid, not ready, deferrable,
                                -- partition leaf, collation, exclusion, view.
                                -- subset / superset: the index key lacks some of the target's
                                -- columns / has more. 'predicate parameter' with usable = 1: serves
                                -- while plans are custom, fails once the plan is generic.
                                -- NULL in `usable`: only the server can tell ('predicate not implied',
                                -- 'expression' or 'collation', where the texts cannot be compared).
);

-- Each insert that may bring several rows × each unique key of its table that the insert fills.
CREATE TABLE batch (
  write INTEGER, index_oid INTEGER,
  verdict TEXT,                 -- 'same' (two of its rows have one key), 'apart' (no two have),
                                -- 'unknown'
  fresh INTEGER,                -- the key holds the id of a row that the same function has just
                                -- inserted: no row that is there already can have this key
  because TEXT                  -- what was seen, for a person; NULL if nothing
);

-- Unique keys that somebody wants and the table does not have: the failed statement of a symptom.
CREATE TABLE wanted_key (
  relation INTEGER,
  name TEXT,                    -- of the index or constraint to be made
  columns TEXT,                 -- JSON array of column names; NULL where a part is an expression
  key_text TEXT,                -- what stands between the parentheses
  predicate TEXT,               -- WHERE of the index, as written; NULL if none
  nulls_not_distinct INTEGER,
  kind TEXT,                    -- 'index','constraint','primary'
  statement TEXT,               -- NULL where only the error's own words tell of it
  doubled_groups INTEGER,       -- how many key values more than one row has now; NULL if not counted
  extra_rows INTEGER,           -- rows beyond the first of each; NULL if not counted
  carcass INTEGER               -- rel_index.oid of the invalid index of that name that a failed
                                -- concurrent build left; NULL if none
);

-- What ON CONFLICT writes between its parentheses to mean a unique index that has expressions.
CREATE TABLE conflict_target (
  index_oid INTEGER PRIMARY KEY,
  text TEXT                     -- every key in order: columns quoted where they have to be, expressions as
                                -- the server prints them
);

-- What moving rows out of a table takes, for the tables that need it: values for the templates of
-- playbooks/duplicates-in-the-way/fixes/quarantine (columns, time stamp, referencing keys …).
CREATE TABLE move_plan (
  relation INTEGER PRIMARY KEY,
  params TEXT,                  -- JSON object of typed values
  has_age INTEGER,              -- a time stamp tells older rows from newer ones
  has_key INTEGER,              -- there is a primary key
  "references" INTEGER          -- foreign keys that point at the table
);

-- relation + event → the writes that its triggers cause, transitively (cycles cut).
CREATE TABLE effect (
  relation INTEGER, event TEXT,      -- 'insert','update','delete'
  trigger INTEGER, routine INTEGER,  -- of the first step
  write INTEGER,                     -- the caused write
  depth INTEGER,                     -- 1: directly
  fires TEXT,                        -- 'always','conditionally','never' (disabled or replica only)
  definer INTEGER,                   -- the write has a function owner's rights, not the caller's
  stores TEXT,                       -- JSON object column → what is written there, in the words of the
                                     -- outer row: {"row": column of NEW}, {"old": column of OLD},
                                     -- {"constant": value} or {"expression": SQL of such parts, in one
                                     -- spelling}; a column that cannot be followed is absent
  path TEXT                          -- JSON array of labels, from the outer relation to the write
);

-- Two triggers' inserts that make the same row for one statement, and the later one does not expect
-- it: one row for each unique key that both meet, or one without a key for twin rows.
CREATE TABLE doubled (
  relation INTEGER, event TEXT,      -- the statement that sets both off: 'insert','update'
  target INTEGER,                    -- relation.oid of the table that is written twice
  first_trigger INTEGER, second_trigger INTEGER, -- rel_trigger.oid, in the order of firing
  first_write INTEGER, second_write INTEGER,     -- write.id; equal where both run one function
  index_oid INTEGER,                 -- NULL: no unique key stops the second row
  always INTEGER,                    -- 1: whatever makes the one row makes the other
  same_function INTEGER,             -- one function with the same arguments at the same moment
  first_extra TEXT, second_extra TEXT, -- JSON arrays: columns that only the one insert gives
  differs TEXT                       -- JSON array: columns that both give, not surely alike
);

-- Unique keys that hold a value which people choose (a name, an address), and its column: met twice,
-- somebody else has it. A key without a row here, met twice, is the same row again.
CREATE TABLE chosen_value (index_oid INTEGER, attribute TEXT);

-- Reads in code, and the write in the same function that follows them: one row a read, or one for
-- each insert that stands under an `if` on its result.
CREATE TABLE reads (
  call INTEGER, path TEXT, line INTEGER, relation INTEGER,
  cardinality TEXT,             -- 'single','maybe_single','many'
  filter_columns TEXT,          -- JSON array of columns compared for equality
  followed_by INTEGER,          -- write.id on the same relation later in the same function
  guards_write INTEGER          -- that write stands under an `if` on this read's result
);

-- A trigger's write and a later write of the same function in code: are they one row?
-- One row for each (outer write, trigger's write, later write) on a relation with a unique key.
CREATE TABLE same_row (
  outer_write INTEGER,          -- write.id in code whose triggers fire
  trigger INTEGER,              -- rel_trigger.oid of the first step
  last_trigger INTEGER,         -- of the last step: the one whose function writes the row
  inner_write INTEGER,          -- write.id that the trigger causes
  code_write INTEGER,           -- write.id in code, after the outer one, on the inner one's relation
  index_oid INTEGER,            -- the unique key that both rows share; NULL unless 'same'
  verdict TEXT,                 -- 'same','different' (in every unique key, or the trigger never
                                -- fires),'unknown'
  fires TEXT,                   -- as in `effect`, for this outer write: an upsert's conflict path
                                -- fires no AFTER INSERT trigger, a guarded write may not run
  covers INTEGER,               -- 1: same row, always, and every value of the code's write is there
  extra_columns TEXT,           -- JSON array: columns whose value only the code's write brings;
                                -- NULL: the code's columns are not known
  because TEXT                  -- a sentence for a person
);

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
