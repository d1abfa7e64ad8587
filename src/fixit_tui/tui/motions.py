"""Cursor motions that work in lists and in scrolling text alike."""

from __future__ import annotations

from typing import Literal

from textual.widget import Widget
from textual.widgets import OptionList

Where = Literal["down", "up", "home", "end"]


def move(focused: Widget | None, where: Where) -> None:
    """Move the cursor of a list, or scroll anything else."""
    if isinstance(focused, OptionList):
        {
            "down": focused.action_cursor_down,
            "up": focused.action_cursor_up,
            "home": focused.action_first,
            "end": focused.action_last,
        }[where]()
    elif focused is not None:
        {
            "down": focused.scroll_down,
            "up": focused.scroll_up,
            "home": focused.scroll_home,
            "end": focused.scroll_end,
        }[where](animate=False)
