"""A cause counts as proven when its error was seen before the change and not after it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from apply_tools import INDEX, UPSERT, Bench

from fixit_tui.export.plan_text import rehearsal_report
from fixit_tui.export.receipt_markdown import receipt_markdown
from fixit_tui.model.plan import Consent, Plan
from fixit_tui.model.proof import Reported

FRESH = UPSERT.replace("(user_id, slug) VALUES (1, 'a')", "(id, user_id, slug) VALUES (9, 1, 'a')")


def plan_for(bench: Bench, reported: Reported, replay: str = FRESH) -> Plan:
    return replace(bench.plan(INDEX, replay=replay), reported=reported)


def test_the_reported_error_before_and_none_after_is_a_proof(bench: Bench) -> None:
    rehearsal = bench.rehearse(plan_for(bench, Reported("42P10", "", ("f0",))))
    assert rehearsal.proof is not None
    assert rehearsal.proof.holds
    assert rehearsal.proof.findings == ("f0",)
    assert "proven: it failed with 42P10 as reported" in rehearsal_report(rehearsal)


@pytest.mark.parametrize(
    ("reported", "replay", "says"),
    [
        (Reported("23505", "", ("f0",)), FRESH, "another error"),
        (Reported("42P10", "goals_key", ("f0",)), FRESH, "another error"),
        (Reported("", "", ("f0",)), FRESH, "no error was reported"),
        (Reported("42P10", "", ()), FRESH, "which of the changes"),
        (
            Reported("42P10", "", ("f0",)),
            "INSERT INTO public.goals (id, user_id, slug) VALUES (9, 1, 'new')",
            "succeeds before",
        ),
    ],
    ids=["other-sqlstate", "other-constraint", "nothing-reported", "several", "succeeds"],
)
def test_anything_else_is_none(bench: Bench, reported: Reported, replay: str, says: str) -> None:
    proof = bench.rehearse(plan_for(bench, reported, replay)).proof
    assert proof is not None
    assert not proof.holds
    assert not proof.findings
    assert says in proof.sentence


def test_without_a_replay_there_is_no_verdict(bench: Bench) -> None:
    assert bench.rehearse(plan_for(bench, Reported("42P10"), "")).proof is None


def test_a_statement_that_still_fails_is_not_proven(bench: Bench) -> None:
    plan = plan_for(bench, Reported("42P10", "", ("f0",)), UPSERT.replace("slug)", "n)", 2))
    rehearsal = bench.rehearse(plan)
    assert not rehearsal.succeeded
    assert rehearsal.proof is not None
    assert not rehearsal.proof.holds


def test_the_receipt_records_what_the_rehearsal_of_this_plan_proved(bench: Bench) -> None:
    plan = plan_for(bench, Reported("42P10", "", ("f0",)))
    rehearsal = bench.rehearse(plan)
    consent = Consent(plan.hash, plan.target.name)
    foreign = replace(rehearsal, plan_hash="0" * 64)
    assert bench.applier(rehearsal=foreign)._draft(plan, consent).proof == ""
    receipt = bench.applier(rehearsal=rehearsal).apply(plan, consent)
    assert receipt.proof.startswith("proven: it failed with 42P10")
    assert bench.ledger.receipts()[-1].proof == receipt.proof
    assert "as reported, and succeeds after the change" in receipt_markdown(receipt)
