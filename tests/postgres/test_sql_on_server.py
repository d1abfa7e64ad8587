"""What is said about SQL text, compared with what a real server does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from fixit_tui.postgres.local_server import LocalServer
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
