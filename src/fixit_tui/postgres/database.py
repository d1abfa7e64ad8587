"""One target that can be connected to (port `Database`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import conninfo as libpq

from fixit_tui.engine.ports import Reader
from fixit_tui.errors import Effect
from fixit_tui.model.aftermath import XactReport
from fixit_tui.postgres.blockers import BLOCKERS, blocker_line
from fixit_tui.postgres.connect import Connection, connect, masked, resolve_dsn
from fixit_tui.postgres.errors import translate
from fixit_tui.postgres.fingerprint import fingerprint
from fixit_tui.postgres.index_build import PgIndexBuild
from fixit_tui.postgres.reader import PgReader
from fixit_tui.postgres.server_id import report_on
from fixit_tui.postgres.transaction import PgTransaction

Secret = Callable[[], str | None]


class PgDatabase:
    """Opens connections to one target; holds none itself.

    `secret` gives the password of a stored target, asked for once and only when connecting.
    """

    def __init__(self, dsn: str, *, secret: Secret | None = None) -> None:
        """Raises UsageError for what is no conninfo."""
        self._conninfo = resolve_dsn(dsn, os.environ)
        self._secret = secret
        self._writing: dict[int, PgTransaction] = {}

    @property
    def label(self) -> str:
        """Where it leads, for people; without a password."""
        return masked(self._conninfo)

    def _connect(self) -> Connection:
        if self._secret is not None:
            password = self._secret()
            self._secret = None
            if password is not None:
                self._conninfo = libpq.make_conninfo(self._conninfo, password=password)
        return connect(self._conninfo)

    def reader(self) -> Reader:
        """Open a connection that the server keeps read-only; raises ConnectError."""
        return PgReader(self._connect())

    def transaction(self) -> PgTransaction:
        """Open a read-write connection and BEGIN; raises ConnectError, RefusedError."""
        transaction = PgTransaction(self._connect(), fingerprint)
        self._writing = {p: t for p, t in self._writing.items() if not t.closed}
        self._writing[transaction.pid] = transaction
        return transaction

    def index_build(self) -> PgIndexBuild:
        """Open a connection of its own, outside of any transaction, to build or drop one index.

        Raises ConnectError, and RefusedError for replicas and transaction poolers.
        """
        return PgIndexBuild(self._connect(), self._connect, fingerprint)

    def blockers(self) -> tuple[str, ...]:
        """One line for each session that our open transactions wait for right now."""
        pids = [pid for pid, transaction in self._writing.items() if not transaction.closed]
        if not pids:
            return ()
        with self._asking("ask who holds the lock") as connection:
            rows = connection.execute(BLOCKERS, (pids,)).fetchall()
        return tuple(blocker_line(*row) for row in rows)

    def report_on(self, xid: str) -> XactReport:
        """Who answers, and what it says of a transaction id."""
        with self._asking("ask what became of the transaction") as connection:
            return report_on(connection, xid)

    def notify(self, channel: str, payload: str) -> None:
        """NOTIFY on a fresh connection."""
        with self._asking(f"notify {channel}", Effect.COMMITTED) as connection:
            connection.execute("SELECT pg_catalog.pg_notify(%s, %s)", (channel, payload))

    @contextmanager
    def _asking(self, doing: str, effect: Effect = Effect.NOTHING_CHANGED) -> Iterator[Connection]:
        connection = self._connect()
        try:
            yield connection
        except psycopg.Error as error:
            raise translate(error, doing=doing, effect=effect, connection=connection) from error
        finally:
            connection.close()
