"""What became of a transaction whose end was not seen, judged from two witnesses.

The transaction id: a number that no flushed WAL record bears is given out again after a crash
(PostgreSQL 13 to 16), and a copy of a server gives the same numbers to others. So 'committed' alone
proves something only while the server ran without a break; 'aborted' on the same server and
timeline proves that nothing of it was kept, whoever had the number last.
The touched objects: as before, as after (and then mostly with the number in the catalog's rows), or
neither. Where both witnesses contradict each other,
nothing is settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from fixit_tui.model.aftermath import Objects, ServerIdentity, XactReport, XactStatus
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState


@dataclass(frozen=True, slots=True)
class Judgement:
    """`state` is None while it cannot be told; `why` says what was seen, in a sentence."""

    state: PlanState | None
    why: str


class Credit(IntEnum):
    """How far the number is believed."""

    OTHER_SERVER = 0
    NAMELESS = 1
    OTHER_LINE = 2
    SAME_LINE = 3
    SAME_RUN = 4


def given_by(receipt: Receipt) -> ServerIdentity:
    """The server that gave the receipt's transaction id."""
    return ServerIdentity(receipt.server_id, receipt.server_run)


def credit(then: ServerIdentity, now: ServerIdentity) -> Credit:
    """How far a number of the server `then` is believed when the server `now` speaks of it."""
    if then.system and now.system and then.system != now.system:
        return Credit.OTHER_SERVER
    if then.line and now.line and then.line != now.line:
        return Credit.OTHER_LINE
    if then.run and then.run == now.run:
        return Credit.SAME_RUN
    return Credit.SAME_LINE if then.line and then.line == now.line else Credit.NAMELESS


def observed(
    receipt: Receipt, receipts: Sequence[Receipt], now: Mapping[str, str]
) -> dict[str, str]:
    """Digests of the touched objects as the change left them, as far as that is known.

    `receipts` are in order. A later change of the same objects noted what it found before it
    began, and ran only after this one was over; what it made of them is not this one's work.
    """
    seen = dict(now)
    later = [r.id for r in receipts].index(receipt.id) + 1
    for other in reversed(receipts[later:]):
        if _same_database(receipt, other):
            seen |= {s.identity: s.digest for s in other.before}
    return seen


def _same_database(one: Receipt, other: Receipt) -> bool:
    if (one.database, one.database_oid) != (other.database, other.database_oid):
        return False
    systems = given_by(one).system, given_by(other).system
    if all(systems):
        return systems[0] == systems[1]
    return (one.host, one.port) == (other.host, other.port)


def objects_say(receipt: Receipt, seen: Mapping[str, str]) -> Objects:
    """Compare what was seen with what the receipt holds of before and after."""
    before = {s.identity: s.digest for s in receipt.before}
    after = {s.identity: s.digest for s in receipt.after}
    telling = [i for i in before if i in after and before[i] != after[i]]
    if not telling:
        return Objects.SILENT
    if all(seen.get(i) == after[i] for i in telling):
        return Objects.AFTER
    if all(seen.get(i) == before[i] for i in telling):
        return Objects.BEFORE
    return Objects.OTHERWISE


def with_record(objects: Objects, recorded: bool | None) -> Objects:
    """What both the objects and the change's row in the database's own ledger say."""
    if recorded is None:
        return objects
    if recorded:
        return Objects.RECORDED
    return Objects.OTHERWISE if objects.done else Objects.UNRECORDED


def judge(receipt: Receipt, report: XactReport, objects: Objects) -> Judgement:
    """The state that both witnesses prove together, or None."""
    here = credit(given_by(receipt), report.server)
    stranger = _stranger(receipt, report, here)
    if stranger:
        return Judgement(None, stranger)
    said = f"the server says '{report.status}' of transaction {receipt.xid}"
    if report.status is XactStatus.IN_PROGRESS:
        return Judgement(None, f"{said}{_held(report)}; ask again when it has ended")
    if report.status is XactStatus.UNKNOWN:
        state = PlanState.APPLIED if objects.proves else None
        return Judgement(state, f"{said}: it is too old to be known; {objects}")
    committed = report.status is XactStatus.COMMITTED
    if objects.done is (not committed):
        return Judgement(None, f"{said}, but {objects}: these contradict each other")
    believed = _kept(receipt, objects, here) if committed else _lost(report, objects, here)
    if not believed:
        return Judgement(None, f"{said}, {_doubt(here)}; {objects}")
    state = PlanState.APPLIED if committed else PlanState.ROLLED_BACK
    return Judgement(state, f"{said}; {objects}")


def _kept(receipt: Receipt, objects: Objects, here: Credit) -> bool:
    """Whether 'committed' is said of this change, and not of a stranger with its number.

    Objects as after without its mark may be the work of somebody who made the same change.
    """
    if objects.proves or here is Credit.SAME_RUN:
        return True
    return objects is Objects.AFTER and receipt.xid_kept and here is Credit.SAME_LINE


def _lost(report: XactReport, objects: Objects, here: Credit) -> bool:
    """Whether 'aborted', or a number not given out yet, means that nothing was kept."""
    if report.status is XactStatus.FUTURE and here < Credit.OTHER_LINE:
        return False
    return objects.done is False or here >= Credit.SAME_LINE


def _stranger(receipt: Receipt, report: XactReport, here: Credit) -> str:
    """Why the one that answers cannot know, or ""."""
    if here is Credit.OTHER_SERVER:
        return (
            f"the server that answers is not the one that gave transaction {receipt.xid}; connect"
            " to that one"
        )
    if report.replica:
        return "the server that answers is a replica; connect to the primary server"
    if receipt.database_oid and receipt.database_oid != report.database_oid:
        return "another database of the same name answers now; the one that was changed is gone"
    return ""


def _doubt(here: Credit) -> str:
    if here is Credit.SAME_LINE:
        return "but it was restarted since, and may have given the number to another transaction"
    if here is Credit.OTHER_LINE:
        return "but it was restored or promoted since, and has given numbers of its own"
    return "but it does not tell who it is, and may be another server or another run of it"


def _held(report: XactReport) -> str:
    return f", held open by {'; '.join(report.holders)}" if report.holders else ""
