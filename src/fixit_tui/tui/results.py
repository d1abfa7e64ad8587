"""What each report of a job means for the app: the next workspace, a screen, a word."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from fixit_tui.model.counted import counted
from fixit_tui.tui import messages as m
from fixit_tui.tui import workspace as w
from fixit_tui.tui.narration import narrate
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.screens.history import HistoryScreen, open_ends
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.replay import ReplayScreen
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.screens.symptom_input import SymptomInputScreen
from fixit_tui.tui.screens.triage import TriageScreen

if TYPE_CHECKING:
    from fixit_tui.tui.app import FixitApp

S = TypeVar("S", bound=FixitScreen)
_UNTOLD = "Whether an earlier change has no known end cannot be told"
_ELSEWHERE = "Changes on other targets have an unknown outcome: fixit-tui recover names them."


def take(app: FixitApp, report: m.Report) -> None:
    """Act on one report."""
    ws = app.workspace
    match report:
        case m.JobStarted(job):
            app.note("job", job)
            app.workspace = w.began(ws, job, monotonic())
        case m.JobRefused(reason):
            app.say(reason, "warning")
        case m.JobEvent(_, event):
            if entry := narrate(event):
                app.note(*entry)
            app.workspace = w.advanced(ws, event, monotonic())
        case m.JobEnded():
            _ended(app, report)
        case m.Connected(target):
            app.workspace = w.connected(ws, target)
        case m.Unsettled():
            _unsettled(app, report)
        case m.Understood(symptoms):
            if isinstance(app.screen, SymptomInputScreen):
                app.screen.show_understood(symptoms)
        case m.Diagnosed(diagnosis):
            app.workspace = w.diagnosed(ws, diagnosis)
        case m.Planned(plan, choices):
            app.push_screen(ReviewScreen(ws, app.glyphs, plan, choices))
        case m.WouldReachOut(plan, choices):
            app.ask_to_reach_out(choices, plan)
        case m.Rehearsed():
            _rehearsed(app, report)
        case m.Applied():
            _applied(app, report)
        case m.Rechecked(receipt, diagnosis):
            app.workspace = w.rechecked(ws, receipt, diagnosis)
            if (outcome := _open(app, OutcomeScreen)) is not None:
                outcome.show_receipt(receipt, proved=True)
        case m.HistoryRead():
            _history(app, report)
        case m.ReplayPrepared(replay, in_shadow):
            if (screen := _open(app, ReplayScreen)) is not None:
                screen.show_prepared(replay, in_shadow=in_shadow)
        case m.ReplayEnded(replayed):
            app.note("replay", f"{replayed.verdict}; rolled back, nothing was changed")
            if (screen := _open(app, ReplayScreen)) is not None:
                screen.show_replayed(replayed)
        case m.Exported(paths):
            for path in paths:
                app.note("file", str(path))
            app.say(f"Wrote {counted(len(paths), 'file')} to {app.export_dir}")


def _applied(app: FixitApp, report: m.Applied) -> None:
    receipt = report.receipt
    app.workspace = w.applied(app.workspace, receipt)
    app.note("receipt", f"{receipt.id}: {receipt.state}")
    if (outcome := _open(app, OutcomeScreen)) is not None:
        outcome.show_receipt(receipt)
    # A closing app has no screen any more.
    if app.screen_stack[-1:] not in ([], [outcome]):
        app.say(f"{receipt.title}: {receipt.state}")


def _unsettled(app: FixitApp, report: m.Unsettled) -> None:
    """Say first what became of earlier changes without a known end."""
    if report.untold:
        app.note("unsettled", report.untold)
        app.say(f"{_UNTOLD}: {report.untold}", "warning")
    for receipt in report.elsewhere:
        app.note("unsettled", f"{receipt.title}, on {receipt.target_name}: {receipt.id}")
    if report.elsewhere:
        app.say(_ELSEWHERE, "warning")
    if report.receipts:
        ends = open_ends(report.receipts)
        app.push_screen(HistoryScreen(app.workspace, app.glyphs, report.receipts, ends))


def _ended(app: FixitApp, report: m.JobEnded) -> None:
    app.jobs.ended()
    app.workspace = w.ended(app.workspace, report.job, report.error)
    outcome = _open(app, OutcomeScreen)
    if report.error is not None:
        app.show_error(report.error)
        if outcome is not None and report.job in (m.JobName.APPLY, m.JobName.RECHECK):
            outcome.show_error(report.error, report.job)
        replaying = _open(app, ReplayScreen)
        if replaying is not None and report.job in (m.JobName.PREPARE_REPLAY, m.JobName.REPLAY):
            replaying.show_error(report.error)
    elif report.job is m.JobName.PREPARE_REPLAY:
        if (replaying := _open(app, ReplayScreen)) is not None:
            replaying.run_prepared()
    elif report.job is m.JobName.APPLY and outcome is not None:
        receipt = outcome.receipt
        if receipt is not None and w.is_committed(receipt):
            app.jobs.recheck(receipt)


def _rehearsed(app: FixitApp, report: m.Rehearsed) -> None:
    rehearsal = report.rehearsal
    app.workspace = w.rehearsed(app.workspace, report.choices, rehearsal)
    if isinstance(app.screen, TriageScreen):
        app.screen.open_rehearsal()
    if rehearsal.succeeded:
        app.say(f"Rehearsed in {rehearsal.ms} ms and rolled back: it works.")
    else:
        app.say(f"The rehearsal failed and was rolled back: {rehearsal.failure}", "error")


def _history(app: FixitApp, report: m.HistoryRead) -> None:
    lead = "\n".join(f"{r.title}: {r.state}; {r.note}".rstrip("; ") for r in report.settled)
    if isinstance(app.screen, HistoryScreen):
        app.screen.show_receipts(report.receipts, lead)
    else:
        app.push_screen(HistoryScreen(app.workspace, app.glyphs, report.receipts, lead))


def _open(app: FixitApp, kind: type[S]) -> S | None:
    """The open screen of that kind, also while help or a question lies over it."""
    return next((s for s in reversed(app.screen_stack) if isinstance(s, kind)), None)
