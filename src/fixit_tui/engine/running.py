"""What is running right now on a database, so that another thread can stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from fixit_tui.engine.ports import Cancelled, Database, IndexBuild, Reader, Transaction
from fixit_tui.model.aftermath import XactReport


class Running:
    """Remembers whom to cancel, and that it was asked for."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._cancels: list[Callable[[], None]] = []

    def start(self, cancelled: Cancelled) -> Cancelled:
        """Forget earlier requests; the answer joins the caller's question with ours."""
        self._asked.clear()
        return lambda: self._asked.is_set() or cancelled()

    def watch(self, cancel: Callable[[], None]) -> None:
        """Call this, too, when a stop is asked for."""
        with self._lock:
            self._cancels = [*self._cancels[-3:], cancel]

    def cancel(self) -> None:
        """Ask every running query to stop; those that ended already do not mind."""
        self._asked.set()
        with self._lock:
            cancels = tuple(self._cancels)
        for cancel in cancels:
            # Best effort: a connection that is gone has nothing left to stop.
            with suppress(Exception):
                cancel()


class WatchedDatabase:
    """A database (port `Database`) whose connections `running` can stop."""

    def __init__(self, database: Database, running: Running) -> None:
        self._database = database
        self._running = running

    def reader(self) -> Reader:
        """Open a read-only connection."""
        reader = self._database.reader()
        self._running.watch(reader.cancel)
        return reader

    def transaction(self) -> Transaction:
        """Open a read-write connection and begin."""
        transaction = self._database.transaction()
        self._running.watch(transaction.cancel)
        return transaction

    def index_build(self) -> IndexBuild:
        """Open a connection for one concurrent index build."""
        build = self._database.index_build()
        self._running.watch(build.cancel)
        return build

    def blockers(self) -> tuple[str, ...]:
        """Who holds up our open transactions."""
        return self._database.blockers()

    def report_on(self, xid: str) -> XactReport:
        """Who answers, and what it says of a transaction id."""
        return self._database.report_on(xid)

    def notify(self, channel: str, payload: str) -> None:
        """NOTIFY on a fresh connection."""
        self._database.notify(channel, payload)
