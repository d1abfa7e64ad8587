"""Rehearse in a shadow: change, proof and undo for real, on a server that nobody else uses."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixit_tui.engine.attempt import Attempt, Run, carry_out, rehearsal_of, stop_if_asked
from fixit_tui.engine.ports import Cancelled, Clock, Database, Shadow
from fixit_tui.engine.rehearse import refuse_alone
from fixit_tui.engine.statements import statements_of
from fixit_tui.errors import CancelledError, Effect, FixitError, UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.rebuild import rebuild
from fixit_tui.model.events import OnEvent, StageStarted
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Rehearsal
from fixit_tui.model.plan import ObjectState, Plan

_MOST_NAMED = 12
"""How many things that could not be made are named one by one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in the shadow's tables: a person's statements, and the error to bring about."""

    script: str = ""
    sqlstate: str | None = None


def search_path(facts: FactBase) -> str:
    """The search_path of the session that was captured; '' when it is not known."""
    rows = facts.query("SELECT value FROM setting WHERE name = 'search_path'")
    return str(rows[0]["value"] or "") if rows else ""


def rehearse_in_shadow(
    shadow: Shadow,
    plan: Plan,
    facts: FactBase,
    rows: Rows,
    clock: Clock,
    on_event: OnEvent,
    cancelled: Cancelled,
) -> Rehearsal:
    """What the plan does to a copy of the captured schema, and whether its undo takes it back.

    The target is not touched. A failure is a value. Raises CancelledError when stopped, UsageError
    for a plan without statements and for rows that the shadow refuses.
    """
    if not plan.steps:
        raise UsageError(
            "the plan only edits code, so there is nothing to rehearse in the database",
            hint="look at the patch, and run the tests of the application",
        )
    refuse_alone(plan)
    at, started = clock.now(), time.monotonic()
    on_event(StageStarted("building the shadow"))
    shadow.build(rebuild(facts))
    stop_if_asked(cancelled, Effect.NOTHING_CHANGED)
    made = _fill(shadow, plan, rows)
    database = shadow.database(plan.target.role)
    before = _states(database, plan)
    content = shadow.content()
    attempt = Attempt()
    undone: tuple[Check, ...] = ()
    on_event(StageStarted("rehearsing on the shadow"))
    try:
        if _change(database, _for_shadow(plan, before), on_event, cancelled, attempt):
            on_event(StageStarted("taking it back on the shadow"))
            undone = _undo(shadow, database, plan, before, content)
    except CancelledError:
        raise
    except FixitError as error:
        attempt.failure, attempt.failure_sqlstate = error.message, error.sqlstate
    if not rows.script and any(check.holds is not True for check in attempt.prechecks):
        attempt.failure = f"it depends on rows, which the shadow lacks: {attempt.failure}"
    broken = [check for check in undone if check.holds is not True]
    if broken and not attempt.failure:
        attempt.failure = f"the undo does not bring back what was: {broken[0].label}"
    return replace(
        rehearsal_of(plan, attempt, _where(shadow, plan), at, started),
        warnings=_warnings(attempt),
        shadow=True,
        undone=undone,
        fidelity=(*_fidelity(shadow, plan, before), *made),
    )


def _where(shadow: Shadow, plan: Plan) -> str:
    release = _release(shadow.version)
    return f"a shadow of {plan.target.name}: PostgreSQL {release} with the captured schema"


def _fill(shadow: Shadow, plan: Plan, rows: Rows) -> tuple[str, ...]:
    if rows.script:
        shadow.fill(rows.script)
        return ("its rows are the ones that were given for it",)
    found: tuple[str, ...] = ()
    # A missing parent is what such an error is about, so none is made up.
    if plan.replay and rows.sqlstate != "23503":
        repeat = rows.sqlstate in ("23505", None)
        found = shadow.prepare(plan.replay, plan.replay_role, repeat=repeat)
    elif plan.request is not None and rows.sqlstate != "23503":
        # Its claims hold for the replay alone, so nobody's policies are asked here.
        found = shadow.prepare(plan.request.statement, "", repeat=rows.sqlstate == "23505")
    return found or ("it holds no rows: what depends on them was not tried",)


def _states(database: Database, plan: Plan) -> tuple[ObjectState, ...]:
    reader = database.reader()
    try:
        return reader.fingerprint([state.identity for state in plan.fingerprint])
    finally:
        reader.close()


def _for_shadow(plan: Plan, states: tuple[ObjectState, ...]) -> Plan:
    """The plan for the shadow, without its record: there is nobody to read it."""
    target = replace(plan.target, database_oid=0)
    return replace(plan, target=target, fingerprint=states, record=None)


def _change(
    database: Database, plan: Plan, on_event: OnEvent, cancelled: Cancelled, attempt: Attempt
) -> bool:
    """Carry the plan out and keep it, if nothing failed."""
    transaction = database.transaction()
    try:
        run = Run(database, transaction, on_event, cancelled, look_before=True)
        carry_out(run, plan, attempt)
        if attempt.failure:
            return False
        transaction.commit()
        return True
    finally:
        transaction.close()


def _undo(
    shadow: Shadow,
    database: Database,
    plan: Plan,
    before: Sequence[ObjectState],
    content: str,
) -> tuple[Check, ...]:
    """Run every undo, last step first, and compare objects and rows with what they were."""
    forever = [step.irreversible for step in plan.steps if not step.undo.strip()]
    if forever:
        return ()
    transaction = database.transaction()
    try:
        for step in reversed(plan.steps):
            for statement in statements_of(step.undo):
                transaction.run(statement)
        transaction.commit()
    except FixitError as error:
        return (Check("the undo runs", False, error.message),)
    finally:
        transaction.close()
    now = {s.identity: s.digest for s in _states(database, plan)}
    objects = tuple(
        Check(f"{s.identity} is as it was before the change", now.get(s.identity) == s.digest)
        for s in before
    )
    same = shadow.content() == content
    return (*objects, Check("every row is as it was before the change", same))


def _warnings(attempt: Attempt) -> tuple[str, ...]:
    found = []
    if attempt.cured_before:
        found.append("every verification held before the change: the fault does not show there")
    replayed = attempt.replay_before
    if replayed is not None and replayed.succeeded:
        found.append(
            "the failing statement succeeds on the shadow before the change: what makes it fail"
            " is in the target's rows, or in who runs it"
        )
    return tuple(found)


def _fidelity(shadow: Shadow, plan: Plan, states: Sequence[ObjectState]) -> tuple[str, ...]:
    """How far the shadow is like the target, in sentences; the first ones matter most."""
    found = []
    target = plan.target.server_version
    wanted = {state.identity: state.digest for state in plan.fingerprint if state.digest}
    other = [s.identity for s in states if wanted.get(s.identity, s.digest) != s.digest]
    if shadow.version // 10000 != target // 10000:
        # Versions print and keep definitions in different ways.
        found.append(
            f"it runs PostgreSQL {_release(shadow.version)}, the target {_release(target)}"
        )
    elif other:
        found.append(f"defined otherwise than on the target: {', '.join(other)}")
    elif wanted:
        found.append(f"all {len(wanted)} objects that the plan touches are as on the target")
    if plan.record is not None:
        found.append(f"not tried there: the row in {plan.record.relation}")
    missing = shadow.missing
    found += [f"not there: {what}" for what in missing[:_MOST_NAMED]]
    if len(missing) > _MOST_NAMED:
        found.append(f"not there: {len(missing) - _MOST_NAMED} more things")
    return tuple(found)


def _release(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"
