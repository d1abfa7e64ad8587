"""completion: shell completion scripts."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from fixit_tui.cli.exit_codes import ExitCode


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for SHELL; source it from your shell's start-up file."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    source = kind(ctx.find_root().command, {}, "fixit-tui", "_FIXIT_TUI_COMPLETE").source()
    click.echo(source)
    return int(ExitCode.DONE)
