"""The catalog as fact rows: one snapshot, bulk queries, nothing that can hang.

Raw catalogs first; functions that open a relation (definitions, expressions, maxima) in a second phase
that leaves out what somebody holds exclusively and turns it into a gap.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fixit_tui.errors import CancelledError
from fixit_tui.model.events import OnEvent, StageAdvanced, StageStarted
from fixit_tui.model.target import Target
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.definitions import definitions
from fixit_tui.postgres.read_only import read_only

Rows = dict[str, list[dict[str, Any]]]

MANAGED_SCHEMAS = (
    "auth", "storage", "realtime", "vault", "extensions", "graphql", "graphql_public", "pgbouncer",
    "pgsodium", "pgsodium_masks", "net", "cron", "supabase_functions", "supabase_migrations",
    "_realtime", "_analytics", "_supavisor",
)  # fmt: skip

_BULK = (
    "relation", "attribute", "rel_constraint", "rel_index", "rel_trigger", "routine", "policy",
    "privilege", "sequence", "role", "extension", "setting", "event_trigger", "publication_table",
)  # fmt: skip


@cache
def query_text(name: str) -> str:
    """The text of a catalog query."""
    return files("fixit_tui.postgres").joinpath("catalog", f"{name}.sql").read_text("utf-8")


def _for_version(text: str, version: int) -> str:
    nulls = "i.indnullsnotdistinct::int" if version >= 150000 else "0"
    body = "pg_get_function_sqlbody(p.oid)" if version >= 140000 else "NULL"
    return text.replace("{nulls}", nulls).replace("{body}", body)


def _fetch(
    connection: Connection, name: str, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    text = _for_version(query_text(name), connection.info.server_version)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text.encode(), parameters).fetchall()


_SERVER = """
SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = 'auth' AND p.proname = 'uid' AND p.pronargs = 0)::int,
       (EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticator')
        OR EXISTS (SELECT FROM pg_event_trigger WHERE evtname LIKE 'pgrst%'))::int
"""


def _server_row(connection: Connection, target: Target) -> dict[str, Any]:
    row = connection.execute(_SERVER).fetchone()
    assert row is not None
    return {
        "host": target.host,
        "port": target.port,
        "database": target.database,
        "role": target.role,
        "version": target.server_version,
        "platform": target.platform.value,
        "replica": int(target.replica),
        "superuser": int(target.superuser),
        "pooled": int(target.pooled),
        "has_auth_uid": row[0],
        "has_postgrest": row[1],
        "captured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


_LOCKED = """
SELECT DISTINCT l.relation::bigint FROM pg_locks l
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _body_line(definition: str | None, body: str | None) -> int | None:
    if not definition or not body or body not in definition:
        return None
    return definition[: definition.index(body)].count("\n") + 1


def _finish_routines(routines: list[dict[str, Any]]) -> None:
    for routine in routines:
        routine["body_line"] = _body_line(routine["definition"], routine["body"])
        routine.pop("argument_names", None)


def _column_max(
    connection: Connection, rows: Rows, locked: frozenset[int], gaps: list[dict[str, str]]
) -> Callable[[dict[str, Any]], None]:
    relations = {r["oid"]: r for r in rows["relation"]}
    leading = {
        (i["relation"], json.loads(i["columns"])[0])
        for i in rows["rel_index"]
        if i["is_valid"] and not i["has_predicate"]
    }

    def ask(sequence: dict[str, Any]) -> None:
        relation = relations.get(sequence["relation"])
        column = sequence["attribute"]
        if relation is None or (relation["oid"], column) not in leading:
            return
        if relation["oid"] in locked or not relation["bytes"]:
            return
        text = sql.SQL("SELECT max({})::text FROM {}").format(
            sql.Identifier(column), sql.Identifier(relation["schema"], relation["name"])
        )
        try:
            with connection.transaction():
                row = connection.execute(text).fetchone()
                last = connection.execute(
                    "SELECT pg_sequence_last_value(%s::bigint::oid::regclass)::text",
                    (sequence["oid"],),
                ).fetchone()
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise
            gaps.append(
                {
                    "what": f"the greatest {column} of {relation['qualified']} ({error.sqlstate})",
                    "costs": "whether its sequence is behind is not known",
                }
            )
            return
        sequence["column_max"] = int(row[0]) if row and row[0] is not None else None
        sequence["last_value"] = int(last[0]) if last and last[0] is not None else None

    return ask


def _sequences(
    connection: Connection, rows: Rows, locked: frozenset[int], gaps: list[dict[str, str]],
    on_event: OnEvent, cancelled: Callable[[], bool],
) -> None:  # fmt: skip
    """Last value and the column's maximum, one bounded look-up a table that has rows."""
    owned = [s for s in rows["sequence"] if s["relation"] is not None]
    ask = _column_max(connection, rows, locked, gaps)
    on_event(StageStarted("comparing sequences with their columns", len(owned)))
    for number, sequence in enumerate(owned, 1):
        if cancelled():
            raise CancelledError("stopped while comparing sequences")
        ask(sequence)
        if number % 50 == 0 or number == len(owned):
            on_event(StageAdvanced(number, len(owned)))


def _gaps_of_locks(rows: Rows, locked: frozenset[int]) -> list[dict[str, str]]:
    return [
        {
            "what": f"{r['qualified']} is locked by another session (ACCESS EXCLUSIVE)",
            "costs": "its predicates, policies and trigger conditions were not read",
        }
        for r in rows["relation"]
        if r["oid"] in locked
    ]


def capture(
    connection: Connection,
    target: Target,
    on_event: OnEvent,
    cancelled: Callable[[], bool],
) -> Rows:
    """Every catalog fact in one read-only snapshot. Raises CancelledError when asked to stop."""
    parameters = {"managed": list(MANAGED_SCHEMAS)}
    rows: Rows = {}
    gaps: list[dict[str, str]] = []
    with read_only(connection):
        on_event(StageStarted("reading the catalog", len(_BULK)))
        for number, name in enumerate(_BULK, 1):
            if cancelled():
                raise CancelledError("stopped while reading the catalog")
            rows[name] = _fetch(connection, name, parameters)
            on_event(StageAdvanced(number, len(_BULK), name))
        rows["server"] = [_server_row(connection, target)]
        locked = frozenset(int(r[0]) for r in connection.execute(_LOCKED).fetchall())
        gaps += _gaps_of_locks(rows, locked)
        definitions(connection, rows, locked, gaps)
        _sequences(connection, rows, locked, gaps, on_event, cancelled)
    _finish_routines(rows["routine"])
    for index in rows["rel_index"]:
        del index["has_expressions"], index["has_predicate"]
    rows["gap"] = [dict(g) for g in gaps]
    return rows
