"""A plan and its rehearsal as plain text: what a person reads before saying yes."""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.export.text import plain
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Rehearsal
from fixit_tui.model.plan import Plan, Step


def plan_report(plan: Plan) -> str:
    """Target, exact statements, locks, undo and patch, with the hash that binds them."""
    return "\n".join(line.rstrip() for line in _plan(plan)) + "\n"


def rehearsal_report(rehearsal: Rehearsal) -> str:
    """What the rehearsal did, measured and proved, and what it could not take back."""
    return "\n".join(line.rstrip() for line in _rehearsal(rehearsal)) + "\n"


def _plan(plan: Plan) -> Iterator[str]:
    target = plan.target
    yield plain(f"plan {plan.short_hash}  {plan.title}")
    yield plain(
        f"target {target.name} ({target.host}:{target.port}/{target.database}) as {target.role},"
        f" {target.environment}"
    )
    if plan.alone:
        undo = ", but an undo" if any(step.undo.strip() for step in plan.steps) else ""
        yield f"runs outside of any transaction: no rehearsal and no ROLLBACK{undo}"
    for caution in (*plan.obstacles, *plan.cautions):
        yield plain(f"note: {caution}")
    for survivor in plan.survives:
        yield plain(f"a rehearsal's rollback does not take back: {survivor.text}")
    for step in plan.steps:
        yield from _step(step, len(plan.steps))
    if plan.record is not None:
        yield from _record(plan.all_steps[-1])
    if plan.replay:
        yield ""
        yield "before COMMIT this statement must succeed:"
        yield from _indented(plan.replay)
    if plan.patch:
        yield ""
        yield "code patch:"
        yield from _indented(plan.patch)


def _step(step: Step, total: int) -> Iterator[str]:
    yield ""
    yield plain(f"step {step.number} of {total}: {step.title}")
    for lock in step.locks:
        yield plain(f"  lock: {lock.relation} {lock.mode}")
    yield from _indented(step.up)
    if step.undo.strip():
        yield "  undo:"
        yield from _indented(step.undo)
    else:
        yield plain(f"  cannot be undone: {step.irreversible or 'no undo is known'}")


def _record(step: Step) -> Iterator[str]:
    yield ""
    yield plain(f"then, in the same transaction: {step.title}")
    for lock in step.locks:
        yield plain(f"  lock: {lock.relation} {lock.mode}")
    yield from _indented(step.up)
    yield "  stays: an undo adds a row of its own"


def _rehearsal(rehearsal: Rehearsal) -> Iterator[str]:
    end = "would succeed" if rehearsal.succeeded else f"would fail: {rehearsal.failure}"
    yield plain(f"rehearsed on {rehearsal.where}, {rehearsal.ms} ms: it {end}")
    for result in rehearsal.statements:
        yield plain(f"  {result.tag}, {result.ms} ms: {' '.join(result.statement.split())[:100]}")
        for lock in result.locks:
            yield plain(f"    lock: {lock.relation} {lock.mode}")
        for notice in result.notices:
            yield plain(f"    {notice}")
    for check in (*rehearsal.prechecks, *rehearsal.verifications):
        yield plain(
            f"  {_mark(check)}: {check.label}" + (f" ({check.detail})" if check.detail else "")
        )
    for when, replay in (
        ("before", rehearsal.replay_before),
        ("after", rehearsal.replay_after),
    ):
        if replay is not None:
            said = "succeeds" if replay.succeeded else f"fails: {replay.sqlstate} {replay.message}"
            yield plain(f"  the failing statement {when} the change {said}")
    if rehearsal.proof is not None:
        yield plain(f"  {rehearsal.proof.sentence}")
    for check in rehearsal.undone:
        yield plain(f"  undo, {_mark(check)}: {check.label}")
    for warning in rehearsal.warnings:
        yield plain(f"  note: {warning}")
    for line in rehearsal.fidelity:
        yield plain(f"  the shadow: {line}")


def _mark(check: Check) -> str:
    return {True: "holds", False: "does not hold", None: "not known"}[check.holds]


def _indented(text: str) -> Iterator[str]:
    for line in plain(text).splitlines():
        yield f"    {line}"
