"""The one table of keys. Footer, help, palette and documentation are derived from it.

A key that may lead to a change of the database is an uppercase letter, and none of these
accepts a change by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from textual.binding import Binding, BindingType


class Scope(StrEnum):
    """Where a key is bound: everywhere, or on one kind of screen."""

    APP = "everywhere"
    TRIAGE = "findings"
    REVIEW = "review"
    OUTCOME = "outcome"
    HISTORY = "history"
    PASTE = "paste an error"
    GUIDED = "guided"
    REPLAY = "replay"


class Group(StrEnum):
    """Heading in the help list."""

    WORK = "Work"
    MOVE = "Move"
    VIEW = "View"
    APP = "App"


@dataclass(frozen=True, slots=True)
class Key:
    """One binding: `keys` in Textual's names, `shown` as a person reads it.

    `danger` marks what may lead to a change. `native` keys are handled by the focused widget;
    they are listed, not bound. `panels` limits the footer hint to these panels.
    """

    id: str
    keys: str
    shown: str
    action: str
    label: str
    help: str
    scope: Scope
    group: Group = Group.WORK
    danger: bool = False
    native: bool = False
    footer: int = 0
    panels: tuple[str, ...] = ()
    priority: bool = False


_A, _T, _R, _O, _H, _P, _G, _E = (
    Scope.APP, Scope.TRIAGE, Scope.REVIEW, Scope.OUTCOME, Scope.HISTORY, Scope.PASTE, Scope.GUIDED,
    Scope.REPLAY,
)  # fmt: skip
_MOVE, _VIEW, _APP = Group.MOVE, Group.VIEW, Group.APP

KEYS: tuple[Key, ...] = (
    Key("open", "enter", "enter", "open", "open", "Open the highlighted finding", _T, footer=90,
        panels=("findings",), native=True),
    Key("choose", "space", "space", "choose", "choose", "Choose or unchoose the highlighted fix",
        _T, footer=80),
    Key("rehearse", "R", "R", "rehearse", "rehearse",
        "Run the chosen fixes in a transaction that is rolled back", _T, danger=True, footer=70),
    Key("shadow", "s", "s", "shadow", "shadow",
        "Run the chosen fixes and their undo on a server of our own with this schema", _T),
    Key("review", "A", "A", "review", "review",
        "Open the review of the chosen fixes (applies nothing)", _T, danger=True, footer=75),
    Key("export", "x", "x", "export", "export", "Write the chosen fixes as SQL and patch files",
        _T, footer=40),
    Key("undo", "U", "U", "undo", "undo", "Open the review of taking back the last applied change",
        _T, danger=True),
    Key("recheck", "r", "r", "recheck", "re-check", "Diagnose again", _T, footer=30),
    Key("filter", "slash", "/", "filter", "filter", "Show only findings with these words", _T,
        footer=50, panels=("findings",)),
    Key("next-match", "n", "n", "next_match", "next", "Next finding", _T, _MOVE),
    Key("previous-match", "N", "N", "previous_match", "previous", "Previous finding", _T, _MOVE),
    Key("next-option", "right_square_bracket", "]", "next_option", "next option",
        "Next way out of this finding", _T, _MOVE),
    Key("previous-option", "left_square_bracket", "[", "previous_option", "previous option",
        "Previous way out of this finding", _T, _MOVE),
    Key("next-tab", "right", "right", "next_tab", "next tab",
        "Next of SQL, code, undo, verify, locks, rehearsal", _T, _MOVE, footer=60,
        panels=("change",)),
    Key("previous-tab", "left", "left", "previous_tab", "previous tab", "Previous of these tabs",
        _T, _MOVE),
    Key("panel-1", "1", "1", "panel(1)", "findings", "Go to the findings", _T, _MOVE),
    Key("panel-2", "2", "2", "panel(2)", "finding", "Go to the explanation", _T, _MOVE),
    Key("panel-3", "3", "3", "panel(3)", "options", "Go to the ways out", _T, _MOVE),
    Key("panel-4", "4", "4", "panel(4)", "change", "Go to the exact change", _T, _MOVE),
    Key("zoom", "plus", "+", "zoom", "zoom", "Show only the focused panel", _T, _VIEW),
    Key("unzoom", "underscore", "_", "unzoom", "unzoom", "Show all panels", _T, _VIEW),
    Key("copy", "y", "y", "copy", "copy", "Copy the current tab, and write it to a file", _T,
        footer=45, panels=("finding", "options", "change")),
    Key("accept", "y", "y", "accept", "apply", "Apply what is shown, once it is unlocked", _R,
        footer=85),
    Key("cancel", "escape", "esc", "cancel", "cancel", "Leave without changing anything", _R,
        footer=90),
    Key("toggle-files", "w", "w", "toggle_files", "write files",
        "Switch whether the code edits are written too", _R, footer=60),
    Key("rehearse-plan", "R", "R", "rehearse_plan", "rehearse",
        "Run this plan in a transaction that is rolled back", _R, danger=True, footer=70),
    Key("shadow-plan", "s", "s", "shadow_plan", "shadow",
        "Run this plan and its undo on a server of our own with this schema", _R),
    Key("export-plan", "x", "x", "export_plan", "export", "Write this plan as SQL and patch files",
        _R, footer=50),
    Key("outcome-undo", "U", "U", "undo", "undo", "Open the review of taking this change back", _O,
        danger=True, footer=60),
    Key("outcome-back", "escape", "esc", "leave_outcome", "stop or leave",
        "Stop what runs and roll it back; when it is over, back to the findings", _O, footer=90),
    Key("history-undo", "U", "U", "undo", "undo",
        "Open the review of taking the highlighted change back", _H, danger=True, footer=60),
    Key("history-settle", "S", "S", "settle", "ask the server",
        "Settle changes whose outcome is not known", _H, danger=True, footer=70),
    Key("history-back", "escape", "esc", "app.back", "back", "Back to the findings", _H, footer=90),
    Key("continue", "ctrl+d", "ctrl+d", "continue", "continue", "Go on with the pasted text", _P,
        footer=90, priority=True),
    Key("skip", "escape", "esc", "skip", "skip", "Diagnose everything, without an error text", _P,
        footer=50),
    Key("guided-next", "enter", "enter", "next_step", "go on", "Go to the next question", _G,
        footer=90),
    Key("guided-previous", "escape", "esc", "previous_step", "back", "Go to the question before",
        _G, footer=80),
    Key("guided-rehearse", "R", "R", "rehearse", "rehearse",
        "Run the fix in a transaction that is rolled back", _G, danger=True, footer=70),
    Key("guided-shadow", "s", "s", "shadow", "shadow",
        "Run the fix and its undo on a server of our own with this schema", _G),
    Key("guided-review", "A", "A", "review", "review", "Open the review (applies nothing)", _G,
        danger=True, footer=60),
    Key("guided-copy", "y", "y", "copy", "copy", "Copy the current tab, and write it to a file",
        _G, footer=30),
    Key("guided-triage", "f", "f", "all_findings", "all findings", "Show every finding", _G,
        footer=40),
    Key("guided-next-tab", "right", "right", "next_tab", "next tab",
        "Next of SQL, code, undo, verify, locks, rehearsal", _G, _MOVE),
    Key("guided-previous-tab", "left", "left", "previous_tab", "previous tab",
        "Previous of these tabs", _G, _MOVE),
    Key("replay-run", "ctrl+d", "ctrl+d", "run_replay", "replay",
        "Run it on the target and roll it back", _E, footer=90, priority=True),
    Key("replay-shadow", "ctrl+t", "ctrl+t", "shadow_replay", "in a shadow",
        "Run it on a server of our own with this schema; the target is left alone", _E, footer=60,
        priority=True),
    Key("replay-again", "p", "p", "run_replay", "again", "Run it again and roll it back", _E,
        footer=30, panels=("replayed",)),
    Key("replay-copy", "y", "y", "copy", "copy", "Copy the result, and write it to a file", _E,
        footer=40, panels=("replayed",)),
    Key("replay-back", "escape", "esc", "app.back", "back", "Back", _E, footer=80),
    Key("down", "j", "j", "cursor('down')", "down", "Down", _A, _MOVE),
    Key("up", "k", "k", "cursor('up')", "up", "Up", _A, _MOVE),
    Key("top", "g", "g", "cursor('home')", "top", "To the top", _A, _MOVE),
    Key("bottom", "G", "G", "cursor('end')", "bottom", "To the bottom", _A, _MOVE),
    Key("next-panel", "tab", "tab", "focus_next", "next panel", "Next panel", _A, _MOVE,
        native=True, footer=20),
    Key("previous-panel", "shift+tab", "shift+tab", "focus_previous", "previous panel",
        "Previous panel", _A, _MOVE, native=True),
    Key("back", "escape", "esc", "back", "back", "Back", _A, _MOVE),
    Key("replay", "p", "p", "replay", "replay",
        "Run a failing statement or a pasted request again, alone, and roll it back", _A, _VIEW,
        footer=35),
    Key("history", "h", "h", "history", "history", "What was applied to this target", _A, _VIEW),
    Key("log", "l", "l", "toggle_log", "log", "Show or hide the command log", _A, _VIEW),
    Key("theme", "t", "t", "next_theme", "theme", "Next colour theme", _A, _VIEW),
    Key("help", "question_mark,f1", "?", "keys", "help", "Keys of this screen", _A, _APP,
        footer=100),
    Key("palette", "ctrl+p", "ctrl+p", "command_palette", "commands", "All commands by name", _A,
        _APP, native=True),
    Key("stop", "ctrl+c", "ctrl+c", "stop", "stop", "Stop the running job", _A, _APP),
    Key("leave", "q", "q", "leave", "back or quit", "Back, and on the first screen quit", _A, _APP,
        footer=10),
    Key("quit", "ctrl+q", "ctrl+q", "quit_now", "quit", "Quit", _A, _APP, priority=True),
)  # fmt: skip


def bindings_of(scope: Scope) -> list[BindingType]:
    """Textual bindings of one scope."""
    return [
        Binding(k.keys, k.action, k.label, show=False, id=f"{scope.name.lower()}.{k.id}",
                tooltip=k.help, priority=k.priority)
        for k in KEYS
        if k.scope is scope and not k.native
    ]  # fmt: skip


def while_typing(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The keys that still work while letters go into a text field; help is then F1."""
    usable = [k for k in keys if len(k.shown) > 1 and k.shown not in ("enter", "space")]
    helps = [replace(k, shown="f1") for k in keys if k.id == "help"]
    return (*usable, *helps)


def keys_for(scope: Scope) -> tuple[Key, ...]:
    """Keys that work on a screen of that scope: its own first, then those that work everywhere.

    An app-wide key that the screen binds itself is left out.
    """
    own = tuple(k for k in KEYS if k.scope is scope)
    taken = {name for k in own for name in k.keys.split(",")}
    shared = (k for k in KEYS if k.scope is Scope.APP and not taken & set(k.keys.split(",")))
    return own + tuple(shared)
