"""Sequences against the columns they feed: the one step that asks tables, one value each.

Bounded in every way: only tables that may hold rows, only integer columns that an index leads with
(so that the greatest value is one look-up), a time limit for each statement and one for all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import sql

from fixit_tui.errors import CancelledError
from fixit_tui.model.events import OnEvent, StageAdvanced, StageStarted
from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, link_lost, sentence
from fixit_tui.postgres.read_only import shielded

BATCH = 100
BUDGET = 15.0
"""Seconds for all sequences together."""

_LOCKED = """
SELECT l.relation::int8, bool_or(l.mode = 'AccessExclusiveLock') FROM pg_locks AS l
WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
GROUP BY l.relation
"""
_LIMITS = (
    "SET LOCAL statement_timeout = '1s'",
    # A policy that would hide rows makes the server refuse, instead of telling a smaller maximum.
    "SET LOCAL row_security = off",
)
_EXTRA = ("countable", "may_hold_rows", "readable", "selectable", "present")

Asked = tuple[Record, Record]
"""A sequence and the relation that it feeds."""


def compare_sequences(
    connection: Connection, rows: Rows, on_event: OnEvent, cancelled: Callable[[], bool]
) -> None:
    """Fill in the captured sequences' values and their columns'; what is not asked is a gap."""
    relations = {r["oid"]: r for r in rows["relation"]}
    asked = _worth_asking(rows, relations)
    on_event(StageStarted("comparing sequences with their columns", len(asked)))
    deadline = time.monotonic() + BUDGET
    done = 0
    for start in range(0, len(asked), BATCH):
        if cancelled():
            raise CancelledError("stopped while comparing sequences")
        if time.monotonic() > deadline:
            _gap(rows, f"{len(asked) - done} sequences (time limit of {BUDGET:.0f} s)")
            break
        batch = asked[start : start + BATCH]
        _ask_batch(connection, rows, batch, deadline)
        done += len(batch)
        on_event(StageAdvanced(done, len(asked)))
    for sequence in rows["sequence"]:
        for name in _EXTRA:
            del sequence[name]


def _gap(rows: Rows, what: str) -> None:
    rows["gap"].append({"what": what, "costs": "whether a sequence is behind is not known"})


def _worth_asking(rows: Rows, relations: dict[int, Record]) -> list[Asked]:
    # Only a key makes a late sequence an error; an index that leads with the column makes the
    # question cheap.
    leading = {
        (i["relation"], json.loads(i["columns"])[0])
        for i in rows["rel_index"]
        if i["is_valid"] and i["predicate"] is None
    }
    asked, hidden = [], 0
    for sequence in rows["sequence"]:
        relation = relations.get(sequence["relation"])
        if relation is None or relation["managed"] or relation["kind"] == "foreign":
            continue
        if not (sequence["countable"] and sequence["may_hold_rows"] and sequence["present"]):
            continue
        if (relation["oid"], sequence["attribute"]) not in leading:
            continue
        # A name that is no text (a database without an encoding) cannot be asked about.
        known = "\ufffd" not in "".join(
            (relation["schema"], relation["name"], sequence["attribute"])
        )
        if not (sequence["readable"] and known):
            hidden += 1
            continue
        asked.append((sequence, relation))
    if hidden:
        _gap(rows, f"{hidden} sequences that this role may not read")
    return asked


def _ask_batch(connection: Connection, rows: Rows, batch: Sequence[Asked], deadline: float) -> None:
    held: dict[int, bool] = dict(connection.execute(_LOCKED).fetchall())
    free = []
    for sequence, relation in batch:
        # Reading a sequence's value takes ROW EXCLUSIVE on it, the maximum ACCESS SHARE.
        if sequence["oid"] in held or held.get(relation["oid"]):
            _gap(rows, f"{_label((sequence, relation))} (locked by another session)")
        else:
            free.append((sequence, relation))
    try:
        _ask(connection, free)
    except psycopg.Error as error:
        if link_lost(error, connection):
            raise
    else:
        return
    waits = 0
    for one in free:
        if waits > 2 or time.monotonic() > deadline:
            _gap(rows, f"{_label(one)} (not asked: others took too long)")
            continue
        try:
            _ask(connection, [one])
        except psycopg.Error as error:
            if link_lost(error, connection):
                raise
            waits += error.sqlstate in (LOCK_NOT_AVAILABLE, QUERY_CANCELED)
            _gap(rows, f"{_label(one)} ({sentence(error)})")


def _label(asked: Asked) -> str:
    sequence, relation = asked
    return f"the greatest {sequence['attribute']} of {relation['qualified']}"


def _ask(connection: Connection, batch: Sequence[Asked]) -> None:
    """Four questions for each, sent together; all answers or an exception."""
    answers: list[tuple[Record, list[psycopg.Cursor[Any]]]] = []
    with shielded(connection):
        with connection.pipeline():
            for limit in _LIMITS:
                connection.execute(limit)
            for sequence, relation in batch:
                answers.append(
                    (sequence, [connection.execute(q) for q in _questions(sequence, relation)])
                )
        for sequence, cursors in answers:
            greatest, last, position, ahead = (_whole(cursor.fetchone()) for cursor in cursors)
            sequence["column_max"] = greatest
            sequence["last_value"] = last
            sequence["next_value"] = _bounded(position, sequence["increment"])
            sequence["next_taken"] = ahead if position is not None else None


def _questions(sequence: Record, relation: Record) -> tuple[sql.Composed, ...]:
    """The column's maximum, the last value, where the sequence stands, the first value beyond."""
    column = sql.Identifier(sequence["attribute"])
    table = sql.Identifier(relation["schema"], relation["name"])
    last = sql.SQL("SELECT pg_sequence_last_value({}::int8::oid::regclass)").format(
        sql.Literal(sequence["oid"])
    )
    # The function is silent on a sequence that was set but not called since; its row is not.
    position = last
    if sequence["selectable"]:
        position = sql.SQL(
            "SELECT last_value - CASE WHEN is_called THEN 0 ELSE {} END FROM {}"
        ).format(
            sql.Literal(sequence["increment"]), sql.Identifier(sequence["schema"], sequence["name"])
        )
    return (
        sql.SQL("SELECT max({})::numeric::text FROM {}").format(column, table),
        last,
        position,
        sql.SQL("SELECT min({c})::numeric::text FROM {t} WHERE {c} > ({p}) + {i}").format(
            c=column, t=table, p=position, i=sql.Literal(max(sequence["increment"] - 1, 0))
        ),
    )


def _bounded(position: int | None, increment: int) -> int | None:
    """What the next call gives, as far as a bigint can hold it."""
    following = None if position is None else position + increment
    return following if following is not None and abs(following) < 2**63 else None


def _whole(row: tuple[Any, ...] | None) -> int | None:
    """A number that SQLite can hold, rounded towards the greater one; None if there is none."""
    if row is None or row[0] is None or str(row[0]) in ("NaN", "Infinity"):
        return None
    number = int(str(row[0]).partition(".")[0])
    return number if abs(number) < 2**63 else None
