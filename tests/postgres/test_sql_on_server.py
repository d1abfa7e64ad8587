"""What is said about SQL text, compared with what a real server does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.predicate import Implication, implies
from fixit_tui.sql.quote import ident, literal

NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=15
)
SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


def test_every_word_that_is_a_keyword_somewhere_is_quoted(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    rows = connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'").fetchall()
    assert len(rows) > 100
    assert [str(word) for (word,) in rows if ident(str(word)) != f'"{word}"'] == []


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), 1.5, -3, 10**20, True]
)
def test_numbers_come_back(
    connection: psycopg.Connection[tuple[object, ...]], value: int | float | bool
) -> None:
    row = connection.execute(f"SELECT ({literal(value)})::text".encode()).fetchone()
    assert row is not None
    text = str(row[0]).replace("Infinity", "inf").replace("NaN", "nan")
    assert text == str(value).lower()


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


SHAPE = """
CREATE TYPE en AS ENUM ('x', 'y');
CREATE TABLE t (k integer, n integer, m integer, b bigint, p numeric, r double precision, f boolean,
  g boolean, kind varchar(20), tx text, ch char(3), e en, d date, ts timestamptz, j jsonb)
"""
NUMBER = st.one_of(
    st.integers(-3, 12).map(str),
    st.sampled_from(["'5'", "5::bigint", "3::smallint", "3.0", "3.5", "4::numeric", "4::float8", "3000000000"]),
)  # fmt: skip
COLUMN = st.sampled_from(["n", "m", "b", "p", "r"])
OPERATOR = st.sampled_from(["=", "<>", "<", ">", "<=", ">=", "!="])
WORDS = st.sampled_from(["'a'", "'b'", "'10'", "'3'", "'a'::text", "'a'::varchar", "''"])
TEXT = st.sampled_from(["kind", "tx", "lower(tx)", "kind::text", "ch"])
ATOM = st.one_of(
    st.tuples(COLUMN, OPERATOR, NUMBER).map(" ".join),
    st.tuples(NUMBER, OPERATOR, COLUMN).map(" ".join),
    st.tuples(COLUMN, st.sampled_from(["is null", "is not null"])).map(" ".join),
    st.tuples(COLUMN, st.sampled_from(["between", "not between"]), NUMBER, st.just("and"), NUMBER).map(" ".join),
    st.tuples(COLUMN, st.sampled_from(["in", "not in"]), st.lists(NUMBER, min_size=1, max_size=3)).map(
        lambda x: f"{x[0]} {x[1]} ({', '.join(x[2])})"),
    st.tuples(TEXT, OPERATOR, WORDS).map(" ".join),
    st.tuples(TEXT, st.sampled_from(["is null", "is not null", "like 'a%'", "in ('a', 'b')", "not in ('a', 'b')",
                                     "= any (array['a'])", "= any ('{a,b}')", "is distinct from 'a'"])).map(" ".join),
    st.sampled_from(
        ["f", "not f", "f = true", "f = false", "f is true", "f is not false", "true = f", "f <> true", "f = 't'",
         "f is null", "f is not null", "f = g", "n = m", "n < m", "m > n", "n + 1 = 2", "coalesce(f, false)",
         "e = 'x'", "e <> 'y'", "e in ('x', 'y')", "d > '2020-01-01'", "d = '2020-01-01'::date", "true", "false",
         "ts is null", "j ? 'a'", "j ->> 'a' = 'x'", "n::text = '5'", "n::numeric = 5.0", "n = null", "n = 2 + 3",
         "case when true then f end", "coalesce(true, f)", "tx collate \"C\" = 'a'"]
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
# Pairs drawn apart rarely have to do with each other.
PAIR = st.one_of(
    st.tuples(PREDICATE, PREDICATE),
    st.tuples(PREDICATE, ATOM).map(lambda x: (f"({x[0]}) and {x[1]}", x[1])),
    st.tuples(PREDICATE, ATOM).map(lambda x: (x[0], f"({x[0]}) or {x[1]}")),
    st.tuples(COLUMN, OPERATOR, NUMBER, OPERATOR, NUMBER).map(
        lambda x: (f"{x[0]} {x[1]} {x[2]}", f"{x[0]} {x[3]} {x[4]}")
    ),
    st.tuples(TEXT, TEXT, OPERATOR, WORDS, OPERATOR, WORDS).map(
        lambda x: (f"{x[0]} {x[2]} {x[3]}", f"{x[1]} {x[4]} {x[5]}")
    ),
)


@pytest.fixture(scope="module")
def implied(server: LocalServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    server.create_database("implied")
    with psycopg.connect(server.dsn("implied"), autocommit=True) as opened:
        opened.execute(SHAPE.encode())
        yield opened
    server.drop_database("implied")


def _types(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 't'::regclass AND attnum > 0"
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def _server_says(
    connection: psycopg.Connection[tuple[object, ...]], given_: str, wanted: str
) -> tuple[bool, str] | None:
    """Whether EXPLAIN accepts, and the predicate as printed; None for ill-typed predicates."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                connection.execute(f"SELECT 1 FROM t WHERE ({given_}) AND ({wanted})".encode())
        except psycopg.Error:
            return None
        connection.execute(f"CREATE UNIQUE INDEX x ON t (k) WHERE {wanted}".encode())
        row = connection.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'x'::regclass"
        ).fetchone()
        # A predicate that folds to true leaves an index without one.
        printed = str(row[0]) if row and row[0] is not None else "true"
        try:
            with connection.transaction():
                connection.execute(
                    f"EXPLAIN INSERT INTO t VALUES (1) ON CONFLICT (k) WHERE {given_} DO NOTHING".encode()
                )
        except psycopg.errors.InvalidColumnReference:
            return False, printed
    return True, printed


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=PAIR)
def test_an_answer_is_never_the_opposite_of_the_servers(
    implied: psycopg.Connection[tuple[object, ...]], pair: tuple[str, str]
) -> None:
    said = _server_says(implied, *pair)
    if said is None:
        return
    accepts, printed = said
    answer = implies(pair[0], printed, _types(implied))
    if answer is Implication.YES:
        assert accepts, (pair[0], printed)
    if answer is Implication.NO:
        assert not accepts, (pair[0], printed)
    assert answer is not Implication.PARAMETER


MANY = ", ".join(map(str, range(101)))
ACCEPTED = [
    ("f", "f = true"), ("f = true", "f"), ("f = 't'", "f"), ("not f", "f = false"), ("f <> true", "not f"),
    ("n is null", "n is null"), ("kind = 'a'", "kind = 'a'"), ("kind = 'a'", "kind in ('a', 'b')"),
    ("tx in ('a', 'b')", "tx in ('b', 'a', 'c')"), ("kind not in ('a', 'b')", "kind <> 'a'"),
    ("kind = 'c'", "kind not in ('a', 'b')"), ("kind = 'a'", "kind <> 'b'"), ("tx = 'a'", "tx = any ('{a,b}')"),
    ("f and n is null", "n is null"), ("n = 5", "n > 3"), ("n is not null and f", "f and n is not null"),
    ("n = 1", "n is not null"), ("n between 1 and 2", "n >= 1"), ("not (n > 3)", "n <= 3"), ("tx like 'a%'", "tx like 'a%'"),
    ("lower(tx) = 'a'", "lower(tx) = 'a'"), ("lower(kind) = 'a'", "lower(kind) = 'a'"), ("coalesce(f, false)", "coalesce(f, false)"),
    ("e = 'x'", "e = 'x'"), ("d > '2020-01-01'", "d > '2020-01-01'"), ("p > 5", "p > 3.5"), ("b > 3000000000", "b > 3"),
    ("n = 1", "true"), ("(n = 1 and f) or (n = 2 and f)", "f"), ("t.ts is null", "ts is null"), ("j ? 'a'", "j ? 'a'"),
    ("n is distinct from 3", "n is distinct from 3"),
]  # fmt: skip
REFUSED = [
    ("f", "not f"), ("n is null", "n is not null"), ("n is not null", "n is null"), ("f", "n is null"),
    ("n = 1", "n = 2"), ("tx = 'open'", "tx = 'closed'"), ("n > 3", "n > 5"), ("true", "f"), ("not f", "f is not null"),
    ("kind = 'a'", "ts is null"),
]  # fmt: skip
OPEN = [
    ("n = 5.0", "n > 3"), ("tx = '10'", "tx > '3'"), ("n = 5", "n::text = '5'"), ("ch::text = 'a'", "ch = 'a'"),
    ("kind = 'a'::bpchar", "kind = 'a'"), (f"n in ({MANY})", "n >= 0"), ("n = 1", f"n in ({MANY})"), ("f is true", "f"),
    # What folds to a constant takes the rest along.
    ("(not (n = null)) and f", "f"), ("not coalesce(true, f) and n = 0", "n = 0"),
    # Shared conditions leave an OR before anything is proven.
    ("(n <> 5 and n > 2) or (n <> 5 and m = 1)", "(n <> 5 and n > 2) or (n <> 5 and m = 1) or n = 1"),
    # A list is one operand, and its elements have one type.
    ("r not in (1, 2) or r in (1, 3)", "r not in (1, 1) or r in (1, 1)"), ("m not in (6, 3.0)", "m not in (6, 6)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "wanted", "accepted", "answer"),
    [
        *((*pair, True, Implication.YES) for pair in ACCEPTED),
        *((*pair, False, Implication.NO) for pair in REFUSED),
        *((*pair, False, Implication.UNKNOWN) for pair in OPEN),
    ],
)
def test_common_pairs_are_known(
    implied: psycopg.Connection[tuple[object, ...]],
    given_: str,
    wanted: str,
    accepted: bool,
    answer: Implication,
) -> None:
    if given_.startswith("t.") and implied.info.server_version < 140000:
        pytest.skip("the table has no name there before PostgreSQL 14")
    said = _server_says(implied, given_, wanted)
    assert said is not None
    assert said[0] is accepted
    assert implies(given_, said[1], _types(implied)) is answer


@pytest.mark.parametrize(
    ("given_", "wanted", "custom", "generic"),
    [
        ("f = $1", "f", True, False),
        ("n = $1 and f", "f", True, True),
        ("n = $1", "n IS NOT NULL", True, True),
        ("n = $1", "f", False, False),
        ("n = $1 and tx = 'a'", "(tx = 'b'::text)", False, False),
    ],
)
def test_a_parameter_is_judged_by_both_kinds_of_plan(
    implied: psycopg.Connection[tuple[object, ...]],
    given_: str,
    wanted: str,
    custom: bool,
    generic: bool,
) -> None:
    with implied.transaction(force_rollback=True):
        implied.execute(f"CREATE UNIQUE INDEX x ON t (k) WHERE {wanted}".encode())
        implied.execute(
            f"PREPARE s AS INSERT INTO t (k) VALUES (1) ON CONFLICT (k) WHERE {given_} DO NOTHING".encode()
        )
        value = "true" if given_.startswith("f") else "1"
        for mode, works in (("force_custom_plan", custom), ("force_generic_plan", generic)):
            implied.execute(f"SET LOCAL plan_cache_mode = {mode}".encode())
            try:
                with implied.transaction():
                    implied.execute(f"EXPLAIN EXECUTE s({value})".encode())
                assert works
            except psycopg.errors.InvalidColumnReference:
                assert not works
        implied.execute("DEALLOCATE s")
    expected = {(True, True): "yes", (True, False): "parameter", (False, False): "no"}
    assert implies(given_, wanted, _types(implied)) == expected[custom, generic]
