"""Recover: ask the server what became of a transaction whose end was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fixit_tui.engine.edits import digest_on_disk, sha256
from fixit_tui.engine.ports import Clock, Database, Ledger
from fixit_tui.engine.states import UNDOABLE, UNSETTLED, advance
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState

_VERDICTS = {"committed": PlanState.APPLIED, "aborted": PlanState.ROLLED_BACK}


def unsettled(receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """Intents without an end, and changes that are in doubt."""
    return tuple(r for r in receipts if r.state in UNSETTLED)


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
    receipt = _with_files(receipt)
    if receipt.xid:
        said = database.xact_status(receipt.xid)
        verdict = _VERDICTS.get(said)
    else:
        # Code alone: the files say themselves whether they were written.
        said = "committed" if receipt.written_files else "aborted"
        verdict = _VERDICTS[said]
    if verdict is None:
        return replace(
            receipt,
            note=f"the server says '{said}' of transaction {receipt.xid}; compare the touched "
            "objects with the receipt by hand if that stays so",
        )
    settled = replace(
        receipt,
        state=advance(receipt.state, verdict),
        finished_at=clock.now(),
        note=f"settled afterwards: the server says '{said}' of transaction {receipt.xid}"
        if receipt.xid
        else "settled afterwards from the files",
    )
    ledger.append(settled)
    if settled.undo_of and verdict is PlanState.APPLIED:
        for original in receipts:
            if original.id == settled.undo_of and original.state in UNDOABLE:
                ledger.append(replace(original, state=advance(original.state, PlanState.UNDONE)))
    return settled


def _with_files(receipt: Receipt) -> Receipt:
    if not receipt.edits or receipt.written_files or not receipt.code_root:
        return receipt
    root = Path(receipt.code_root)
    written = tuple(
        e.path for e in receipt.edits if digest_on_disk(root, e.path) == sha256(e.after)
    )
    return replace(receipt, written_files=written)
