"""Checks as lines: a symbol, a word, the label, the detail."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from fixit_tui.model.finding import Check
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line

_WORDS = {True: ("yes", "$ok"), False: ("no", "$sev-error"), None: ("unknown", "$sev-warning")}


def check_lines(checks: Sequence[Check], glyphs: Glyphs) -> Content:
    """One line a check."""
    return Content("\n").join(check_line(check, glyphs) for check in checks)


def check_line(check: Check, glyphs: Glyphs) -> Content:
    """Symbol and word, label, then detail."""
    word, style = _WORDS[check.holds]
    line = Content.assemble(
        (f"{glyphs.truth(check.holds)} {word:<8}", style), one_line(check.label)
    )
    return line + Content.styled(f": {one_line(check.detail)}", "$quiet") if check.detail else line
