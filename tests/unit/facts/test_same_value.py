"""Comparing value expressions of SQL and code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.facts.derive.same_value import Same, bare, compare, constant, refers_to


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("16", "'16'", Same.YES),
        ("16", "17", Same.NO),
        ("'email'", '"email"', Same.YES),
        ("`email`", "'email'::text", Same.YES),
        ("true", "TRUE", Same.YES),
        ("null", "NULL::uuid", Same.YES),
        ("'it''s'", '"it\'s"', Same.YES),
        ("input.userId", " input.userId ", Same.YES),
        ("input.userId", "input.otherId", Same.UNKNOWN),
        ("MODULE", "16", Same.UNKNOWN),
        ("crypto.randomUUID()", "crypto.randomUUID()", Same.NO),
        ("gen_random_uuid()", "user.id", Same.NO),
        ("new Date().toISOString()", "now()", Same.UNKNOWN),
        ("(a)::text", "a", Same.YES),
    ],
)
def test_strict_comparison(one: str, other: str, answer: Same) -> None:
    assert compare(one, other) is answer
    assert compare(other, one) is answer


@pytest.mark.parametrize("clock", ["new Date()", "new Date().toISOString()", "Date.now()", "now()"])
def test_clocks_count_as_the_same_where_the_moment_does_not_matter(clock: str) -> None:
    assert compare(clock, "CURRENT_TIMESTAMP", loosely=True) is Same.YES


@pytest.mark.parametrize(
    ("text", "column", "relation", "answer"),
    [
        ("user.id", "id", "users", True),
        ("data!.id", "id", "users", True),
        ("result.rows[0].id", "id", "users", True),
        ("userId", "id", "tripwire_users", True),
        ("newUserId", "id", "users", True),
        ("id", "id", "users", True),
        ("adminId", "id", "users", False),
        ("user.email", "id", "users", False),
        ("categoryId", "id", "categories", True),
        ("'id'", "id", "users", False),
        ("make(user.id)", "id", "users", False),
        ("customer.customerId", "customer_id", "customers", True),
    ],
)
def test_which_expressions_name_the_written_row(
    text: str, column: str, relation: str, answer: bool
) -> None:
    assert refers_to(text, column, relation) is answer


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert bare(bare(text)) == bare(text)
    constant(text)
    refers_to(text, "id", "users")
    compare(text, text)


@given(st.text(max_size=30), st.integers())
def test_a_quoted_literal_is_its_value(text: str, number: int) -> None:
    assert constant(f"{number}") == constant(f"'{number}'")
    literal = " ".join(text.split())
    assert constant("'" + literal.replace("'", "''") + "'") == literal
