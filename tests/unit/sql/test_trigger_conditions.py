"""Conditions that a trigger's own circumstances decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.trigger_conditions import holds

KNOWN = {"tg_op": "UPDATE", "tg_table_name": "order's"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("TG_OP = 'UPDATE'", True),
        ("'INSERT' = tg_op", False),
        ("tg_op <> 'DELETE'", True),
        ("TG_OP IN ('INSERT', 'UPDATE')", True),
        ("tg_op NOT IN ('INSERT', 'UPDATE')", False),
        ("TG_TABLE_NAME = 'order''s'", True),
        ("NOT (TG_OP = 'UPDATE')", False),
        ("TG_OP = 'INSERT' AND NEW.a > 1", False),
        ("TG_OP = 'UPDATE' AND NEW.a > 1", None),
        ("TG_OP = 'UPDATE' OR NEW.a > 1", True),
        ("(TG_OP = 'INSERT' OR TG_OP = 'DELETE')", False),
        ("TG_OP = 'INSERT' OR NEW.a BETWEEN 1 AND 2", None),
        ("CASE WHEN TG_OP = 'INSERT' THEN true ELSE false END", None),
        ("TG_OP = NEW.op", None),
        ("tg_op IN (NEW.op)", None),
        ("tg_name = 'x'", None),
        ("EXISTS (SELECT 1 FROM t WHERE TG_OP = 'INSERT')", None),
        ("", None),
        ("TG_OP = 'UPDATE", None),
        ("((TG_OP", None),
    ],
)
def test_what_is_decided(condition: str, expected: bool | None) -> None:
    assert holds(condition, KNOWN) is expected


ATOMS = {"tg_op = 'UPDATE'": True, "tg_op = 'INSERT'": False, "NEW.a > 1": None}
_atoms = st.sampled_from(sorted(ATOMS))


@given(st.recursive(_atoms, lambda e: st.tuples(st.sampled_from(["and", "or", "not"]), e, e)))
def test_it_reasons_as_the_server_does(tree: object) -> None:
    text, value = _told(tree)
    assert holds(text, KNOWN) is value


def _told(tree: object) -> tuple[str, bool | None]:
    if isinstance(tree, str):
        return tree, ATOMS[tree]
    assert isinstance(tree, tuple)
    (one, a), (other, b) = _told(tree[1]), _told(tree[2])
    if tree[0] == "not":
        return f"NOT ({one})", None if a is None else not a
    decisive = tree[0] == "or"
    value = decisive if decisive in (a, b) else None if None in (a, b) else not decisive
    return f"({one}) {tree[0]} ({other})", value


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    assert holds(text, KNOWN) in (True, False, None)
