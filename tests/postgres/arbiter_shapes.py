"""Tables, indexes and conflict clauses: one of every kind that the planner tells apart."""

from __future__ import annotations

SETUP = """
CREATE TABLE plain (a int, b int, c int, note text, UNIQUE (a, b));
CREATE UNIQUE INDEX plain_c ON plain (c) INCLUDE (note);
CREATE INDEX plain_note ON plain (note);
CREATE TABLE keyed (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slug text UNIQUE);
CREATE TABLE part (a int, b int, is_active boolean, state text, deleted_at timestamptz, n int);
CREATE UNIQUE INDEX part_active ON part (a) WHERE is_active = true;
CREATE UNIQUE INDEX part_state ON part (b) WHERE state = 'open';
CREATE UNIQUE INDEX part_live ON part (a, b) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX part_n ON part (n) WHERE n > 10;
CREATE UNIQUE INDEX part_any ON part (state) WHERE true;
CREATE TABLE both_kinds (a int UNIQUE, live boolean);
CREATE UNIQUE INDEX both_live ON both_kinds (a) WHERE live;
CREATE TABLE people (email text, tenant int, name varchar(40), born timestamp, data jsonb);
CREATE UNIQUE INDEX people_email ON people (lower(email));
CREATE UNIQUE INDEX people_name ON people (tenant, lower(name));
CREATE UNIQUE INDEX people_day ON people ((born::date));
CREATE UNIQUE INDEX people_key ON people ((data ->> 'key'));
CREATE UNIQUE INDEX people_default ON people (coalesce(tenant, -1), (born::date));
CREATE TABLE collated (a text, b text COLLATE "C");
CREATE UNIQUE INDEX collated_a ON collated (a COLLATE "C");
CREATE UNIQUE INDEX collated_b ON collated (b);
CREATE TABLE opclass (a text, b text);
CREATE UNIQUE INDEX opclass_a ON opclass (a text_pattern_ops);
CREATE UNIQUE INDEX opclass_b ON opclass (b);
CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE typed (mail address UNIQUE, doubled int GENERATED ALWAYS AS (n * 2) STORED UNIQUE, n int);
CREATE TABLE broken (a int); INSERT INTO broken VALUES (1), (1);
CREATE TABLE late (a int, b int UNIQUE, UNIQUE (a) DEFERRABLE INITIALLY IMMEDIATE);
CREATE TABLE twice (a int UNIQUE DEFERRABLE, CONSTRAINT twice_plain UNIQUE (a));
CREATE TABLE nulls (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
CREATE TABLE booking (room int4range, during tsrange,
  CONSTRAINT booking_apart EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE events (id int, day date DEFAULT '2026-01-01', k int, UNIQUE (id, day))
  PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE UNIQUE INDEX events_1_k ON events_1 (k);
CREATE TABLE tree (id int DEFAULT 1, region text DEFAULT 'eu', k int, UNIQUE (region, k, id)) PARTITION BY LIST (region);
CREATE TABLE tree_eu PARTITION OF tree FOR VALUES IN ('eu') PARTITION BY RANGE (id);
CREATE TABLE tree_eu_1 PARTITION OF tree_eu FOR VALUES FROM (1) TO (9);
CREATE VIEW checked_view AS SELECT a, b FROM plain WHERE a > 0 OR a IS NULL
  WITH CHECK OPTION;
CREATE VIEW upper_view AS SELECT a, b FROM checked_view;
CREATE VIEW computed_view AS SELECT a + 1 AS a, b FROM plain;
CREATE VIEW plain_view AS SELECT a, b, note FROM plain;
CREATE VIEW renamed_view AS SELECT a AS b, b AS a, c AS x FROM plain;
CREATE VIEW handled AS SELECT a, b FROM plain;
CREATE FUNCTION handle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER handled_insert INSTEAD OF INSERT ON handled
  FOR EACH ROW EXECUTE FUNCTION handle();
CREATE TABLE ruled (a int UNIQUE, b int);
CREATE RULE ruled_also AS ON UPDATE TO ruled DO ALSO NOTHING;
CREATE TABLE ruled_off (a int UNIQUE, b int);
CREATE RULE ruled_off_update AS ON UPDATE TO ruled_off DO ALSO NOTHING;
ALTER TABLE ruled_off DISABLE RULE ruled_off_update;
CREATE TABLE ruled_once (a int UNIQUE, b int);
CREATE RULE ruled_once_insert AS ON INSERT TO ruled_once DO ALSO NOTHING;
ALTER TABLE ruled_once DISABLE RULE ruled_once_insert;
CREATE RULE ruled_once_delete AS ON DELETE TO ruled_once DO INSTEAD NOTHING;
CREATE TABLE "Mixed Case" ("userId" int, "order" int, UNIQUE ("userId", "order"));
CREATE TABLE related_parent (id int PRIMARY KEY);
CREATE TABLE related (a int UNIQUE, k int REFERENCES related_parent);
"""


def setup_for(server_version: int) -> str:
    """The set-up for a server; before 15 NULLs were always distinct."""
    if server_version >= 150000:
        return SETUP
    return SETUP.replace("NULLS NOT DISTINCT", "")


_DEFAULTS = "INSERT INTO {} DEFAULT VALUES ON CONFLICT {} DO NOTHING"

_NOTHING = [
    ("plain", "(a, b)"),
    ("plain", "(b, a)"),
    ("plain", "(a, b, a)"),
    ("plain", "(a)"),
    ("plain", "(a, b, c)"),
    ("plain", "(c)"),
    ("plain", "(c, note)"),
    ("plain", "(note)"),
    ("plain", "(a, b) WHERE c > 1"),
    ("plain", ""),
    ("plain", "ON CONSTRAINT plain_a_b_key"),
    ("plain", "ON CONSTRAINT plain_c"),
    ("plain", "ON CONSTRAINT nowhere"),
    ("keyed", "(id)"),
    ("keyed", "(slug)"),
    ("keyed", "ON CONSTRAINT keyed_pkey"),
    ("part", "(a)"),
    ("part", "(a) WHERE is_active = true"),
    ("part", "(a) WHERE is_active"),
    ("part", "(a) WHERE is_active IS TRUE"),
    ("part", "(a) WHERE is_active = true AND n = 1"),
    ("part", "(a) WHERE is_active IS NOT FALSE"),
    ("part", "(a) WHERE NOT is_active"),
    ("part", "(a) WHERE n = 1"),
    ("part", "(b) WHERE state = 'open'"),
    ("part", "(b) WHERE state = 'closed'"),
    ("part", "(b) WHERE state IN ('open')"),
    ("part", "(b) WHERE state IN ('open', 'closed')"),
    ("part", "(b, a) WHERE deleted_at IS NULL"),
    ("part", "(a, b)"),
    ("part", "(a, b) WHERE deleted_at IS NOT NULL"),
    ("part", "(n) WHERE n > 20"),
    ("part", "(n) WHERE n > 5"),
    ("part", "(state)"),
    ("both_kinds", "(a)"),
    ("both_kinds", "(a) WHERE live"),
    ("people", "(lower(email))"),
    ("people", "(email)"),
    ("people", "(upper(email))"),
    ("people", "(lower(name), tenant)"),
    ("people", "(tenant, name)"),
    ("people", "((born::date))"),
    ("people", "((data ->> 'key'))"),
    ("people", "((data ->> 'other'))"),
    ("people", "((born::date), coalesce(tenant, -1))"),
    ("people", "((born::date), coalesce(tenant, 0))"),
    ("collated", "(a)"),
    ("collated", '(a COLLATE "C")'),
    ("collated", '(a COLLATE "POSIX")'),
    ("collated", '(b COLLATE "C")'),
    ("collated", '(b COLLATE "default")'),
    ("opclass", "(a)"),
    ("opclass", "(a text_pattern_ops)"),
    ("opclass", "(a text_ops)"),
    ("opclass", "(b)"),
    ("opclass", "(b text_pattern_ops)"),
    ("opclass", '(a COLLATE "C" text_pattern_ops)'),
    ("typed", "(mail)"),
    ("typed", "(lower(mail))"),
    ("typed", "(doubled)"),
    ("broken", "(a)"),
    ("broken", ""),
    ("late", "(a)"),
    ("late", "(b)"),
    ("late", ""),
    ("late", "ON CONSTRAINT late_a_key"),
    ("twice", "(a)"),
    ("twice", "ON CONSTRAINT twice_plain"),
    ("nulls", "(a, b)"),
    ("booking", "(room)"),
    ("booking", "(room, during)"),
    ("booking", ""),
    ("booking", "ON CONSTRAINT booking_apart"),
    ("events", "(id, day)"),
    ("events", "(id)"),
    ("events", "(k)"),
    ("events_1", "(k)"),
    ("events_1", "(day, id)"),
    ("tree", "(k, id, region)"),
    ("tree", "(region, k)"),
    ("tree_eu", "(id, k, region)"),
    ("checked_view", "(b, a)"),
    ("upper_view", "(a, b)"),
    ("upper_view", "(a)"),
    ("computed_view", "(b)"),
    ("plain_view", "(a, b)"),
    ("plain_view", "(a)"),
    ("handled", "(a, b)"),
    ("handled", ""),
    ("ruled", "(a)"),
    ("ruled", ""),
    ("ruled_off", "(a)"),
    ("ruled_once", "(a)"),
    ("ruled_once", "(b)"),
    ('"Mixed Case"', '("order", "userId")'),
    ('"Mixed Case"', '("order")'),
    ("related", "(a)"),
    ("related", "ON CONSTRAINT related_k_fkey"),
]
_UPDATE = [
    "INSERT INTO booking DEFAULT VALUES ON CONFLICT ON CONSTRAINT booking_apart DO UPDATE "
    "SET room = NULL",
    "INSERT INTO booking (room) VALUES ('[1,2)') ON CONFLICT (room) DO UPDATE SET room = NULL",
    "INSERT INTO late (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2",
    "INSERT INTO part (a) VALUES (1) ON CONFLICT (a) WHERE is_active DO UPDATE SET b = 2",
    "INSERT INTO plain (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO UPDATE SET c = 3 "
    "WHERE plain.c > 1",
    "INSERT INTO renamed_view (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO NOTHING",
    "INSERT INTO renamed_view (x) VALUES (2) ON CONFLICT (x) DO NOTHING",
]

SHAPES = [_DEFAULTS.format(table, clause) for table, clause in _NOTHING] + _UPDATE
