-- Code facts: what the code folder's files hold -------------------------------------------------

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
