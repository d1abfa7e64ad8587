-- Symptom facts: the error to explain -----------------------------------------------------------

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
