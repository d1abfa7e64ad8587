"""Rows in the way of a wanted key: what of a pasted statement is asked of the server, and what not."""

from __future__ import annotations

import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.facts.derive.wanted_rows import count_wanted_rows
from fixit_tui.model.finding import Check


def asked(predicate: str | None, answer: str = "2 3") -> tuple[list[str], FactBase]:
    facts, questions = FactBase(), []
    facts.insert("relation", [{"oid": 1, "schema": "s", "name": "T", "qualified": "s.T"}])
    wanted = {"relation": 1, "name": "k", "columns": '["a"]', "key_text": "a"}
    facts.insert("wanted_key", [{**wanted, "predicate": predicate}])

    def ask(sql: str) -> tuple[Check, ...]:
        questions.append(sql)
        return (Check("rows", False, answer),)

    count_wanted_rows(facts, ask)
    return questions, facts


@pytest.mark.parametrize(
    "predicate", [None, "deleted_at IS NULL", "active = true", "(state <> 'done') AND \"B\" > 1"]
)
def test_what_only_compares_is_counted(predicate: str | None) -> None:
    questions, facts = asked(predicate)
    assert len(questions) == 1
    assert facts.query("SELECT doubled_groups, extra_rows FROM wanted_key") == [
        {"doubled_groups": 2, "extra_rows": 3}
    ]


@pytest.mark.parametrize(
    "predicate",
    [
        "pg_terminate_backend(1)",
        "pg_terminate_backend (1)",
        "pg_terminate_backend\n(1)",
        "pg_terminate_backend/**/(1)",
        "pg_terminate_backend--\n(1)",
        '"f"(1)',
        "a = 1::regclass",
        "a ~ 'x'; SELECT 1",
    ],
)
def test_what_may_run_a_function_is_not_asked(predicate: str) -> None:
    questions, facts = asked(predicate)
    assert questions == []
    assert facts.query("SELECT doubled_groups FROM wanted_key") == [{"doubled_groups": None}]


def test_an_answer_that_is_no_count_leaves_it_open() -> None:
    _, facts = asked(None, "permission denied")
    assert facts.query("SELECT doubled_groups FROM wanted_key") == [{"doubled_groups": None}]
