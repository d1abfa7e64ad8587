"""Recover: find out what became of changes whose end was not seen, and settle what can be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fixit_tui.engine.aftermath import (
    Judgement,
    given_by,
    judge,
    objects_say,
    observed,
    with_record,
)
from fixit_tui.engine.attempt import describe
from fixit_tui.engine.edits import digest_on_disk, sha256
from fixit_tui.engine.index_outcome import look_afterwards, note_partial_undo
from fixit_tui.engine.mark import mark_check
from fixit_tui.engine.ports import Clock, Database, Ledger, Reader
from fixit_tui.engine.record import recorded_check
from fixit_tui.engine.states import COMMITTED, UNDOABLE, UNSETTLED, advance
from fixit_tui.errors import ConnectError, FixitError, RefusedError
from fixit_tui.model.aftermath import Objects, ServerIdentity, XactStatus
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import ObjectState, PlanState
from fixit_tui.model.target import Target


def unsettled(receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """Intents without an end, changes in doubt, and undos whose original does not say so yet."""
    undoable = {r.id for r in receipts if r.state in UNDOABLE}
    return tuple(
        r
        for r in receipts
        if r.state in UNSETTLED or (r.state in COMMITTED and r.undo_of in undoable)
    )


def of_target(
    receipts: Sequence[Receipt], target: Target, identity: Callable[[], ServerIdentity]
) -> tuple[Receipt, ...]:
    """Those of one database, whatever address it was reached by.

    `identity` is asked only where the address differs and the database may be the same one.
    """
    place = (target.host, target.port, target.database)

    def there(receipt: Receipt) -> bool:
        if (receipt.host, receipt.port, receipt.database) == place:
            return True
        namesakes = (receipt.database, receipt.database_oid) == (
            target.database,
            target.database_oid,
        )
        system = given_by(receipt).system
        return bool(namesakes and system and system == identity().system)

    return tuple(r for r in receipts if there(r))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of one receipt: the state to settle it in (None: in doubt), and why."""

    receipt: Receipt
    state: PlanState | None
    why: str
    after: tuple[ObjectState, ...] | None = None

    @property
    def told(self) -> Receipt:
        """The receipt as it would be settled; one that stays in doubt says why."""
        if self.state is None:
            return replace(self.receipt, note=self.why)
        after = self.receipt.after if self.after is None else self.after
        return replace(self.receipt, state=self.state, after=after, note=self.why)


def look(database: Database, receipts: Sequence[Receipt]) -> tuple[Outcome, ...]:
    """What became of each unsettled receipt of `receipts` (in order); nothing is written.

    Raises ConnectError where the server does not answer.
    """
    return tuple(_outcome(database, r, receipts) for r in unsettled(receipts))


def foretold(database: Database | None, receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """Unsettled receipts as they are, with a note on what became of each; nothing is written.

    Where nobody answers, the notes are those that were recorded.
    """
    if database is None or not unsettled(receipts):
        return unsettled(receipts)
    try:
        outcomes = look(database, receipts)
    except FixitError:
        return unsettled(receipts)
    return tuple(
        replace(o.receipt, note=f"{o.state or PlanState.IN_DOUBT}: {o.why}") for o in outcomes
    )


def recover(
    database: Database, ledger: Ledger, clock: Clock, receipts: Sequence[Receipt]
) -> tuple[Receipt, ...]:
    """Settle what can be settled; the rest comes back as it was, with a note why.

    A transaction still in progress and one too old to be known stay as they are: no guess.
    """
    return tuple(_settle(ledger, clock, o, receipts) for o in look(database, receipts))


@dataclass(frozen=True, slots=True)
class Hand:
    """How a person settles one receipt, having looked where the tool could not."""

    receipt: Receipt
    state: PlanState


def settle_by_hand(
    database: Database, ledger: Ledger, clock: Clock, receipts: Sequence[Receipt], hand: Hand
) -> Receipt:
    """Settle as a person found it.

    Raises RefusedError for what is settled, still runs, or is known to have ended otherwise.
    """
    receipt, state = hand.receipt, hand.state
    found = next((o for o in look(database, receipts) if o.receipt.id == receipt.id), None)
    if found is None or receipt.state not in UNSETTLED:
        raise RefusedError(f"receipt {receipt.id} is '{receipt.state}': nothing is open there")
    if found.state is not None and found.state is not state:
        raise RefusedError(
            f"receipt {receipt.id} was '{found.state}': {found.why}",
            hint="fixit-tui recover settles it as that",
        )
    if receipt.xid and database.report_on(receipt.xid).status is XactStatus.IN_PROGRESS:
        raise RefusedError(
            f"transaction {receipt.xid} is still in progress: {found.why}",
            hint="wait for its end, or end it, then ask again",
        )
    why = found.why if found.state is not None else f"by hand, as {state}"
    return _settle(ledger, clock, Outcome(found.receipt, state, why, found.after), receipts)


def _outcome(database: Database, receipt: Receipt, receipts: Sequence[Receipt]) -> Outcome:
    if receipt.state in COMMITTED:
        return Outcome(receipt, receipt.state, receipt.note)
    receipt = _with_files(receipt)
    try:
        if any(not step.transactional for step in receipt.steps):
            outcome = look_afterwards(database, receipt)
            return Outcome(receipt, outcome.state, outcome.note, outcome.after)
        if not receipt.steps:
            return _outcome_of_files(receipt)
        judgement = _judged(database, receipt, receipts)
    except ConnectError:
        raise
    except FixitError as error:
        return Outcome(receipt, None, f"it could not be asked: {error.message}")
    return Outcome(receipt, judgement.state, judgement.why + _unwritten(receipt, judgement))


def _outcome_of_files(receipt: Receipt) -> Outcome:
    """Code alone: the files say themselves whether they were written."""
    written = bool(receipt.written_files)
    state = PlanState.APPLIED if written else PlanState.ROLLED_BACK
    return Outcome(receipt, state, f"judged by the files{_missing(receipt) if written else ''}")


def _missing(receipt: Receipt) -> str:
    left = [e.path for e in receipt.edits if e.path not in receipt.written_files]
    return f"; not written: {', '.join(left)}" if left else ""


def _unwritten(receipt: Receipt, judgement: Judgement) -> str:
    return _missing(receipt) if judgement.state is PlanState.APPLIED else ""


def _judged(database: Database, receipt: Receipt, receipts: Sequence[Receipt]) -> Judgement:
    report = database.report_on(receipt.xid)
    reader = database.reader()
    try:
        identities = [s.identity for s in receipt.before]
        now = reader.fingerprint(identities) if identities else ()
        seen = observed(receipt, receipts, {s.identity: s.digest for s in now})
        objects = objects_say(receipt, seen)
        if objects is Objects.AFTER and _says(reader, mark_check(identities, receipt.xid)):
            objects = Objects.MARKED
        if receipt.recorded:
            row = _says(reader, recorded_check(receipt.plan_hash, receipt.xid))
            objects = with_record(objects, row)
        judgement = judge(receipt, report, objects)
        if judgement.state is None and report.status is not XactStatus.IN_PROGRESS:
            return Judgement(None, f"{judgement.why}. {_by_hand(receipt, reader)}")
    finally:
        reader.close()
    return judgement


def _says(reader: Reader, check: str) -> bool | None:
    checks = reader.checks(check)
    return checks[0].holds if checks else None


def _by_hand(receipt: Receipt, reader: Reader) -> str:
    """The check that a person can run, what it says now, and how to settle the receipt."""
    sentences = []
    for step in receipt.steps:
        query = " ".join(step.verify.split()).rstrip(";")
        if not query:
            continue
        checks = reader.checks(step.verify)
        failed = [c for c in checks if c.holds is not True]
        holds = "holds" if checks and not failed else f"does not hold ({describe(failed)})"
        sentences.append(f"Check by hand: {query}; (now it {holds}).")
    objects = ", ".join(s.identity for s in receipt.before)
    if objects:
        sentences.append(f"Look at {objects}.")
    sentences.append(
        "Then settle it: fixit-tui recover TARGET --receipt"
        f" {receipt.id} --as applied (or --as rolled-back)"
    )
    return " ".join(sentences)


def _settle(ledger: Ledger, clock: Clock, outcome: Outcome, receipts: Sequence[Receipt]) -> Receipt:
    receipt, state = outcome.receipt, outcome.state
    if receipt.state in COMMITTED:
        _note_undone(ledger, receipt, receipts)
        return receipt
    if state is None:
        return outcome.told
    settled = replace(
        outcome.told,
        state=advance(receipt.state, state),
        finished_at=clock.now(),
        note=f"settled afterwards: {outcome.why}",
    )
    ledger.append(settled)
    if state is PlanState.APPLIED:
        _note_undone(ledger, settled, receipts)
    elif state is PlanState.PARTIAL:
        note_partial_undo(ledger, settled, receipts)
    return settled


def _note_undone(ledger: Ledger, undo: Receipt, receipts: Sequence[Receipt]) -> None:
    for original in receipts:
        if original.id == undo.undo_of and original.state in UNDOABLE:
            ledger.append(replace(original, state=advance(original.state, PlanState.UNDONE)))


def _with_files(receipt: Receipt) -> Receipt:
    if not receipt.edits or receipt.written_files or not receipt.code_root:
        return receipt
    root = Path(receipt.code_root)
    written = tuple(
        e.path for e in receipt.edits if digest_on_disk(root, e.path) == sha256(e.after)
    )
    return replace(receipt, written_files=written)
