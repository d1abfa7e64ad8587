"""rehearse: run a plan in a transaction that is rolled back, and print its hash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fixit_tui.cli.consent import insist_on_consent
from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.narration import narrate_event
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked, fix_option, ledger_option, target_options
from fixit_tui.cli.planning import plan_of
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate
from fixit_tui.errors import UsageError

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.outcome import Rehearsal
    from fixit_tui.model.plan import Plan


def read_rows(path: Path | None) -> str:
    """The statements of a file, '' without one. Raises UsageError for what cannot be read."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read the rows in {path}: {error}", hint="give a text file of INSERT statements"
        ) from error


def rehearse_on_target(session: Session, plan: Plan, *, yes: bool) -> Rehearsal:
    """Run a plan, or a plan's undo, where it is meant for, and roll it back.

    Raises RefusedError where it cannot run, or nobody agreed to what a rehearsal may cost there.
    """
    from fixit_tui.engine.attempt import refuse_if_unable

    refuse_if_unable(plan, offline=False)
    outside = [survivor.text for survivor in plan.survives if survivor.outside]
    insist_on_consent(plan.target.environment, "rehearsal", yes=yes, outside=outside)
    with orderly_stop(session) as stopped:
        return session.rehearse(plan, narrate_event, stopped)


@click.command(name="rehearse")
@target_options
@ledger_option
@click.option(
    "--yes",
    is_flag=True,
    help="Rehearse without being asked: on production, and where a rollback cannot take all back.",
)
@fix_option
@click.option(
    "--shadow",
    is_flag=True,
    help="On a server of our own with the captured schema; TARGET is only read.",
)
@click.option(
    "--rows",
    type=click.Path(path_type=Path),
    help="File of INSERT statements: what stands in the shadow's tables.",
)
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    fixes: tuple[str, ...],
    shadow: bool,
    rows: Path | None,
    yes: bool,
) -> int:
    """Run the chosen fixes on TARGET in a transaction that is always rolled back.

    It takes the same locks as apply, for as long as the statements run; a production target is
    asked for first. With --shadow, and for a saved capture, it runs on a server of our own
    instead, and the undo is tried, too.
    """
    from fixit_tui.export.plan_text import plan_report, rehearsal_report

    with opened(services, asked, insist_on_symptom=True) as session:
        _, plan = plan_of(session, fixes)
        data(plan_report(plan))
        if not plan.steps:
            narrate("this plan changes code only; there is nothing to rehearse")
            return int(ExitCode.DONE)
        if shadow or rows is not None or session.offline:
            with orderly_stop(session) as stopped:
                script = read_rows(rows)
                rehearsal = session.rehearse_in_shadow(plan, narrate_event, stopped, script)
        else:
            rehearsal = rehearse_on_target(session, plan, yes=yes)
    data(rehearsal_report(rehearsal))
    return int(ExitCode.DONE if rehearsal.succeeded else ExitCode.NOT_APPLIED)
