"""Verify: did the change cure what it was made for, seen on a fresh read-only connection?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from fixit_tui.engine.ports import Clock
from fixit_tui.engine.states import COMMITTED, advance
from fixit_tui.errors import Effect, FixitError
from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import ObjectState, PlanState


def verdict(
    receipt: Receipt,
    diagnosis: Diagnosis,
    now: Sequence[ObjectState],
    clock: Clock,
    lasting: Diagnosis | None = None,
) -> Receipt:
    """The receipt with what the new diagnosis proves.

    VERIFIED when every finding that the change answers is gone (for an undo: when the objects
    are as they were), NOT FIXED otherwise. A finding that waits for a deployment of the patch,
    or whose playbook did not run, is reported as not known. `lasting` is the diagnosis of the same
    server without the pasted error: what only that error shows is cured if the refused statement
    went through in the same transaction, and cannot be told where it was not run.
    """
    if receipt.state not in COMMITTED:
        return receipt
    checks = _undone(receipt, now) if receipt.undo_of else _gone(receipt, diagnosis, lasting)
    state = _state(receipt.state, checks)
    return replace(receipt, state=state, verification=checks, finished_at=clock.now())


@contextmanager
def change_stands(receipt: Receipt) -> Iterator[None]:
    """An error inside takes nothing back, and says so: its effect is that of the change."""
    try:
        yield
    except FixitError as error:
        if receipt.state in COMMITTED:
            error.message = f"the change is made, but could not be checked again: {error.message}"
            error.effect = Effect.COMMITTED
        raise


def _state(present: PlanState, checks: Sequence[Check]) -> PlanState:
    """The state that the checks prove; unknown answers prove nothing and leave it as it is."""
    told = [c.holds for c in checks if c.holds is not None]
    asked = [c for c in checks if c.detail not in (_WAITING, _TOLD)]
    if not told or (all(told) and len(told) < len(asked)):
        return present
    state = PlanState.VERIFIED if all(told) else PlanState.NOT_FIXED
    # Once verified, a fault that comes back is a new one; the checks still say so.
    if state is present or present is PlanState.VERIFIED:
        return present
    return advance(present, state)


_WAITING = "stays until the patch is deployed"
_TOLD = "only the pasted error shows it: send the refused request again"


def _gone(receipt: Receipt, diagnosis: Diagnosis, lasting: Diagnosis | None) -> tuple[Check, ...]:
    present = {f.id for f in diagnosis.findings}
    stays = {f.id for f in (lasting or diagnosis).findings}
    ran = {r.id for r in diagnosis.runs if r.status in (RunStatus.FOUND, RunStatus.CLEAR)}
    blind = [p for p in receipt.playbooks if p not in ran]
    checks = []
    for finding in receipt.findings:
        label = f"finding {finding} is gone"
        if finding in present and finding in receipt.pending_code:
            checks.append(Check(label, None, _WAITING))
        elif finding in present and finding not in stays and _goes_through(receipt):
            checks.append(Check("the refused statement goes through", True))
        elif finding in present and finding not in stays:
            checks.append(Check(label, None, _TOLD))
        elif finding in present:
            checks.append(Check(label, False, "it is still found"))
        elif blind:
            checks.append(Check(label, None, f"did not run: {', '.join(blind)}"))
        else:
            checks.append(Check(label, True))
    return tuple(checks)


def _goes_through(receipt: Receipt) -> bool:
    """Whether the refused statement succeeded in the transaction of this one change."""
    replayed = receipt.replay_after
    return len(receipt.findings) == 1 and replayed is not None and replayed.succeeded


def _undone(receipt: Receipt, now: Sequence[ObjectState]) -> tuple[Check, ...]:
    digests = {s.identity: s.digest for s in now}
    return tuple(
        Check(f"{s.identity} is as the undo left it", digests.get(s.identity) == s.digest)
        for s in receipt.after
    ) or (Check("the undo ran", True),)
