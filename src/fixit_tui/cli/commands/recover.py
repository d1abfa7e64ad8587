"""recover: find out what became of changes whose outcome is not known."""

from __future__ import annotations

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.open_ends import tell_elsewhere
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate
from fixit_tui.errors import UsageError


@click.command(name="recover")
@click.argument("target", required=False)
@click.option("--receipt", "receipt_id", metavar="ID", help="Only this one, together with --as.")
@click.option(
    "--as",
    "found",
    type=click.Choice(["applied", "rolled-back"]),
    help="Settle what stays in doubt as you found it by hand.",
)
@click.pass_obj
def command(
    services: Services, target: str | None, receipt_id: str | None, found: str | None
) -> int:
    """Ask TARGET what became of interrupted changes, and settle them in the ledger.

    Where the server and the touched objects do not tell, it stays in doubt and the check to run is
    printed; --receipt and --as settle it then.
    """
    from fixit_tui.engine.states import UNSETTLED
    from fixit_tui.model.plan import PlanState

    if (receipt_id is None) != (found is None):
        raise UsageError(
            "--receipt and --as belong together", hint="recover without them asks the server"
        )
    with opened(services, Asked(target)) as session:
        session.connect()
        if receipt_id is None:
            settled = session.recover()
        else:
            state = PlanState.APPLIED if found == "applied" else PlanState.ROLLED_BACK
            settled = (session.settle_by_hand(receipt_id, state),)
        if not settled:
            narrate("nothing is unsettled on this target")
        if unread := session.unreadable_records():
            narrate(
                f"{unread} lines of the ledger cannot be read here: torn, damaged, or of a newer"
                " version; a change may stand there that is not listed"
            )
        tell_elsewhere(session)
    for receipt in settled:
        data(f"{receipt.id}  {receipt.state.value}  {receipt.title}")
        if receipt.note:
            narrate(f"  {receipt.note}")
        if receipt.state is PlanState.PARTIAL:
            narrate(f"  or, with a plan of its own: fixit-tui undo --receipt {receipt.id}")
    doubtful = any(r.state in UNSETTLED for r in settled)
    return int(ExitCode.IN_DOUBT if doubtful else ExitCode.DONE)
