"""Splices: that clause changes, everything else stays byte for byte."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.dml import ParsedWrite, parse_writes
from fixit_tui.sql.rewrite import (
    replace_in_routine,
    set_conflict_arbiter,
    set_conflict_clause,
    set_conflict_predicate,
)

HEADS = st.sampled_from(
    ["INSERT INTO t", 'insert  into "S".té as x', "WITH w AS (SELECT 1) INSERT INTO t"]
)
SOURCES = st.sampled_from(
    [
        "VALUES (1, 'on conflict (a) do nothing')",
        "VALUES\n  (1, $$x ) returning$$), (2, 'é')",
        "SELECT p, q FROM (SELECT 1 AS p, 2 AS q) z WHERE p > 0",
        "select 1, /* on conflict */ 2 -- returning",
    ]
)
CLAUSES = st.sampled_from(
    [
        "",
        "ON CONFLICT DO NOTHING",
        "on conflict (a) do nothing",
        "ON CONFLICT (a, lower((b)::text)) WHERE (a) > 1 DO UPDATE SET b = (SELECT 1), a = 2 WHERE t.a = 1",
        "ON CONFLICT /* ) */ (a /* ) */ ) DO UPDATE SET (a, b) = (1, 2)",
        "ON CONFLICT ON CONSTRAINT k DO NOTHING",
    ]
)
TAILS = st.sampled_from(["", "RETURNING id", "\nRETURNING a, (b) -- end"])
NEW = st.sampled_from(
    ["ON CONFLICT (c) DO NOTHING", "ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b"]
)


def _rest(write: ParsedWrite) -> ParsedWrite:
    return replace(
        write, has_conflict=False, action=None, target_kind=None, target=(), target_constraint=None,
        target_predicate=None, predicate_has_param=False, update_columns=(), update_values={},
        statement="",
    )  # fmt: skip


@given(HEADS, SOURCES, CLAUSES, TAILS, st.sampled_from(["(c)", "ON CONSTRAINT k2"]))
def test_only_what_names_the_key_changes(
    head: str, source: str, clause: str, tail: str, new: str
) -> None:
    before = f"{head} (a, b)\n{source}\n{clause}\n{tail}"
    (old,) = parse_writes(before)
    if old.target_kind in (None, "none"):
        with pytest.raises(ValueError, match="ON CONFLICT"):
            set_conflict_arbiter(before, new)
        return
    (changed,) = parse_writes(set_conflict_arbiter(before, new))
    assert (changed.target, changed.target_constraint) in ((("c",), None), ((), "k2"))
    assert changed.target_predicate is None
    for name in ("action", "update_columns", "columns", "returns_rows"):
        assert getattr(changed, name) == getattr(old, name)


@given(HEADS, SOURCES, CLAUSES, TAILS, NEW)
def test_only_the_conflict_clause_changes(
    head: str, source: str, clause: str, tail: str, new: str
) -> None:
    before = f"{head} (a, b)\n{source}\n{clause}\n{tail}"
    after = set_conflict_clause(before, new)
    (old,), (changed,) = parse_writes(before), parse_writes(after)
    assert _rest(old) == _rest(changed)
    assert changed.has_conflict
    assert changed.target in (("c",), ("a",))
    start = after.index(new)
    # What stands before and after the new clause stood there before as well.
    assert before.startswith(after[:start].rstrip())
    assert before.endswith(after[start + len(new) :])
    assert set_conflict_clause(after, new) == after


@given(SOURCES, CLAUSES, TAILS)
def test_only_the_predicate_changes(source: str, clause: str, tail: str) -> None:
    before = f"INSERT INTO t (a, b) {source}\n{clause}\n{tail}"
    (old,) = parse_writes(before)
    if old.target_kind not in ("columns", "expressions"):
        with pytest.raises(ValueError, match="names no columns"):
            set_conflict_predicate(before, "a IS NULL")
        return
    (changed,) = parse_writes(set_conflict_predicate(before, "a IS NULL"))
    assert changed.target_predicate == "a IS NULL"
    assert replace(changed, target_predicate=None, statement="") == replace(
        old, target_predicate=None, statement=""
    )


def test_several_inserts_are_refused() -> None:
    two = "WITH w AS (INSERT INTO a VALUES (1) RETURNING x) INSERT INTO b SELECT x FROM w"
    with pytest.raises(ValueError, match="several"):
        set_conflict_clause(two, "ON CONFLICT DO NOTHING")


DEFINITION = "CREATE FUNCTION f()\nAS $x$%s$x$\n"
OLD = "INSERT INTO t VALUES (1)"


def _replaced(body: str, line: int) -> str:
    changed = replace_in_routine(DEFINITION % body, OLD, "PERFORM 2", body=body, line=line)
    prefix, suffix = DEFINITION.split("%s")
    return changed[len(prefix) : -len(suffix)]


@pytest.mark.parametrize(
    ("body", "line", "changed"),
    [
        (f"BEGIN {OLD}; -- {OLD}\nEND", 1, f"BEGIN PERFORM 2; -- {OLD}\nEND"),
        (f"BEGIN\n-- {OLD}\n{OLD};\nEND", 3, f"BEGIN\n-- {OLD}\nPERFORM 2;\nEND"),
        (f"BEGIN\n RETURN QUERY\n  {OLD};\nEND", 2, "BEGIN\n RETURN QUERY\n  PERFORM 2;\nEND"),
        (f"BEGIN\nFOR r IN\n {OLD} LOOP\n{OLD}; END LOOP; END", 2,
         f"BEGIN\nFOR r IN\n PERFORM 2 LOOP\n{OLD}; END LOOP; END"),
        (f"BEGIN\r\n{OLD};\r\n{OLD};\r\nEND", 3, f"BEGIN\r\n{OLD};\r\nPERFORM 2;\r\nEND"),
    ],
)  # fmt: skip
def test_the_statement_at_the_line_changes(body: str, line: int, changed: str) -> None:
    assert _replaced(body, line) == changed


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f"BEGIN {OLD}; {OLD}; END", 1),
        (f"BEGIN\nNULL;\n{OLD}; END", 2),
        (f"BEGIN\n-- {OLD}\nEND", 2),
        (f"BEGIN\nx := '{OLD}';\nEND", 2),
        (f"BEGIN {OLD}; END", 9),
    ],
)
def test_any_doubt_about_the_place_is_an_error(body: str, line: int) -> None:
    with pytest.raises(ValueError, match="line"):
        _replaced(body, line)
