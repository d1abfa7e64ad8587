"""Marks of deleted rows are found by name and type, their rows counted, and a key's owner told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.model.events import ignore_event
from fixit_tui.sql.soft_delete import mark_of
from fixit_tui.wiring import open_session

Open = Callable[..., psycopg.Connection[Any]]

SETUP = """
CREATE TABLE t (
  id serial PRIMARY KEY,
  space integer NOT NULL,
  "E-mail" text NOT NULL,
  deleted_at timestamptz,
  "isArchived" boolean,
  active boolean NOT NULL DEFAULT true,
  status text,
  deleted_by uuid,
  CONSTRAINT t_key UNIQUE (space, "E-mail")
);
CREATE UNIQUE INDEX t_lower ON t (lower("E-mail")) WHERE space > 100;
INSERT INTO t (space, "E-mail", deleted_at, "isArchived", active, status) VALUES
  (1, 'gone', now(), true, false, 'deleted'), (1, 'here', NULL, false, true, 'new'),
  (1, 'no state', NULL, NULL, true, NULL), (101, 'Trash', NULL, NULL, true, 'TRASHED');
CREATE TABLE without_key (deleted_at timestamptz);
CREATE TABLE knows (name text, deleted_at timestamptz, UNIQUE (name, deleted_at));
"""
SYMPTOM = (
    'ERROR:  duplicate key value violates unique constraint "{}"\n'
    "DETAIL:  Key {}=({}) already exists."
)


def facts_of(dsn: str, symptom: str | None = None) -> FactBase:
    session = open_session(dsn, code=None, symptom_text=symptom)
    try:
        return session.gather(ignore_event, lambda: False)
    finally:
        session.close()


def test_marked_rows_are_counted(database: str, connect: Open) -> None:
    connect(database).execute(SETUP.encode())
    rows = facts_of(database).query("SELECT * FROM soft_delete ORDER BY attribute")
    assert [(r["attribute"], r["strength"], r["live"], r["dead_rows"]) for r in rows] == [
        ("active", "weak", "active", 1),
        ("deleted_at", "strong", "deleted_at IS NULL", 1),
        ("isArchived", "strong", '"isArchived" IS NOT TRUE', 1),
        ("status", "strong", "status IS NULL OR status NOT IN ('TRASHED', 'deleted')", 2),
    ]


@pytest.mark.parametrize(
    ("key", "columns", "value", "dead", "owners"),
    [
        ("t_key", '(space, "E-mail")', "1, gone", 1, [1]),
        ("t_key", '(space, "E-mail")', "1, here", 0, [1]),
        ("t_key", '(space, "E-mail")', "1, of, three", None, []),
        ("t_key", '(space, "E-mail")', "7, nobody", None, [0]),
        ("t_key", '(space, "E-mail")', "x', gone", None, []),
        ("t_lower", '(lower("E-mail"::text))', "trash", 0, [1]),
        ("t_key", '(space, "E-mail")', "…", None, []),
    ],
)
def test_who_has_the_value_is_asked_and_the_value_forgotten(
    database: str,
    connect: Open,
    key: str,
    columns: str,
    value: str,
    dead: int | None,
    owners: list[int],
) -> None:
    connect(database).execute(SETUP.encode())
    facts = facts_of(database, SYMPTOM.format(key, columns, value))
    found = facts.query("SELECT dead FROM key_owner WHERE attribute = 'deleted_at'")
    assert [row["dead"] for row in found] == ([] if dead is None else [dead])
    whoever = facts.query("SELECT owners FROM key_owner WHERE attribute IS NULL")
    assert [row["owners"] for row in whoever] == owners
    kept = [str(facts.query(f"SELECT * FROM {table}")) for table in facts.tables()]
    assert value == "…" or not any(value in text for text in kept)


def test_a_locked_table_is_a_gap(database: str, connect: Open) -> None:
    connect(database).execute(SETUP.encode())
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        facts = facts_of(database)
    rows = facts.query("SELECT dead_rows FROM soft_delete WHERE attribute = 'deleted_at'")
    assert [row["dead_rows"] for row in rows] == [None]
    assert facts.query("SELECT 1 FROM gap WHERE costs LIKE '%deleted row still owns%'")


@pytest.mark.parametrize(
    ("name", "column_type", "not_null", "expected"),
    [
        ("deletedAt", "timestamp with time zone", False, ("strong", '"deletedAt" IS NULL')),
        ("date_deleted", "date", False, ("strong", "date_deleted IS NULL")),
        ("is_deleted", "boolean", True, ("strong", "NOT is_deleted")),
        ("enabled", "boolean", False, ("weak", "enabled IS NOT FALSE")),
        ("cancelled_at", "timestamp without time zone", False, ("weak", "cancelled_at IS NULL")),
        ("account_status", "character varying(20)", True, ("strong", "")),
        ("deleted_at", "timestamp with time zone", True, None),
        ("scheduled_deletion_at", "timestamp with time zone", False, None),
        ("deleted_by", "uuid", False, None),
        ("status", "integer", False, None),
        ("delete_protection", "boolean", True, None),
        ("updated_at", "timestamp with time zone", False, None),
    ],
)
def test_marks_by_name_and_type(
    name: str, column_type: str, not_null: bool, expected: tuple[str, str] | None
) -> None:
    mark = mark_of(name, column_type, not_null=not_null)
    assert (mark and (mark.strength, mark.live)) == expected
