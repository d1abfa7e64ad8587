"""The real time (port `Clock`)."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """UTC now, and real sleep."""

    def now(self) -> str:
        """UTC, ISO 8601, with milliseconds."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        time.sleep(seconds)
