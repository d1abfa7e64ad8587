"""Locks of a script, and measured ones that it did not tell of."""

from __future__ import annotations

import pytest

from fixit_tui.model.finding import Lock
from fixit_tui.sql.foreseen_locks import foreseen_locks, unforeseen

HEAVY = "ACCESS EXCLUSIVE"


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("CREATE INDEX i ON s.t (a); DROP INDEX s.i", {("s.t", "SHARE"), ("s.t", HEAVY)}),
        ('CREATE INDEX "I x" ON s."T x" (a); DROP INDEX s."I x"', {("s.T x", HEAVY)}),
        ("DROP INDEX s.elsewhere", {("s.own", HEAVY)}),
        ("DROP INDEX CONCURRENTLY s.i", {("s.own", "SHARE UPDATE EXCLUSIVE")}),
        ("CREATE INDEX i ON t (a); DROP INDEX i", {("t", HEAVY)}),
        ("REINDEX INDEX s.i", {("s.own", "SHARE")}),
        ("REINDEX INDEX CONCURRENTLY s.i", {("s.own", "SHARE UPDATE EXCLUSIVE")}),
        ("CREATE INDEX ON s.t (a)", {("s.t", "SHARE")}),
    ],
)
def test_what_names_only_an_index_locks_its_table(text: str, tables: set[tuple[str, str]]) -> None:
    assert {Lock(*pair) for pair in tables} <= set(foreseen_locks(text, "s.own"))


def test_without_a_table_only_the_index_is_known() -> None:
    assert foreseen_locks("DROP INDEX s.i", None) == (Lock("s.i", HEAVY),)


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("CREATE TABLE s.n (a int); ALTER TABLE s.n ENABLE ROW LEVEL SECURITY", set()),
        ("CREATE TABLE s.n AS SELECT 1; DELETE FROM s.t", {"s.t"}),
        ("SELECT 1 AS a INTO s.n; CREATE INDEX ON s.n (a)", set()),
        ("CREATE TABLE s.n (a int REFERENCES s.t)", {"s.t"}),
        ("CREATE TABLE IF NOT EXISTS s.n (a int)", {"s.n"}),
        ("CREATE TABLE IF NOT EXISTS s.n AS SELECT 1", {"s.n"}),
        ("DROP TABLE s.n; CREATE TABLE s.n (a int)", {"s.n"}),
    ],
)
def test_nobody_waits_for_a_table_that_is_not_there_yet(text: str, tables: set[str]) -> None:
    assert {lock.relation for lock in foreseen_locks(text, None)} == tables


@pytest.mark.parametrize(
    ("foreseen", "measured", "surprise"),
    [
        ((), ("s.t", "SHARE"), True),
        ((("s.t", "SHARE"),), ("s.t", HEAVY), True),
        ((("s.t", HEAVY),), ("s.t", "SHARE"), False),
        ((("t", HEAVY),), ("s.t", HEAVY), False),
        ((("s.u", HEAVY),), ("s.t", HEAVY), True),
        ((("unknown", HEAVY),), ("s.t", HEAVY), False),
        ((), ("s.t", "ROW EXCLUSIVE"), False),
        ((), ("s.t", "ROW SHARE"), False),
    ],
)
def test_what_is_stronger_than_foreseen_is_told(
    foreseen: tuple[tuple[str, str], ...], measured: tuple[str, str], surprise: bool
) -> None:
    taken = Lock(*measured)
    told = unforeseen([Lock(*pair) for pair in foreseen], [taken, taken])
    assert told == ((taken,) if surprise else ())
