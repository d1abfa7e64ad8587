"""The catalog as fact rows: one snapshot, bulk queries, nothing that can hang.

First the raw catalogs, which open no relation and so wait for no lock; then what only the server
can print, without the relations that somebody holds exclusively: those become gaps.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fixit_tui.errors import CancelledError
from fixit_tui.model.events import OnEvent, StageAdvanced, StageStarted
from fixit_tui.model.target import Platform, Target
from fixit_tui.postgres.bulk import Record, Rows, fetch
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.definitions import add_definitions
from fixit_tui.postgres.key_rows import count_null_keys
from fixit_tui.postgres.neighbourhood import neighbourhood, only
from fixit_tui.postgres.read_only import read_only, use_catalog_names
from fixit_tui.postgres.sequence_feeds import add_sequence_feeds
from fixit_tui.postgres.sequences import compare_sequences
from fixit_tui.postgres.soft_deletes import count_soft_deleted

MANAGED_SCHEMAS = (
    r"^(auth|storage|_?realtime|vault|extensions|graphql|graphql_public|pgbouncer|net|cron|pgtle"
    r"|pgsodium|pgsodium_masks|pgmq|pgmq_public|_analytics|_supavisor|_supabase|supabase_.*)$"
)
"""Schemas that belong to Supabase, not to the application, where the platform is Supabase."""

_TABLES = (
    "relation",
    "attribute",
    "rel_constraint",
    "rel_index",
    "rel_trigger",
    "routine",
    "policy",
    "privilege",
    "sequence",
    "sequence_feed",
    "data_type",
    "role",
    "role_member",
    "extension",
    "setting",
    "event_trigger",
    "publication_table",
    "view_source",
)
_HELPING = ("collation", "column_collation", "server")
_ACTIONS = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
# The catalogs of 50,000 tables on a busy server take their time; a person can cancel.
_CATALOG_LIMIT = "SET LOCAL statement_timeout = '60s'"
_STATEMENT_LIMIT = "SET LOCAL statement_timeout = '5s'"

# One encoder for all: json.dumps makes a new one for each call with settings.
_json = json.JSONEncoder(ensure_ascii=False).encode

Cancelled = Callable[[], bool]


def capture(
    connection: Connection,
    target: Target,
    on_event: OnEvent,
    cancelled: Cancelled,
    scope: frozenset[str] = frozenset(),
) -> Rows:
    """Every catalog fact in one read-only snapshot; rows for the tables of `facts/schema`.

    With a `scope` only the neighbourhood of the relations, constraints, indexes and functions of
    these names, where there are any. Raises CancelledError when asked to stop, else psycopg.Error.
    """
    with read_only(connection), _no_collection():
        rows = _raw(connection, target, on_event, cancelled)
        rows["gap"] = []
        add_sequence_feeds(rows)
        if scope:
            only(rows, neighbourhood(rows, scope))
        on_event(StageStarted("reading definitions"))
        add_definitions(connection, rows)
        compare_sequences(connection, rows, on_event, cancelled)
        count_null_keys(connection, rows, on_event, cancelled)
        count_soft_deleted(connection, rows, on_event, cancelled)
    return rows


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hundreds of thousands of rows that all stay: looking for garbage among them finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _raw(connection: Connection, target: Target, on_event: OnEvent, cancelled: Cancelled) -> Rows:
    """The first phase, with the names of columns in place of their numbers."""
    found = connection.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
    assert found is not None
    use_catalog_names(connection)
    connection.execute(_CATALOG_LIMIT)
    parameters = {
        "supabase": target.platform is Platform.SUPABASE,
        "managed": MANAGED_SCHEMAS,
        "search_path": found[0],
    }
    rows: Rows = {}
    names = (*_TABLES, *_HELPING)
    on_event(StageStarted("reading the catalog", len(names)))
    for number, (name, records) in enumerate(fetch(connection, names, parameters), 1):
        rows[name] = records
        on_event(StageAdvanced(number, len(names), name))
        if cancelled():
            raise CancelledError("stopped while reading the catalog")
    connection.execute(_STATEMENT_LIMIT)
    _only_known_relations(rows)
    _name_columns(rows)
    rows["server"] = [_server_row(rows.pop("server")[0], target)]
    return rows


def _server_row(found: Record, target: Target) -> Record:
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
        "captured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **found,
    }


def _only_known_relations(rows: Rows) -> None:
    """Drop what hangs on relations that were not captured (a rebuilt information_schema)."""
    known = {r["oid"] for r in rows["relation"]}
    for name, column in (
        ("attribute", "relation"),
        ("rel_constraint", "relation"),
        ("rel_index", "relation"),
        ("rel_trigger", "relation"),
        ("policy", "relation"),
        ("privilege", "relation"),
        ("publication_table", "relation"),
        ("sequence_feed", "relation"),
        ("view_source", "view"),
        ("view_source", "relation"),
    ):
        rows[name] = [r for r in rows[name] if r[column] in known]


def _name_columns(rows: Rows) -> None:
    names: dict[int, dict[int, str]] = {}
    for column in rows["attribute"]:
        names.setdefault(column["relation"], {})[column["number"]] = column["name"]
    for key in rows["rel_constraint"]:
        _name_constraint(key, names)
    collation_names = {r["oid"]: r["name"] for r in rows.pop("collation")}
    collations = {(r["relation"], r["number"]): r["oid"] for r in rows.pop("column_collation")}
    for index in rows["rel_index"]:
        _name_index(index, names.get(index["relation"], {}), collation_names, collations)
    for trigger in rows["rel_trigger"]:
        own = names.get(trigger["relation"], {})
        trigger["update_columns"] = _json([own[n] for n in trigger.pop("column_numbers")])
    owners = {
        k["index_oid"]: k["oid"]
        for k in rows["rel_constraint"]
        if k["kind"] in ("primary", "unique", "exclusion")
    }
    for index in rows["rel_index"]:
        index["constraint_oid"] = owners.get(index["oid"])


def _name_constraint(key: Record, names: dict[int, dict[int, str]]) -> None:
    own = names.get(key["relation"], {})
    numbers, referenced = key.pop("column_numbers") or (), key.pop("ref_numbers")
    # A check may look at a system column, which has no row of its own.
    key["columns"] = _json([own[n] for n in numbers if n in own])
    key["ref_columns"] = None
    if key["kind"] == "foreign":
        theirs = names.get(key["ref_relation"], {})
        key["ref_columns"] = _json([theirs[n] for n in referenced or () if n in theirs])
        for action in ("on_delete", "on_update"):
            key[action] = _ACTIONS[key[action]]


def _name_index(
    index: Record,
    own: dict[int, str],
    collation_names: dict[int, str],
    collations: dict[tuple[int, int], int],
) -> None:
    numbers, count = index.pop("column_numbers"), index.pop("key_count")
    keys = numbers[:count]
    index["columns"] = _json([own.get(n) for n in keys])
    index["include_columns"] = _json([own[n] for n in numbers[count:] if n in own])
    index["collations"] = _json(
        [
            collation_names.get(oid) if oid and oid != collations.get((index["relation"], n), 100)
            else None
            for n, oid in zip(keys, index.pop("key_collations"), strict=True)
        ]
    )  # fmt: skip
