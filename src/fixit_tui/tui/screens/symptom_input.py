"""On call, first question: what does the error say? Pasted text or the path of a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static, TextArea

from fixit_tui.errors import UsageError
from fixit_tui.model.symptom import Symptom
from fixit_tui.symptoms import describe, missing
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import hanging, one_line, plain
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.workspace import Workspace

_LARGEST_FILE = 5_000_000
_ASK = "Paste the error: the console line, the response body, the request, or the server log."
_MISSING = "That text names no error that is known."


class SymptomInputScreen(FixitScreen):
    """A box for the error, then what was understood of it."""

    SCOPE = Scope.PASTE
    BINDINGS = bindings_of(Scope.PASTE)

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        super().__init__(ws, glyphs)
        self._understood: tuple[Symptom, ...] | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Static(Content.styled(_ASK, "bold"), id="paste-question", markup=False)
        yield TextArea(id="paste-box", classes="panel", soft_wrap=True, show_line_numbers=False)
        with VerticalScroll(id="understood", classes="panel"):
            yield Static("", id="understood-text", markup=False)
        with Horizontal(id="paste-buttons"):
            yield Button("Continue (ctrl+d)", id="paste-continue", compact=True)
            yield Button("Without an error text (esc)", id="paste-skip", compact=True)

    def on_mount(self) -> None:
        super().on_mount()
        box = self.query_one("#paste-box", TextArea)
        box.border_title = Content("Error text, or the path of a file")
        self.query_one("#understood").border_title = Content("Understood")
        self.query_one("#understood").display = False
        box.focus()

    def unavailable(self, key: Key) -> str:
        if key.id == "continue" and not self.query_one("#paste-box", TextArea).text.strip():
            return "the box is empty"
        return super().unavailable(key)

    def show_understood(self, symptoms: tuple[Symptom, ...]) -> None:
        """Show what was read, and what is missing."""
        self._understood = symptoms
        panel = self.query_one("#understood")
        panel.display = True
        width = max(30, self.size.width - 6)
        text = understood(symptoms, width) if symptoms else _not_understood()
        self.query_one("#understood-text", Static).update(text)
        panel.focus()

    def action_continue(self) -> None:
        if self.refuse("continue"):
            return
        if self._understood:
            self.fixit.start_guided()
            return
        try:
            text = text_or_file(self.query_one("#paste-box", TextArea).text)
        except UsageError as error:
            self.fixit.show_error(error)
            return
        self.fixit.jobs.understand(text)

    def action_skip(self) -> None:
        self.fixit.show_triage(diagnose=True)

    def on_text_area_changed(self) -> None:
        self._understood = None
        self.query_one("#understood").display = False
        self.refresh_keys()

    @on(Button.Pressed, "#paste-continue")
    def _continue(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_continue()

    @on(Button.Pressed, "#paste-skip")
    def _skip(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_skip()


def text_or_file(text: str) -> str:
    """The text itself, or the content of the one file that it names."""
    stripped = text.strip().strip("'\"")
    if "\n" in stripped or len(stripped) > 1000 or "\0" in stripped:
        return text
    try:
        path = Path(stripped).expanduser()
        if not path.is_file():
            return text
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError(f"{path} is larger than 5 MB", hint="paste the part with the error")
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError) as error:
        raise UsageError(
            f"{stripped} cannot be read: {error}", hint="paste its text instead"
        ) from error


def understood(symptoms: tuple[Symptom, ...], width: int) -> Content:
    """Label and value of each field that was read, then what else would help."""
    first = symptoms[0]
    parts = [Content.styled(one_line(first.headline), "bold")]
    rows = describe(first)
    wide = max((len(label) for label, _ in rows), default=0) + 2
    parts += [
        hanging(
            Content(one_line(value)),
            Content.styled(f"{one_line(label):<{wide}}", "$quiet"),
            wide,
            width,
        )
        for label, value in rows
    ]
    if first.first_error is not None:
        parts.append(
            plain(f"It follows from an earlier error: {one_line(first.first_error.headline)}")
        )
    if absent := missing(first):
        parts.append(plain("\nNot in the text, and worth adding", "bold $sev-warning"))
        parts += [hanging(Content(one_line(a)), Content("- "), 2, width) for a in absent]
    if len(symptoms) > 1:
        parts.append(plain(f"\n{len(symptoms)} errors were read; this is the first.", "$quiet"))
    return Content("\n").join(parts)


def _not_understood() -> Content:
    return Content.styled(f"{_MISSING}\n", "bold $sev-warning") + Content(
        "Paste more of it: the line with the code (such as 23505 or 42P10), or the whole answer.\n"
        "Esc diagnoses the database without it."
    )
