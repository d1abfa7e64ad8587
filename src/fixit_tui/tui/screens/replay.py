"""Run one failing statement or pasted request again, alone, and see what row level security hid."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, TextArea

from fixit_tui.errors import FixitError, UsageError
from fixit_tui.model.outcome import Replayed
from fixit_tui.model.replay import Replay
from fixit_tui.model.target import Environment
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.clipboard import offer
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.screens.confirm import ConfirmScreen, before_replay
from fixit_tui.tui.screens.symptom_input import text_or_file
from fixit_tui.tui.widgets.failure_view import failure_content
from fixit_tui.tui.widgets.replay_view import prepared_content, replayed_content
from fixit_tui.tui.workspace import Workspace

_ASK = "What is to be run again?  It is rolled back: nothing is changed."
_REPORTED = "Empty, it is the reported error's own statement or request."


class ReplayScreen(FixitScreen):
    """A box for the text; what would run; then what the server said."""

    SCOPE = Scope.REPLAY
    BINDINGS = bindings_of(Scope.REPLAY)

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        super().__init__(ws, glyphs)
        self._replay: Replay | None = None
        self._in_shadow = False
        self.replayed: Replayed | None = None
        self._text = ""

    def compose_body(self) -> Iterable[Widget]:
        ask = f"{_ASK}\n{_REPORTED}" if self.ws.symptom is not None else _ASK
        yield Static(Content(ask), id="replay-question", markup=False)
        yield TextArea(id="replay-box", classes="panel", soft_wrap=True, show_line_numbers=False)
        with VerticalScroll(id="replayed", classes="panel"):
            yield Static("", id="replayed-text", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        box = self.query_one("#replay-box", TextArea)
        box.border_title = Content("SQL with its values, a request (curl, fetch, HAR), or a file")
        panel = self.query_one("#replayed")
        panel.border_title = Content("Result")
        panel.display = False
        box.focus()

    @property
    def panel_name(self) -> str:
        return self.focused.id or "" if self.focused is not None else ""

    def unavailable(self, key: Key) -> str:
        match key.id:
            case "replay-run" | "replay-again" | "replay-shadow":
                if key.id != "replay-shadow" and self.ws.offline:
                    return "a saved capture has no server to run it on; ctrl+t takes a shadow"
                if not self._pasted and self.ws.symptom is None:
                    return "the box is empty"
                return self.fixit.jobs.busy()
            case "replay-copy" if not self._text:
                return "there is no result yet"
        return super().unavailable(key)

    def action_run_replay(self) -> None:
        if not self.refuse("replay-run"):
            self._prepare(in_shadow=False)

    def action_shadow_replay(self) -> None:
        if not self.refuse("replay-shadow"):
            self._prepare(in_shadow=True)

    def action_copy(self) -> None:
        if not self.refuse("replay-copy"):
            offer(self.fixit, self._text, "replay.txt")

    def on_text_area_changed(self) -> None:
        self.refresh_keys()

    def show_prepared(self, replay: Replay, *, in_shadow: bool) -> None:
        """Show what would run."""
        self._replay, self._in_shadow, self.replayed = replay, in_shadow, None
        self._show(prepared_content(replay, self.glyphs))

    def show_replayed(self, replayed: Replayed) -> None:
        """Show what came of it."""
        self.replayed = replayed
        self._show(replayed_content(replayed, self._replay, self.glyphs))
        self.query_one("#replayed").focus()

    def show_error(self, error: FixitError) -> None:
        """Show why nothing could be replayed."""
        self._show(failure_content(error))

    def go_back(self) -> bool:
        if self.panel_name == "replayed":
            self.query_one("#replay-box").focus()
            return True
        return False

    @property
    def _pasted(self) -> str:
        return self.query_one("#replay-box", TextArea).text.strip() if self.is_mounted else ""

    def _prepare(self, *, in_shadow: bool) -> None:
        try:
            text = text_or_file(self._pasted)
        except UsageError as error:
            self.fixit.show_error(error)
            return
        self.fixit.jobs.prepare_replay(text, in_shadow=in_shadow)

    def run_prepared(self) -> None:
        """Run what was prepared; where it may disturb or leave anything, after a person's yes."""
        replay, in_shadow, target = self._replay, self._in_shadow, self.ws.target
        if replay is None:
            return
        production = target is not None and target.environment is Environment.PRODUCTION
        outside = any(survivor.outside for survivor in replay.survives)
        if in_shadow or not (production or outside):
            self.fixit.jobs.replay(replay, in_shadow=in_shadow)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.fixit.jobs.replay(replay, in_shadow=False)
            else:
                self.fixit.say("Nothing was run.")

        question = before_replay(replay, production=production)
        name = one_line(target.name) if target is not None else "the target"
        self.app.push_screen(ConfirmScreen(question, "replay", name), answered)

    def _show(self, content: Content) -> None:
        self._text = content.plain
        panel = self.query_one("#replayed", VerticalScroll)
        panel.display = True
        self.query_one("#replayed-text", Static).update(content)
        panel.scroll_to(y=0, animate=False)
        self.refresh_keys()
