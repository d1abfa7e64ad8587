"""One run of a plan's statements inside a transaction, up to but not including its end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fixit_tui.engine.drift import insist_on_same_database, insist_on_same_objects
from fixit_tui.engine.ports import Cancelled, Database, Transaction
from fixit_tui.engine.record import OPERATOR_SETTING, operator_name
from fixit_tui.engine.statements import statements_of
from fixit_tui.engine.waiting import BlockerWatch
from fixit_tui.errors import CancelledError, Effect, RefusedError
from fixit_tui.model.events import OnEvent, StageStarted, StatementStarted
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Rehearsal, ReplayResult, StatementResult
from fixit_tui.model.plan import ObjectState, Plan, Step
from fixit_tui.model.proof import proof_of
from fixit_tui.model.replay import Replay
from fixit_tui.sql.preparation import preparation


@dataclass(slots=True)
class Attempt:
    """What happened so far. `failure` says in a sentence why the work must not be kept."""

    statements: list[StatementResult] = field(default_factory=list)
    prechecks: list[Check] = field(default_factory=list)
    verifications: list[Check] = field(default_factory=list)
    replay_before: ReplayResult | None = None
    replay_after: ReplayResult | None = None
    cured_before: bool = False
    after: tuple[ObjectState, ...] = ()
    failure: str = ""
    failure_sqlstate: str | None = None
    blockers: tuple[str, ...] = ()


def rehearsal_of(plan: Plan, attempt: Attempt, where: str, at: str, started: float) -> Rehearsal:
    """An attempt that was rolled back as a rehearsal; `started` is of the monotonic clock."""
    return Rehearsal(
        plan_hash=plan.hash,
        where=where,
        at=at,
        ms=round((time.monotonic() - started) * 1000),
        statements=tuple(attempt.statements),
        prechecks=tuple(attempt.prechecks),
        verifications=tuple(attempt.verifications),
        replay_before=attempt.replay_before,
        replay_after=attempt.replay_after,
        proof=proof_of(plan.reported, attempt.replay_before, attempt.replay_after),
        failure=attempt.failure,
        failure_sqlstate=attempt.failure_sqlstate,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """The transaction that a plan runs in, and who watches.

    `back_to` is what the touched objects must look like afterwards: only an undo knows that.
    """

    database: Database
    transaction: Transaction
    on_event: OnEvent
    cancelled: Cancelled
    back_to: tuple[ObjectState, ...] = ()
    look_before: bool = False


def carry_out(run: Run, plan: Plan, attempt: Attempt) -> None:
    """Run every step and every proof, filling `attempt` as it goes.

    Stops at the first failure, which is a value in `attempt`; raises StalePlanError on drift,
    CancelledError when asked to stop, and what the transaction raises.
    """
    insist_on_same_database(run.transaction, plan, Effect.ROLLED_BACK)
    _insist_on_same_objects(run, plan, attempt)
    if run.look_before:
        _look_before(run, plan, attempt)
    if plan.record is not None:
        run.transaction.tell(OPERATOR_SETTING, operator_name())
    total = sum(len(statements_of(step.up)) for step in plan.all_steps)
    for step in plan.all_steps:
        _prepare(run, plan, step, total, attempt)
        _take_step(run, step, total, attempt)
        if attempt.failure:
            return
    _prove(run, plan, attempt)


def stop_if_asked(cancelled: Cancelled, effect: Effect = Effect.ROLLED_BACK) -> None:
    """Raise CancelledError when the person asked to stop; `effect` is what that leaves behind."""
    if cancelled():
        what = "before COMMIT" if effect is Effect.ROLLED_BACK else "on request"
        raise CancelledError(f"stopped {what}", hint="start again when ready", effect=effect)


@contextmanager
def _watched(run: Run, attempt: Attempt) -> Iterator[None]:
    """Notes in `attempt` who holds up what runs inside."""

    def insist() -> None:
        # A cancel that came just before the statement reached the server was lost on it.
        if run.cancelled():
            run.transaction.cancel()

    watch = BlockerWatch(run.database, run.on_event, insist)
    try:
        with watch:
            yield
    finally:
        attempt.blockers = watch.blockers or attempt.blockers


def _insist_on_same_objects(run: Run, plan: Plan, attempt: Attempt) -> None:
    identities = [state.identity for state in plan.fingerprint]
    if not identities:
        return
    with _watched(run, attempt):
        states = run.transaction.fingerprint(identities)
    insist_on_same_objects(plan, states, Effect.ROLLED_BACK)


def _look_before(run: Run, plan: Plan, attempt: Attempt) -> None:
    run.on_event(StageStarted("looking at the state before"))
    checks = [c for step in plan.steps for c in run.transaction.checks(step.verify)]
    attempt.cured_before = bool(checks) and all(c.holds for c in checks)
    if plan.replay:
        attempt.replay_before = run.transaction.replay(plan.replay, plan.replay_role)
    elif plan.request is not None:
        attempt.replay_before = _ask(run, plan.request)


def _prepare(run: Run, plan: Plan, step: Step, total: int, attempt: Attempt) -> None:
    """Take the step's own locks; what was compared before the first of them may have changed."""
    untouched = not attempt.statements
    _execute(run, preparation(step.up)[0], total, attempt)
    if attempt.statements and untouched:
        _insist_on_same_objects(run, plan, attempt)


def _take_step(run: Run, step: Step, total: int, attempt: Attempt) -> None:
    # After the step's own LOCK: what is checked now stays true until the end.
    with _watched(run, attempt):
        checks = run.transaction.checks(step.precheck) if step.precheck.strip() else ()
    attempt.prechecks += checks
    failed = [c for c in checks if c.holds is not True]
    if failed:
        attempt.failure = f"precondition of step {step.number} does not hold: {describe(failed)}"
        return
    _execute(run, statements_of(preparation(step.up)[1]), total, attempt)


def _execute(run: Run, statements: Sequence[str], total: int, attempt: Attempt) -> None:
    for statement in statements:
        stop_if_asked(run.cancelled)
        run.on_event(StatementStarted(statement, len(attempt.statements) + 1, total))
        with _watched(run, attempt):
            attempt.statements.append(run.transaction.run(statement))


def _prove(run: Run, plan: Plan, attempt: Attempt) -> None:
    stop_if_asked(run.cancelled)
    run.on_event(StageStarted("verifying before COMMIT"))
    if plan.replay:
        attempt.replay_after = run.transaction.replay(plan.replay, plan.replay_role)
    elif plan.request is not None and run.look_before:
        attempt.replay_after = _ask(run, plan.request)
    stop_if_asked(run.cancelled)
    # After the replay, which has to meet deferred constraints as the application does.
    run.transaction.fire_deferred()
    for step in plan.all_steps:
        if not step.verify.strip():
            continue
        checks = run.transaction.checks(step.verify)
        attempt.verifications += checks or (
            Check(f"step {step.number}", None, "its verification returned no row"),
        )
    identities = [state.identity for state in plan.fingerprint]
    attempt.after = run.transaction.fingerprint(identities) if identities else ()
    attempt.verifications += back_again(run.back_to, attempt.after)
    failed = [c for c in attempt.verifications if c.holds is not True]
    if failed:
        attempt.failure = f"verification failed: {describe(failed)}"
    elif plan.replay and attempt.replay_after is not None and not attempt.replay_after.succeeded:
        result = attempt.replay_after
        attempt.failure_sqlstate = result.sqlstate
        attempt.failure = f"the failing statement still fails: {result.sqlstate} {result.message}"


def _ask(run: Run, request: Replay) -> ReplayResult:
    """Replay the pasted request; its statement holds values, so it is not kept."""
    result = run.transaction.replay(request.statement, request.role, request.settings)
    return replace(result, statement="the pasted request")


def back_again(wanted: tuple[ObjectState, ...], now: tuple[ObjectState, ...]) -> tuple[Check, ...]:
    """Whether every object in `wanted` is again what it was before the change."""
    digests = {s.identity: s.digest for s in now}
    return tuple(
        Check(f"{s.identity} is as it was before the change", digests.get(s.identity) == s.digest)
        for s in wanted
    )


def describe(checks: Sequence[Check]) -> str:
    """Labels and details of failed checks, for a sentence."""
    texts = []
    for check in checks:
        unknown = " (could not be asked)" if check.holds is None else ""
        texts.append(check.label + (f": {check.detail}" if check.detail else "") + unknown)
    return "; ".join(texts)


def refuse_if_unable(plan: Plan, *, offline: bool) -> None:
    """Raise RefusedError, before anything is opened, for targets that cannot be changed."""
    if offline:
        raise RefusedError(
            "this is a saved capture: there is no server to run it on",
            hint="export the plan, or open the database itself",
        )
    if plan.target.replica:
        raise RefusedError(
            f"{plan.target.name} is a replica and takes no changes",
            hint="connect to the primary server",
            sqlstate="25006",
        )
    if plan.target.read_only:
        raise RefusedError(
            f"{plan.target.name} is read-only for this role (default_transaction_read_only)",
            hint="connect as a role that may write, or export the plan for somebody who may",
            sqlstate="25006",
        )
    if plan.obstacles:
        raise RefusedError(
            plan.obstacles[0], hint="nothing was run; the plan can still be exported"
        )
    if plan.alone and plan.target.pooled:
        raise RefusedError(
            f"{plan.target.name} is reached through a transaction pooler: an index cannot be"
            " built beside the traffic through it",
            hint="connect to the server's own address, or choose the fix that builds the index"
            " inside the transaction",
        )
