"""One target, one code folder, one symptom, and the verbs that a front end may ask for.

The app, the guided mode and the command line all speak to this class and to nothing below it.
Every verb is synchronous, may be called from a worker thread, reports to `on_event`, asks
`cancelled` between units of work, and raises only errors of `fixit_tui.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixit_tui.engine.ports import Cancelled
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import OnEvent
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Choice, Consent, Plan
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target


class Session:
    """The engine behind one front end."""

    def connect(self) -> Target:
        """Open the read-only connection (or the saved capture) and say what is there."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The target's name before and after connecting, without secrets."""
        raise NotImplementedError

    @property
    def offline(self) -> bool:
        """True for a saved capture: nothing can be rehearsed or applied."""
        raise NotImplementedError

    @property
    def code_root(self) -> Path | None:
        """The code folder, if one was given."""
        raise NotImplementedError

    @property
    def symptom(self) -> Symptom | None:
        """The understood symptom, if one was given."""
        raise NotImplementedError

    def understand(self, text: str) -> tuple[Symptom, ...]:
        """Parse pasted text and keep the first error as this session's symptom."""
        raise NotImplementedError

    def diagnose(self, on_event: OnEvent, cancelled: Cancelled) -> Diagnosis:
        """Capture, scan, derive and run every playbook; findings stream through `on_event`."""
        raise NotImplementedError

    def plan(self, choices: Sequence[Choice]) -> Plan:
        """Ordered, merged, conflict-checked steps of the last diagnosis, with a fingerprint."""
        raise NotImplementedError

    def rehearse(self, plan: Plan, on_event: OnEvent, cancelled: Cancelled) -> Rehearsal:
        """Run the plan's transaction on the target and roll it back, always."""
        raise NotImplementedError

    def apply(
        self, plan: Plan, consent: Consent, on_event: OnEvent, cancelled: Cancelled
    ) -> Receipt:
        """Apply in one transaction, verify inside it, COMMIT, and settle the ledger."""
        raise NotImplementedError

    def recheck(
        self, receipt: Receipt, on_event: OnEvent, cancelled: Cancelled
    ) -> tuple[Receipt, Diagnosis]:
        """Diagnose again on a fresh read-only connection and write the verdict to the receipt."""
        raise NotImplementedError

    def plan_undo(self, receipt_id: str) -> Plan:
        """The undo of an applied plan, as a plan like any other."""
        raise NotImplementedError

    def receipts(self) -> tuple[Receipt, ...]:
        """What was applied to this target, oldest first."""
        raise NotImplementedError

    def unsettled(self) -> tuple[Receipt, ...]:
        """Receipts whose outcome is not known: an intent without an end, or in doubt."""
        raise NotImplementedError

    def recover(self) -> tuple[Receipt, ...]:
        """Ask the server what became of the unsettled ones, and settle them."""
        raise NotImplementedError

    def export(self, plan: Plan, out: Path) -> tuple[Path, ...]:
        """Write numbered SQL, its undo and the code patch to a folder; nothing is connected."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop the running verb from another thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of every connection."""
        raise NotImplementedError
