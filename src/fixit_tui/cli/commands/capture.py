"""capture: save the schema facts of a target to one file."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="capture")
@click.argument("target", required=False)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="such as incident.fixit"
)
@click.pass_obj
def command(services: Services, target: str | None, out: Path) -> int:
    """Save the schema facts of TARGET (no row data, no secrets) for diagnosis elsewhere."""
    data(str(services.capture_to_file(target, out)))
    return int(ExitCode.DONE)
