"""A terminal that goes away without a signal (SIGHUP ignored, as under nohup): the app then leaves.

Textual goes on reading the end of a terminal that is gone, and stops to draw for ever where one
write fails. Here what is drawn for nobody is dropped, and the app is told to exit, which lets a
running change come to its end first.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

_LOOK = 1000
"""Milliseconds between looks at whether the app has left by itself."""


class _ForNobody:
    """A stream whose reader may be gone."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def driver_class() -> type[Driver] | None:
    """A driver that notices; None, which is Textual's own choice, where there is none to derive."""
    if not hasattr(select, "poll") or os.environ.get("TEXTUAL_DRIVER"):
        return None
    from textual.drivers.linux_driver import LinuxDriver

    class VanishingDriver(LinuxDriver):
        """Textual's driver, with a thread that waits for the terminal to hang up."""

        def __init__(self, app: App[object], **settings: Any) -> None:
            super().__init__(app, **settings)
            self._file: Any = _ForNobody(self._file)
            self._left = threading.Event()
            streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
            # Once it is gone, nothing tells that it was a terminal.
            self._ours = [s.fileno() for s in streams if s is not None and s.isatty()]
            self._watch = threading.Thread(target=self._wait, name="hang-up", daemon=True)

        def start_application_mode(self) -> None:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            # Also called when the app comes back from Ctrl+Z.
            if self.input_tty and self._watch.ident is None:
                self._watch.start()

        def close(self) -> None:
            self._left.set()
            super().close()

        def _wait(self) -> None:
            poll = select.poll()
            poll.register(self.fileno, 0)
            while not self._left.is_set():
                seen = [event for _, event in poll.poll(_LOOK)]
                if any(event & select.POLLNVAL for event in seen):
                    return
                if any(event & select.POLLHUP for event in seen):
                    _put_nothing_in_place_of(self._ours)
                    # The app may be about to leave by itself.
                    with suppress(RuntimeError):
                        self._app.call_from_thread(self._app.exit)
                    return

    return VanishingDriver


def _put_nothing_in_place_of(descriptors: Sequence[int]) -> None:
    """Reads end at once and writes succeed from now on, whoever still tries."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nothing, descriptor)
    os.close(nothing)
