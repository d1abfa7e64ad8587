-- Derived facts: what follows from the others ---------------------------------------------------

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
