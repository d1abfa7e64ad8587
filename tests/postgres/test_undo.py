"""Undo restores what was, or refuses."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from apply_tools import INDEX, Bench

from fixit_tui.errors import RefusedError, StalePlanError, UsageError, VerificationError
from fixit_tui.model.finding import FileEdit, SqlChange
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState

COLUMN = SqlChange(
    up="ALTER TABLE public.goals ADD COLUMN IF NOT EXISTS extra int",
    undo="ALTER TABLE public.goals DROP COLUMN IF EXISTS extra",
    verify="SELECT 'extra', EXISTS (SELECT 1 FROM pg_attribute WHERE attname = 'extra'), ''",
    touches=("table public.goals",),
)


def states(bench: Bench) -> dict[str, PlanState]:
    return {r.id: r.state for r in bench.ledger.receipts()}


def test_it_restores_definitions_and_rows(bench: Bench) -> None:
    before = bench.state()
    receipt = bench.apply(bench.plan(COLUMN, INDEX))
    assert bench.state() != before
    plan = bench.undo_plan(receipt)
    assert [s.up for s in plan.steps] == [INDEX.undo, COLUMN.undo]
    rehearsal = bench.rehearse(plan)
    assert rehearsal.succeeded
    assert not rehearsal.warnings
    assert {(lock.relation, lock.mode) for step in plan.steps for lock in step.locks} >= {
        ("public.goals", "ACCESS EXCLUSIVE"),
    }
    undone = bench.apply(plan)
    assert bench.state() == before
    assert undone.undo_of == receipt.id
    assert states(bench) == {receipt.id: PlanState.UNDONE, undone.id: PlanState.APPLIED}
    assert all(check.holds for check in undone.checks)


def test_apply_undo_apply_gives_the_same_state(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(INDEX))
    applied = bench.state()
    bench.apply(bench.undo_plan(receipt))
    bench.apply(bench.plan(INDEX))
    assert bench.state() == applied


def test_an_undo_that_does_not_restore_is_rolled_back(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(replace(COLUMN, undo="SELECT 1")))
    before = bench.state()
    with pytest.raises(VerificationError, match="as it was before"):
        bench.apply(bench.undo_plan(receipt))
    assert bench.state() == before


def test_what_changed_since_is_not_undone(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(INDEX))
    waiting = bench.undo_plan(receipt)
    bench.execute("ALTER TABLE goals ADD COLUMN later int")
    with pytest.raises(StalePlanError, match="goals"):
        bench.undo_plan(receipt)
    with pytest.raises(StalePlanError, match="goals"):
        bench.apply(waiting)


def test_what_cannot_be_undone_says_why(bench: Bench) -> None:
    change = replace(COLUMN, undo="", irreversible="numbers that were drawn stay drawn")
    receipt = bench.apply(bench.plan(change))
    with pytest.raises(RefusedError, match="stay drawn"):
        bench.undo_plan(receipt)
    mixed = bench.apply(bench.plan(INDEX, replace(change, up="UPDATE public.goals SET n = 3")))
    plan = bench.undo_plan(mixed)
    assert [s.up for s in plan.steps] == [INDEX.undo]
    assert "stay drawn" in plan.title
    assert bench.apply(plan).state is PlanState.APPLIED


@pytest.mark.parametrize(
    "changes",
    [
        {"state": PlanState.ROLLED_BACK},
        {"state": PlanState.UNDONE},
        {"state": PlanState.APPLYING},
        {"undo_of": "another"},
    ],
)
def test_only_what_is_applied_is_undone(bench: Bench, changes: dict[str, object]) -> None:
    receipt = bench.apply(bench.plan(INDEX))
    bench.ledger.append(replace(receipt, **changes))  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        bench.undo_plan(receipt)


def test_a_receipt_of_another_database_is_refused(bench: Bench) -> None:
    receipt: Receipt = bench.apply(bench.plan(INDEX))
    bench.ledger.append(replace(receipt, database="elsewhere"))
    with pytest.raises(UsageError, match="not to"):
        bench.undo_plan(receipt)
    with pytest.raises(UsageError, match="no receipt"):
        bench.undo_plan(replace(receipt, id="zz"))


def test_written_files_come_back_unless_somebody_edited_them(bench: Bench) -> None:
    assert bench.code is not None
    edits = []
    for name in ("a.ts", "b.ts"):
        (bench.code / name).write_bytes(b"old\r\n")
        edits.append(FileEdit(name, hashlib.sha256(b"old\r\n").hexdigest(), "old\r\n", "new\r\n"))
    receipt = bench.apply(bench.plan(INDEX, edits=tuple(edits)), write_code=True)
    assert receipt.written_files == ("a.ts", "b.ts")
    (bench.code / "b.ts").write_text("mine")
    plan = bench.undo_plan(receipt)
    assert [e.path for e in plan.edits] == ["a.ts"]
    assert "b.ts was edited since" in plan.title
    bench.apply(plan, write_code=True)
    assert (bench.code / "a.ts").read_bytes() == b"old\r\n"
    assert (bench.code / "b.ts").read_text() == "mine"
