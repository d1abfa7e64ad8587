"""Apply a plan that is one concurrent index build, rebuild or drop, and see to every end of it.

No transaction holds it. Before: the same database and objects, the index as it must be,
preconditions, and the intent in the ledger. During: progress, and who holds it up. After: validity,
and a clean-up of what a run that failed has left.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from fixit_tui.engine.attempt import back_again, describe, stop_if_asked
from fixit_tui.engine.drift import insist_on_same_database, insist_on_same_objects
from fixit_tui.engine.index_outcome import (
    index_of,
    look_afterwards,
    note_partial_undo,
    operators_key,
    outcome_note,
    standing,
    verdict_of,
)
from fixit_tui.engine.ports import Cancelled, Clock, Database, IndexBuild, Ledger
from fixit_tui.engine.statements import statements_of
from fixit_tui.engine.states import advance
from fixit_tui.engine.undo import state_before
from fixit_tui.errors import (
    CancelledError,
    ConnectError,
    Effect,
    FixitError,
    InDoubtError,
    RefusedError,
    StalePlanError,
    VerificationError,
)
from fixit_tui.model.events import HeldUp, OnEvent, StageAdvanced, StageStarted, StatementStarted
from fixit_tui.model.finding import Check
from fixit_tui.model.index_build import BuildProgress, IndexState
from fixit_tui.model.outcome import Receipt, ReplayResult, StatementResult
from fixit_tui.model.plan import Plan, PlanState
from fixit_tui.sql.concurrent import ConcurrentIndex, removal

GLANCE = 0.5
"""Seconds between looks at the progress, and at the wish to stop."""


@dataclass(frozen=True, slots=True)
class IndexWork:
    """One concurrent index plan, who watches, and where it is recorded."""

    database: Database
    ledger: Ledger
    clock: Clock
    on_event: OnEvent
    cancelled: Cancelled

    def carry_out(self, plan: Plan, draft: Receipt) -> Receipt:
        """Run the one statement; the receipt that comes back is still to be settled as applied.

        Every failure is settled in the ledger before it is raised, unless the link is gone and
        the server says nothing: that raises InDoubtError.
        """
        stop_if_asked(self.cancelled, Effect.NOTHING_CHANGED)
        build = self.database.index_build()
        try:
            intent = self._prepared(plan, draft, build)
            self.ledger.append(intent)
            return self._run(plan, intent, build)
        except FixitError as error:
            if self.cancelled() and error.sqlstate == "57014":
                raise CancelledError(
                    "stopped on request", effect=error.effect, sqlstate="57014", hint=error.hint
                ) from error
            raise
        finally:
            build.close()

    def _prepared(self, plan: Plan, draft: Receipt, build: IndexBuild) -> Receipt:
        """Everything that must hold before; nothing is changed yet."""
        target, step = plan.target, plan.steps[0]
        if not build.try_operators_lock(operators_key(target.database, target.database_oid)):
            raise RefusedError(
                "another operator is applying to this database right now",
                hint="wait for them to finish, then diagnose again",
            )
        insist_on_same_database(build, plan, Effect.NOTHING_CHANGED)
        identities = [state.identity for state in plan.fingerprint]
        if identities:
            insist_on_same_objects(plan, build.fingerprint(identities), Effect.NOTHING_CHANGED)
        index = index_of(step)
        _insist_on_start(index, build)
        self.on_event(StageStarted("checking the preconditions"))
        checks = build.checks(step.precheck)
        failed = [check for check in checks if check.holds is not True]
        if failed:
            raise VerificationError(
                f"a precondition does not hold: {describe(failed)}",
                hint="nothing was started; diagnose again",
            )
        older = build.older_transactions()
        if older:
            self.on_event(StageStarted("older transactions are open; the end waits for them"))
            self.on_event(HeldUp(older))
        note = f"waited for older transactions: {'; '.join(older)}" if older else ""
        stop_if_asked(self.cancelled, Effect.NOTHING_CHANGED)
        server = build.identity()
        return replace(
            draft, checks=checks, note=note, server_id=server.line, server_run=server.run
        )

    def _run(self, plan: Plan, intent: Receipt, build: IndexBuild) -> Receipt:
        index, statement = index_of(plan.steps[0]), statements_of(plan.steps[0].up)[0]
        try:
            result = self._watched(build, statement)
            found = standing(index, build)
            if verdict_of(index, found) is not PlanState.APPLIED:
                raise VerificationError(
                    f"the server reports success, but {outcome_note(index, found)}",
                    hint="diagnose again",
                )
        except ConnectError as error:
            return self._after_lost_link(intent, error)
        except FixitError as error:
            if self._left_by_failure(intent, index, build, error) is not PlanState.APPLIED:
                raise
            result = StatementResult(statement, "", 0, notices=(error.message,))
        try:
            return self._proved(plan, intent, build, result)
        except ConnectError as error:
            return self._after_lost_link(intent, error)
        except FixitError as error:
            error.effect = Effect.COMMITTED
            error.hint = "the index is as it was to become; fixit-tui recover records that"
            raise

    def _watched(self, build: IndexBuild, statement: str) -> StatementResult:
        """Run the statement in another thread while this one tells how far it is."""
        self.on_event(StatementStarted(statement, 1, 1))
        with ThreadPoolExecutor(1, "index-build") as pool:
            work: Future[StatementResult] = pool.submit(build.run, statement)
            try:
                seen: BuildProgress | None = None
                while not work.done():
                    wait((work,), timeout=GLANCE)
                    if work.done():
                        break
                    if self.cancelled():
                        build.cancel()
                    seen = self._tell(build.progress(), seen)
            except BaseException:
                build.cancel()
                raise
            return work.result()

    def _tell(self, now: BuildProgress | None, seen: BuildProgress | None) -> BuildProgress | None:
        if now is None:
            return seen
        other_phase = seen is None or now.phase != seen.phase
        if other_phase:
            self.on_event(StageStarted(now.phase))
        if now.total:
            self.on_event(StageAdvanced(now.done, now.total, now.phase))
        known = seen.held_up_by if seen is not None and not other_phase else ()
        if now.held_up_by != known:
            self.on_event(HeldUp(now.held_up_by))
        return now

    def _proved(
        self, plan: Plan, intent: Receipt, build: IndexBuild, result: StatementResult
    ) -> Receipt:
        """The receipt with what is seen afterwards; what does not hold is told, not raised."""
        self.on_event(StageStarted("verifying"))
        index = index_of(plan.steps[0])
        wanted = state_before(plan, self.ledger.receipts())
        identities = [s.identity for s in plan.fingerprint or wanted]
        after = build.fingerprint(identities) if identities else ()
        seen = "valid, ready and live" if index.builds else "gone"
        checks: tuple[Check, ...] = (Check(f"the index {index.name} is {seen}", True),)
        checks += build.checks(plan.steps[0].verify) + back_again(wanted, after)
        return replace(
            intent,
            statements=(result,),
            checks=intent.checks + checks,
            after=after,
            replay_after=self._replayed(plan),
        )

    def _replayed(self, plan: Plan) -> ReplayResult | None:
        """The failing statement in a transaction of its own that is rolled back."""
        if not plan.replay:
            return None
        try:
            transaction = self.database.transaction()
            try:
                return transaction.replay(plan.replay, plan.replay_role)
            finally:
                transaction.close()
        except FixitError:
            # The index is there; the diagnosis that follows says whether it cured anything.
            return None

    def _left_by_failure(
        self, intent: Receipt, index: ConcurrentIndex, build: IndexBuild, error: FixitError
    ) -> PlanState:
        """Clean up, record what is left unless the work is done after all, and tell the error."""
        try:
            found = standing(index, build)
            if found is IndexState.INVALID or index.rebuilds:
                self.on_event(StageStarted("removing what is unfinished"))
                found = _cleaned_up(index, build)
        except ConnectError as lost:
            self._in_doubt(intent, lost)
        state = verdict_of(index, found)
        if state is PlanState.APPLIED:
            return state
        error.effect = Effect.ROLLED_BACK
        if state is PlanState.PARTIAL:
            error.effect, error.hint = Effect.PARTIAL, outcome_note(index, found)
        self._settle(intent, state, f"{error.message}; {outcome_note(index, found)}")
        return state

    def _after_lost_link(self, intent: Receipt, error: ConnectError) -> Receipt:
        """Ask on a new connection what the server has made of it meanwhile."""
        try:
            outcome = look_afterwards(self.database, intent)
        except FixitError:
            self._in_doubt(intent, error)
        if outcome.state is PlanState.APPLIED:
            return replace(intent, after=outcome.after, note=f"{error.message}; {outcome.note}")
        if outcome.state is None:
            self._in_doubt(intent, error)
        partial = outcome.state is PlanState.PARTIAL
        error.effect = Effect.PARTIAL if partial else Effect.ROLLED_BACK
        error.hint = outcome.note
        self._settle(intent, outcome.state, f"{error.message}; {outcome.note}")
        raise error

    def _in_doubt(self, intent: Receipt, error: FixitError) -> NoReturn:
        self._settle(intent, PlanState.IN_DOUBT, error.message)
        raise InDoubtError(
            f"the connection was lost during the index build ({error.message})",
            hint="the server may go on with it; fixit-tui recover asks what became of the index",
            effect=Effect.IN_DOUBT,
            sqlstate=error.sqlstate,
        ) from error

    def _settle(self, intent: Receipt, state: PlanState, note: str) -> None:
        settled = replace(
            intent, state=advance(intent.state, state), finished_at=self.clock.now(), note=note
        )
        with suppress(FixitError):  # the intent is durable and says: ask the server
            self.ledger.append(settled)
            if state is PlanState.PARTIAL:
                note_partial_undo(self.ledger, settled, self.ledger.receipts())


def _insist_on_start(index: ConcurrentIndex, build: IndexBuild) -> None:
    found = build.state(index.name)
    rests = index.rests if index.builds else ()
    left = [name for name in rests if build.state(name) is IndexState.INVALID]
    if left:
        raise RefusedError(
            f"{left[0]} is there already, left unfinished by an earlier build",
            hint=f"nobody can use it; remove it first: {removal(left[0])}",
        )
    if index.builds and found is IndexState.VALID:
        raise StalePlanError(
            f"{index.name} is there already, and valid", hint="diagnose again: it may be cured"
        )
    if found is IndexState.ABSENT and (index.rebuilds or not index.builds):
        raise StalePlanError(f"{index.name} is gone already", hint="diagnose again")


def _cleaned_up(index: ConcurrentIndex, build: IndexBuild) -> IndexState:
    for name in index.rests:
        try:
            if build.state(name) is IndexState.INVALID:
                build.clean_up(removal(name))
        except ConnectError:
            raise
        except FixitError:
            # Somebody holds the table: a person has to do it later, and is told how.
            break
    return standing(index, build)
