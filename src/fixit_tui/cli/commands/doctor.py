"""doctor: check this machine."""

from __future__ import annotations

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="doctor")
@click.pass_obj
def command(services: Services) -> int:
    """Check this machine: terminal, folders, keyring, embedded server, playbooks."""
    checks = services.doctor()
    for label, holds, detail in checks:
        data(f"{'ok  ' if holds else 'look'}  {label:<24} {detail}")
    return int(ExitCode.DONE if all(c[1] for c in checks) else ExitCode.FINDINGS)
