"""Recover: ask the server what became of a transaction whose end was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fixit_tui.engine.edits import digest_on_disk, sha256
from fixit_tui.engine.index_outcome import look_afterwards, note_partial_undo
from fixit_tui.engine.ports import Clock, Database, Ledger
from fixit_tui.engine.states import COMMITTED, UNDOABLE, UNSETTLED, advance
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState

_VERDICTS = {"committed": PlanState.APPLIED, "aborted": PlanState.ROLLED_BACK}


def unsettled(receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """Intents without an end, changes in doubt, and undos whose original does not say so yet."""
    undoable = {r.id for r in receipts if r.state in UNDOABLE}
    return tuple(
        r
        for r in receipts
        if r.state in UNSETTLED or (r.state in COMMITTED and r.undo_of in undoable)
    )


def recover(
    database: Database, ledger: Ledger, clock: Clock, receipts: Sequence[Receipt]
) -> tuple[Receipt, ...]:
    """Settle what can be settled; the rest comes back as it was, with a note why.

    A transaction still in progress and one too old to be known stay as they are: no guess.
    """
    return tuple(_settle(database, ledger, clock, r, receipts) for r in unsettled(receipts))


def _settle(
    database: Database,
    ledger: Ledger,
    clock: Clock,
    receipt: Receipt,
    receipts: Sequence[Receipt],
) -> Receipt:
    if receipt.state in COMMITTED:
        _note_undone(ledger, receipt, receipts)
        return receipt
    receipt = _with_files(receipt)
    if any(not step.transactional for step in receipt.steps):
        return _settle_index(database, ledger, clock, receipt, receipts)
    if receipt.xid:
        said = database.xact_status(receipt.xid, receipt.server_id)
        verdict = _VERDICTS.get(said)
    else:
        # Code alone: the files say themselves whether they were written.
        said = "committed" if receipt.written_files else "aborted"
        verdict = _VERDICTS[said]
    if verdict is None:
        return replace(receipt, note=_why_not(said, receipt))
    settled = replace(
        receipt,
        state=advance(receipt.state, verdict),
        finished_at=clock.now(),
        note=f"settled afterwards: the server says '{said}' of transaction {receipt.xid}"
        if receipt.xid
        else "settled afterwards from the files",
    )
    ledger.append(settled)
    if verdict is PlanState.APPLIED:
        _note_undone(ledger, settled, receipts)
    return settled


def _settle_index(
    database: Database,
    ledger: Ledger,
    clock: Clock,
    receipt: Receipt,
    receipts: Sequence[Receipt],
) -> Receipt:
    """Settle a concurrent build or drop by the index itself."""
    outcome = look_afterwards(database, receipt)
    if outcome.state is None:
        return replace(receipt, note=outcome.note)
    settled = replace(
        receipt,
        state=advance(receipt.state, outcome.state),
        finished_at=clock.now(),
        after=outcome.after,
        note=f"settled afterwards: {outcome.note}",
    )
    ledger.append(settled)
    if outcome.state is PlanState.APPLIED:
        _note_undone(ledger, settled, receipts)
    elif outcome.state is PlanState.PARTIAL:
        note_partial_undo(ledger, settled, receipts)
    return settled


def _note_undone(ledger: Ledger, undo: Receipt, receipts: Sequence[Receipt]) -> None:
    for original in receipts:
        if original.id == undo.undo_of and original.state in UNDOABLE:
            ledger.append(replace(original, state=advance(original.state, PlanState.UNDONE)))


def _why_not(said: str, receipt: Receipt) -> str:
    if said == "another server":
        return (
            f"the server that answers is not the one that gave transaction {receipt.xid}, or was "
            "promoted since; connect to that one, or compare the touched objects by hand"
        )
    return (
        f"the server says '{said}' of transaction {receipt.xid}; compare the touched "
        "objects with the receipt by hand if that stays so"
    )


def _with_files(receipt: Receipt) -> Receipt:
    if not receipt.edits or receipt.written_files or not receipt.code_root:
        return receipt
    root = Path(receipt.code_root)
    written = tuple(
        e.path for e in receipt.edits if digest_on_disk(root, e.path) == sha256(e.after)
    )
    return replace(receipt, written_files=written)
