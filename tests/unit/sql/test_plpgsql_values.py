"""What variables stand for, and statements that EXECUTE is given."""

from __future__ import annotations

import pytest

from fixit_tui.sql.dynamic import constant_statement
from fixit_tui.sql.plpgsql import RoutineBody, parse_routine
from fixit_tui.sql.plpgsql_values import substituted


def body(text: str, declared: str = "v bigint; w text;") -> RoutineBody:
    routine = parse_routine(f"DECLARE {declared}\nBEGIN\n{text}\nEND", language="plpgsql")
    assert routine.error is None
    return routine


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("v := NEW.id;", "v bigint;", {"v": "NEW.id"}),
        ("NULL;", "v bigint := NEW.id;", {"v": "NEW.id"}),
        ("SELECT NEW.id INTO v;", "v bigint;", {"v": "NEW.id"}),
        ("v := NEW.id; v := 1;", "v bigint;", {}),
        ("v := 2;", "v bigint := 1;", {}),
        ("IF NEW.a THEN v := NEW.id; END IF;", "v bigint;", {}),
        ("FOR i IN 1..3 LOOP v := NEW.id; END LOOP;", "v bigint;", {}),
        ("SELECT id INTO v FROM t;", "v bigint;", {}),
        ("INSERT INTO t DEFAULT VALUES RETURNING id INTO v;", "v bigint;", {}),
        ("r.a := NEW.id;", "r record;", {}),
    ],
)
def test_one_sure_assignment_tells(text: str, declared: str, expected: dict[str, str]) -> None:
    assert dict(body(text, declared).variables.values) == expected


def test_queries_that_fill_a_variable_are_kept() -> None:
    routine = body("SELECT count(*) INTO v FROM Cards; w := lower(NEW.a);")
    assert "from cards" in routine.variables.queried["v"][0]


def test_variables_are_replaced_as_whole_names() -> None:
    values = {"v": "NEW.id", "w": "v + 1", "$1": "OLD.id"}
    assert substituted("v", values) == "NEW.id"
    assert substituted("w * 2", values) == "((NEW.id) + 1) * 2"
    assert substituted("t.v || v(1) || 'v' || \"V\"", values) == "t.v || v(1) || 'v' || \"V\""
    assert substituted("$1", values) == "OLD.id"
    assert substituted("x", {"x": "x"}) == "x"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'INSERT INTO t VALUES (1)'", "INSERT INTO t VALUES (1)"),
        ("$x$DELETE FROM t$x$", "DELETE FROM t"),
        ("format('INSERT INTO %I VALUES (%L)', 'My T', 'it''s')", 'INSERT INTO "My T" VALUES (\'it\'\'s\')'),
        ("format('INSERT INTO %I VALUES (1)', TG_TABLE_NAME)", None),
        ("format('INSERT INTO %I VALUES (1)')", None),
        ("format('INSERT INTO %1$I VALUES (1)', 'a')", None),
        ("'INSERT INTO ' || v", None),
        ("'no sql'", None),
    ],
)  # fmt: skip
def test_only_constant_text_is_read(expression: str, expected: str | None) -> None:
    assert constant_statement(expression) == expected


def test_branches_carry_what_they_ask() -> None:
    routine = body(
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n"
        "CASE w WHEN 'a' THEN DELETE FROM t; ELSE INSERT INTO t VALUES (1); END CASE;"
    )
    conditions = {s.text: s.conditions for s in routine.statements if s.kind == "sql"}
    left = "NOT (TG_OP = 'DELETE')"
    assert conditions["DELETE FROM t"] == (left, "w IN ('a')")
    assert conditions["INSERT INTO t VALUES (1)"] == (left, "NOT (w IN ('a'))")


@pytest.mark.parametrize(
    ("handler", "guards"),
    [
        ("RAISE;", ()),
        ("RAISE EXCEPTION 'x: %', SQLERRM;", ()),
        ("RAISE WARNING 'x';", ("others",)),
        ("IF SQLSTATE <> '23505' THEN RAISE; END IF;", ("23505",)),
        ("NULL;", ("others",)),
    ],
)
def test_a_handler_that_raises_again_hides_nothing(handler: str, guards: tuple[str, ...]) -> None:
    routine = body(f"INSERT INTO t VALUES (1);\nEXCEPTION WHEN OTHERS THEN {handler}")
    assert routine.statements[0].guards == guards
