"""The only starter of workers. Each job runs verbs of the session in a thread.

One job runs at a time, because a session has one diagnostic connection. Results and progress
travel to the app as messages; nothing here touches a widget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from fixit_tui.engine.ports import Cancelled
from fixit_tui.errors import CancelledError, Effect, FixitError, UsageError
from fixit_tui.model.events import Event, OnEvent, StageAdvanced
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Choice, Consent, Plan
from fixit_tui.model.replay import Replay
from fixit_tui.tui import messages as m

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session

Work = Callable[[OnEvent, Cancelled], None]


class Jobs:
    """Starts the session's verbs in threads, one at a time, and can stop the running one."""

    def __init__(self, app: App[None], session: Session) -> None:
        self._app = app
        self._session = session
        self._stop = threading.Event()
        self._running: m.JobName | None = None
        self._connected = False

    @property
    def running(self) -> m.JobName | None:
        """The job that runs now."""
        return self._running

    def busy(self) -> str:
        """Why no other job can start now, or ""."""
        return f"still {self._running}; ctrl+c stops it" if self._running else ""

    def diagnose(self) -> bool:
        """Connect where needed, report what is unsettled, then run every playbook."""

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            self._connect()
            self._post(m.Diagnosed(self._session.diagnose(on_event, cancelled)))

        return self._start(m.JobName.DIAGNOSE, work)

    def understand(self, text: str) -> bool:
        """Read pasted text."""
        return self._start(
            m.JobName.UNDERSTAND,
            lambda *_: self._post(m.Understood(self._session.understand(text))),
        )

    def plan(self, choices: Sequence[Choice]) -> bool:
        """Plan the choices for review."""
        kept = tuple(choices)
        return self._start(
            m.JobName.PLAN, lambda *_: self._post(m.Planned(self._session.plan(kept), kept))
        )

    def plan_undo(self, receipt_id: str) -> bool:
        """Plan the undo of a receipt for review."""
        return self._start(
            m.JobName.PLAN,
            lambda *_: self._post(m.Planned(self._session.plan_undo(receipt_id), ())),
        )

    def plan_clean_up(self, plan_hash: str) -> bool:
        """Plan, for review, the removal of what the last run of that plan left unfinished."""

        def work(*_: object) -> None:
            left = [r for r in self._session.receipts() if r.plan_hash == plan_hash]
            if not left:
                raise UsageError("nothing is recorded of that plan", hint="see the history (h)")
            self._post(m.Planned(self._session.plan_undo(left[-1].id), ()))

        return self._start(m.JobName.PLAN, work)

    def rehearse(
        self, choices: Sequence[Choice], plan: Plan | None = None, *, agreed: bool = False
    ) -> bool:
        """Rehearse a plan, or the plan of these choices.

        What a rollback cannot call back is asked about first, unless it was `agreed` to.
        """
        kept = tuple(choices)

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            subject = plan if plan is not None else self._session.plan(kept)
            if not agreed and any(survivor.outside for survivor in subject.survives):
                self._post(m.WouldReachOut(subject, kept))
                return
            result = self._session.rehearse(subject, on_event, cancelled)
            self._post(m.Rehearsed(subject, result, kept))

        return self._start(m.JobName.REHEARSE, work)

    def rehearse_in_shadow(self, choices: Sequence[Choice], plan: Plan | None = None) -> bool:
        """Rehearse a plan, or the plan of these choices, on a server of our own."""
        kept = tuple(choices)

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            subject = plan if plan is not None else self._session.plan(kept)
            result = self._session.rehearse_in_shadow(subject, on_event, cancelled)
            self._post(m.Rehearsed(subject, result, kept))

        return self._start(m.JobName.REHEARSE, work)

    def apply(self, plan: Plan, consent: Consent) -> bool:
        """Apply a plan that a person consented to."""

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            self._post(m.Applied(plan, self._session.apply(plan, consent, on_event, cancelled)))

        return self._start(m.JobName.APPLY, work)

    def recheck(self, receipt: Receipt) -> bool:
        """Diagnose again after a change."""

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            self._post(m.Rechecked(*self._session.recheck(receipt, on_event, cancelled)))

        return self._start(m.JobName.RECHECK, work)

    def history(self) -> bool:
        """Read the receipts of this target."""

        def work(*_: object) -> None:
            self._connect()
            self._post(m.HistoryRead(self._session.receipts()))

        return self._start(m.JobName.HISTORY, work)

    def recover(self) -> bool:
        """Settle changes whose outcome is not known."""

        def work(*_: object) -> None:
            settled = self._session.recover()
            self._post(m.HistoryRead(self._session.receipts(), settled))

        return self._start(m.JobName.RECOVER, work)

    def export(self, out: Path, choices: Sequence[Choice], plan: Plan | None = None) -> bool:
        """Write a plan, or the plan of these choices, to a folder."""
        kept = tuple(choices)

        def work(*_: object) -> None:
            subject = plan if plan is not None else self._session.plan(kept)
            self._post(m.Exported(self._session.export(subject, out)))

        return self._start(m.JobName.EXPORT, work)

    def prepare_replay(self, text: str, *, in_shadow: bool) -> bool:
        """Find out what of a text (or of the reported error, if it is empty) can be replayed."""

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            self._connect()
            replay = self._session.prepare_replay(on_event, cancelled, text)
            self._post(m.ReplayPrepared(replay, in_shadow))

        return self._start(m.JobName.PREPARE_REPLAY, work)

    def replay(self, replay: Replay, *, in_shadow: bool) -> bool:
        """Run it and roll it back."""

        def work(on_event: OnEvent, cancelled: Cancelled) -> None:
            done = self._session.replay(replay, on_event, cancelled, in_shadow=in_shadow)
            self._post(m.ReplayEnded(done))

        return self._start(m.JobName.REPLAY, work)

    def cancel(self) -> bool:
        """Ask the running job to stop; false when none runs. Returns at once."""
        if self._running is None:
            return False
        self._stop.set()
        # Reaching the server may block, so it must not happen on the event loop.
        threading.Thread(target=self._cancel_quietly, name="cancel", daemon=True).start()
        return True

    def ended(self) -> None:
        """The app saw the end of the running job; the next may start."""
        self._running = None

    def _connect(self) -> None:
        if self._connected:
            return
        self._post(m.Connected(self._session.connect()))
        self._connected = True
        try:
            here, elsewhere = self._session.unsettled(), self._session.unsettled_elsewhere()
        except FixitError as error:
            # A ledger that cannot be read stops a change, not a look.
            self._post(m.Unsettled((), untold=error.message))
            return
        if here or elsewhere:
            self._post(m.Unsettled(here, elsewhere))

    def _cancel_quietly(self) -> None:
        try:
            self._session.cancel()
        except FixitError as error:
            self._post(m.JobEvent(m.JobName.DIAGNOSE, _could_not_cancel(error)))

    def _start(self, name: m.JobName, work: Work) -> bool:
        if self._running is not None:
            self._post(m.JobRefused(self.busy()))
            return False
        self._running = name
        stop = self._stop = threading.Event()

        def on_event(event: Event) -> None:
            self._post(m.JobEvent(name, event))

        def run() -> None:
            error: FixitError | None = None
            try:
                work(on_event, stop.is_set)
            except FixitError as raised:
                error = raised
            except Exception as raised:
                error = CancelledError("stopped") if stop.is_set() else _as_bug(name, raised)
            self._post(m.JobEnded(name, error))

        self._post(m.JobStarted(name))
        self._app.run_worker(run, name=name, thread=True, exit_on_error=False)
        return True

    def _post(self, message: Message) -> None:
        self._app.post_message(message)


def _as_bug(name: m.JobName, raised: Exception) -> FixitError:
    return FixitError(
        f"a defect stopped the job while {name}: {type(raised).__name__}: {str(raised)[:200]}",
        hint="please report this text; history (h) shows whether a change is unsettled",
        effect=Effect.IN_DOUBT if name is m.JobName.APPLY else Effect.NOTHING_CHANGED,
    )


def _could_not_cancel(error: FixitError) -> Event:
    return StageAdvanced(0, None, f"the server did not take the cancel: {error.message}")
