"""apply: run a plan that was seen before, bound to its hash."""

from __future__ import annotations

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.narration import narrate_event
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked, fix_option, ledger_option, target_options
from fixit_tui.cli.planning import agreed, plan_of
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="apply")
@target_options
@ledger_option
@fix_option
@click.option("--plan", "plan_hash", metavar="HASH", help="The hash that rehearse printed.")
@click.option("--yes", is_flag=True, help="Needed, together with --plan, to apply.")
@click.option("--write-code", is_flag=True, help="Also write the code edits into --code.")
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    fixes: tuple[str, ...],
    plan_hash: str | None,
    yes: bool,
    write_code: bool,
) -> int:
    """Apply the chosen fixes to TARGET in one transaction that verifies before COMMIT.

    Without --yes and --plan it prints the plan, or why it cannot be applied here, and changes
    nothing.
    """
    from fixit_tui.export.receipt_markdown import receipt_markdown
    from fixit_tui.model.plan import Consent, PlanState

    with opened(services, asked, insist_on_symptom=True) as session:
        _, plan = plan_of(session, fixes)
        if not agreed(session, plan, plan_hash, yes=yes, verb="apply"):
            return int(ExitCode.USAGE)
        consent = Consent(plan.hash, plan.target.name, write_code)
        with orderly_stop(session) as stopped:
            receipt = session.apply(plan, consent, narrate_event, stopped)
            receipt, _ = session.recheck(receipt, narrate_event, stopped)
    data(receipt_markdown(receipt))
    done = receipt.state is PlanState.VERIFIED
    return int(ExitCode.DONE if done else ExitCode.UNPROVEN)
