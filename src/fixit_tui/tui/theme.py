"""Themes. Besides Textual's colours each defines the few that carry meaning here.

`sev-*` are severities, `ok` a check that holds, `quiet` secondary text, `key` key names,
`code-*` SQL, `add` and `del` diff lines. Meaning is never in colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

DEFAULT = "fixit-dark"

_NAMES = (
    "sev-error", "sev-warning", "sev-info", "ok", "quiet", "key", "code-word", "code-string",
    "code-number", "add", "del",
)  # fmt: skip


def _meaning(*colours: str) -> dict[str, str]:
    return dict(zip(_NAMES, colours, strict=True))


_DARK = Theme(
    name=DEFAULT, dark=True, primary="#7aa7e0", secondary="#8fb9c9", accent="#7fc8b5",
    foreground="#d8dce4", background="#14171c", surface="#14171c", panel="#20252d",
    error="#f28482", warning="#e6b566", success="#8ccf9a",
    variables={
        **_meaning("#f28482", "#e6b566", "#8fb4e3", "#8ccf9a", "#9aa3b2", "#e6cf8b", "#8fb4e3",
                   "#a5cf9d", "#e0b98c", "#8ccf9a", "#f28482"),
        "border-calm": "#3a4250", "block-cursor-background": "#2c3a50",
        "block-cursor-foreground": "#ffffff", "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#232a35", "block-cursor-blurred-foreground": "#d8dce4",
    },
)  # fmt: skip
_LIGHT = Theme(
    name="fixit-light", dark=False, primary="#2459a6", secondary="#2f6576", accent="#14665a",
    foreground="#20252c", background="#fbfbfa", surface="#fbfbfa", panel="#ecedef",
    error="#b3261e", warning="#855300", success="#1f6d34",
    variables={
        **_meaning("#b3261e", "#855300", "#2459a6", "#1f6d34", "#5b6370", "#6d4b00", "#2459a6",
                   "#1f6d34", "#8a4a10", "#1f6d34", "#b3261e"),
        "border-calm": "#c3c8d0", "block-cursor-background": "#d5e2f5",
        "block-cursor-foreground": "#10151c", "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e8ebf0", "block-cursor-blurred-foreground": "#20252c",
    },
)  # fmt: skip
_CONTRAST = Theme(
    name="fixit-contrast", dark=True, primary="#9fd3ff", secondary="#c9e6ff", accent="#8cffd9",
    foreground="#ffffff", background="#000000", surface="#000000", panel="#101010",
    error="#ff9a9a", warning="#ffd95a", success="#8cff9a",
    variables={
        **_meaning("#ff9a9a", "#ffd95a", "#9fd3ff", "#8cff9a", "#dcdcdc", "#ffe98a", "#9fd3ff",
                   "#b4ffb0", "#ffc48a", "#8cff9a", "#ff9a9a"),
        "border-calm": "#8a8a8a", "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000", "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#303030", "block-cursor-blurred-foreground": "#ffffff",
    },
)  # fmt: skip
_COLOUR_BLIND = Theme(
    name="fixit-colour-blind", dark=True, primary="#7db8f0", secondary="#a9c7e6", accent="#7db8f0",
    foreground="#e4e6ea", background="#15171b", surface="#15171b", panel="#22262d",
    error="#ff9d5c", warning="#f0e08a", success="#7db8f0",
    variables={
        **_meaning("#ff9d5c", "#f0e08a", "#b9c2d0", "#7db8f0", "#a3abb8", "#f0e08a", "#7db8f0",
                   "#d8cfa0", "#ffb98a", "#7db8f0", "#ff9d5c"),
        "border-calm": "#3d4450", "block-cursor-background": "#2b3d52",
        "block-cursor-foreground": "#ffffff", "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#252b34", "block-cursor-blurred-foreground": "#e4e6ea",
    },
)  # fmt: skip
_ANSI = Theme(
    name="fixit-ansi", ansi=True, dark=True, primary="ansi_blue", secondary="ansi_cyan",
    accent="ansi_green", warning="ansi_yellow", error="ansi_red", success="ansi_green",
    foreground="ansi_default", background="ansi_default", surface="ansi_default",
    panel="ansi_default", boost="ansi_default",
    variables={
        **_meaning("ansi_red", "ansi_yellow", "ansi_cyan", "ansi_green", "ansi_default",
                   "ansi_yellow", "ansi_cyan", "ansi_green", "ansi_yellow", "ansi_green",
                   "ansi_red"),
        "border-calm": "ansi_default", "block-cursor-background": "ansi_white",
        "block-cursor-foreground": "ansi_black", "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "ansi-background": "ansi_black", "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_default", "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black", "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue", "input-selection-foreground": "ansi_white",
        "screen-selection-background": "ansi_blue", "screen-selection-foreground": "ansi_white",
    },
)  # fmt: skip

THEMES = (_DARK, _LIGHT, _CONTRAST, _COLOUR_BLIND, _ANSI)
"""All themes of the app, the default first."""


def register(app: App[None]) -> None:
    """Make the themes known to the app and start with the default."""
    for each in THEMES:
        app.register_theme(each)
    app.theme = DEFAULT


def fallback_variables() -> dict[str, str]:
    """Values of the meaning colours for a theme that does not define them."""
    return {name: _DARK.variables[name] for name in (*_NAMES, "border-calm")}


def after(name: str) -> str:
    """The theme that follows, around the end."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else DEFAULT
