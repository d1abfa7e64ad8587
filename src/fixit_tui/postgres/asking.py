"""Questions to the rows of tables, each answered by a few values: bounded in every way.

Batches in one round trip, a time limit for each statement and one for all of a kind, nothing from
tables that somebody holds. What is not answered becomes a gap, never a guess.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from fixit_tui.errors import CancelledError
from fixit_tui.model.events import OnEvent, StageAdvanced, StageStarted
from fixit_tui.postgres.bulk import Rows
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, link_lost, sentence
from fixit_tui.postgres.read_only import shielded

BATCH = 100

_LOCKED = """
SELECT l.relation::int8, bool_or(l.mode = 'AccessExclusiveLock') FROM pg_locks AS l
WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
GROUP BY l.relation
"""
_ASKABLE = """
SELECT c.oid::int8,
       has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
         AND NOT row_security_active(c.oid)
FROM pg_class AS c
WHERE c.oid = ANY (%(relations)s::int8[]::oid[])
  AND (c.relkind = 'p' OR c.reltuples <> 0 OR c.relpages > 0
       OR pg_stat_get_tuples_inserted(c.oid) > 0
       OR current_setting('server_version_num')::int4 < 140000)
  AND (c.relpersistence <> 'u' OR NOT pg_is_in_recovery())
"""
_LIMITS = (
    "SET LOCAL statement_timeout = '1s'",
    # A policy that would hide rows makes the server refuse, instead of telling of fewer.
    "SET LOCAL row_security = off",
)

FirstRow = tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Question:
    """Queries about one relation, and what to do with the first row of each.

    `relation` and `sequence` are oids; reading a sequence waits for weaker locks than a table.
    """

    label: str
    relation: int
    queries: tuple[sql.Composed, ...]
    answer: Callable[[list[FirstRow]], None]
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a set of questions is about: its stage, its time (seconds), what a gap in it costs."""

    stage: str
    budget: float
    costs: str
    plural: str


def gap(rows: Rows, topic: Topic, what: str) -> None:
    """Note something that was not answered."""
    rows["gap"].append({"what": what, "costs": topic.costs})


def with_rows(connection: Connection, relations: Sequence[int]) -> dict[int, bool]:
    """Those of the relations that may hold rows, each with whether this role sees all of them."""
    if not relations:
        return {}
    return dict(connection.execute(_ASKABLE, {"relations": list(relations)}).fetchall())


def ask_all(
    connection: Connection,
    rows: Rows,
    topic: Topic,
    questions: Sequence[Question],
    on_event: OnEvent,
    cancelled: Callable[[], bool],
) -> None:
    """Ask everything that the budget allows. Raises CancelledError, and psycopg.Error only when
    the connection is lost.
    """
    on_event(StageStarted(topic.stage, len(questions)))
    deadline = time.monotonic() + topic.budget
    done = 0
    for start in range(0, len(questions), BATCH):
        if cancelled():
            raise CancelledError(f"stopped while {topic.stage}")
        if time.monotonic() > deadline:
            left = len(questions) - done
            gap(rows, topic, f"{left} {topic.plural} (time limit of {topic.budget:.0f} s)")
            break
        batch = questions[start : start + BATCH]
        _ask_batch(connection, rows, topic, batch, deadline)
        done += len(batch)
        on_event(StageAdvanced(done, len(questions)))


def _ask_batch(
    connection: Connection,
    rows: Rows,
    topic: Topic,
    batch: Sequence[Question],
    deadline: float,
) -> None:
    held: dict[int, bool] = dict(connection.execute(_LOCKED).fetchall())
    free = []
    for question in batch:
        # Reading a sequence's value takes ROW EXCLUSIVE on it, a table's rows ACCESS SHARE.
        if question.sequence in held or held.get(question.relation):
            gap(rows, topic, f"{question.label} (locked by another session)")
        else:
            free.append(question)
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
            gap(rows, topic, f"{one.label} (not asked: others took too long)")
            continue
        try:
            _ask(connection, [one])
        except psycopg.Error as error:
            if link_lost(error, connection):
                raise
            waits += error.sqlstate in (LOCK_NOT_AVAILABLE, QUERY_CANCELED)
            gap(rows, topic, f"{one.label} ({sentence(error)})")


def _ask(connection: Connection, batch: Sequence[Question]) -> None:
    """All queries of all questions sent together; all answers or an exception."""
    asked: list[tuple[Question, list[psycopg.Cursor[Any]]]] = []
    with shielded(connection):
        with connection.pipeline():
            for limit in _LIMITS:
                connection.execute(limit)
            for question in batch:
                asked.append((question, [connection.execute(q) for q in question.queries]))
        for question, cursors in asked:
            question.answer([cursor.fetchone() for cursor in cursors])
