"""Who holds the lock that our statement waits for, asked while it waits."""

from __future__ import annotations

import threading
from types import TracebackType

from fixit_tui.engine.ports import Database
from fixit_tui.errors import FixitError

PATIENCE = 0.6
"""Seconds before asking; well within the lock limit of 2 s."""


class BlockerWatch:
    """While its block runs longer than `PATIENCE`, notes once who holds it up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._timer: threading.Timer | None = None
        self.blockers: tuple[str, ...] = ()

    def __enter__(self) -> BlockerWatch:
        self._timer = threading.Timer(PATIENCE, self._ask)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            if error is not None:
                # The question may be on its way; its answer belongs to this failure.
                self._timer.join(timeout=5.0)

    def _ask(self) -> None:
        try:
            self.blockers = self._database.blockers()
        except FixitError:
            self.blockers = ()
