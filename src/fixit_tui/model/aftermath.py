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
    """What the database holds of a change; SILENT where it leaves the objects as they are.

    RECORDED and UNRECORDED: whether its row is in the database's own ledger. MARKED: as after, and
    the catalog's rows bear the transaction's number.
    """

    RECORDED = "the change is recorded in fixit_tui.ledger"
    MARKED = "the touched objects are as the change left them, and bear its number"
    AFTER = "the touched objects are as the change left them"
    BEFORE = "the touched objects are as they were before the change"
    UNRECORDED = "the change is not recorded in fixit_tui.ledger"
    OTHERWISE = "the touched objects are neither as before nor as after the change"
    SILENT = "the change leaves the touched objects as they are, so they tell nothing"

    @property
    def proves(self) -> bool:
        """Whether no other transaction can have left it so, whatever number it had."""
        return self in (Objects.RECORDED, Objects.MARKED)

    @property
    def done(self) -> bool | None:
        """Whether the change is there; None where they do not tell."""
        if self in (Objects.RECORDED, Objects.MARKED, Objects.AFTER):
            return True
        return False if self in (Objects.BEFORE, Objects.UNRECORDED) else None
