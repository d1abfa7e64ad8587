"""What a script locks before it changes anything is told apart, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.preparation import preparation
from fixit_tui.sql.split import split

STATEMENTS = (
    "LOCK TABLE a IN SHARE MODE", "lock a", "SET CONSTRAINTS ALL IMMEDIATE", "set  constraints x deferred",
    "SET LOCAL x = 1", "DELETE FROM a", "SELECT 'LOCK; b'", "CREATE TABLE locks ()",
)  # fmt: skip
BETWEEN = (";\n\n", ";", " ;\n-- LOCK b\n", "; /* ; */ ")


@given(st.lists(st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(BETWEEN)), max_size=6))
def test_both_parts_together_are_the_script(parts: list[tuple[str, str]]) -> None:
    text = "".join(statement + end for statement, end in parts)
    locks, rest = preparation(text)
    assert (*locks, *split(rest)) == split(text)
    assert all(
        lock.lower().startswith(("lock", "set  constraints", "set constraints")) for lock in locks
    )
    following = split(rest)[:1]
    assert not any(f.lower().startswith(("lock ", "set constraints", "set  c")) for f in following)


@pytest.mark.parametrize("text", ["", "SELECT 1;\nLOCK a;\n", "LOCKED;"])
def test_a_script_that_begins_otherwise_stays_as_it_is(text: str) -> None:
    assert preparation(text) == ((), text)
