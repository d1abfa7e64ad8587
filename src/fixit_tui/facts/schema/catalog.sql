-- The fact tables: documentation and contract at once. SQLite dialect.
-- Lists are JSON arrays, maps are JSON objects. Flags are 0 or 1; NULL means "not known".
-- oid columns hold the server's oids; `relation`, `routine` and so on refer to them.

-- Catalog facts: what the database is -----------------------------------------------------------

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
