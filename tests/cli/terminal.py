"""A program on a real pseudo-terminal, driven the way a person does."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


class Terminal:
    """Runs `words` with a terminal as its standard streams and controlling terminal.

    Signals of `ignoring` it ignores, as what nohup starts ignores SIGHUP.
    """

    def __init__(
        self,
        words: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        size: tuple[int, int] = (40, 120),
        ignoring: Sequence[signal.Signals] = (),
    ) -> None:
        self._master, slave = pty.openpty()

        def prepare() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in ignoring:
                signal.signal(number, signal.SIG_IGN)

        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process = subprocess.Popen(
            list(words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=prepare,
        )
        os.close(slave)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw = ""
        self._seen = 0

    @property
    def text(self) -> str:
        """Everything written so far, without escape sequences."""
        return _ESCAPES.sub("", self.raw).replace("\r", "")

    def read(self, seconds: float) -> bool:
        """Take in what comes within `seconds`; False when the terminal is closed."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            chunk = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += self._decoder.decode(chunk)
        return bool(chunk)

    def expect(self, words: str, seconds: float = 30.0) -> str:
        """Wait until `words` appear after what was expected before; the text up to them."""
        end = time.monotonic() + seconds
        while (place := self.text.find(words, self._seen)) < 0:
            open_ = self.read(0.1)
            if place < 0 and (not open_ or time.monotonic() > end):
                if words in self.text[self._seen :]:
                    continue
                raise AssertionError(f"{words!r} did not appear in:\n{self.text[self._seen :]}")
        before = self.text[self._seen : place]
        self._seen = place + len(words)
        return before

    def say(self, line: str) -> None:
        """Type a line."""
        self.press(line + "\n")

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self._master, keys.encode())

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._master)
        self._master = -1

    def wait(self, seconds: float = 30.0) -> int:
        """The exit code, once the program ends."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if self._master < 0 or not self.read(0.1):
                time.sleep(0.05)
            if time.monotonic() > end:
                raise AssertionError(f"it still runs after {seconds} s:\n{self.text[-2000:]}")
        while self._master >= 0 and select.select([self._master], [], [], 0)[0]:
            if not self.read(0):
                break
        return self.process.returncode

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)
