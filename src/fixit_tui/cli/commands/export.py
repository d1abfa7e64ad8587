"""export: write what apply would run."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked, fix_option, target_options
from fixit_tui.cli.planning import plan_of
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="export")
@target_options
@fix_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write into.")
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    fixes: tuple[str, ...],
    out: Path,
) -> int:
    """Write the chosen fixes as SQL files with their undo, and the code changes as a patch."""
    with opened(services, asked, insist_on_symptom=True) as session:
        _, plan = plan_of(session, fixes, for_others=True)
        for path in session.export(plan, out):
            data(str(path))
    return int(ExitCode.DONE)
