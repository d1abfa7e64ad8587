"""Progress of a command for the person who watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.cli.streams import is_interactive, narrate

if TYPE_CHECKING:
    from fixit_tui.model.events import Event


def narrate_event(event: Event) -> None:
    """Progress on stderr, one line a stage, only where a person watches."""
    from fixit_tui.model import events as e

    if isinstance(event, e.Waiting):
        narrate(f"waiting for a lock, try {event.attempt} of {event.attempts}")
        for line in event.blockers:
            narrate(f"  held by {line}")
    elif isinstance(event, e.HeldUp):
        for line in event.blockers:
            narrate(f"  held up by {line}")
    elif not is_interactive():
        return
    elif isinstance(event, e.StageStarted):
        narrate(f"{event.verb} …")
    elif isinstance(event, e.PlaybookFinished) and event.findings:
        narrate(f"  {event.run.id}: {len(event.findings)} found")
    elif isinstance(event, e.StatementStarted):
        narrate(f"  {event.number}/{event.total} {event.statement.splitlines()[0][:100]}")


def never_cancelled() -> bool:
    """On the command line Ctrl-C interrupts; there is nothing to poll."""
    return False
