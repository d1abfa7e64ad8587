"""A key that an error tells by its columns alone."""

from __future__ import annotations

import json

import pytest
from fact_rows import Facts

from fixit_tui.facts.resolve import resolve_symptom


def _told(facts: Facts, columns: list[str], *names: str) -> tuple[object, object]:
    """(constraint, index) that the symptom is resolved to."""
    facts.base.insert(
        "symptom",
        [
            {
                "sqlstate": "23505",
                "operation": "insert",
                "key_columns": json.dumps(columns),
                "identifiers": json.dumps(names),
            }
        ],
    )
    resolve_symptom(facts.base)
    (row,) = facts.base.query("SELECT constraint_name, index_oid FROM symptom")
    return row["constraint_name"], row["index_oid"]


@pytest.mark.parametrize(
    "columns",
    [["provider", "account_ref"], ["account_ref", "provider"], ["provider", "accountRef"]],
)
def test_the_only_key_over_these_columns(columns: list[str]) -> None:
    facts = Facts()
    table = facts.table("logins", "id text", "provider text", "account_ref text")
    facts.index(table, "id")
    facts.index(table, "provider")
    index = facts.index(table, "provider", "account_ref")
    assert _told(facts, columns)[1] == index


@pytest.mark.parametrize(
    ("model", "table"), [("User", 0), ("Category", 1), ("user", 0), ("", None)]
)
def test_the_model_tells_two_tables_apart(model: str, table: int | None) -> None:
    facts = Facts()
    indexes = [
        facts.index(facts.table(name, "email text"), "email") for name in ("users", "categories")
    ]
    assert _told(facts, ["email"], *([model] if model else []))[1] == (
        None if table is None else indexes[table]
    )


def test_no_key_over_these_columns() -> None:
    facts = Facts()
    facts.index(facts.table("t", "a text", "b text"), "a", "b")
    assert _told(facts, ["a"]) == (None, None)
