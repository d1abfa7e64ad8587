"""An error as content: what failed, what that did to the database, what to try."""

from __future__ import annotations

from textual.content import Content

from fixit_tui.errors import CancelledError, Effect, FixitError
from fixit_tui.tui.narration import effect_words
from fixit_tui.tui.plain import plain


def failure_content(error: FixitError) -> Content:
    """What failed, the effect on the database, what to try."""
    stopped = isinstance(error, CancelledError)
    text = plain(error.message, f"bold {'$sev-warning' if stopped else '$sev-error'}")
    code = f" ({error.sqlstate})" if error.sqlstate and not stopped else ""
    text += plain(f"\nEffect: {effect_words(error.effect)}{code}")
    if error.hint:
        text += plain(f"\nTry: {error.hint}")
    if error.effect is Effect.IN_DOUBT:
        text += Content("\nThe history (h, then S) asks the server what became of it.")
    if error.effect is Effect.PARTIAL:
        text += Content("\nU opens the review of removing what is unfinished.")
    return text
