"""Edits of an ON CONFLICT clause in SQL: target, predicate, what DO UPDATE sets."""

from __future__ import annotations

from typing import Any

import pytest
from editing import call_in, edited_at

TARGET = {"columns": ["user_id", "slug"], "drop_columns": ["id"]}
UPSERT = "await c.query(`INSERT INTO t (a, b) VALUES ($1, $2)\n ON CONFLICT (a{}) DO UPDATE SET b = 1 RETURNING id`, p);"
CLAUSES = [
    ("add-conflict-predicate", {"predicate": "(is_active = true)"}, "", ") WHERE is_active = true"),
    ("add-conflict-predicate", {"predicate": "((a) OR (b))"}, "", ") WHERE (a) OR (b)"),
    ("add-conflict-predicate", {"predicate": "(a) OR (b)"}, "", ") WHERE (a) OR (b)"),
    ("add-conflict-predicate", {"predicate": "x = 'it''s `${y}`'"}, "", ") WHERE x = 'it''s \\`\\${y}\\`'"),
    ("set-sql-conflict-target", {"target": "a, lower(email)"}, "", ", lower(email))"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "params", "_", "wanted"), CLAUSES)
def test_conflict_clause(name: str, params: dict[str, Any], _: str, wanted: str) -> None:
    text = UPSERT.replace("{}", "")
    assert edited_at(name, text, call_in(text, None), params) == text.replace(
        "(a)", "(a" + wanted, 1
    )


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ("(id) DO NOTHING", "(user_id, slug) DO NOTHING"),
        ("(id) DO UPDATE SET a = EXCLUDED.a", "(user_id, slug) DO UPDATE SET a = EXCLUDED.a"),
        (
            "(id) DO UPDATE SET id = EXCLUDED.id, a = EXCLUDED.a",
            "(user_id, slug) DO UPDATE SET a = EXCLUDED.a",
        ),
        (
            "(id) DO UPDATE SET a = EXCLUDED.a, id = EXCLUDED.id",
            "(user_id, slug) DO UPDATE SET a = EXCLUDED.a",
        ),
        (
            "(id) DO UPDATE SET a = EXCLUDED.a, id = EXCLUDED.id, b = EXCLUDED.id",
            "(user_id, slug) DO UPDATE SET a = EXCLUDED.a, b = EXCLUDED.id",
        ),
        (
            "(id) DO UPDATE SET user_id = EXCLUDED.user_id, id=excluded.id WHERE t.id > 0",
            "(user_id, slug) DO UPDATE SET user_id = EXCLUDED.user_id WHERE t.id > 0",
        ),
    ],
)
def test_a_key_is_no_longer_set_in_sql(clause: str, wanted: str) -> None:
    text = f"await c.query(`INSERT INTO t (id, a) VALUES ($1, $2) ON CONFLICT {clause}`, p);"
    result = edited_at("set-conflict-target", text, call_in(text, None), TARGET)
    assert result == text.replace(clause, wanted)


def test_an_existing_predicate_is_replaced() -> None:
    text = "await c.query('INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) WHERE (x = $1) DO NOTHING', p)"
    result = edited_at(
        "add-conflict-predicate", text, call_in(text, None), {"predicate": "x = \\'1\\'"}
    )
    assert "WHERE x = \\\\\\'1\\\\\\' DO NOTHING" in result


def test_the_whole_clause_is_replaced() -> None:
    text = UPSERT.replace("{}", "")
    clause = "ON CONFLICT ON CONSTRAINT t_key DO NOTHING"
    result = edited_at("set-sql-conflict-target", text, call_in(text, None), {"clause": clause})
    assert result == text.replace("ON CONFLICT (a) DO UPDATE SET b = 1", clause)


@pytest.mark.parametrize(
    ("clause", "params", "wanted"),
    [
        (
            "ON CONSTRAINT t_live",
            {"arbiter_columns": ["a", "order"], "arbiter_predicate": "(live)"},
            '(a, "order") WHERE live',
        ),
        ('(a COLLATE "C") WHERE b', {"arbiter": "(a, lower(b))"}, "(a, lower(b))"),
        ("(a, b)", {"arbiter_constraint": "tApart"}, 'ON CONSTRAINT "tApart"'),
    ],
)
def test_what_names_the_key_is_replaced(clause: str, params: dict[str, Any], wanted: str) -> None:
    text = f"await c.query(`INSERT INTO t (a) VALUES ($1)\n ON CONFLICT {clause} DO NOTHING`, p)"
    result = edited_at("set-sql-conflict-target", text, call_in(text, None), params)
    assert result == text.replace(clause, wanted)


SHARED = "const SQL = 'INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING';\nawait c.query(SQL, p);\n"


def test_sql_in_a_constant_is_changed_where_it_stands() -> None:
    result = edited_at(
        "set-conflict-target", SHARED, call_in(SHARED, None), {"columns": ["a", "b"]}
    )
    assert result == SHARED.replace("CONFLICT (a)", "CONFLICT (a, b)")
