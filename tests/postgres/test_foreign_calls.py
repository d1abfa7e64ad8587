"""What a text that somebody pasted would run, before a precondition counts with it."""

from __future__ import annotations

import psycopg
import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Check
from fixit_tui.playbooks.fixes import FixBuilder
from fixit_tui.playbooks.foreign_calls import question
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_playbook
from fixit_tui.playbooks.values import typed
from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import resolve_dsn
from fixit_tui.postgres.reader import PgReader

SCHEMA = """
CREATE TABLE people (id int, email text, day date);
CREATE SCHEMA other;
CREATE FUNCTION calm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION wild(people) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION twofold(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION other.twofold(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1';
"""
HARMLESS = (
    "email",
    "people.email, (people).day",
    "lower(email), COALESCE(email, ''), calm(email)",
    "date_trunc('day', day::timestamp)",
    "extract(year FROM day)",
)
NOT_RUN = {
    "wild(people)": "wild()",
    "people.wild": "wild()",
    "(people).wild": "wild()",
    "lower(email), pg_terminate_backend(1)": "pg_terminate_backend()",
    "CASE WHEN pg_catalog.pg_cancel_backend(1) THEN 1 END": "pg_cancel_backend()",
    "now()": "now()",
    "nowhere(id)": "nowhere()",
    "twofold(email)": "twofold()",
    "'it''s'::text || \"Wild\"(1)": "Wild()",
}


def asked(text: str) -> str:
    return question({"move": [{"columns": typed(FactBase(), {"expression": text})}]})


@pytest.fixture
def reader(database: str) -> PgReader:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return PgReader(open_connection(resolve_dsn(database, {})))


def test_only_what_an_index_could_compute_is_run(reader: PgReader) -> None:
    try:
        for text in HARMLESS:
            sql = asked(text)
            assert [c.holds for c in reader.checks(sql)] == ([True] if sql else [])
        for text, name in NOT_RUN.items():
            (check,) = reader.checks(asked(text))
            assert check.holds is False
            assert check.detail == f"not counted: {name} is not known to be one"
    finally:
        reader.close()


def test_the_precondition_is_not_asked_then() -> None:
    questions: list[str] = []

    def refuse(sql: str) -> tuple[Check, ...]:
        questions.append(sql)
        return (Check("known", False, "no"),)

    facts = FactBase()
    playbook = load_playbook(builtin_root() / "on-conflict-without-index")
    builder = FixBuilder(playbook, facts, refuse, lambda _: None)
    params = {
        "relation": {"name": ["public", "people"]}, "schema": {"ident": "public"},
        "columns": {"expression": "pg_terminate_backend(1)"}, "key_columns": [],
        "predicate": None, "leaves": [], "beside": 0, "index": {"new_name": "i"}, "new_index": {"new_table": ["public", "i"]},
    }  # fmt: skip
    (fix,) = builder.fixes(["create-unique-index"], params, {})
    assert fix.blocked_by
    assert len(questions) == 1
    assert "people" not in questions[0]
