"""The read-only connection (port `Reader`): facts, checks, fingerprints, EXPLAIN."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from fixit_tui.errors import CancelledError, ConnectError, Effect
from fixit_tui.model.aftermath import ServerIdentity
from fixit_tui.model.events import OnEvent
from fixit_tui.model.finding import Check
from fixit_tui.model.plan import ObjectState
from fixit_tui.model.target import Target
from fixit_tui.postgres.blockers import older_transactions
from fixit_tui.postgres.bulk import Rows
from fixit_tui.postgres.capture import capture
from fixit_tui.postgres.checks import check_of, head
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import QUERY_CANCELED, link_lost, sentence, translate
from fixit_tui.postgres.fingerprint import fingerprint
from fixit_tui.postgres.read_only import read_only, shielded, target_of
from fixit_tui.postgres.server_id import identify

Answer = tuple[str | None, tuple[str, ...]]
"""SQLSTATE of planning a statement (None: it plans) and the names of its arbiter indexes."""


class PgReader:
    """A connection on which every transaction is REPEATABLE READ READ ONLY."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._target: Target | None = None
        self._cancelled = threading.Event()
        self._closing = threading.Lock()

    def target(self) -> Target:
        """What the server says about itself, asked once."""
        if self._target is None:
            with self._guarded("ask the server who it is"):
                self._target = target_of(self._connection)
        return self._target

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        """Makes a driver's exception an error for people. A cancelled query is not a time limit."""
        self._cancelled.clear()
        try:
            yield
        except psycopg.Error as error:
            if link_lost(error, self._connection):
                raise ConnectError(
                    f"could not {doing}: the connection was lost ({sentence(error)})",
                    hint="nothing was changed; check that the server is up, then try again",
                    sqlstate=error.sqlstate,
                ) from error
            if self._cancelled.is_set() and error.sqlstate == QUERY_CANCELED:
                raise CancelledError(f"stopped: did not {doing}") from error
            raise translate(
                error, doing=doing, effect=Effect.NOTHING_CHANGED, connection=self._connection
            ) from error

    def capture(
        self, scope: frozenset[str], on_event: OnEvent, cancelled: Callable[[], bool]
    ) -> Rows:
        """Catalog facts of the whole database, or of the neighbourhood of the names in `scope`."""
        target = self.target()

        def stopped() -> bool:
            return self._cancelled.is_set() or cancelled()

        with self._guarded("read the catalog"):
            return capture(self._connection, target, on_event, stopped, scope)

    def explain_conflicts(self, statements: Sequence[str]) -> list[Answer]:
        """What planning each INSERT raises, and its arbiter indexes; none is ever executed."""
        with self._guarded("plan a statement"), read_only(self._connection):
            return [self._explained(statement) for statement in statements]

    def _explained(self, statement: str) -> Answer:
        try:
            with shielded(self._connection):
                # Binary results make the driver use the extended protocol, in which the server
                # refuses a text of two statements: nothing can follow the EXPLAIN.
                row = self._connection.execute(
                    b"EXPLAIN (FORMAT JSON) " + statement.encode(), binary=True
                ).fetchone()
        except psycopg.Error as error:
            if self._tells_nothing(error):
                raise
            return error.sqlstate, ()
        return None, tuple(dict.fromkeys(_arbiters(row[0] if row else None)))

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Rows (label, holds, detail) of one SELECT; an error becomes a check that is not known."""
        if not sql.strip():
            return ()
        with self._guarded("ask the checks"), read_only(self._connection):
            # Counting only the rows that a policy shows would be a wrong answer.
            self._connection.execute("SET LOCAL row_security = off")
            try:
                with shielded(self._connection):
                    rows = self._connection.execute(sql.encode(), binary=True).fetchall()
            except psycopg.Error as error:
                if self._tells_nothing(error):
                    raise
                return (Check(label=head(sql), holds=None, detail=sentence(error)),)
        return tuple(check_of(row) for row in rows)

    def _tells_nothing(self, error: psycopg.Error) -> bool:
        """A lost link, or the person's own wish to stop, is no answer to the question."""
        stopped = self._cancelled.is_set() and error.sqlstate == QUERY_CANCELED
        return stopped or link_lost(error, self._connection)

    def identity(self) -> ServerIdentity:
        """Which server this is, and which run of it."""
        replica = self.target().replica
        with self._guarded("ask which server this is"), read_only(self._connection):
            return identify(self._connection, replica=replica)

    def older_transactions(self) -> tuple[str, ...]:
        """One line for each open transaction that a concurrent index build would wait for now."""
        with self._guarded("list older transactions"), read_only(self._connection):
            return older_transactions(self._connection)

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of objects; see `postgres.fingerprint`."""
        with self._guarded("read definitions"), read_only(self._connection):
            return fingerprint(self._connection, identities)

    def cancel(self) -> None:
        """Stop the running query; safe from another thread, and without one."""
        self._cancelled.set()
        with self._closing:
            if not self._connection.closed:
                try:
                    self._connection.cancel_safe(timeout=5.0)
                except psycopg.Error:
                    # The server is gone or busy; the query's own time limit ends it.
                    return

    def close(self) -> None:
        """Disconnect."""
        with self._closing:
            self._connection.close()


def _arbiters(plan: Any) -> Iterator[str]:
    """Names under 'Conflict Arbiter Indexes' anywhere in a plan."""
    if isinstance(plan, dict):
        for name in plan.get("Conflict Arbiter Indexes", ()):
            yield str(name)
        for value in plan.values():
            yield from _arbiters(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _arbiters(value)
