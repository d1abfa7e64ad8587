"""What is said first when an earlier change has no known end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.cli.streams import narrate
from fixit_tui.errors import FixitError

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session


def tell_open_ends(session: Session) -> None:
    """Say on stderr what became of changes without a known end; nothing is settled.

    The session is connected: those of its target are told with what the server says of them now.
    A ledger that cannot be read stops a change, not a look: it is only said.
    """
    try:
        _tell_here(session)
        tell_elsewhere(session)
    except FixitError as error:
        narrate(f"whether an earlier change has no known end cannot be told: {error}")


def _tell_here(session: Session) -> None:
    for receipt in session.unsettled():
        narrate(f"an earlier change has no known end: {receipt.title} (receipt {receipt.id})")
        if receipt.note:
            narrate(f"  {receipt.note}")
        narrate("  try:    fixit-tui recover, on this target, settles it")


def tell_elsewhere(session: Session) -> None:
    """Name the changes without a known end on other targets."""
    for receipt in session.unsettled_elsewhere():
        narrate(
            f"on {receipt.target_name}, port {receipt.port}, a change has no known end:"
            f" {receipt.title} (receipt {receipt.id}); fixit-tui recover settles it there"
        )
