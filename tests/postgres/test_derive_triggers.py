"""Effects and compared rows, against the errors that a real server raises."""

from __future__ import annotations

import json
import re
from contextlib import closing

import psycopg
import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.facts.derive import derive
from fixit_tui.facts.load import load_catalog, load_symptom
from fixit_tui.model.symptom import Frame, Source, Symptom
from fixit_tui.postgres.database import PgDatabase

SETUP = """
CREATE SCHEMA audit;
CREATE TABLE orders (id int PRIMARY KEY, total int);
CREATE TABLE totals (id int PRIMARY KEY, total int);
CREATE TABLE audit.notes (order_id int, kind text, CONSTRAINT notes_key UNIQUE (order_id, kind));
CREATE SCHEMA other;
CREATE TABLE other.notes (order_id int, CONSTRAINT notes_key UNIQUE (order_id));
CREATE FUNCTION audit.note(p_id int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
  -- a line of its own
  INSERT INTO notes (order_id, kind)
  VALUES (p_id, 'total');
END $$;
CREATE FUNCTION keep_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals AS t (id, total) VALUES (NEW.id, NEW.total)
  ON CONFLICT (id) DO UPDATE SET total = EXCLUDED.total;
  RETURN NULL;
END $$;
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.total > 0 THEN
    PERFORM audit.note(NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER orders_total AFTER INSERT OR UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION keep_total();
CREATE TRIGGER totals_tell AFTER INSERT ON totals FOR EACH ROW EXECUTE FUNCTION tell();
INSERT INTO audit.notes VALUES (7, 'total');
"""


def _facts(dsn: str) -> FactBase:
    facts = FactBase()
    with closing(PgDatabase(dsn).reader()) as reader:
        load_catalog(facts, reader.capture(frozenset(), lambda _event: None, lambda: False))
    return facts


def test_the_path_of_an_effect_is_the_context_of_its_error(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as db:
        db.execute(SETUP)
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            db.execute("INSERT INTO orders VALUES (7, 5)")
    context = caught.value.diag.context or ""
    frames = re.findall(r"PL/pgSQL function (.+) line (\d+) at", context)
    facts = _facts(database)
    load_symptom(
        facts,
        Symptom(
            Source.SERVER_LOG,
            "x",
            sqlstate="23505",
            constraint="notes_key",
            statement="INSERT INTO orders VALUES (7, 5)",
            frames=tuple(Frame(function=f, line=int(n)) for f, n in frames),
        ),
    )
    # Two schemas have a constraint of that name, and the error names none.
    assert facts.query("SELECT constraint_oid FROM symptom")[0]["constraint_oid"] is None
    derive(facts)
    effect = facts.query(
        "SELECT e.* FROM effect e JOIN relation r ON r.oid = e.relation JOIN write w ON "
        "w.id = e.write WHERE r.name = 'orders' AND e.event = 'insert' AND w.name = 'notes'"
    )
    assert len(effect) == 1
    labels = json.loads(str(effect[0]["path"]))
    # The server leaves a schema out that the function's own search_path holds.
    steps = re.findall(r'"(?:\w+\.)?(\w+)\(\) line (\d+)"', json.dumps(labels))
    reported = [(name.partition("(")[0], line) for name, line in frames]
    assert steps == list(reversed(reported))
    assert labels[0] == "orders"
    assert labels[-1] == "audit.notes"
    assert (effect[0]["fires"], effect[0]["definer"], effect[0]["depth"]) == ("conditionally", 1, 2)
    symptom = facts.query(
        "SELECT r.qualified, c.name FROM symptom s JOIN rel_constraint c ON "
        "c.oid = s.constraint_oid JOIN relation r ON r.oid = c.relation"
    )
    assert symptom == [{"qualified": "audit.notes", "name": "notes_key"}]
    routines = facts.query(
        "SELECT r.name FROM symptom_frame f JOIN routine r ON r.oid = f.routine ORDER BY depth"
    )
    assert [row["name"] for row in routines] == ["note", "tell", "keep_total"]


UNLOCKS = """
CREATE TABLE students (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);
CREATE TABLE unlocks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, student_id bigint,
  module int, at timestamptz DEFAULT now(), CONSTRAINT unlocks_key UNIQUE (student_id, module));
CREATE FUNCTION unlock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unlocks (student_id, module) VALUES (NEW.id, TG_ARGV[0]::int);
  RETURN NEW;
END $$;
CREATE TRIGGER students_unlock AFTER INSERT ON students
  FOR EACH ROW EXECUTE FUNCTION unlock(3);
"""


@pytest.mark.parametrize(("module", "verdict"), [("3", "same"), ("4", "different")])
def test_the_same_row_is_the_one_that_the_server_refuses(
    database: str, module: str, verdict: str
) -> None:
    outer = "INSERT INTO students (email) VALUES ($1) RETURNING id"
    inner = "INSERT INTO unlocks (student_id, module, at) VALUES ($1, $2, now())"
    refused = None
    with psycopg.connect(database, autocommit=True) as db:
        db.execute(UNLOCKS)
        row = db.execute(outer.replace("$1", "%s"), ("a@example.org",)).fetchone()
        assert row is not None
        try:
            db.execute(inner.replace("$1", "%s").replace("$2", "%s"), (row[0], int(module)))
        except psycopg.errors.UniqueViolation as error:
            refused = error.diag.constraint_name
    facts = _facts(database)
    calls = [(outer, ["email"]), (inner, ["student.id", module])]
    facts.insert(
        "code_call",
        [
            {
                "id": number,
                "path": "a.js",
                "line": number,
                "start_byte": number,
                "function": "create",
                "verb": "sql",
                "library": "node-postgres",
                "statement": statement,
                "params": json.dumps(params),
            }
            for number, (statement, params) in enumerate(calls, start=1)
        ],
    )
    derive(facts)
    found = facts.query(
        "SELECT s.verdict, s.covers, s.extra_columns, i.name FROM same_row s "
        "LEFT JOIN rel_index i ON i.oid = s.index_oid"
    )
    assert len(found) == 1
    assert (found[0]["verdict"], found[0]["name"]) == (verdict, refused)
    if verdict == "same":
        assert (found[0]["covers"], found[0]["extra_columns"]) == (1, "[]")
