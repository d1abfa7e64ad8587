"""The text of a playbook's query: one SELECT, run step by step with the same rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.query import one_select, rows_of, steps_of


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ';--' AS \"a;b\" -- ; x\n;",
        "/* ; */ WITH a AS (SELECT 1) SELECT * FROM a;;",
        "-- it's\nSELECT [a;b], `c;d` FROM t",
    ],
)
def test_quotes_and_comments_do_not_split_the_query(query: str) -> None:
    assert one_select(query)


def facts() -> FactBase:
    made = FactBase()
    made.insert(
        "relation",
        [
            {"oid": 1, "schema": "s", "name": "T", "qualified": "s.T"},
            {"oid": 2, "schema": "s", "name": "U", "qualified": "s.U"},
        ],
    )
    return made


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT oid FROM relation", []),
        ("WITH a AS (SELECT oid FROM relation) SELECT * FROM a", ["a"]),
        (
            "-- first\nWITH a (n) AS MATERIALIZED (SELECT ')' || oid FROM relation), /* ( */ b AS"
            " (SELECT n FROM a WHERE n <> '(') SELECT * FROM b UNION ALL SELECT n FROM a",
            ["a", "b"],
        ),
        (
            "WITH RECURSIVE up (n) AS (SELECT 1 UNION SELECT n + 1 FROM up WHERE n < 5),"
            " twice AS (SELECT n * 2 AS n FROM up) SELECT n FROM twice",
            ["up", "twice"],
        ),
        ("WITH relation AS (SELECT 7 AS oid) SELECT oid FROM relation", ["relation"]),
        ("WITH a AS (SELECT oid, oid FROM relation) SELECT oid FROM a", ["a"]),
        ("WITH a AS (WITH b AS (SELECT 1 AS n) SELECT n FROM b) SELECT n FROM a", ["a"]),
        ("WITH a AS (VALUES (1), (2)) SELECT column1 FROM a", ["a"]),
        # A name that comes later, and quoted names, are left to the server's own rules.
        ("WITH a AS (SELECT n FROM b), b AS (SELECT 1 AS n) SELECT n FROM a", []),
        ('WITH "a b" AS (SELECT 1 AS n) SELECT n FROM "a b"', []),
    ],
)
def test_steps_give_the_rows_of_the_whole_query(query: str, names: list[str]) -> None:
    base = facts()
    assert [step.name for step in steps_of(query).steps] == names
    assert rows_of(base, query) == base.select(query)
    assert rows_of(base, query) == base.select(query), "nothing is left of the first time"


@pytest.mark.parametrize(
    "query",
    [
        "WITH a AS (SELECT nothing FROM relation) SELECT * FROM a",
        "WITH a AS (SELECT 1 AS n) SELECT missing FROM a",
        "WITH a AS (SELECT 1) , SELECT 1",
        "WITH a AS (SELECT 1",
        "WITH",
    ],
)
def test_a_broken_query_is_told_as_a_whole(query: str) -> None:
    base = facts()
    with pytest.raises(UsageError) as whole:
        base.select(query)
    with pytest.raises(UsageError) as steps:
        rows_of(base, query)
    assert str(steps.value) == str(whole.value)
    assert base.select("SELECT count(*) AS n FROM relation") == [{"n": 2}]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM relation",
        "INSERT INTO relation (oid) VALUES (3)",
        "CREATE TABLE more (a)",
        "PRAGMA user_version",
        "ATTACH 'x.db' AS x",
    ],
)
def test_a_step_may_only_read(query: str) -> None:
    base = facts()
    with pytest.raises(UsageError):
        base.select_in_steps([("a", query)], "SELECT 1")
    assert base.select("SELECT count(*) AS n FROM relation") == [{"n": 2}]


TEXT = st.text(alphabet="()'\"`[];,-/* \nab", max_size=40)


@given(TEXT)
def test_any_text_is_taken_apart_without_an_exception(text: str) -> None:
    for query in (text, f"WITH a AS ({text}) SELECT 1", f"SELECT {text}"):
        made = steps_of(query)
        assert query.endswith(made.last)
        assert one_select(query) in query
