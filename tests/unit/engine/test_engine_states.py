"""States move through the table only, and verdicts never claim more than was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine_builders import TARGET, diagnosis, finding

from fixit_tui.engine.states import IllegalMove, advance
from fixit_tui.engine.verify import verdict
from fixit_tui.model.diagnosis import PlaybookRun, RunStatus
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import TRANSITIONS, ObjectState, PlanState


class StillClock:
    def now(self) -> str:
        return "2026-01-01T00:00:00.000Z"

    def sleep(self, seconds: float, stopped: object) -> None:
        raise AssertionError("nothing here waits")


@pytest.mark.parametrize("state", PlanState)
def test_only_listed_moves_are_made(state: PlanState) -> None:
    for to in PlanState:
        if to in TRANSITIONS[state]:
            assert advance(state, to) is to
        else:
            with pytest.raises(IllegalMove):
                advance(state, to)


def applied(**changes: object) -> Receipt:
    receipt = Receipt(
        "r1", "h", "t", TARGET.name, "app", "db", 5432, "owner", "me", PlanState.APPLIED,
        "t0", "t1", "7", (), (), findings=("f1",), playbooks=("book",),
    )  # fmt: skip
    return replace(receipt, **changes)  # type: ignore[arg-type]


def judged(receipt: Receipt, *found: str, status: RunStatus = RunStatus.CLEAR) -> Receipt:
    seen = replace(diagnosis(*[finding(f) for f in found]), runs=(PlaybookRun("book", status),))
    return verdict(receipt, seen, (ObjectState("table t", "x"),), StillClock())


def test_a_finding_that_is_gone_is_verified() -> None:
    assert judged(applied()).state is PlanState.VERIFIED
    assert judged(applied(), "other").state is PlanState.VERIFIED


def test_a_finding_that_stays_is_not_fixed() -> None:
    assert judged(applied(), "f1", status=RunStatus.FOUND).state is PlanState.NOT_FIXED


def test_what_only_the_pasted_error_shows_is_neither_cured_nor_not() -> None:
    runs = (PlaybookRun("book", RunStatus.FOUND),)
    told = replace(diagnosis(finding("f1"), finding("f2")), runs=runs)
    untold = replace(diagnosis(finding("f2")), runs=runs)
    alone = verdict(applied(), told, (), StillClock(), untold)
    assert alone.state is PlanState.APPLIED
    assert [c.holds for c in alone.verification] == [None]
    both = verdict(applied(findings=("f1", "f2")), told, (), StillClock(), untold)
    assert both.state is PlanState.NOT_FIXED
    assert [c.holds for c in both.verification] == [None, False]


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.SKIPPED, RunStatus.INCONCLUSIVE])
def test_a_playbook_that_did_not_run_proves_nothing(status: RunStatus) -> None:
    result = judged(applied(), status=status)
    assert result.state is PlanState.APPLIED
    assert result.verification[0].holds is None


def test_a_patch_that_waits_for_its_deployment_proves_nothing() -> None:
    waiting = applied(findings=("f1", "f2"), pending_code=("f1",))
    result = judged(waiting, "f1", status=RunStatus.FOUND)
    assert result.state is PlanState.VERIFIED
    assert [c.holds for c in result.verification] == [None, True]
    alone = judged(applied(pending_code=("f1",)), "f1", status=RunStatus.FOUND)
    assert alone.state is PlanState.APPLIED


def test_an_undo_is_judged_by_its_objects() -> None:
    back = applied(undo_of="r0", after=(ObjectState("table t", "x"),))
    assert judged(back, "f1").state is PlanState.VERIFIED
    moved = applied(undo_of="r0", after=(ObjectState("table t", "y"),))
    assert judged(moved).state is PlanState.NOT_FIXED


def test_what_was_rolled_back_is_not_judged() -> None:
    receipt = applied(state=PlanState.ROLLED_BACK)
    assert judged(receipt) == receipt
