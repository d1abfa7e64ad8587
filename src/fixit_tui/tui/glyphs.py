"""Every symbol of the app, once for Unicode terminals and once for ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.scrollbar import ScrollBarRender

from fixit_tui.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of symbols; each is one cell wide unless it is a tree part."""

    error: str
    warning: str
    info: str
    yes: str
    no: str
    unknown: str
    chosen: str
    unchosen: str
    star: str
    branch: str
    dot: str
    arrow: str
    ellipsis: str
    rule: str
    spinner: tuple[str, ...]
    minus: str = "-"
    plus: str = "+"

    def severity(self, severity: Severity) -> str:
        """The symbol that stands beside the severity's word."""
        return {
            Severity.ERROR: self.error,
            Severity.WARNING: self.warning,
            Severity.INFO: self.info,
        }[severity]

    def truth(self, holds: bool | None) -> str:
        """Yes, no, or not known."""
        return self.unknown if holds is None else self.yes if holds else self.no


UNICODE = Glyphs(
    error="✖", warning="▲", info="●", yes="✔", no="✖", unknown="?",
    chosen="◉", unchosen="○", star="★", branch="└─ ", dot="·", arrow="→", ellipsis="…", rule="─",
    spinner=("⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"), minus="−",
)  # fmt: skip
ASCII = Glyphs(
    error="x", warning="!", info="i", yes="+", no="x", unknown="?",
    chosen="*", unchosen="o", star="*", branch="`- ", dot="|", arrow=">", ellipsis="~", rule="-",
    spinner=("|", "/", "-", "\\"),
)  # fmt: skip


def glyphs_for(ascii_only: bool) -> Glyphs:
    """The set to draw with."""
    return ASCII if ascii_only else UNICODE


class AsciiScrollBar(ScrollBarRender):
    """Scroll bars without block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8
