"""One target, one code folder, one symptom, and the verbs that a front end may ask for.

The app, the guided mode and the command line all speak to this class and to nothing below it.
Every verb is synchronous, may be called from a worker thread, reports to `on_event`, asks
`cancelled` between units of work, and raises only errors of `fixit_tui.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from fixit_tui.engine.changes import Changes
from fixit_tui.engine.history import History
from fixit_tui.engine.known import Known
from fixit_tui.engine.link import TargetLink
from fixit_tui.engine.pasted import Pasted, read_pasted
from fixit_tui.engine.ports import Cancelled
from fixit_tui.engine.running import Running
from fixit_tui.engine.world import World
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import OnEvent
from fixit_tui.model.outcome import Receipt, Rehearsal, Replayed
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState
from fixit_tui.model.replay import Replay
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target

if TYPE_CHECKING:
    from fixit_tui.facts.base import FactBase


class Session:
    """The engine behind one front end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running = Running()
        self._link = TargetLink(world, self._running)
        self._known = Known()
        self._changes = Changes(world, self._link, self._known)
        self._history = History(world, self._link)
        self._pasted = Pasted()

    def connect(self) -> Target:
        """Open the read-only connection (or the saved capture) and say what is there."""
        return self._link.connect()

    @property
    def label(self) -> str:
        """The target's name before and after connecting, without secrets."""
        return self._link.label

    @property
    def offline(self) -> bool:
        """True for a saved capture: nothing can be rehearsed or applied."""
        return self._link.database is None

    @property
    def code_root(self) -> Path | None:
        """The code folder, if one was given."""
        return self._world.code_root

    @property
    def symptom(self) -> Symptom | None:
        """The understood symptom, if one was given."""
        return self._pasted.symptom

    @property
    def facts(self) -> FactBase | None:
        """The fact tables of the last diagnosis."""
        return self._known.facts

    def understand(self, text: str) -> tuple[Symptom, ...]:
        """Parse pasted text and keep the first error as this session's symptom."""
        self._pasted = read_pasted(text)
        return self._pasted.symptoms

    def diagnose(self, on_event: OnEvent, cancelled: Cancelled) -> Diagnosis:
        """Capture, scan, derive and run every playbook; findings stream through `on_event`."""
        from fixit_tui.engine.diagnose import run_playbooks

        stopped = self._running.start(cancelled)
        facts = self._gather(on_event, stopped)
        try:
            diagnosis = run_playbooks(
                self.connect(),
                self._pasted.symptom,
                facts,
                self._world.playbooks(),
                self._link.reader,
                self._world.code_root,
                on_event,
                stopped,
            )
        except BaseException:
            facts.close()
            raise
        self._known.keep(facts, diagnosis)
        return diagnosis

    def gather(self, on_event: OnEvent, cancelled: Cancelled) -> FactBase:
        """Every fact, without running playbooks; the caller closes it."""
        return self._gather(on_event, self._running.start(cancelled))

    def _gather(self, on_event: OnEvent, stopped: Cancelled) -> FactBase:
        return self._link.gather(self._pasted.symptom, self._pasted.key_value, on_event, stopped)

    def plan(self, choices: Sequence[Choice]) -> Plan:
        """Ordered, merged, conflict-checked steps of the last diagnosis, with a fingerprint."""
        return self._changes.plan(choices, self._pasted)

    def prepare_replay(self, on_event: OnEvent, cancelled: Cancelled, text: str = "") -> Replay:
        """What of the pasted text can be replayed, as whom, and what a rollback would leave.

        `text` is asked about in place of what was pasted before, which stays the symptom.
        """
        from fixit_tui.engine.replaying import prepare_replay

        if text.strip():
            other, stopped = read_pasted(text), self._running.start(cancelled)
            facts = self._link.gather(other.replayed, other.key_value, on_event, stopped)
            with closing(facts):
                return prepare_replay(other.replayed, other.request, facts)
        pasted = self._pasted
        if self._known.facts is None:
            stopped = self._running.start(cancelled)
            facts = self._link.gather(pasted.replayed, pasted.key_value, on_event, stopped)
            self._known.keep(facts)
        assert self._known.facts is not None
        return prepare_replay(pasted.replayed, pasted.request, self._known.facts)

    def replay(
        self, replay: Replay, on_event: OnEvent, cancelled: Cancelled, *, in_shadow: bool = False
    ) -> Replayed:
        """Run it, roll it back, and say what the server said; a saved capture has a shadow only."""
        from fixit_tui.engine.replaying import replay_in_shadow, replay_twice

        stopped, target = self._running.start(cancelled), self.connect()
        if not in_shadow and self._link.database is not None:
            return replay_twice(self._link.database, replay, target.name, on_event, stopped)
        if self._known.facts is None:
            self._known.keep(self._gather(on_event, stopped))
        opening, facts = self._world.shadow, self._known.facts
        return replay_in_shadow(opening, replay, facts, target, on_event, stopped)

    def rehearse(self, plan: Plan, on_event: OnEvent, cancelled: Cancelled) -> Rehearsal:
        """Run the plan's transaction on the target and roll it back, always."""
        return self._changes.rehearse(plan, on_event, self._running.start(cancelled))

    def rehearse_in_shadow(
        self, plan: Plan, on_event: OnEvent, cancelled: Cancelled, rows: str = ""
    ) -> Rehearsal:
        """Run the plan and its undo on a server of our own with the captured schema.

        `rows` are INSERTs to rehearse with. Nothing is asked of the target. Raises UsageError
        where no server can be started, or nothing was diagnosed.
        """
        stopped = self._running.start(cancelled)
        return self._changes.rehearse_in_shadow(plan, self._pasted, rows, on_event, stopped)

    def apply(
        self, plan: Plan, consent: Consent, on_event: OnEvent, cancelled: Cancelled
    ) -> Receipt:
        """Apply in one transaction, verify inside it, COMMIT, and settle the ledger."""
        return self._changes.apply(plan, consent, on_event, self._running.start(cancelled))

    def recheck(
        self, receipt: Receipt, on_event: OnEvent, cancelled: Cancelled
    ) -> tuple[Receipt, Diagnosis]:
        """Diagnose again on a fresh read-only connection and write the verdict to the receipt."""
        from fixit_tui.engine.verify import change_stands, verdict

        self._link.close()
        with change_stands(receipt):
            diagnosis = self.diagnose(on_event, cancelled)
            lasting = None
            if self.symptom and any(f.id in receipt.findings for f in diagnosis.findings):
                with closing(Session(self._world)) as untold:
                    lasting = untold.diagnose(lambda _: None, cancelled)
            identities = [state.identity for state in receipt.after]
            now = self._link.fingerprint(identities) if identities else ()
            checked = verdict(receipt, diagnosis, now, self._world.clock, lasting)
            self._world.ledger.append(checked)
        return checked, diagnosis

    def plan_undo(self, receipt_id: str) -> Plan:
        """The undo of an applied plan, as a plan like any other."""
        return self._changes.plan_undo(receipt_id)

    def receipts(self) -> tuple[Receipt, ...]:
        """What was applied to this target, oldest first; to any target before connecting."""
        return self._history.receipts()

    def unsettled(self) -> tuple[Receipt, ...]:
        """Receipts without a known end, each with a note on what the server says of it now."""
        return self._history.unsettled()

    def unsettled_elsewhere(self) -> tuple[Receipt, ...]:
        """Receipts without a known end that are of other targets than this one."""
        return self._history.unsettled_elsewhere()

    def unreadable_records(self) -> int:
        """How many lines of the ledger cannot be read; each may be a change."""
        return self._history.unreadable()

    def recover(self) -> tuple[Receipt, ...]:
        """Ask the server what became of the unsettled ones, and settle them."""
        return self._history.recover()

    def settle_by_hand(self, receipt_id: str, state: PlanState) -> Receipt:
        """Settle one that stays in doubt as a person found it; RefusedError for all others."""
        return self._history.settle_by_hand(receipt_id, state)

    def export(self, plan: Plan, out: Path) -> tuple[Path, ...]:
        """Write numbered SQL, its undo and the code patch to a folder; nothing is connected."""
        from fixit_tui.export.sql_script import write_scripts

        return write_scripts(plan, out)

    def cancel(self) -> None:
        """Stop the running verb from another thread."""
        self._running.cancel()

    def close(self) -> None:
        """Let go of every connection."""
        self._link.close()
        self._known.close()
