"""Everything that ran or was said, in order. Toasts vanish; this stays until the app ends."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fixit_tui.tui.plain import visible

KEPT = 500
"""Entries that are kept."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: the time of day, a word for its kind, the text."""

    at: str
    kind: str
    text: str


class CommandLog(VerticalScroll):
    """The last entries, newest at the bottom."""

    def __init__(self) -> None:
        super().__init__(id="log", classes="panel")
        self.border_title = Content("Command log")
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static("", id="log-text", markup=False)

    def show(self, entries: deque[LogEntry]) -> None:
        """Draw the entries and stay at the end."""
        lines = (
            Content.assemble((f"{e.at} {e.kind:<10}", "$quiet"), visible(e.text).strip())
            for e in list(entries)[-200:]
        )
        self.query_one("#log-text", Static).update(Content("\n").join(lines))
        self.scroll_end(animate=False)
