"""apply: run a plan that was seen before, bound to its hash."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.options import (
    fix_option,
    ledger_option,
    narrate_event,
    open_session,
    plan_of,
    target_options,
)
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate
from fixit_tui.errors import StalePlanError


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
    target: str | None,
    code: Path | None,
    symptom: Path | None,
    playbook_ids: tuple[str, ...],
    playbook_dirs: tuple[Path, ...],
    fixes: tuple[str, ...],
    plan_hash: str | None,
    yes: bool,
    write_code: bool,
    ledger_in_database: bool | None,
) -> int:
    """Apply the chosen fixes to TARGET in one transaction that verifies before COMMIT.

    Without --yes and --plan it prints the plan, or why it cannot be applied here, and changes
    nothing.
    """
    from fixit_tui.engine.attempt import refuse_if_unable
    from fixit_tui.export.plan_text import plan_report
    from fixit_tui.export.receipt_markdown import receipt_markdown
    from fixit_tui.model.plan import Consent, PlanState

    session = open_session(
        services,
        target,
        code,
        symptom,
        playbook_ids,
        playbook_dirs,
        insist_on_symptom=True,
        ledger_in_database=ledger_in_database,
    )
    try:
        _, plan = plan_of(session, fixes)
        if not (yes and plan_hash):
            data(plan_report(plan))
            if plan.steps:
                refuse_if_unable(plan, offline=session.offline)
            narrate(f"nothing changed; to apply this plan: --plan {plan.short_hash} --yes")
            return int(ExitCode.USAGE)
        if len(plan_hash) < 8 or not plan.hash.startswith(plan_hash):
            raise StalePlanError(
                f"the plan is now {plan.short_hash}, not {plan_hash}",
                hint="something it depends on changed: rehearse again and look at the new plan",
            )
        consent = Consent(plan.hash, plan.target.name, write_code)
        with orderly_stop(session) as stopped:
            receipt = session.apply(plan, consent, narrate_event, stopped)
            receipt, _ = session.recheck(receipt, narrate_event, stopped)
    finally:
        session.close()
    data(receipt_markdown(receipt))
    done = receipt.state is PlanState.VERIFIED
    return int(ExitCode.DONE if done else ExitCode.UNPROVEN)
