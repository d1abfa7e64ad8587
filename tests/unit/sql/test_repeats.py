"""Repeated keys of one INSERT: what a SELECT rules out, and the DISTINCT ON that rules it out."""

from __future__ import annotations

import pytest

from fixit_tui.sql.dml import parse_writes
from fixit_tui.sql.repeats import keep_one_row

HEAD = "INSERT INTO t (a, b, n) "


@pytest.mark.parametrize(
    ("select", "distinct"),
    [
        ("SELECT x.k, 1, x.v FROM x", None),
        ("SELECT DISTINCT ON (x.k) x.k, 1, x.v FROM x", ("a",)),
        ("SELECT DISTINCT ON (1, x.v) x.k, 1, x.v FROM x", ("a", "n")),
        ("SELECT DISTINCT x.k, 1, x.v FROM x", ("a", "b", "n")),
        ("SELECT x.k, y, sum(x.v) FROM x GROUP BY x.k, y", ("a", "b")),
        ("SELECT x.k AS kk, y, sum(x.v) FROM x GROUP BY kk, 2", ("a", "b")),
        ("SELECT x.k, y, sum(x.v) FROM x GROUP BY x.k, x.other, y", ()),
        ("SELECT s.k, 1, 1 FROM (SELECT DISTINCT k FROM x) AS s", ()),
    ],
)
def test_what_a_select_says_about_repeats(select: str, distinct: tuple[str, ...] | None) -> None:
    (write,) = parse_writes(HEAD + select + " ON CONFLICT (a) DO UPDATE SET n = 1")
    assert write.distinct == distinct


def test_rows_that_are_written_out() -> None:
    (write,) = parse_writes("INSERT INTO t (a, b) VALUES (1, $1), (2, lower('x'))")
    assert write.row_list == ({"a": "1", "b": "$1"}, {"a": "2", "b": "lower('x')"})
    assert parse_writes("INSERT INTO t (a, b) VALUES (1, 2)")[0].row_list is None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (a, b) VALUES (1, 2), (1, 3)",
        "INSERT INTO t SELECT x.k, x.v FROM x",
        "INSERT INTO t (a, b) SELECT DISTINCT x.k, x.v FROM x",
        "INSERT INTO t (a, b) SELECT x.k, x.v FROM x LIMIT 5",
        "INSERT INTO t (a, b) SELECT k, v FROM x UNION ALL SELECT k, v FROM y",
        "INSERT INTO t (a, b) SELECT unnest(p), 1",
        "INSERT INTO t (a, b) SELECT 1, x.v FROM x",
        "INSERT INTO t (b, c) SELECT x.v, x.w FROM x",
        "UPDATE t SET a = 1",
    ],
)
def test_what_distinct_on_would_change_is_left_alone(statement: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        keep_one_row(statement, ("a",), "last")
