"""Function bodies: lines, handlers, conditions, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    # The handler for unique_violation raises it again.
    quiet = ("others",)
    assert found == [
        (6, "sql", (), (), True),
        (9, "sql", (), (), True),
        (12, "sql", quiet, (), False),
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


@pytest.mark.parametrize(
    "body",
    [
        "DECLARE r goals%ROWTYPE; BEGIN r.a := 3; INSERT INTO t VALUES (1); END",
        'DECLARE r "App"."Goals"%rowtype; BEGIN r.a := 3; INSERT INTO t VALUES (1); RETURN r; END',
        "DECLARE x goals.id%TYPE; BEGIN SELECT id INTO x FROM g; INSERT INTO t VALUES (1); END",
        "BEGIN id := 4; name := 'x'; INSERT INTO t VALUES (1); RETURN NEXT; END",
        "BEGIN p.field := 1; INSERT INTO t VALUES (1); END",
        "BEGIN INSERT INTO t VALUES (1) RETURNING id INTO STRICT new_id; RETURN new_id; END",
        "BEGIN EXECUTE $fixit0$INSERT INTO t VALUES (1)$fixit0$; END",
    ],
)
def test_what_only_the_catalog_knows_is_not_needed(body: str) -> None:
    routine = parse_routine(body, language="plpgsql", arguments=["p", "p", "new", "tg_op"])
    assert routine.error is None
    inserts = [s.text for s in routine.statements if "INSERT" in s.text]
    assert inserts
    assert inserts[0].startswith("INSERT INTO t")


def test_calls_in_expressions_are_seen() -> None:
    routine = parse_routine(
        "DECLARE v int := f(1);\nBEGIN\n IF g(2) THEN\n  RETURN h(3); END IF;\n"
        " CASE v WHEN k() THEN NULL; END CASE;\n WHILE l() LOOP NULL; END LOOP;\nEND",
        language="plpgsql",
    )
    assert [(s.line, s.kind, s.text, s.conditional) for s in routine.statements] == [
        (1, "assign", "f(1)", False),
        (3, "assign", "g(2)", False),
        (4, "assign", "h(3)", True),
        (5, "assign", "k()", True),
        (6, "assign", "l()", True),
    ]


def test_what_is_raised() -> None:
    routine = parse_routine(
        "BEGIN RAISE unique_violation; RAISE SQLSTATE 'PT409' USING MESSAGE = 'x';"
        " RAISE EXCEPTION 'a %', 1 USING ERRCODE = '23505'; RAISE EXCEPTION 'a';"
        " RAISE WARNING 'w'; RAISE NOTICE 'n'; RAISE DEBUG 'd'; END",
        language="plpgsql",
    )
    assert [s.raises for s in routine.statements] == [
        "unique_violation", "PT409", "23505", "error", "warning", "notice", "debug",
    ]  # fmt: skip


def test_handlers_stand_at_the_line_of_their_when() -> None:
    routine = parse_routine(
        "BEGIN\n BEGIN\n  CASE WHEN true THEN NULL; WHEN others THEN NULL; END CASE;\n"
        " EXCEPTION\n  WHEN unique_violation OR SQLSTATE '23503' THEN\n   NULL;\n"
        "  WHEN check_violation THEN\n   RAISE;\n END;\n"
        "EXCEPTION WHEN OTHERS THEN\n RETURN NULL;\nEND",
        language="plpgsql",
    )
    assert routine.error is None
    assert routine.swallows[0] == (("unique_violation", "23503"), 5)
    assert [conditions for conditions, _ in routine.swallows] == [
        ("unique_violation", "23503"), ("others",),
    ]  # fmt: skip


def test_a_constant_string_is_sql_only_if_it_can_be_read() -> None:
    routine = parse_routine(
        "BEGIN EXECUTE 'INSERT INTO t VALUES ($1)' USING 1; EXECUTE 'no sql'; EXECUTE '';"
        " EXECUTE format('DELETE FROM %I', n); RETURN QUERY EXECUTE 'SELECT 1'; END",
        language="plpgsql",
    )
    assert [s.kind for s in routine.statements] == ["sql", "dynamic", "dynamic", "dynamic", "sql"]


def test_lines_of_sql_bodies_do_not_count_comments_as_statements() -> None:
    body = "-- SELECT 1\nSELECT 1;\n/* SELECT 2 */\nSELECT 2"
    routine = parse_routine(body, language="sql", arguments=["P"])
    assert [(s.line, s.text) for s in routine.statements] == [(2, "SELECT 1"), (4, "SELECT 2")]
    assert routine.statements[0].variables == {"p"}
    (returned,) = parse_routine("RETURN a + 1", language="sql").statements
    assert (returned.kind, returned.text) == ("assign", "a + 1")


@given(st.text(max_size=60), st.sampled_from(["plpgsql", "sql", "c"]))
def test_any_body_gives_an_answer(body: str, language: str) -> None:
    assert parse_routine(body, language=language, arguments=[body[:5]]) is not None
