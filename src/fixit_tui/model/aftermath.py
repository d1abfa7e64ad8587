"""What a server says about itself and about one transaction, and what the objects say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Which server it is, and since when it runs without a crash; "" where it does not tell.

    `line` is system identifier and timeline: transaction ids mean something there alone. `run`
    lasts from one start, or recovery from a crash, to the next: while it lasts, no transaction id
    is given out twice.
    """

    line: str = ""
    run: str = ""

    @property
    def system(self) -> str:
        """The system identifier, which a promoted or restored copy has, too."""
        return self.line.partition("/")[0]


class XactStatus(StrEnum):
    """The server's word on a transaction id; UNKNOWN is too old, or no id at all."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    IN_PROGRESS = "in progress"
    FUTURE = "not given out yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class XactReport:
    """One answer about one transaction id; `holders` are lines on who keeps it open."""

    status: XactStatus
    server: ServerIdentity
    database_oid: int
    replica: bool = False
    holders: tuple[str, ...] = ()


class Objects(StrEnum):
    """What the touched objects look like; SILENT where a change leaves them as they are."""

    AFTER = "as the change left them"
    BEFORE = "as they were before the change"
    OTHERWISE = "neither as before nor as after the change"
    SILENT = "not changed by it, so they tell nothing"
