"""Progress events as entries of the command log."""

from __future__ import annotations

from fixit_tui.model.events import (
    Event,
    PlaybookFinished,
    PlaybookStarted,
    StageAdvanced,
    StageStarted,
    StatementStarted,
    Waiting,
)


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
        case StageAdvanced() | PlaybookStarted():
            return None
