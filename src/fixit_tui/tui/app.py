"""The app: themes, keys that work everywhere, and the one place where job results arrive.

It holds the workspace and hands each new value to the screens; it draws nothing itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, on
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.reactive import reactive
from textual.scrollbar import ScrollBar, ScrollBarRender

from fixit_tui.errors import CancelledError, FixitError
from fixit_tui.model.plan import Choice, Consent, Plan
from fixit_tui.model.target import Environment
from fixit_tui.tui import messages as m
from fixit_tui.tui import theme
from fixit_tui.tui import workspace as w
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.commands import KeyCommands
from fixit_tui.tui.glyphs import AsciiScrollBar, glyphs_for
from fixit_tui.tui.jobs import Jobs
from fixit_tui.tui.motions import Where, move
from fixit_tui.tui.narration import Loudness, effect_words, toast
from fixit_tui.tui.plain import one_line
from fixit_tui.tui.results import take
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.screens.confirm import (
    ON_PRODUCTION,
    WHILE_APPLYING,
    ConfirmScreen,
    reaching_out,
    unapplied,
)
from fixit_tui.tui.screens.guided import GuidedScreen
from fixit_tui.tui.screens.help import HelpScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.replay import ReplayScreen
from fixit_tui.tui.screens.symptom_input import SymptomInputScreen
from fixit_tui.tui.screens.triage import TriageScreen
from fixit_tui.tui.vanishing import driver_class
from fixit_tui.tui.widgets.command_log import KEPT, CommandLog, LogEntry

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session


class FixitApp(App[None]):
    """Diagnose, explain, rehearse, review, apply, prove, undo; on one session."""

    TITLE = "fixit-tui"
    CSS_PATH: ClassVar = ["styles/base.tcss", "styles/triage.tcss", "styles/flow.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.APP)]
    COMMANDS: ClassVar = {KeyCommands}
    workspace: reactive[w.Workspace] = reactive(w.Workspace(""), init=False)

    def __init__(
        self,
        session: Session,
        *,
        mode: Literal["triage", "oncall"] = "triage",
        ascii: bool = False,  # noqa: A002
        export_dir: Path,
    ) -> None:
        super().__init__(driver_class=driver_class())
        self.jobs = Jobs(self, session)
        self.set_class(ascii, "-ascii")
        self.glyphs = glyphs_for(ascii)
        ScrollBar.renderer = AsciiScrollBar if ascii else ScrollBarRender
        self.export_dir = export_dir
        self.log_open = False
        self.entries: deque[LogEntry] = deque(maxlen=KEPT)
        self.keys_seen, self.key_gap, self._last_key = 0, 0.0, 0.0
        self._mode = mode
        theme.register(self)
        self.set_reactive(FixitApp.workspace, w.begin(session))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.fallback_variables()

    def on_mount(self) -> None:
        if self._mode == "oncall":
            self.show_paste()
        else:
            # Painted once before anything is asked of the network.
            self.push_screen(TriageScreen(self.workspace, self.glyphs))
            self.call_after_refresh(self.jobs.diagnose)

    def on_unmount(self) -> None:
        self.jobs.cancel()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            now = monotonic()
            self.keys_seen += 1
            self.key_gap, self._last_key = now - self._last_key, now
        await super().on_event(event)

    def watch_workspace(self, ws: w.Workspace) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, FixitScreen) and screen.is_mounted:
                screen.show_workspace(ws)

    def note(self, kind: str, text: str) -> None:
        """Add to the command log."""
        self.entries.append(LogEntry(f"{datetime.now():%H:%M:%S}", kind, text))  # noqa: DTZ005
        if self.log_open:
            for log in self.screen.query(CommandLog):
                log.show(self.entries)

    def say(self, text: str, severity: Loudness = "information") -> None:
        """A toast of at most two lines; the command log keeps the whole text."""
        self.note("note" if severity == "information" else severity, text)
        self.notify(toast(text, severity, self.glyphs), severity=severity, markup=False)

    def show_error(self, error: FixitError) -> None:
        """Say what failed; effect and hint follow in the log."""
        if isinstance(error, CancelledError):
            self.say(f"Stopped; {effect_words(error.effect)}.", "warning")
            return
        hint = f"; try: {error.hint}" if error.hint else ""
        self.say(f"{error.message}; effect: {effect_words(error.effect)}{hint}", "error")

    def rehearse(self, choices: Sequence[Choice], plan: Plan | None = None) -> None:
        """Rehearse; a production target is asked for first, since a rehearsal takes real locks."""
        target = self.workspace.target
        if target is None or target.environment is not Environment.PRODUCTION:
            self.jobs.rehearse(choices, plan)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.jobs.rehearse(choices, plan)

        self.push_screen(ConfirmScreen(ON_PRODUCTION, "rehearse", one_line(target.name)), answered)

    def ask_to_reach_out(self, choices: Sequence[Choice], plan: Plan) -> None:
        """Ask before a rehearsal that does something which no rollback takes back."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.jobs.rehearse(choices, plan, agreed=True)

        name = one_line(plan.target.name)
        self.push_screen(ConfirmScreen(reaching_out(plan), "rehearse", name), answered)

    def apply(self, plan: Plan, consent: Consent) -> None:
        """Apply what a person accepted; the outcome takes the place of the review."""
        screen = OutcomeScreen(self.workspace, self.glyphs, plan)
        self.switch_screen(screen)
        self.note("apply", f"{plan.title} (plan {plan.short_hash})")
        self.jobs.apply(plan, consent)

    def export(self, choices: Sequence[Choice], plan: Plan | None = None) -> None:
        """Write the plan to the export folder."""
        self.jobs.export(self.export_dir, choices, plan)

    def show_triage(self, *, diagnose: bool = False) -> None:
        """Go to the findings."""
        self._go_to(TriageScreen)
        if diagnose:
            self.jobs.diagnose()

    def show_paste(self) -> None:
        """Go to the box for the error."""
        self._go_to(SymptomInputScreen)

    def start_guided(self) -> None:
        """Look for the cause of the pasted error."""
        if self.jobs.busy():
            self.say(self.jobs.busy(), "warning")
            return
        self.push_screen(GuidedScreen(self.workspace, self.glyphs))
        self.jobs.diagnose()

    def _go_to(self, kind: type[TriageScreen] | type[SymptomInputScreen]) -> None:
        while len(self.screen_stack) > 2 and not isinstance(self.screen, kind):
            self.pop_screen()
        if not isinstance(self.screen, kind):
            self.push_screen(kind(self.workspace, self.glyphs))

    @on(m.Report)
    def take_report(self, report: m.Report) -> None:
        """Everything that jobs say arrives here."""
        take(self, report)

    def action_keys(self) -> None:
        below = self.screen
        if isinstance(below, FixitScreen):
            self.push_screen(HelpScreen(below), lambda key: self._run_later(below, key))

    def _run_later(self, screen: FixitScreen, key: Key | None) -> None:
        if key is not None:
            self.call_later(screen.run_key, key)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            palette = CommandPalette(placeholder="what do you want to do?", id="--command-palette")
            self.push_screen(palette)

    async def action_back(self) -> None:
        self._step_back()

    def action_leave(self) -> None:
        if self._step_back():
            return
        if self.workspace.choices:
            self._ask_to_quit(unapplied(len(self.workspace.choices)))
        else:
            self.action_quit_now()

    def _step_back(self) -> bool:
        """Undo the last step into something; false on the first screen."""
        screen = self.screen
        if isinstance(screen, FixitScreen) and screen.go_back():
            return True
        if deeper := len(self.screen_stack) > 2:
            self.pop_screen()
        return deeper

    def action_quit_now(self) -> None:
        """Quit; while a change is being applied, only after a second word."""
        if self.jobs.running is m.JobName.APPLY and not isinstance(self.screen, ConfirmScreen):
            self._ask_to_quit(WHILE_APPLYING)
        else:
            self._quit()

    def _ask_to_quit(self, question: str) -> None:
        dialog = ConfirmScreen(question, "quit", "this app")
        self.push_screen(dialog, lambda yes: self._quit() if yes else None)

    def _quit(self) -> None:
        self.jobs.cancel()
        self.exit()

    def action_stop(self) -> None:
        """Stop the running job; without one, say how to quit."""
        if self.jobs.cancel():
            self.workspace = w.cancelling(self.workspace)
        else:
            self.say("Nothing is running. ctrl+q quits.")

    def action_replay(self) -> None:
        """Open the box for what is to be run again."""
        if not isinstance(self.screen, ReplayScreen):
            self.push_screen(ReplayScreen(self.workspace, self.glyphs))

    def action_history(self) -> None:
        self.jobs.history()

    def action_toggle_log(self) -> None:
        self.log_open = not self.log_open
        for log in self.screen.query(CommandLog):
            log.display = self.log_open
            log.show(self.entries)

    def action_cursor(self, where: Where) -> None:
        """Move in whatever has the focus, as the arrow keys do."""
        move(self.screen.focused, where)

    def action_next_theme(self) -> None:
        self.theme = theme.after(self.theme)
        self.say(f"Theme {self.theme}.")
