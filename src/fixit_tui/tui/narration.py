"""Words for the command log and for toasts."""

from __future__ import annotations

from typing import Literal

from fixit_tui.errors import Effect
from fixit_tui.model.events import (
    Event,
    HeldUp,
    PlaybookFinished,
    PlaybookStarted,
    StageAdvanced,
    StageStarted,
    StatementStarted,
    Waiting,
)
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line

Loudness = Literal["information", "warning", "error"]
_TWO_LINES = 110


def toast(text: str, severity: Loudness, glyphs: Glyphs) -> str:
    """At most two lines, with the severity as a word."""
    shown = one_line(text if severity == "information" else f"{severity}: {text}")
    return shown if len(shown) <= _TWO_LINES else shown[: _TWO_LINES - 1] + glyphs.ellipsis


def effect_words(effect: Effect) -> str:
    """What an error left behind, in words that leave no question."""
    return "rolled back, nothing changed" if effect is Effect.ROLLED_BACK else effect.value


def narrate(event: Event) -> tuple[str, str] | None:
    """Kind and text of what is worth keeping; None for mere progress."""
    match event:
        case StageStarted(verb, _):
            return "stage", verb
        case StatementStarted(statement, number, total):
            return f"sql {number}/{total}", statement
        case PlaybookFinished(run, findings):
            reason = f" ({run.reason})" if run.reason else ""
            found = f", {len(findings)} found" if findings else ""
            return "check", f"{run.id}: {run.status}{reason}{found}, {run.ms} ms"
        case Waiting(attempt, attempts, blockers):
            return (
                "waiting",
                f"try {attempt} of {attempts}: {'; '.join(blockers) or 'a lock is held'}",
            )
        case HeldUp(blockers):
            return "held up", "; ".join(blockers) or "by nobody any more"
        case StageAdvanced() | PlaybookStarted():
            return None
