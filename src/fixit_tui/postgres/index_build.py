"""The one autocommit connection on which an index is built or dropped (port `IndexBuild`).

CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY refuse a transaction: they commit several
times by themselves. What they left behind is read from the catalog afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from fixit_tui.errors import Effect, FixitError, RefusedError
from fixit_tui.model.aftermath import ServerIdentity
from fixit_tui.model.finding import Check
from fixit_tui.model.index_build import BuildProgress, IndexState
from fixit_tui.model.outcome import StatementResult
from fixit_tui.model.plan import ObjectState
from fixit_tui.postgres.blockers import BLOCKERS, blocker_line, older_transactions
from fixit_tui.postgres.checks import check_of, head
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import link_lost, sentence, translate
from fixit_tui.postgres.server_id import identify

Fingerprint = Callable[[psycopg.Connection[Any], Sequence[str]], tuple[ObjectState, ...]]

# Of this session alone, which nobody else gets: a pooler in between is refused. A build waits for
# older transactions; that is no queue in which writers stand, so it may be longer than a lock.
_SETTINGS = (
    ("lock_timeout", "5min"),
    ("statement_timeout", "0"),
    ("application_name", "fixit-tui index build"),
    # A policy that would hide rows makes the server refuse, instead of checking fewer.
    ("row_security", "off"),
)
CLEAN_UP_LOCK_TIMEOUT = "10s"
"""A clean-up that cannot get at the table soon is left to a person."""

_WHERE = """
SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only') = 'on'
"""
_STATE = """
SELECT i.indisvalid AND i.indisready AND i.indislive
FROM pg_catalog.pg_index AS i WHERE i.indexrelid = pg_catalog.to_regclass(%s)
"""
_PROGRESS = """
SELECT p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total,
       p.lockers_done, p.lockers_total
FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.pid = %s
"""


class PgIndexBuild:
    """Whoever opens it must `close` it, which ends the session, its settings and its lock."""

    def __init__(
        self,
        connection: Connection,
        connect: Callable[[], Connection],
        fingerprint: Fingerprint,
    ) -> None:
        """Take over an autocommit connection; `connect` opens those that only look on."""
        self._connection = connection
        self._connect = connect
        self._fingerprint = fingerprint
        self._observer: Connection | None = None
        self._closing = threading.Lock()
        self._notices: list[str] = []
        self.pid = 0
        connection.add_notice_handler(self._on_notice)
        try:
            with self._errors("prepare the connection", Effect.NOTHING_CHANGED):
                self._prepare()
        except BaseException:
            connection.close()
            raise

    def _prepare(self) -> None:
        row = self._connection.execute(_WHERE).fetchone()
        assert row is not None
        self.pid = int(row[0])
        if self.pid != self._connection.info.backend_pid:
            raise RefusedError(
                "a transaction pooler stands in between: an index cannot be built beside the"
                " traffic through it, since its settings and its end would reach strangers",
                hint="connect to the server's own address (a session pooler does, too)",
            )
        if row[1] or row[2]:
            what = "a replica" if row[1] else "read-only for this role"
            raise RefusedError(
                f"the server is {what}, so nothing can be changed here",
                hint="connect to the primary server with a role that may write",
                sqlstate="25006",
            )
        for name, value in _SETTINGS:
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        self._connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))

    def _on_notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        severity = diagnostic.severity_nonlocalized or "NOTICE"
        self._notices.append(f"{severity}: {diagnostic.message_primary or ''}")

    @contextmanager
    def _errors(self, doing: str, effect: Effect) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise translate(
                error, doing=doing, effect=effect, connection=self._connection
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A read-only transaction without a time limit: a large table takes its time."""
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            if not self._connection.closed and not self._connection.broken:
                self._connection.execute("ROLLBACK")

    def try_operators_lock(self, key: int) -> bool:
        """Take the lock among operators for this session, without waiting."""
        with self._errors("ask for the lock among operators", Effect.NOTHING_CHANGED):
            row = self._connection.execute(
                "SELECT pg_catalog.pg_try_advisory_lock(%s)", (key,)
            ).fetchone()
        return row is not None and bool(row[0])

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Rows (label, holds, detail) of one SELECT; an error becomes a check that is not known."""
        if not sql.strip():
            return ()
        with self._errors("run the checks", Effect.NOTHING_CHANGED), self._reading():
            try:
                rows = self._connection.execute(sql.encode(), binary=True).fetchall()
            except psycopg.Error as error:
                if error.sqlstate == "57014" or link_lost(error, self._connection):
                    raise
                return (Check(head(sql), None, sentence(error)),)
        return tuple(check_of(row) for row in rows)

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of the objects as they are now."""
        with self._errors("read definitions", Effect.NOTHING_CHANGED), self._reading():
            return self._fingerprint(self._connection, identities)

    def identity(self) -> ServerIdentity:
        """Which server this is, and which run of it."""
        with self._errors("ask which server this is", Effect.NOTHING_CHANGED):
            return identify(self._connection)

    def state(self, index: str) -> IndexState:
        """What the catalog says of an index; `index` is SQL-quoted, with its schema."""
        with self._errors("look at the index", Effect.IN_DOUBT):
            row = self._connection.execute(_STATE, (index,)).fetchone()
        if row is None:
            return IndexState.ABSENT
        return IndexState.VALID if row[0] else IndexState.INVALID

    def older_transactions(self) -> tuple[str, ...]:
        """One line for each transaction in this database that a build would wait for now."""
        with self._errors("list older transactions", Effect.NOTHING_CHANGED):
            return older_transactions(self._connection)

    def run(self, statement: str) -> StatementResult:
        """Execute one statement as written, however long it takes.

        What an error left behind is for `state` to say, so its effect is 'in doubt' until then.
        """
        self._notices.clear()
        started = time.monotonic()
        with self._errors(f"run the statement '{head(statement)}'", Effect.IN_DOUBT):
            cursor = self._connection.execute(statement.encode(), prepare=False, binary=True)
            tag = cursor.statusmessage or ""
            cursor.close()
        elapsed = round((time.monotonic() - started) * 1000)
        return StatementResult(statement, tag, elapsed, notices=tuple(self._notices))

    def clean_up(self, statement: str) -> StatementResult:
        """Execute a DROP INDEX CONCURRENTLY that gives up soon where the table is held."""
        with self._errors("prepare the clean-up", Effect.IN_DOUBT):
            self._set("lock_timeout", CLEAN_UP_LOCK_TIMEOUT)
        return self.run(statement)

    def progress(self) -> BuildProgress | None:
        """How far the running statement is, seen from a second connection; None if unknown."""
        try:
            if self._observer is None:
                self._observer = self._connect()
                self._observer.execute("SET statement_timeout = '5s'")
            row = self._observer.execute(_PROGRESS, (self.pid,)).fetchone()
            holders = self._observer.execute(BLOCKERS, ([self.pid],)).fetchall()
        except (psycopg.Error, FixitError):
            # Looking on is a courtesy: without a free connection the build goes on unseen.
            return None
        held_up_by = tuple(blocker_line(*holder) for holder in holders)
        if row is None:
            return BuildProgress("waiting for a lock", 0, 0, held_up_by) if held_up_by else None
        done, total = _counted(*row)
        return BuildProgress(str(row[0]), done, total, held_up_by)

    def cancel(self) -> None:
        """Stop the running statement from another thread."""
        with self._closing, suppress(psycopg.Error):
            if not self._connection.closed:
                self._connection.cancel_safe(timeout=5.0)

    def close(self) -> None:
        """Reset what was set, give the lock back, and disconnect."""
        with self._closing:
            with suppress(psycopg.Error):
                if not self._connection.closed:
                    self._connection.execute("DISCARD ALL")
            self._connection.close()
            if self._observer is not None:
                self._observer.close()


def _counted(phase: str, *counts: int | None) -> tuple[int, int]:
    """Units done and in all, of what this phase counts: earlier phases leave their numbers behind.

    See the view's manual page: blocks while a table or index is scanned, tuples while they are
    loaded, transactions while older ones are waited for.
    """
    blocks_done, blocks, tuples_done, tuples, lockers_done, lockers = (n or 0 for n in counts)
    if phase.startswith("waiting"):
        return lockers_done, lockers
    if "loading tuples" in phase:
        return tuples_done, tuples
    return (blocks_done, blocks) if "scanning" in phase else (0, 0)
