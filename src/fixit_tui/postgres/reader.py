"""The read-only connection (port `Reader`): facts, checks, fingerprints, EXPLAIN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from fixit_tui.errors import CancelledError, ConnectError, Effect
from fixit_tui.model.events import OnEvent
from fixit_tui.model.finding import Check
from fixit_tui.model.plan import ObjectState
from fixit_tui.model.target import Target
from fixit_tui.postgres import read_only as connecting
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.capture import capture
from fixit_tui.postgres.errors import QUERY_CANCELED, link_lost, sentence, translate
from fixit_tui.postgres.fingerprint import fingerprint

Verdict = tuple[str | None, tuple[str, ...]]


def _arbiters(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        for name in plan.get("Conflict Arbiter Indexes", ()):
            yield str(name)
        for value in plan.values():
            yield from _arbiters(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _arbiters(value)


class PgReader:
    """A connection on which every transaction is REPEATABLE READ READ ONLY."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._target: Target | None = None
        self._cancelled = False

    def target(self) -> Target:
        """What the server says about itself, asked once."""
        if self._target is None:
            with self._guarded("ask the server who it is"):
                self._target = connecting.target_of(self._connection)
        return self._target

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if link_lost(error, self._connection):
                raise ConnectError(
                    f"the connection was lost: {sentence(error)}",
                    hint="check that the server is up, then try again",
                    sqlstate=error.sqlstate,
                ) from error
            if self._cancelled and error.sqlstate == QUERY_CANCELED:
                self._cancelled = False
                raise CancelledError(f"stopped: could not {doing}") from error
            raise translate(
                error, doing=doing, effect=Effect.NOTHING_CHANGED, connection=self._connection
            ) from error

    def capture(
        self, scope: frozenset[str], on_event: OnEvent, cancelled: Callable[[], bool]
    ) -> dict[str, list[dict[str, Any]]]:
        """Catalog facts of the whole database, or of the neighbourhood of the names in `scope`."""
        target = self.target()
        self._cancelled = False
        with self._guarded("read the catalog"):
            return capture(self._connection, target, on_event, cancelled)

    def explain_conflict(self, statement: str) -> Verdict:
        """What planning says; the statement is never executed."""
        return self.explain_conflicts([statement])[0]

    def explain_conflicts(self, statements: Sequence[str]) -> list[Verdict]:
        """`explain_conflict` for many, in one transaction."""
        found: list[Verdict] = []
        with self._guarded("plan a statement"), connecting.read_only(self._connection):
            for statement in statements:
                try:
                    with self._connection.transaction():
                        row = self._connection.execute(
                            b"EXPLAIN (FORMAT JSON) " + statement.encode()
                        ).fetchone()
                    found.append((None, tuple(_arbiters(row[0] if row else []))))
                except psycopg.Error as error:
                    if error.sqlstate is None or link_lost(error, self._connection):
                        raise
                    found.append((error.sqlstate, ()))
        return found

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Rows (label, holds, detail); what cannot be asked is a check that is not known."""
        with self._guarded("ask a check"), connecting.read_only(self._connection):
            try:
                with self._connection.transaction():
                    rows = self._connection.execute(sql.encode()).fetchall()
            except psycopg.Error as error:
                if error.sqlstate is None or link_lost(error, self._connection):
                    raise
                return (Check("this could not be asked", None, sentence(error)),)
        return tuple(
            Check(str(r[0]), None if r[1] is None else bool(r[1]), str(r[2] or "")) for r in rows
        )

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of objects."""
        with self._guarded("read definitions"), connecting.read_only(self._connection):
            return fingerprint(self._connection, identities)

    def cancel(self) -> None:
        """Stop the running query; safe from another thread."""
        self._cancelled = True
        if not self._connection.closed:
            self._connection.cancel_safe(timeout=2)

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
