"""The real time (port `Clock`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """UTC now, and real sleep."""

    def now(self) -> str:
        """UTC, ISO 8601, with milliseconds."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sleep(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Wait that many seconds, or until it is to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not stopped():
            time.sleep(min(left, 0.1))
