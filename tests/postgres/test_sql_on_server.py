"""What is said about SQL text, compared with what a real server does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from fixit_tui.model.finding import Lock
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.classify import classify
from fixit_tui.sql.predicate import Implication, implies
from fixit_tui.sql.quote import ident, literal

NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=15
)
SHARED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def connection(server: LocalServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    server.create_database("sql_text")
    with psycopg.connect(server.dsn("sql_text"), autocommit=True) as opened:
        opened.execute(
            "CREATE SCHEMA s; CREATE TABLE s.t (a integer PRIMARY KEY, b text, c boolean, d timestamptz);"
            "CREATE TABLE s.u (a integer REFERENCES s.t); CREATE SEQUENCE s.q;"
            "CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.f();"
            "CREATE POLICY p ON s.t USING (c); CREATE INDEX i ON s.t (b)"
        )
        yield opened
    server.drop_database("sql_text")


@SHARED
@given(name=NAMES)
def test_identifiers_come_back(
    connection: psycopg.Connection[tuple[object, ...]], name: str
) -> None:
    cursor = connection.execute(f"SELECT 1 AS {ident(name)}".encode())
    assert cursor.description is not None
    assert cursor.description[0].name == name.encode()[:63].decode(errors="ignore")


@SHARED
@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    conforming=st.booleans(),
)
def test_literals_come_back(
    connection: psycopg.Connection[tuple[object, ...]], text: str, conforming: bool
) -> None:
    with connection.transaction():
        connection.execute(
            "SELECT set_config('standard_conforming_strings', %s, true)",
            ("on" if conforming else "off",),
        )
        row = connection.execute(f"SELECT {literal(text)}".encode()).fetchone()
    assert row == (text,)


STATEMENTS = [
    "CREATE UNIQUE INDEX x ON s.t (b)",
    "DROP INDEX s.i",
    "ALTER TABLE s.t ADD CONSTRAINT k UNIQUE (b)",
    "ALTER TABLE s.u ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES s.t (a) NOT VALID",
    "ALTER TABLE s.t DISABLE TRIGGER g",
    "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE s.t DROP COLUMN d",
    "CREATE POLICY z ON s.t FOR SELECT USING (c)",
    "DROP POLICY p ON s.t",
    "CREATE TRIGGER z BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.f()",
    "DROP TRIGGER g ON s.t",
    "LOCK TABLE s.t IN SHARE ROW EXCLUSIVE MODE",
    "INSERT INTO s.t (a) VALUES (1)",
    "UPDATE s.t SET b = 'x'",
    "DELETE FROM s.u",
    "WITH gone AS (DELETE FROM s.u RETURNING a) SELECT * FROM gone",
    "TRUNCATE s.u",
    "CREATE OR REPLACE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "GRANT SELECT ON s.t TO PUBLIC",
    "ALTER SEQUENCE s.q RESTART WITH 10",
]
ORDER = [
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
HELD = """
SELECT n.nspname || '.' || c.relname, l.mode FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND n.nspname = 's' AND c.relkind IN ('r', 'S') AND l.mode <> 'AccessShareLock'
"""
MODES = {
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_predicted_locks_are_the_ones_taken(
    connection: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    strongest: dict[str, str] = {}
    with connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        for relation, mode in connection.execute(HELD).fetchall():
            name = MODES.get(str(mode))
            if name is not None:
                old = strongest.get(str(relation), name)
                strongest[str(relation)] = max(old, name, key=ORDER.index)
    predicted = classify(statement)
    said = {(lock.relation, lock.mode) for lock in predicted.locks}
    if statement == "DROP INDEX s.i":
        # The lock on the table is the one that counts; the text names the index only.
        assert predicted.locks == (Lock("s.i", "ACCESS EXCLUSIVE"),)
        assert set(strongest.items()) == {("s.t", "ACCESS EXCLUSIVE")}
        return
    assert set(strongest.items()) == said
    assert predicted.parsed
    assert predicted.transactional


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE INDEX CONCURRENTLY x ON s.t (b)", "create index"),
        ("REINDEX INDEX CONCURRENTLY s.i", "reindex"),
        ("VACUUM s.t", "vacuum"),
    ],
)
def test_what_refuses_a_transaction(
    connection: psycopg.Connection[tuple[object, ...]], statement: str, kind: str
) -> None:
    assert (classify(statement).kind, classify(statement).transactional) == (kind, False)
    with pytest.raises(psycopg.errors.ActiveSqlTransaction), connection.transaction():
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement", ["oops", "DO $$ BEGIN END $$", "COMMIT", "select 1; select 2", ""]
)
def test_what_is_not_understood_is_dangerous(statement: str) -> None:
    found = classify(statement)
    assert found.destructive
    assert found.locks == (Lock("unknown", "ACCESS EXCLUSIVE"),)


TYPES = {
    "k": "integer", "n": "integer", "m": "integer", "f": "boolean", "kind": "character varying(20)",
}  # fmt: skip
NUMBER = st.integers(-3, 9).map(str)
COLUMN = st.sampled_from(["n", "m"])
ATOM = st.one_of(
    st.tuples(COLUMN, st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), NUMBER).map(" ".join),
    st.tuples(COLUMN, st.sampled_from(["is null", "is not null"])).map(" ".join),
    st.sampled_from(
        ["f", "not f", "f = true", "f = false", "f is true", "f is not false", "true = f",
         "kind = 'a'", "kind in ('a', 'b')", "kind <> 'a'", "kind = any (array['a'])", "lower(kind) = 'a'"]
    ),
)  # fmt: skip
PREDICATE = st.recursive(
    ATOM,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda p: "(" + " and ".join(p) + ")"),
        st.lists(inner, min_size=2, max_size=2).map(lambda p: "(" + " or ".join(p) + ")"),
        inner.map(lambda p: f"(not ({p}))"),
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def implied(server: LocalServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    server.create_database("implied")
    with psycopg.connect(server.dsn("implied"), autocommit=True) as opened:
        opened.execute(
            "CREATE TABLE t (k integer, n integer, m integer, f boolean, kind varchar(20))"
        )
        yield opened
    server.drop_database("implied")


def _server_says(
    connection: psycopg.Connection[tuple[object, ...]], given_: str, wanted: str
) -> tuple[bool, str]:
    with connection.transaction(force_rollback=True):
        connection.execute(
            sql.SQL("CREATE UNIQUE INDEX x ON t (k) WHERE {}").format(sql.SQL(wanted))
        )  # type: ignore[arg-type]
        row = connection.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'x'::regclass"
        ).fetchone()
        printed = str(row[0]) if row and row[0] is not None else "true"
        try:
            with connection.transaction():
                connection.execute(
                    f"EXPLAIN INSERT INTO t VALUES (1) ON CONFLICT (k) WHERE {given_} DO NOTHING".encode()
                )
        except psycopg.errors.InvalidColumnReference:
            return False, printed
    return True, printed


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_=PREDICATE, wanted=PREDICATE)
def test_yes_is_never_said_where_the_server_refuses(
    implied: psycopg.Connection[tuple[object, ...]], given_: str, wanted: str
) -> None:
    accepts, printed = _server_says(implied, given_, wanted)
    answer = implies(given_, printed, TYPES)
    if answer is Implication.YES:
        assert accepts, (given_, printed)
    if answer is Implication.NO:
        assert not accepts, (given_, printed)


COMMON = [
    ("f", "f = true"), ("f = true", "f"), ("not f", "f = false"), ("n is null", "n is null"),
    ("kind = 'a'", "kind = 'a'"), ("kind = 'a'", "kind in ('a', 'b')"), ("f and n is null", "n is null"),
    ("n = 5", "n > 3"), ("n is not null and f", "f and n is not null"), ("n = 1", "n is not null"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "wanted"), COMMON)
def test_common_pairs_are_known(
    implied: psycopg.Connection[tuple[object, ...]], given_: str, wanted: str
) -> None:
    accepts, printed = _server_says(implied, given_, wanted)
    assert accepts
    assert implies(given_, printed, TYPES) is Implication.YES
