"""rehearse: run a plan in a transaction that is rolled back, and print its hash."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.options import (
    fix_option,
    narrate_event,
    open_session,
    plan_of,
    target_options,
)
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate


@click.command(name="rehearse")
@target_options
@fix_option
@click.pass_obj
def command(
    services: Services,
    target: str | None,
    code: Path | None,
    symptom: Path | None,
    playbook_ids: tuple[str, ...],
    playbook_dirs: tuple[Path, ...],
    fixes: tuple[str, ...],
) -> int:
    """Run the chosen fixes on TARGET in a transaction that is always rolled back.

    It takes the same locks as apply, for as long as the statements run.
    """
    from fixit_tui.export.plan_text import plan_report, rehearsal_report

    session = open_session(
        services, target, code, symptom, playbook_ids, playbook_dirs, insist_on_symptom=True
    )
    try:
        _, plan = plan_of(session, fixes)
        data(plan_report(plan))
        if not plan.steps:
            narrate("this plan changes code only; there is nothing to rehearse")
            return int(ExitCode.DONE)
        with orderly_stop(session) as stopped:
            rehearsal = session.rehearse(plan, narrate_event, stopped)
    finally:
        session.close()
    data(rehearsal_report(rehearsal))
    return int(ExitCode.DONE if rehearsal.succeeded else ExitCode.NOT_APPLIED)
