"""Undo: what a receipt recorded, turned into a plan like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fixit_tui.code.diff import unified_diff
from fixit_tui.engine.edits import digest_on_disk, reverse, sha256
from fixit_tui.engine.plan import Fingerprint
from fixit_tui.engine.states import UNDOABLE
from fixit_tui.errors import RefusedError, StalePlanError, UsageError
from fixit_tui.model.finding import FileEdit
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import ObjectState, Plan, PlanState, Step
from fixit_tui.model.target import Target
from fixit_tui.sql.concurrent import concurrent_index
from fixit_tui.sql.foreseen_locks import foreseen_locks
from fixit_tui.sql.quote import literal


def find_receipt(receipts: Sequence[Receipt], receipt_id: str) -> Receipt:
    """The receipt of that id or unique id prefix; raises UsageError."""
    hits = [r for r in receipts if r.id == receipt_id]
    hits = hits or [r for r in receipts if receipt_id and r.id.startswith(receipt_id)]
    if len(hits) != 1:
        what = "no" if not hits else "more than one"
        raise UsageError(
            f"{what} receipt is called {receipt_id}", hint="fixit-tui history lists them"
        )
    return hits[0]


def plan_undo(
    receipts: Sequence[Receipt],
    receipt_id: str,
    target: Target,
    fingerprint: Fingerprint,
    *,
    reloads_api: bool = False,
) -> Plan:
    """Undo statements in reverse order, file edits reversed; PostgREST told if it is there.

    Raises RefusedError where nothing can be undone, StalePlanError where an object changed since.
    """
    receipt = find_receipt(receipts, receipt_id)
    _insist_on_undoable(receipt, target)
    unfinished = receipt.state is PlanState.PARTIAL
    back = [_cleaned_up(step) if unfinished else step for step in reversed(receipt.steps)]
    steps = tuple(
        _reversed_step(number, step, unfinished=unfinished)
        for number, step in enumerate((s for s in back if s.undo.strip()), start=1)
    )
    edits, kept = _reversed_edits(receipt)
    reasons = [step.irreversible for step in receipt.steps if step.irreversible]
    if not steps and not edits:
        raise RefusedError(
            "nothing of this can be undone" + (f": {'; '.join(reasons)}" if reasons else ""),
            hint="restore from a backup if the former state is needed",
        )
    if steps:
        _insist_on_untouched(receipt, fingerprint)
    notes = [f"stays: {reason}" for reason in reasons]
    notes += [f"{path} was edited since and stays" for path in kept]
    return Plan(
        target=target,
        steps=steps,
        edits=edits,
        patch=unified_diff(edits),
        fingerprint=receipt.after if steps else (),
        reverts=receipt.id,
        notify_postgrest=bool(steps) and reloads_api,
        title=f"Undo: {receipt.title}" + (f" ({'; '.join(notes)})" if notes else ""),
        playbooks=receipt.playbooks,
    )


def state_before(plan: Plan, receipts: Sequence[Receipt]) -> tuple[ObjectState, ...]:
    """What the touched objects of an undo must look like again; nothing for other plans.

    A receipt with an irreversible step cannot promise it, so nothing is demanded then.
    """
    if not plan.reverts:
        return ()
    receipt = find_receipt(receipts, plan.reverts)
    if any(not step.undo.strip() for step in receipt.steps):
        return ()
    return receipt.before


def _insist_on_undoable(receipt: Receipt, target: Target) -> None:
    same = (receipt.database, receipt.host, receipt.port) == (
        target.database,
        target.host,
        target.port,
    )
    if not same or (receipt.database_oid and receipt.database_oid != target.database_oid):
        raise UsageError(
            f"that was applied to {receipt.target_name}, not to {target.name}",
            hint="open the target on which it was applied",
        )
    if receipt.undo_of:
        raise RefusedError(
            "that receipt is itself an undo",
            hint="diagnose again and apply the fix anew if it is wanted after all",
        )
    if receipt.state not in UNDOABLE:
        raise RefusedError(
            f"that change is '{receipt.state}', so there is nothing to undo",
            hint="fixit-tui recover settles changes whose outcome is not known",
        )


def _still_unfinished(build: str) -> str:
    """A check that an index is what an unfinished build left, and not a sound one made since."""
    index = concurrent_index(build)
    assert index is not None
    return (
        "SELECT 'the index is still unfinished', NOT (i.indisvalid AND i.indisready), ''"
        " FROM pg_catalog.pg_index AS i"
        f" WHERE i.indexrelid = pg_catalog.to_regclass({literal(index.rests[0])})"
    )


def _cleaned_up(step: Step) -> Step:
    """A rebuild has no undo, but its unfinished copy can go."""
    index = None if step.transactional else concurrent_index(step.up)
    if index is None or not index.rebuilds:
        return step
    return replace(step, undo=f"DROP INDEX CONCURRENTLY {index.rests[0]};")


def _reversed_step(number: int, step: Step, *, unfinished: bool) -> Step:
    return replace(
        step,
        number=number,
        slug=f"undo_{step.slug}"[:60],
        title=f"Undo: {step.title}",
        up=step.undo,
        undo=step.up,
        verify="",
        precheck="" if step.transactional or not unfinished else _still_unfinished(step.up),
        locks=foreseen_locks(step.undo, step.relation),
        irreversible="",
    )


def _reversed_edits(receipt: Receipt) -> tuple[tuple[FileEdit, ...], tuple[str, ...]]:
    """Edits to take back, and the paths that somebody changed since."""
    root = Path(receipt.code_root)
    edits, kept = [], []
    for edit in receipt.edits:
        if edit.path not in receipt.written_files:
            continue
        if digest_on_disk(root, edit.path) == sha256(edit.after):
            edits.append(reverse(edit))
        elif digest_on_disk(root, edit.path) != edit.before_sha256:
            kept.append(edit.path)
    return tuple(edits), tuple(kept)


def _insist_on_untouched(receipt: Receipt, fingerprint: Fingerprint) -> None:
    identities = [state.identity for state in receipt.after]
    if not identities:
        return
    now = {s.identity: s.digest for s in fingerprint(identities)}
    changed = [s.identity for s in receipt.after if now.get(s.identity) != s.digest]
    if changed:
        raise StalePlanError(
            f"changed since it was applied: {', '.join(changed)}",
            hint="somebody worked on it since; write the undo by hand from the receipt",
        )
