"""Ctrl-C while a change is under way: an orderly stop, so that the outcome is known."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from fixit_tui.cli.streams import narrate
from fixit_tui.engine.session import Session


@contextmanager
def orderly_stop(session: Session) -> Iterator[Callable[[], bool]]:
    """Yields the question 'was a stop asked for?'; the first Ctrl-C cancels what runs.

    A second one interrupts at once, which may leave a COMMIT in doubt. Signals reach only the
    main thread; elsewhere nothing is changed.
    """
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        narrate("stopping; press ctrl+c again to leave at once")
        # Cancelling takes a connection of its own, and this handler interrupts anything.
        threading.Thread(target=session.cancel, name="cancel", daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    former = signal.signal(signal.SIGINT, stop)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, former)
