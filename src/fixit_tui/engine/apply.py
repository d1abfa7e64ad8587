"""Apply: one transaction, proved inside, recorded before COMMIT, settled after it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from fixit_tui.engine import edits as code_edits
from fixit_tui.engine.attempt import Attempt, Run, carry_out, refuse_if_unable, stop_if_asked
from fixit_tui.engine.index_build import IndexWork
from fixit_tui.engine.index_outcome import operators_key
from fixit_tui.engine.ports import Cancelled, Clock, Database, Ledger, Transaction
from fixit_tui.engine.record import operator_name
from fixit_tui.engine.statements import statements_of
from fixit_tui.engine.states import advance
from fixit_tui.engine.undo import find_receipt, state_before
from fixit_tui.engine.waiting import held_by
from fixit_tui.errors import (
    CancelledError,
    Effect,
    FixitError,
    InDoubtError,
    LockWaitError,
    RefusedError,
    StalePlanError,
    UsageError,
    VerificationError,
)
from fixit_tui.model.events import OnEvent, StageStarted, Waiting
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Consent, Plan, PlanState

ATTEMPTS = 5
LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Applier:
    """Everything that one apply needs. `jitter` is a factor between 0.5 and 1.5.

    `rehearsal` is the newest one, of whatever plan; what it proved of this plan is recorded.
    """

    database: Database | None
    ledger: Ledger
    clock: Clock
    code_root: Path | None
    on_event: OnEvent
    cancelled: Cancelled
    rehearsal: Rehearsal | None = None
    jitter: Callable[[], float] = lambda: 0.5 + random.random()

    def apply(self, plan: Plan, consent: Consent) -> Receipt:
        """Apply the plan and return its receipt, already in the ledger.

        Every error says what the database was left with; only InDoubtError leaves that open.
        """
        _insist_on_consent(plan, consent)
        edits = plan.edits if consent.write_code else ()
        if not plan.steps and not edits:
            raise UsageError(
                "the plan only edits code, and writing code was not agreed to",
                hint="export the patch, or agree to having it written",
            )
        if plan.steps:
            refuse_if_unable(plan, offline=self.database is None)
        code_edits.insist_unchanged(self.code_root, edits)
        receipt = self._draft(plan, consent)
        if plan.alone:
            receipt = self._index_work().carry_out(plan, receipt)
        elif plan.steps:
            receipt = self._with_retries(plan, receipt)
        else:
            self.ledger.append(receipt)
        receipt = self._settle(receipt, PlanState.APPLIED)
        return self._afterwards(plan, receipt)

    def _index_work(self) -> IndexWork:
        assert self.database is not None
        return IndexWork(self.database, self.ledger, self.clock, self.on_event, self.cancelled)

    def _draft(self, plan: Plan, consent: Consent) -> Receipt:
        target = plan.target
        confirmed = advance(PlanState.DRAFT, PlanState.CONFIRMED)
        return Receipt(
            id=uuid.uuid4().hex[:12],
            plan_hash=plan.hash,
            title=plan.title,
            target_name=target.name,
            database=target.database,
            host=target.host,
            port=target.port,
            role=target.role,
            actor=operator_name(),
            state=advance(confirmed, PlanState.APPLYING),
            started_at=self.clock.now(),
            finished_at="",
            xid="",
            statements=(),
            undo=tuple(s for step in reversed(plan.steps) for s in statements_of(step.undo)),
            findings=plan.findings,
            playbooks=plan.playbooks,
            undo_of=plan.reverts,
            database_oid=target.database_oid,
            steps=plan.steps,
            before=plan.fingerprint,
            edits=plan.edits if consent.write_code else (),
            code_root=str(self.code_root.resolve()) if self.code_root is not None else "",
            pending_code=() if consent.write_code else plan.code_findings,
            proof=_proof(plan, self.rehearsal),
            recorded=plan.record is not None,
        )

    def _with_retries(self, plan: Plan, draft: Receipt) -> Receipt:
        for number in range(1, ATTEMPTS + 1):
            attempt = Attempt()
            try:
                return self._once(plan, draft, attempt)
            except LockWaitError as error:
                # Only a lock that was not free is worth another try, and only as a whole:
                # the server has rolled everything back, the local settings included.
                if error.sqlstate != "55P03" or number == ATTEMPTS:
                    raise held_by(error, attempt.blockers, number) from error
                self.on_event(Waiting(number, ATTEMPTS, attempt.blockers))
                pause = min(LONGEST_PAUSE, 0.5 * 2 ** (number - 1)) * self.jitter()
                self.clock.sleep(pause, self.cancelled)
                stop_if_asked(self.cancelled)
        raise AssertionError("unreachable")

    def _once(self, plan: Plan, draft: Receipt, attempt: Attempt) -> Receipt:
        assert self.database is not None
        stop_if_asked(self.cancelled)
        transaction = self.database.transaction()
        try:
            if not transaction.try_advisory_lock(
                operators_key(plan.target.database, plan.target.database_oid)
            ):
                raise RefusedError(
                    "another operator is applying to this database right now",
                    hint="wait for them to finish, then diagnose again",
                    effect=Effect.ROLLED_BACK,
                )
            server = transaction.identity()
            back_to = state_before(plan, self.ledger.receipts())
            run = Run(self.database, transaction, self.on_event, self.cancelled, back_to)
            carry_out(run, plan, attempt)
            if attempt.failure:
                raise VerificationError(
                    attempt.failure,
                    hint="everything was rolled back; rehearse to see it in full",
                    effect=Effect.ROLLED_BACK,
                    sqlstate=attempt.failure_sqlstate,
                )
            receipt = replace(
                draft,
                xid=transaction.xid(),
                xid_kept=transaction.xid_kept,
                server_id=server.line,
                server_run=server.run,
                statements=tuple(attempt.statements),
                checks=tuple(attempt.prechecks + attempt.verifications),
                replay_after=attempt.replay_after,
                after=attempt.after,
            )
            stop_if_asked(self.cancelled)
            self._commit(transaction, receipt)
            receipt = replace(receipt, note="; ".join(transaction.warnings))
        except InDoubtError:
            raise
        except FixitError as error:
            if self.cancelled() and error.sqlstate == "57014":
                raise CancelledError(
                    "stopped before COMMIT", effect=Effect.ROLLED_BACK, sqlstate="57014"
                ) from error
            raise
        finally:
            transaction.close()
        return receipt

    def _commit(self, transaction: Transaction, intent: Receipt) -> None:
        self.on_event(StageStarted("committing"))
        try:
            self.ledger.append(intent)
        except FixitError as error:
            error.effect = Effect.ROLLED_BACK
            raise
        try:
            transaction.commit()
        except InDoubtError:
            self._note_failure(intent, PlanState.IN_DOUBT)
            raise
        except FixitError:
            self._note_failure(intent, PlanState.ROLLED_BACK)
            raise
        except BaseException:
            self._note_failure(intent, PlanState.IN_DOUBT)
            raise

    def _note_failure(self, intent: Receipt, state: PlanState) -> None:
        """The intent is durable and says 'ask the server'; this only spares the question."""
        with suppress(FixitError):
            self._settle(intent, state)

    def _settle(self, receipt: Receipt, state: PlanState) -> Receipt:
        settled = replace(
            receipt, state=advance(receipt.state, state), finished_at=self.clock.now()
        )
        try:
            self.ledger.append(settled)
        except FixitError as error:
            if state is PlanState.APPLIED:
                error.effect = Effect.COMMITTED
            raise
        return settled

    def _afterwards(self, plan: Plan, receipt: Receipt) -> Receipt:
        """What follows a COMMIT; its failures are notes, since the change is made."""
        notes: list[str] = []
        if receipt.edits and self.code_root is not None:
            self.on_event(StageStarted("writing the code"))
            written, refused = code_edits.write(self.code_root, receipt.edits)
            notes += refused
            pending = receipt.pending_code if not refused else plan.code_findings
            receipt = replace(receipt, written_files=written, pending_code=pending)
        if plan.notify_postgrest and plan.steps and self.database is not None:
            try:
                self.database.notify("pgrst", "reload schema")
                notes.append("PostgREST was told to reload its schema (NOTIFY pgrst)")
            except FixitError as error:
                notes.append(f"NOTIFY pgrst failed, reload PostgREST by hand: {error.message}")
        if notes or receipt.written_files:
            receipt = replace(receipt, note="; ".join(filter(None, (receipt.note, *notes))))
            self._append_committed(receipt)
        if plan.reverts:
            original = find_receipt(self.ledger.receipts(), plan.reverts)
            undone = replace(original, state=advance(original.state, PlanState.UNDONE))
            self._append_committed(undone)
        return receipt

    def _append_committed(self, receipt: Receipt) -> None:
        try:
            self.ledger.append(receipt)
        except FixitError as error:
            error.effect = Effect.COMMITTED
            raise


def _proof(plan: Plan, rehearsal: Rehearsal | None) -> str:
    if rehearsal is None or rehearsal.plan_hash != plan.hash or not rehearsal.succeeded:
        return ""
    if rehearsal.proof is None or not rehearsal.proof.holds:
        return ""
    return f"{rehearsal.proof.sentence}; rehearsed {rehearsal.at} on {rehearsal.where}"


def _insist_on_consent(plan: Plan, consent: Consent) -> None:
    if consent.plan_hash != plan.hash:
        raise StalePlanError(
            f"what was agreed to is plan {consent.plan_hash[:12]}, this is {plan.short_hash}",
            hint="read the plan again and confirm that one",
        )
    if consent.target_name != plan.target.name:
        raise UsageError(
            f"the confirmation names {consent.target_name}, the plan is for {plan.target.name}",
            hint="type the name of the target that the plan shows",
        )
