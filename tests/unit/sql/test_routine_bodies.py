"""Function bodies: lines, handlers, conditions, and what cannot be read."""

from __future__ import annotations

import pytest

from fixit_tui.sql.plpgsql import parse_routine

BODY = """
DECLARE
  v integer := 0;
BEGIN
  IF TG_OP = 'INSERT' AND NEW.phone IS DISTINCT FROM OLD.phone THEN
    INSERT INTO contacts (id, phone)
    VALUES (NEW.id, NEW.phone);
  ELSIF v = 1 THEN
    DELETE FROM contacts;
  END IF;
  BEGIN
    UPDATE contacts SET phone = NULL;
  EXCEPTION WHEN unique_violation THEN
    RAISE;
  WHEN others THEN
    RAISE WARNING 'lost: %', SQLERRM;
  END;
  EXECUTE 'INSERT INTO contacts VALUES (' || v || ')';
  EXECUTE 'INSERT INTO log (a) VALUES (1)';
  PERFORM notify(NEW.id);
  RETURN NEW;
END
"""


def test_statements_with_their_lines_and_handlers() -> None:
    routine = parse_routine(BODY, language="plpgsql")
    assert routine.error is None
    found = [(s.line, s.kind, s.guards, s.handler, s.conditional) for s in routine.statements]
    both = ("unique_violation", "others")
    assert found == [
        (6, "sql", (), (), True),
        (9, "sql", (), (), True),
        (12, "sql", both, (), False),
        (14, "raise", (), ("unique_violation",), False),
        (16, "raise", (), ("others",), False),
        (18, "dynamic", (), (), False),
        (19, "sql", (), (), False),
        (20, "perform", (), (), False),
    ]
    assert [conditions for conditions, _ in routine.swallows] == [("others",)]
    assert {"v", "new", "old", "tg_op"} <= routine.statements[0].variables


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ("BEGIN RETURN QUERY SELECT 1; INSERT INTO t VALUES (a); END", ["a"]),
        ("BEGIN INSERT INTO t VALUES (1); RETURN NEXT; END", []),
        ("BEGIN INSERT INTO t VALUES (1); RETURN; END", []),
        ("BEGIN INSERT INTO t VALUES (1); RETURN 3; END", []),
        ("BEGIN FOR r IN SELECT 1 LOOP INSERT INTO t VALUES (1); END LOOP; END", ["r"]),
        ("#variable_conflict use_column\nBEGIN INSERT INTO t VALUES ($x$a$x$); END", []),
    ],
)
def test_bodies_of_every_kind_of_function(body: str, arguments: list[str]) -> None:
    routine = parse_routine(body, language="plpgsql", arguments=arguments)
    assert routine.error is None
    assert any("INSERT INTO t" in s.text for s in routine.statements)


def test_sql_bodies_and_begin_atomic() -> None:
    plain = parse_routine("\n  SELECT 1;\n  INSERT INTO t VALUES (1);\n", language="sql")
    assert [(s.line, s.text) for s in plain.statements] == [
        (2, "SELECT 1"),
        (3, "INSERT INTO t VALUES (1)"),
    ]
    atomic = parse_routine("BEGIN ATOMIC\n INSERT INTO t VALUES (1);\nEND", language="sql")
    assert [(s.line, s.text) for s in atomic.statements] == [(2, "INSERT INTO t VALUES (1)")]


def test_what_cannot_be_read_says_so() -> None:
    assert "plpython3u" in (parse_routine("pass", language="plpython3u").error or "")
    assert parse_routine("BEGIN oops oops", language="plpgsql").error
    assert parse_routine("", language="plpgsql").error
