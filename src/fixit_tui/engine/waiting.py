"""Who holds the lock that our statement waits for, asked while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from fixit_tui.engine.ports import Database
from fixit_tui.errors import Effect, FixitError, LockWaitError
from fixit_tui.model.events import HeldUp, OnEvent

PATIENCE = 0.6
"""Seconds before asking, and between questions; well within the lock limit of 2 s."""
SELDOM = 8
"""Looks between two questions about what runs long without being held up."""


class BlockerWatch:
    """While its block runs longer than `PATIENCE`, asks again and again who holds it up.

    `blockers` is the last answer that named anybody; each new answer is told to `on_event`. At
    every look `insist` may do something, too.
    """

    def __init__(
        self, database: Database, on_event: OnEvent, insist: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._on_event = on_event
        self._insist = insist
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.blockers: tuple[str, ...] = ()

    def __enter__(self) -> BlockerWatch:
        self._thread = threading.Thread(target=self._look_on, name="blockers", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None and error is not None:
            # The question may be on its way; its answer belongs to this failure.
            self._thread.join(timeout=5.0)

    def _look_on(self) -> None:
        told: tuple[str, ...] = ()
        looks, next_question = 0, 1
        while not self._over.wait(PATIENCE):
            looks += 1
            self._insist()
            if looks < next_question:
                continue
            found = self._ask()
            self.blockers = found or self.blockers
            # Each question is a connection of its own; who is merely slow is asked after seldom.
            next_question = looks + (1 if found else min(looks, SELDOM))
            if found != told and not self._over.is_set():
                self._on_event(HeldUp(found))
                told = found

    def _ask(self) -> tuple[str, ...]:
        try:
            return self._database.blockers()
        except FixitError:
            return ()


def held_by(error: FixitError, blockers: tuple[str, ...], tries: int = 1) -> FixitError:
    """A lock wait with who held the lock, and after how many tries; other errors as they are."""
    if not isinstance(error, LockWaitError):
        return error
    held = f"; held by {', '.join(blockers)}" if blockers else ""
    times = f" ({tries} tries)" if tries > 1 else ""
    return LockWaitError(
        f"{error.message}{times}{held}",
        hint=error.hint,
        effect=Effect.ROLLED_BACK,
        sqlstate=error.sqlstate,
    )
