"""recover: find out what became of changes whose outcome is not known."""

from __future__ import annotations

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate


@click.command(name="recover")
@click.argument("target", required=False)
@click.pass_obj
def command(services: Services, target: str | None) -> int:
    """Ask TARGET what became of interrupted changes, and settle them in the ledger."""
    from fixit_tui.engine.states import UNSETTLED
    from fixit_tui.model.plan import PlanState

    session = services.open_session(target)
    try:
        session.connect()
        settled = session.recover()
    finally:
        session.close()
    if not settled:
        narrate("nothing is unsettled")
    for receipt in settled:
        data(f"{receipt.id}  {receipt.state.value}  {receipt.title}")
        if receipt.state is PlanState.PARTIAL:
            narrate(f"  {receipt.note}")
            narrate(f"  or, with a plan of its own: fixit-tui undo --receipt {receipt.id}")
        elif receipt.state in UNSETTLED:
            narrate(f"  {receipt.note}")
    doubtful = any(r.state in UNSETTLED for r in settled)
    return int(ExitCode.IN_DOUBT if doubtful else ExitCode.DONE)
