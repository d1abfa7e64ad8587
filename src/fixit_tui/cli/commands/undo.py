"""undo: take back what was applied, as a plan like any other."""

from __future__ import annotations

import click

from fixit_tui.cli.commands.rehearse import rehearse_on_target
from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.narration import narrate_event
from fixit_tui.cli.open_ends import tell_open_ends
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked, ledger_option
from fixit_tui.cli.planning import agreed
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data
from fixit_tui.errors import UsageError


@click.command(name="undo")
@click.argument("target", required=False)
@click.option("--receipt", "receipt_id", help="Which one; default: the last that was applied.")
@click.option("--plan", "plan_hash", metavar="HASH", help="The hash that undo printed.")
@click.option("--rehearse", is_flag=True, help="Run the way back, and roll it back.")
@click.option(
    "--yes",
    is_flag=True,
    help="Needed, together with --plan, to undo; with --rehearse, to do so on production.",
)
@click.option("--write-code", is_flag=True, help="Also restore the files that apply wrote.")
@ledger_option
@click.pass_obj
def command(
    services: Services,
    target: str | None,
    receipt_id: str | None,
    plan_hash: str | None,
    rehearse: bool,
    yes: bool,
    write_code: bool,
    ledger_in_database: bool | None,
) -> int:
    """Take back the last change of TARGET. Without --yes and --plan: only show or rehearse it."""
    from fixit_tui.engine.states import UNDOABLE
    from fixit_tui.export.plan_text import plan_report, rehearsal_report
    from fixit_tui.export.receipt_markdown import receipt_markdown
    from fixit_tui.model.plan import Consent

    asked = Asked(target, ledger_in_database=ledger_in_database)
    with opened(services, asked) as session:
        session.connect()
        tell_open_ends(session)
        receipts = [r for r in session.receipts() if r.state in UNDOABLE and not r.undo_of]
        if receipt_id is not None:
            receipts = [r for r in receipts if r.id.startswith(receipt_id)]
            if len(receipts) > 1:
                raise UsageError(
                    f"{len(receipts)} receipts begin with {receipt_id}",
                    hint="give more of it; fixit-tui history lists them",
                )
        if not receipts:
            raise UsageError(
                "nothing here can be undone", hint="fixit-tui history lists what was applied"
            )
        plan = session.plan_undo(receipts[-1].id)
        if rehearse and not plan_hash:
            data(plan_report(plan))
            rehearsal = rehearse_on_target(session, plan, yes=yes)
            data(rehearsal_report(rehearsal))
            return int(ExitCode.DONE if rehearsal.succeeded else ExitCode.NOT_APPLIED)
        if not agreed(session, plan, plan_hash, yes=yes, verb="undo"):
            return int(ExitCode.USAGE)
        consent = Consent(plan.hash, plan.target.name, write_code)
        with orderly_stop(session) as stopped:
            receipt = session.apply(plan, consent, narrate_event, stopped)
    data(receipt_markdown(receipt))
    return int(ExitCode.DONE)
