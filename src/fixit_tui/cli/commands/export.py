"""export: write what apply would run."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.options import fix_option, open_session, plan_of, target_options
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="export")
@target_options
@fix_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write into.")
@click.pass_obj
def command(
    services: Services,
    target: str | None,
    code: Path | None,
    symptom: Path | None,
    playbook_ids: tuple[str, ...],
    playbook_dirs: tuple[Path, ...],
    fixes: tuple[str, ...],
    out: Path,
) -> int:
    """Write the chosen fixes as SQL files with their undo, and the code changes as a patch."""
    session = open_session(
        services, target, code, symptom, playbook_ids, playbook_dirs, insist_on_symptom=True
    )
    try:
        _, plan = plan_of(session, fixes, for_others=True)
        for path in session.export(plan, out):
            data(str(path))
    finally:
        session.close()
    return int(ExitCode.DONE)
