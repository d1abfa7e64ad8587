"""oncall: from a pasted error to its proof of cure."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.opening import open_session
from fixit_tui.cli.options import Asked, ledger_option, target_options
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import is_interactive
from fixit_tui.errors import UsageError


@click.command(name="oncall")
@target_options
@ledger_option
@click.option("--plain", "plain_prompts", is_flag=True, help="Line prompts instead of screens.")
@click.option("--ascii", "ascii_only", is_flag=True, help="No box drawing, no symbols.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("fixit-export"))
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    plain_prompts: bool,
    ascii_only: bool,
    out: Path,
) -> int:
    """Start from the error you have: cause, fix, rehearsal, review, apply, proof."""
    session = open_session(services, asked)
    if plain_prompts:
        from fixit_tui.cli.guided import run_guided

        try:
            return run_guided(session, out)
        finally:
            session.close()
    if not is_interactive():
        raise UsageError(
            "the guided screens need a terminal",
            hint="use --plain, or fixit-tui diagnose with --symptom",
        )
    services.run_app(session, mode="oncall", ascii_only=ascii_only, out=out)
    return int(ExitCode.DONE)
