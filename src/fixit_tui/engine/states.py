"""Moves between plan states, all of them through one table."""

from __future__ import annotations

from fixit_tui.model.plan import TRANSITIONS, PlanState

UNSETTLED = frozenset({PlanState.APPLYING, PlanState.IN_DOUBT})
COMMITTED = frozenset({PlanState.APPLIED, PlanState.VERIFIED, PlanState.NOT_FIXED})
UNDOABLE = COMMITTED | {PlanState.PARTIAL}


class IllegalMove(RuntimeError):
    """A programming error: a state was to follow one that it cannot follow."""


def advance(state: PlanState, to: PlanState) -> PlanState:
    """The next state; raises IllegalMove when `TRANSITIONS` does not allow it."""
    if to not in TRANSITIONS[state]:
        raise IllegalMove(f"a plan cannot go from '{state}' to '{to}'")
    return to
