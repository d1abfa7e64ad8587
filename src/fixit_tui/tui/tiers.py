"""How hard a confirmation has to be, from what the plan can break and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fixit_tui.engine.attempt import refuse_if_unable
from fixit_tui.errors import RefusedError
from fixit_tui.model.finding import Lock
from fixit_tui.model.outcome import Rehearsal
from fixit_tui.model.plan import Plan
from fixit_tui.model.target import Environment
from fixit_tui.tui.widgets.lock_table import is_heavy, mode_name, strongest_by_relation
from fixit_tui.tui.widgets.rehearsal_view import age_text, is_stale


class Tier(StrEnum):
    """What a person has to do."""

    PRESS = "press y"
    NAME = "type the target's name, then y"
    NAME_AND_HASH = "type the target's name and the plan's first four hash digits, then y"


@dataclass(frozen=True, slots=True)
class Demand:
    """A tier, what unlocks it (empty for PRESS), and the reasons for more than PRESS.

    `refusal` says why the plan cannot be accepted at all.
    """

    tier: Tier
    unlock: str
    reasons: tuple[str, ...] = ()
    refusal: str = ""


def locks_of(plan: Plan, rehearsal: Rehearsal | None) -> tuple[Lock, ...]:
    """Measured and foreseen locks, the strongest of each relation, strongest first."""
    foreseen = tuple(lock for step in plan.all_steps for lock in step.locks)
    measured = rehearsal.locks if rehearsal is not None else ()
    return strongest_by_relation((*foreseen, *measured))


def demand(plan: Plan, rehearsal: Rehearsal | None, offline: bool) -> Demand:
    """What accepting this plan asks for."""
    name, lost = plan.target.name, [s for s in plan.steps if s.irreversible]
    reasons = _reasons(plan, rehearsal)
    refusal = _refusal(plan, rehearsal, offline)
    if lost:
        why = tuple(f"cannot be undone: {s.irreversible}" for s in lost)
        return Demand(Tier.NAME_AND_HASH, f"{name} {plan.hash[:4]}", (*why, *reasons), refusal)
    if reasons:
        return Demand(Tier.NAME, name, reasons, refusal)
    return Demand(Tier.PRESS, "", (), refusal)


def _reasons(plan: Plan, rehearsal: Rehearsal | None) -> tuple[str, ...]:
    if not plan.steps:
        return ()
    reasons = []
    match plan.target.environment:
        case Environment.PRODUCTION:
            reasons.append("the target is production")
        case Environment.UNKNOWN:
            reasons.append("it is not known whether the target is production")
        case _:
            pass
    heavy = [lock for lock in locks_of(plan, rehearsal) if is_heavy(lock)]
    reasons += [f"{mode_name(lock.mode)} on {lock.relation}" for lock in heavy]
    if plan.cautions:
        more = len(plan.cautions) - 1
        reasons.append(plan.cautions[0] if not more else f"{plan.cautions[0]} (and {more} more)")
    if plan.alone:
        reasons.append("it runs outside of any transaction: no ROLLBACK takes it back")
    if rehearsal is None and plan.alone:
        reasons.append("what runs outside of a transaction cannot be rehearsed")
    elif rehearsal is None:
        reasons.append("this plan was not rehearsed")
    elif rehearsal.shadow:
        reasons.append("this plan was rehearsed on a shadow only")
    elif is_stale(rehearsal):
        reasons.append(f"the rehearsal was {age_text(rehearsal)}; R rehearses again")
    return tuple(reasons)


def _refusal(plan: Plan, rehearsal: Rehearsal | None, offline: bool) -> str:
    if offline:
        return "a saved capture cannot be changed; export the plan instead"
    if not plan.steps and not plan.edits:
        return "the plan is empty"
    if plan.steps:
        try:
            refuse_if_unable(plan, offline=offline)
        except RefusedError as refusal:
            return f"{refusal.message}; {refusal.hint}"
    if rehearsal is not None and not rehearsal.succeeded and not rehearsal.shadow:
        return f"the rehearsal failed: {rehearsal.failure}"
    return ""
