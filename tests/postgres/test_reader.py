"""Questions over the read-only connection: EXPLAIN, checks and fingerprints."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixit_tui.errors import ConnectError, UsageError
from fixit_tui.model.finding import Check
from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import resolve_dsn
from fixit_tui.postgres.fingerprint import ABSENT
from fixit_tui.postgres.reader import PgReader

Open = Callable[..., psycopg.Connection[Any]]

SCHEMA = """
CREATE TABLE goals (id serial PRIMARY KEY, slug text, kind text, n integer);
CREATE UNIQUE INDEX goals_slug ON goals (slug);
CREATE UNIQUE INDEX goals_kind ON goals (kind) WHERE n > 0;
CREATE UNIQUE INDEX goals_lower ON goals (lower(slug));
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''fired''; END';
CREATE TRIGGER loud BEFORE INSERT ON goals FOR EACH ROW EXECUTE FUNCTION loud();
"""


@pytest.fixture
def own(database: str, connect: Open) -> psycopg.Connection[Any]:
    connection = connect(database)
    connection.execute(SCHEMA.encode())
    return connection


@pytest.fixture
def reader(own: psycopg.Connection[Any], database: str) -> Iterator[PgReader]:
    found = PgReader(open_connection(resolve_dsn(database, {})))
    yield found
    found.close()


INSERT = "INSERT INTO goals (slug, kind) VALUES ('a', 'b') ON CONFLICT "


@pytest.mark.parametrize(
    ("clause", "answer"),
    [
        ("(slug) DO NOTHING", (None, ("goals_slug",))),
        ("(kind) WHERE n > 0 DO NOTHING", (None, ("goals_kind",))),
        ("(lower(slug)) DO UPDATE SET n = 1", (None, ("goals_lower",))),
        ("(kind) DO NOTHING", ("42P10", ())),
        ("(slug, kind) DO NOTHING", ("42P10", ())),
        ("(nowhere) DO NOTHING", ("42703", ())),
        ("ON CONSTRAINT nowhere DO NOTHING", ("42704", ())),
        ("DO NOTHING", (None, ())),
    ],
)
def test_the_server_says_which_index_decides(
    reader: PgReader, clause: str, answer: tuple[str | None, tuple[str, ...]]
) -> None:
    assert reader.explain_conflicts([INSERT + clause]) == [answer]


def test_many_statements_are_answered_in_order(reader: PgReader) -> None:
    statements = [INSERT + c for c in ("(kind) DO NOTHING", "(slug) DO NOTHING", "boom")]
    answers = reader.explain_conflicts(statements)
    assert [a[0] for a in answers] == ["42P10", None, "42601"]


def test_explaining_executes_nothing(reader: PgReader, own: psycopg.Connection[Any]) -> None:
    reader.explain_conflicts([INSERT + "(slug) DO NOTHING"])
    own.execute("DROP TRIGGER loud ON goals")
    for hostile in (
        "SELECT 1; DROP TABLE goals",
        "SELECT 1; COMMIT; DROP TABLE goals",
        "(ANALYZE) INSERT INTO goals DEFAULT VALUES",
    ):
        assert reader.explain_conflicts([hostile])[0][0] is not None
    assert own.execute("SELECT count(*) FROM goals").fetchone() == (0,)
    assert own.execute("SELECT is_called FROM goals_id_seq").fetchone() == (False,)


def test_checks_are_rows_of_label_answer_and_detail(reader: PgReader) -> None:
    found = reader.checks("SELECT * FROM (VALUES ('a', true, NULL), ('b', false, '3 rows'))  v")
    assert found == (Check("a", True, ""), Check("b", False, "3 rows"))
    assert reader.checks("SELECT 'c', NULL::boolean, ''")[0].holds is None
    assert reader.checks("SELECT 'no rows', true WHERE false") == ()
    assert reader.checks("  ") == ()


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("SELECT nowhere", "nowhere"),
        ("SELECT 'x', 1/0 > 0, ''", "zero"),
        ("INSERT INTO goals DEFAULT VALUES RETURNING 'x', true, ''", "read-only"),
        ("SELECT 'a', true, ''; SELECT 'b', true, ''", "multiple commands"),
        ("SELECT 1", "label"),
        ("SELECT 'x', 'yes', ''", "boolean"),
        ("SELECT 'x', true, nextval('goals_id_seq')::text", "read-only"),
    ],
)
def test_a_check_that_cannot_be_asked_is_not_known(reader: PgReader, sql: str, word: str) -> None:
    (check,) = reader.checks(sql)
    assert check.holds is None
    assert word in check.detail


def test_a_percent_sign_is_no_placeholder(reader: PgReader) -> None:
    assert reader.checks("SELECT '50 %s', 'a%' LIKE '%', '%(x)s'") == (
        Check("50 %s", True, "%(x)s"),
    )


def test_a_lost_connection_is_an_error_for_people(
    reader: PgReader, own: psycopg.Connection[Any]
) -> None:
    own.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'fixit-tui' AND datname = current_database()"
    )
    with pytest.raises(ConnectError):
        reader.checks("SELECT 'x', true, ''")


# Fingerprints ----------------------------------------------------------------------------------

STATES = """
CREATE TABLE other (id integer PRIMARY KEY);
CREATE TABLE t (a integer, b text DEFAULT 'x', CONSTRAINT t_a UNIQUE (a));
CREATE INDEX t_b ON t (b);
CREATE FUNCTION f(n integer, w text DEFAULT 'q') RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(n text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER trg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g();
CREATE POLICY p ON t USING (a > 0);
CREATE SEQUENCE s;
"""
TABLE, FUNCTION = "table public.t", "function public.f(integer, text)"
ALL = (
    TABLE,
    "index public.t_b",
    FUNCTION,
    "function public.f(text)",
    "trigger public.t.trg",
    "policy public.t.p",
    "sequence public.s",
    "table public.other",
)


@pytest.fixture
def states(reader: PgReader, own: psycopg.Connection[Any]) -> Callable[[], dict[str, str]]:
    own.execute(STATES.encode())
    return lambda: {s.identity: s.digest for s in reader.fingerprint(ALL)}


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ("ALTER TABLE t ADD COLUMN c integer", {TABLE}),
        ("ALTER TABLE t ALTER b SET NOT NULL", {TABLE}),
        ("ALTER TABLE t ALTER b SET DEFAULT 'y'", {TABLE}),
        ("ALTER TABLE t ALTER b TYPE varchar(9)", {TABLE}),
        ("ALTER TABLE t ADD CHECK (a < 9)", {TABLE}),
        ("ALTER TABLE t DROP CONSTRAINT t_a", {TABLE}),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other", {TABLE, "table public.other"}),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", {TABLE}),
        ("ALTER TABLE t FORCE ROW LEVEL SECURITY", {TABLE}),
        ("ALTER TABLE t REPLICA IDENTITY FULL", {TABLE}),
        ("ALTER TABLE t OWNER TO pg_monitor", {TABLE}),
        ("ALTER TABLE t DISABLE TRIGGER trg", {TABLE, "trigger public.t.trg"}),
        ("DROP TRIGGER trg ON t", {TABLE, "trigger public.t.trg"}),
        ("ALTER POLICY p ON t USING (a > 1)", {TABLE, "policy public.t.p"}),
        ("ALTER POLICY p ON t TO pg_monitor", {TABLE, "policy public.t.p"}),
        ("GRANT INSERT ON t TO pg_monitor", {TABLE}),
        ("GRANT INSERT (a) ON t TO pg_monitor", {TABLE}),
        ("CREATE UNIQUE INDEX ON t (lower(b)) WHERE a > 0", {TABLE}),
        ("DROP INDEX t_b", {TABLE, "index public.t_b"}),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_b'::regclass",
         {TABLE, "index public.t_b"}),
        ("CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING", {TABLE}),
        ("CREATE OR REPLACE FUNCTION f(n integer, w text DEFAULT 'q') RETURNS integer"
         " LANGUAGE sql AS 'SELECT 3'", {FUNCTION}),
        ("ALTER FUNCTION f(integer, text) SECURITY DEFINER", {FUNCTION}),
        ("ALTER FUNCTION f(integer, text) SET search_path = ''", {FUNCTION}),
        ("REVOKE EXECUTE ON FUNCTION f(text) FROM PUBLIC", {"function public.f(text)"}),
        ("ALTER SEQUENCE s INCREMENT BY 2", {"sequence public.s"}),
        ("DROP SEQUENCE s", {"sequence public.s"}),
    ],
)  # fmt: skip
def test_a_changed_definition_has_another_hash(
    states: Callable[[], dict[str, str]],
    own: psycopg.Connection[Any],
    change: str,
    changed: set[str],
) -> None:
    before = states()
    assert len(set(before.values())) == len(ALL)
    own.execute(change.encode())
    after = states()
    assert {identity for identity in ALL if before[identity] != after[identity]} == changed
    gone = {identity for identity in ALL if after[identity] == ABSENT}
    assert gone <= changed
    assert bool(gone) is (change.startswith("DROP"))


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO t VALUES (1, 'x')",
        "ANALYZE t",
        "SELECT nextval('s')",
        "ALTER TABLE t ADD COLUMN c integer; ALTER TABLE t DROP COLUMN c",
        "DROP INDEX t_b; CREATE INDEX t_b ON t (b)",
        "DROP TRIGGER trg ON t;"
        " CREATE TRIGGER trg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g()",
        "DROP POLICY p ON t; CREATE POLICY p ON t USING (a > 0)",
        "ALTER TABLE t DROP CONSTRAINT t_a; ALTER TABLE t ADD CONSTRAINT t_a UNIQUE (a)",
        "GRANT SELECT ON t TO pg_monitor; REVOKE SELECT ON t FROM pg_monitor",
        "CREATE TABLE elsewhere (a integer)",
        "SET search_path = pg_temp",
    ],
)
def test_what_ends_as_it_was_keeps_its_hash(
    states: Callable[[], dict[str, str]], own: psycopg.Connection[Any], change: str
) -> None:
    # The first grant on a table writes down the owner's own rights, which says nothing new.
    before = states()
    own.execute(change.encode())
    assert states() == before


def test_names_may_be_written_as_sql_allows(reader: PgReader, own: psycopg.Connection[Any]) -> None:
    own.execute('CREATE SCHEMA "S.x"; CREATE TABLE "S.x"."T ""q""" (a integer)')
    own.execute(STATES.encode())
    (odd,) = reader.fingerprint(['table "S.x"."T ""q"""'])
    assert odd.digest != ABSENT
    ways = ["table public.t", 'table "public"."t"', "TABLE Public.T", "table t"]
    assert len({s.digest for s in reader.fingerprint(ways)}) == 1
    calls = [
        "function public.f(integer, text)",
        "function f(integer,text)",
        "function public.f(n integer, w text)",
        "function public.f(int4, text)",
        "function public.f(n integer, w text DEFAULT 'q'::text)",
    ]
    digests = {s.digest for s in reader.fingerprint(calls)}
    assert len(digests) == 1
    assert ABSENT not in digests


def test_absent_objects_have_the_hash_of_absence(reader: PgReader) -> None:
    identities = [
        "table public.nope",
        "index nowhere.nope",
        "function public.nope()",
        "trigger a.b.c",
    ]
    assert {s.digest for s in reader.fingerprint(identities)} == {ABSENT}


def test_an_identity_is_answered_once(reader: PgReader) -> None:
    assert len(reader.fingerprint(["table public.goals"] * 3)) == 1
    assert reader.fingerprint([]) == ()


@pytest.mark.parametrize(
    "identity",
    ["", "table", "goals", "planet public.goals", "table public.goals; drop", "table a.b.c.d",
     "trigger loud", "table public.", "index (x)"],
)  # fmt: skip
def test_what_is_no_identity_is_refused(reader: PgReader, identity: str) -> None:
    with pytest.raises(UsageError):
        reader.fingerprint([identity])
    assert reader.checks("SELECT 'still', true, ''")[0].holds is True


def test_the_session_path_does_not_show_in_a_hash(
    database: str, own: psycopg.Connection[Any]
) -> None:
    own.execute("CREATE SCHEMA app; CREATE TYPE app.kind AS ENUM ('a')")
    own.execute("CREATE TABLE app.t (k app.kind DEFAULT 'a')")
    name = database.rpartition("/")[2]
    seen = set()
    for path in itertools.permutations(("app", "public", "pg_catalog")):
        own.execute(f"ALTER DATABASE {name} SET search_path = {', '.join(path)}".encode())
        reader = PgReader(open_connection(resolve_dsn(database, {})))
        seen.add(reader.fingerprint(["table app.t"])[0].digest)
        reader.close()
    assert len(seen) == 1
