"""Made-up rows for a shadow, so that a statement gets as far as it did on the target."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import sql

from fixit_tui.postgres.errors import sentence

_MOST_PARENTS = 10
_ABSENT = re.compile(r"\((?P<values>.*)\) is not present in table ", re.S)
_KEY = """
SELECT n.nspname::text, c.relname::text, k.confrelid::int8,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS x(number, place)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = x.number
             ORDER BY x.place)
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS r ON r.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS m ON m.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conname = %s AND m.nspname = %s AND r.relname = %s
"""
_NEEDED = """
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typcategory::text,
       (SELECT l.enumlabel::text FROM pg_catalog.pg_enum AS l WHERE l.enumtypid = t.oid
        ORDER BY l.enumsortorder LIMIT 1)
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %s::int8::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
  AND NOT a.atthasdef AND a.attidentity = ''
"""
# By category of type (pg_type.typcategory), what any column of it takes.
_VALUES = {"S": "shadow", "N": "1", "B": "false", "D": "2000-01-01 00:00:00", "T": "1 day"}


def prepare(
    connection: psycopg.Connection[Any], statement: str, role: str, *, repeat: bool
) -> tuple[str, ...]:
    """Make the rows that a statement refers to; with `repeat` also its own, by running it once.

    Says in sentences what was made. A statement that fails for another reason is left to fail.
    """
    made: list[str] = []
    for _ in range(_MOST_PARENTS):
        error = _try(connection, statement, role, keep=False)
        if not isinstance(error, psycopg.errors.ForeignKeyViolation):
            break
        parent = _add_parent(connection, error)
        if parent is None:
            return tuple(made)
        made.append(parent)
    else:
        return tuple(made)
    if error is None and repeat and _try(connection, statement, role, keep=True) is None:
        made.append("the failing statement was run once beforehand: its row is there already")
    return tuple(made)


def _try(
    connection: psycopg.Connection[Any], statement: str, role: str, *, keep: bool
) -> psycopg.Error | None:
    """Run it as a role in a transaction of its own: the error, or None."""
    try:
        with connection.transaction(force_rollback=not keep):
            if role:
                connection.execute("SELECT set_config('role', %s, true)", (role,))
            connection.execute(statement.encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error
    return None


def _add_parent(connection: psycopg.Connection[Any], error: psycopg.Error) -> str | None:
    """Insert the row that a foreign key misses; None where the message does not tell it."""
    told = error.diag
    absent = _ABSENT.search((told.message_detail or "").partition("=")[2])
    key = connection.execute(
        _KEY, (told.constraint_name, told.schema_name, told.table_name)
    ).fetchone()
    if absent is None or key is None:
        return None
    schema, table, oid, columns = key
    values = absent["values"].split(", ", len(columns) - 1)
    if len(values) != len(columns):
        return None
    row: dict[str, tuple[str, str | None]] = {}
    for name, kind, category, label in connection.execute(_NEEDED, (oid,)).fetchall():
        row[name] = (kind, label or _dummy(kind, category))
    types = {n: k for n, (k, _) in row.items()}
    row |= {c: (types.get(c, ""), v) for c, v in zip(columns, values, strict=True)}
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(schema, table),
        sql.SQL(", ").join(sql.Identifier(name) for name in row),
        sql.SQL(", ").join(sql.Literal(value) for _, value in row.values()),
    )
    try:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(statement)
    except psycopg.Error as refused:
        return f"no row could be made up in {schema}.{table}: {sentence(refused)}"
    return f"a row was made up in {schema}.{table}, which the failing statement refers to"


def _dummy(kind: str, category: str) -> str:
    if kind == "uuid":
        return "00000000-0000-4000-8000-000000000000"
    if kind in ("json", "jsonb"):
        return "{}"
    if kind.endswith("[]"):
        return "{}"
    return _VALUES.get(category, "")
