"""On call, one question a screen: the finding, the fix, the rehearsal; then review and proof."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static

from fixit_tui.model.finding import Finding, Fix
from fixit_tui.model.plan import Choice
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.clipboard import offer
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import plain
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.widgets.change_panel import ChangePanel, rehearsed_content
from fixit_tui.tui.widgets.empty_state import state_content
from fixit_tui.tui.widgets.finding_view import FindingView
from fixit_tui.tui.widgets.fix_options import FixOptions
from fixit_tui.tui.workspace import (
    Stage,
    Workspace,
    toggle,
    why_not_choosable,
    why_not_rehearsable,
)


class Step(StrEnum):
    """The questions, in their order."""

    FINDING = "finding"
    FIX = "fix"
    REHEARSAL = "rehearsal"


_STEPS = tuple(Step)
_QUESTIONS = {
    Step.FINDING: "1 of 3  Is this your error?  Enter goes on; f shows every finding.",
    Step.FIX: "2 of 3  Which way out?  Enter takes the highlighted one.",
    Step.REHEARSAL: "3 of 3  Does it work?  R rehearses it; enter opens the review.",
}


class GuidedScreen(FixitScreen):
    """Only the finding that explains the error, one step at a time."""

    SCOPE = Scope.GUIDED
    BINDINGS = bindings_of(Scope.GUIDED)

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        super().__init__(ws, glyphs)
        self._step = Step.FINDING
        self._finding: Finding | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Static("", id="question", markup=False)
        with VerticalScroll(id="guided-state", classes="panel"):
            yield Static("", id="guided-state-text", markup=False)
        yield FindingView(self.glyphs, 1)
        yield FixOptions(self.glyphs, 1)
        yield ChangePanel(self.glyphs, 2)
        with VerticalScroll(id="guided-rehearsal", classes="panel"):
            yield Static("", id="guided-rehearsal-text", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#guided-rehearsal").border_title = Content("Rehearsal")
        self._go(Step.FINDING)

    def show_workspace(self, ws: Workspace) -> None:
        super().show_workspace(ws)
        explaining = next((f for f in ws.findings if f.explains), None)
        changed = (explaining is None) != (self._finding is None)
        self._finding = explaining
        self.query_one(FindingView).show(self._finding)
        self.query_one(FixOptions).show(self._finding, ws)
        self._show_change()
        if changed:
            self._go(self._step if self._finding is not None else Step.FINDING)
        self._draw()

    def unavailable(self, key: Key) -> str:
        fix = self._fix()
        match key.id:
            case "guided-next":
                if self._finding is None:
                    return "no finding explains the error yet"
                if self._step is Step.FIX:
                    return why_not_choosable(fix) if fix else "this option changes nothing"
            case "guided-rehearse" | "guided-shadow" | "guided-review":
                if fix is None or why_not_choosable(fix):
                    return "take a fix first"
                if key.id != "guided-review" and why_not_rehearsable(fix):
                    return why_not_rehearsable(fix)
                if key.id == "guided-rehearse" and self.ws.offline:
                    return "a saved capture has no server to rehearse on; s takes a shadow"
                return self.fixit.jobs.busy()
        return super().unavailable(key)

    def on_fix_options_highlighted(self, _: FixOptions.Highlighted) -> None:
        self._show_change()

    def on_fix_options_chosen(self) -> None:
        self.action_next_step()

    def action_next_step(self) -> None:
        if self.refuse("guided-next"):
            return
        match self._step:
            case Step.FINDING:
                self._go(Step.FIX)
            case Step.FIX:
                self._take()
                self._go(Step.REHEARSAL)
            case Step.REHEARSAL:
                self.action_review()

    def action_previous_step(self) -> None:
        at = _STEPS.index(self._step)
        if at:
            self._go(_STEPS[at - 1])
        else:
            self.fixit.show_paste()

    def action_rehearse(self) -> None:
        if not self.refuse("guided-rehearse"):
            self._take()
            self._go(Step.REHEARSAL)
            self.fixit.rehearse(self._choices())

    def action_shadow(self) -> None:
        if not self.refuse("guided-shadow"):
            self._take()
            self._go(Step.REHEARSAL)
            self.fixit.jobs.rehearse_in_shadow(self._choices())

    def action_review(self) -> None:
        if not self.refuse("guided-review"):
            self._take()
            self.fixit.jobs.plan(self._choices())

    def action_all_findings(self) -> None:
        self.fixit.show_triage()

    def action_next_tab(self) -> None:
        self.query_one(ChangePanel).step(1)

    def action_previous_tab(self) -> None:
        self.query_one(ChangePanel).step(-1)

    def action_copy(self) -> None:
        if self._step is Step.FINDING:
            offer(self.fixit, self.query_one(FindingView).text, "finding.txt")
            return
        change = self.query_one(ChangePanel)
        text, ending = change.source()
        offer(self.fixit, text, f"{change.tab.value.lower()}.{ending}")

    def _choices(self) -> tuple[Choice, ...]:
        fix = self._fix()
        return (Choice(self._finding.id, fix.id),) if self._finding and fix else ()

    def _fix(self) -> Fix | None:
        row = self.query_one(FixOptions).current if self._finding is not None else None
        return row if isinstance(row, Fix) else None

    def _take(self) -> None:
        fix = self._fix()
        if fix and self._finding and self.ws.chosen(self._finding.id) != fix.id:
            self.fixit.workspace = toggle(self.ws, self._finding.id, fix.id)

    def _go(self, step: Step) -> None:
        self._step = step
        found = self._finding is not None
        shown = {
            "#guided-state": not found,
            "#finding": found and step is Step.FINDING,
            "#options": found and step is Step.FIX,
            "#change": found and step in (Step.FIX, Step.REHEARSAL),
            "#guided-rehearsal": found and step is Step.REHEARSAL,
        }
        for selector, display in shown.items():
            self.query_one(selector).display = display
        focus = {
            Step.FINDING: self.query_one(FindingView).main,
            Step.FIX: self.query_one("#fix-options", OptionList),
            Step.REHEARSAL: self.query_one("#guided-rehearsal"),
        }[step]
        (focus if found else self.query_one("#guided-state")).focus()
        self._draw()

    def _show_change(self) -> None:
        fix = self._fix()
        row = self.query_one(FixOptions).current if self._finding is not None else None
        done = self.ws.rehearsal_of(self._finding.id, fix.id) if self._finding and fix else None
        rehearsal = done.rehearsal if done else None
        self.query_one(ChangePanel).show(row, rehearsal)
        text = rehearsed_content(fix, rehearsal, self.glyphs)
        self.query_one("#guided-rehearsal-text", Static).update(text)
        self.refresh_keys()

    def _draw(self) -> None:
        question = _QUESTIONS[self._step] if self._finding else "Looking for the cause."
        fix = self._fix()
        if self._step is Step.REHEARSAL and fix is not None and why_not_rehearsable(fix):
            question = "3 of 3  It cannot be rehearsed.  Enter opens the review."
        if self._finding is None and self.ws.stage in (Stage.DONE, Stage.FAILED):
            question = "No finding explains this error.  f shows every finding; esc goes back."
        self.query_one("#question", Static).update(Content.styled(question, "bold"))
        text = state_content(self.ws, "", len(self.ws.findings))
        self.query_one("#guided-state-text", Static).update(text or plain("Checking.", "$quiet"))
