"""Rehearse: the plan's own transaction on the target, rolled back whatever happens."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from fixit_tui.engine.attempt import Attempt, Run, carry_out, refuse_if_unable, rehearsal_of
from fixit_tui.engine.ports import Cancelled, Clock, Database
from fixit_tui.engine.undo import state_before
from fixit_tui.errors import CancelledError, FixitError, RefusedError, UsageError
from fixit_tui.model.events import OnEvent, StageStarted
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Plan
from fixit_tui.sql.foreseen_locks import unforeseen


def rehearse(
    database: Database | None,
    plan: Plan,
    clock: Clock,
    on_event: OnEvent,
    cancelled: Cancelled,
    receipts: Sequence[Receipt] = (),
) -> Rehearsal:
    """What apply would do, measured, and rolled back; a failure is a value, not an error.

    Raises RefusedError before it starts where the target takes no changes, CancelledError when
    stopped, UsageError for a plan of code edits alone.
    """
    refuse_if_unable(plan, offline=database is None)
    assert database is not None
    if not plan.steps:
        raise UsageError(
            "the plan only edits code, so there is nothing to rehearse in the database",
            hint="look at the patch, and run the tests of the application",
        )
    refuse_alone(plan)
    at, started = clock.now(), time.monotonic()
    attempt = Attempt()
    on_event(StageStarted("rehearsing; everything is rolled back"))
    try:
        _attempt(database, plan, on_event, cancelled, receipts, attempt)
    except CancelledError:
        raise
    except FixitError as error:
        attempt.failure = error.message
        attempt.failure_sqlstate = error.sqlstate
        if attempt.blockers:
            attempt.failure += f"; held up by {', '.join(attempt.blockers)}"
    where = f"{plan.target.name}, in a transaction that was rolled back"
    made = rehearsal_of(plan, attempt, where, at, started)
    return replace(made, warnings=_warnings(plan, attempt))


def refuse_alone(plan: Plan) -> None:
    """Raise RefusedError for a plan that runs outside of any transaction."""
    if plan.alone:
        raise RefusedError(
            f"'{plan.steps[0].title}' runs outside of any transaction, so it cannot be rehearsed",
            hint="its preconditions are asked before it starts, and what an unfinished build"
            " leaves is cleaned up; or rehearse the fix that builds the index in the transaction",
        )


def _attempt(
    database: Database,
    plan: Plan,
    on_event: OnEvent,
    cancelled: Cancelled,
    receipts: Sequence[Receipt],
    attempt: Attempt,
) -> None:
    transaction = database.transaction()
    try:
        run = Run(
            database,
            transaction,
            on_event,
            cancelled,
            back_to=state_before(plan, receipts),
            look_before=True,
        )
        carry_out(run, plan, attempt)
    except FixitError as error:
        if cancelled() and not isinstance(error, CancelledError):
            raise CancelledError(
                "the rehearsal was stopped", effect=error.effect, sqlstate=error.sqlstate
            ) from error
        raise
    finally:
        transaction.close()


def _warnings(plan: Plan, attempt: Attempt) -> tuple[str, ...]:
    found = [survivor.text for survivor in plan.survives]
    foreseen = [lock for step in plan.all_steps for lock in step.locks]
    measured = [lock for result in attempt.statements for lock in result.locks]
    found += [
        f"{lock.mode} on {lock.relation} was not foreseen: a fault of this tool, please report it"
        for lock in unforeseen(foreseen, measured)
    ]
    if attempt.cured_before:
        found.append("every verification held before the change: this seems to be fixed already")
    if attempt.replay_before is not None and attempt.replay_before.succeeded:
        found.append("the failing statement succeeded before the change")
    if plan.target.pooled:
        found.append("a transaction pooler stands in between; prefer the server's direct address")
    return tuple(found)
