"""A titled, bordered part of a screen. The border's style shows where the focus is."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from fixit_tui.tui.plain import one_line


class Panel(Vertical):
    """A panel with a number and a name; `main` selects the widget in it that takes the focus."""

    def __init__(self, number: int, name: str, main: str) -> None:
        super().__init__(id=name, classes="panel")
        self._main = main
        self._title = f"{number} {name.capitalize()}"
        self.border_title = Content(self._title)

    def add_to_title(self, text: str) -> None:
        """Show `text` after the panel's name."""
        extra = f" {one_line(text)}" if text else ""
        self.border_title = Content(f"{self._title}{extra}")

    @property
    def main(self) -> Widget:
        """The widget to focus."""
        return self.query_one(self._main)
