"""Names that look like SQL, quotes, templates and markup come through every playbook unharmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import Severity, SqlChange
from fixit_tui.sql.split import split
from fixit_tui.wiring import open_session

SCHEMA = "s'; DROP SCHEMA public; --"
TABLE = 'Or"der {{ x }} {% if %} [b]$$'
LOG = "lög\\n; COMMIT"
CHILD = "ch'ild\"; {% raw %}"
COLUMN = 'user"Id; --'
OTHER = "it's {} %s :x $1"
ROUTINE = 'f"n$body$'
TRIGGER = "after'all"
TWIN = 'then "again" $$'
LOST = "löst; --"

SETUP = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.{table} (id serial PRIMARY KEY, {column} integer, {other} text);
INSERT INTO {schema}.{table} (id, {column}, {other}) VALUES (1, 1, 'a'), (2, 2, 'b');
CREATE TABLE {schema}.{child} (id serial PRIMARY KEY, {other} integer REFERENCES {schema}.{table} ON DELETE CASCADE, UNIQUE ({other}, id));
INSERT INTO {schema}.{child} ({other}) VALUES (1), (2);
CREATE TABLE {schema}.{log} ({column} integer, {other} text, UNIQUE ({column}, {other}));
CREATE FUNCTION {schema}.{routine}() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
  INSERT INTO {schema}.{log} ({column}, {other}) VALUES (NEW.{column}, NEW.{other});
  RETURN NEW;
END $fn$;
CREATE TRIGGER {trigger} AFTER UPDATE ON {schema}.{table}
  FOR EACH ROW EXECUTE FUNCTION {schema}.{routine}();
CREATE TRIGGER {twin} AFTER UPDATE ON {schema}.{table}
  FOR EACH ROW EXECUTE FUNCTION {schema}.{routine}();
CREATE FUNCTION {schema}.{lost}() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $fn$
BEGIN
  INSERT INTO {log} ({column}, {other}) VALUES (NEW.{column}, NEW.{other});
  RETURN NEW;
END $fn$;
CREATE TRIGGER {twin} AFTER INSERT ON {schema}.{log}
  FOR EACH ROW EXECUTE FUNCTION {schema}.{lost}();
CREATE FUNCTION {schema}.put(a integer, b text) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
  INSERT INTO {schema}.{table} ({column}, {other}) VALUES (a, b)
  ON CONFLICT ({column}, {other}) DO UPDATE SET {other} = EXCLUDED.{other};
END $fn$;
"""
NAMES = {
    "schema": SCHEMA, "table": TABLE, "log": LOG, "column": COLUMN, "other": OTHER,
    "routine": ROUTINE, "trigger": TRIGGER, "child": CHILD, "twin": TWIN, "lost": LOST,
}  # fmt: skip
Connect = Callable[..., psycopg.Connection[Any]]


def diagnose(dsn: str, code: Path | None = None) -> Diagnosis:
    session = open_session(dsn, code=code)
    try:
        return session.diagnose(ignore_event, lambda: False)
    finally:
        session.close()


def changes(diagnosis: Diagnosis) -> dict[tuple[str, str], SqlChange]:
    assert [r for r in diagnosis.runs if r.status is RunStatus.FAILED] == []
    return {
        (f.cause, x.id): x.sql
        for f in diagnosis.findings
        for x in f.fixes
        if f.severity is not Severity.INFO and x.sql is not None and not x.blocked_by
    }


@pytest.mark.parametrize("duplicates", [False, True])
def test_hostile_names_are_quoted_from_end_to_end(
    database: str, connect: Connect, duplicates: bool
) -> None:
    connection = connect(database)
    names = {k: sql.Identifier(v) for k, v in NAMES.items()}
    connection.execute(sql.SQL(SETUP).format(**names))
    if duplicates:
        more = (
            "INSERT INTO {schema}.{table} (id, {column}, {other}) VALUES (8, 1, 'a'), (9, 2, 'b')"
        )
        connection.execute(sql.SQL(more).format(**names))
    before = schema_of(connection)
    found = changes(diagnose(database))
    assert (("missing-unique-index", "quarantine-keep-highest") in found) is duplicates
    assert {cause for cause, _ in found} >= {
        "missing-unique-index",
        "sequence-behind",
        "trigger-not-idempotent",
        "duplicate-triggers",
        "trigger-context",
    }
    for change in found.values():
        assert not holds(connection, change.verify)
        run(connection, change.up)
        assert holds(connection, change.verify)
        if not change.irreversible:
            run(connection, change.undo)
            assert not holds(connection, change.verify)
            assert schema_of(connection) == before


def run(connection: psycopg.Connection[Any], script: str) -> None:
    with connection.transaction():
        for statement in split(script):
            connection.execute(statement.encode())


def holds(connection: psycopg.Connection[Any], text: str) -> bool:
    rows = connection.execute(text.encode()).fetchall()
    assert rows
    return all(row[1] for row in rows)


def schema_of(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        """
        SELECT 'relation', n.nspname, c.relname, CASE WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'fixit_quarantine')
        UNION ALL
        SELECT 'routine', n.nspname, p.proname, pg_get_functiondef(p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind = 'f'
          AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger
        ORDER BY 1, 2, 3, 4
        """
    ).fetchall()
