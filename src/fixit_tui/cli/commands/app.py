"""No command: open the app."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.services import Services
from fixit_tui.errors import UsageError


@click.command(name="app")
@click.pass_obj
def command(services: Services, ledger_in_database: bool | None) -> int:
    """Open the app on the default target."""
    from fixit_tui.cli.streams import is_interactive

    if not is_interactive():
        raise UsageError(
            "the app needs a terminal",
            hint="use fixit-tui diagnose, or fixit-tui --help for every command",
        )
    session = services.open_session(None, ledger_in_database=ledger_in_database)
    services.run_app(session, mode="triage", ascii_only=False, out=Path("fixit-export"))
    return 0
