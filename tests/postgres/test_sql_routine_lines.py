"""Lines, guards and statements of bodies, compared with what the server reports and catches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixit_tui.sql.plpgsql import parse_routine
from fixit_tui.sql.rewrite import replace_in_routine, set_conflict_clause

SHAPE = """
CREATE TABLE t (a integer PRIMARY KEY, b text);
INSERT INTO t VALUES (1);
CREATE TABLE src (a integer);
"""
# Each body violates t's primary key at one statement; {0} is where the INSERT stands.
INSERT = "INSERT INTO t (a, b)\n    VALUES (1, 'x')"
BODIES = {
    "first line": ("void", f"BEGIN {INSERT}; END"),
    "after declarations": ("void", f"\nDECLARE\n  v integer := 1;\nBEGIN\n\n  {INSERT};\nEND\n"),
    "nested": ("void", f"\nBEGIN\n  IF true THEN\n    BEGIN\n      {INSERT};\n    END;\n  END IF;\nEND"),
    "row type": ("void", f"DECLARE r src%ROWTYPE;\nBEGIN\n  r.a := 3;\n  {INSERT};\nEND"),
    "into": ("integer", f"DECLARE v integer;\nBEGIN\n {INSERT} RETURNING a INTO v;\n RETURN v;\nEND"),
    "return query": ("SETOF t", f"BEGIN\n  RETURN QUERY\n  {INSERT} RETURNING *;\nEND"),
    "for": ("void", f"DECLARE r record;\nBEGIN\n  FOR r IN\n   {INSERT} RETURNING * LOOP NULL; END LOOP;\nEND"),
    "table output": ("TABLE (n integer)", f"BEGIN\n  n := 4;\n  {INSERT};\n  RETURN NEXT;\nEND"),
    "carriage returns": ("void", f"BEGIN\r\n  NULL;\r\n  {INSERT};\r\nEND"),
    "other handler": ("void", f"BEGIN\n  {INSERT};\nEXCEPTION WHEN check_violation THEN\n  NULL;\nEND"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BODIES))
def test_lines_are_those_of_context_and_only_that_statement_changes(
    database: str, connect: Callable[..., psycopg.Connection[Any]], name: str
) -> None:
    returns, body = BODIES[name]
    connection = connect(database)
    connection.execute(SHAPE.encode())
    connection.execute(
        f"CREATE FUNCTION f() RETURNS {returns} LANGUAGE plpgsql AS $b${body}$b$".encode()
    )
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        connection.execute("SELECT * FROM f()")
    found = re.search(r"line (\d+) at", caught.value.diag.context or "")
    assert found is not None

    routine = parse_routine(body, language="plpgsql")
    assert routine.error is None
    (statement,) = [s for s in routine.statements if s.text.startswith("INSERT")]
    assert statement.line == int(found.group(1))

    row = connection.execute("SELECT pg_get_functiondef('f'::regproc), prosrc FROM pg_proc"
                             " WHERE oid = 'f'::regproc").fetchone()  # fmt: skip
    assert row is not None
    changed = replace_in_routine(
        row[0],
        statement.text,
        set_conflict_clause(statement.text, "ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b"),
        body=row[1],
        line=statement.line,
    )
    connection.execute(changed.encode())
    connection.execute("SELECT * FROM f()")
    assert connection.execute("SELECT a, b FROM t").fetchall() == [(1, "x")]
    again = re.sub(r"\s*ON CONFLICT \(a\) DO UPDATE SET b = EXCLUDED\.b", "", changed)
    assert again == row[0]


@pytest.mark.parametrize("condition", ["unique_violation", "SQLSTATE '23505'", "others"])
def test_a_guarded_statement_is_caught_and_the_swallowing_handler_is_named(
    database: str, connect: Callable[..., psycopg.Connection[Any]], condition: str
) -> None:
    body = f"\nBEGIN\n  {INSERT};\nEXCEPTION\n  WHEN {condition} THEN\n    NULL;\nEND"
    connection = connect(database)
    connection.execute(SHAPE.encode())
    connection.execute(f"DO $b${body}$b$".encode())
    routine = parse_routine(body, language="plpgsql")
    name = condition.removeprefix("SQLSTATE ").strip("'")
    assert routine.statements[0].guards == (name,)
    assert routine.swallows == (((name,), 6),)
