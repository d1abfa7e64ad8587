"""The command tree. Each command's module is imported when that command is asked for."""

from __future__ import annotations

import importlib
import os
import sys

import click

from fixit_tui import __version__
from fixit_tui.cli.exit_codes import ExitCode, exit_code_of
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import narrate, show_error
from fixit_tui.errors import FixitError
from fixit_tui.masking import without_secrets

_COMMANDS = {
    "demo": "Try everything on an embedded database with five incidents.",
    "oncall": "Paste an error; be led to its cause, the fix and the proof.",
    "symptom": "Show what is understood of a pasted error.",
    "diagnose": "Find causes in a database, a code folder and an error.",
    "replay": "Run the failing statement or request again, rolled back.",
    "rehearse": "Run the chosen fixes in a transaction that is rolled back.",
    "apply": "Apply a plan that was seen before, by its hash.",
    "undo": "Take back what was applied.",
    "recover": "Settle changes whose outcome is not known.",
    "history": "List what was applied.",
    "export": "Write the SQL and the code patch that apply would run.",
    "check": "Fail when a database or code folder has findings (for CI).",
    "capture": "Save the schema facts of a database to one file.",
    "facts": "Print the fact tables, or query them.",
    "targets": "List, add and remove named targets.",
    "playbooks": "List, show, check, test and start playbooks.",
    "doctor": "Check this machine.",
    "completion": "Print a shell completion script.",
}


class LazyGroup(click.Group):
    """Knows every command's name and summary; loads its module on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"fixit_tui.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command: opens the app on DATABASE_URL or the libpq settings.",
)
@click.version_option(__version__, prog_name="fixit-tui")
@click.option(
    "--ledger-in-database/--no-ledger-in-database",
    default=None,
    help="For the app: every change also writes a row into the target's table fixit_tui.ledger.",
)
@click.pass_context
def root(ctx: click.Context, ledger_in_database: bool | None) -> None:
    """From a refused write to an applied, verified fix. Diagnosis is read-only."""
    if ctx.invoked_subcommand is None:
        module = importlib.import_module("fixit_tui.cli.commands.app")
        ctx.invoke(module.command, ledger_in_database=ledger_in_database)
    elif ledger_in_database is not None:
        raise click.UsageError("--ledger-in-database goes behind the command")


def main(services: Services, arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Shows no traceback unless FIXIT_DEBUG=1."""
    try:
        result = root.main(
            args=arguments, prog_name="fixit-tui", obj=services, standalone_mode=False
        )
        return result if isinstance(result, int) else int(ExitCode.DONE)
    except FixitError as error:
        show_error(error)
        return int(exit_code_of(error))
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, click.exceptions.Abort):
        narrate("fixit-tui: stopped")
        narrate("  effect: looking changes nothing; if a change was under way, its outcome is open")
        narrate("  try:    fixit-tui recover says what became of a change")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except Exception as error:
        if os.environ.get("FIXIT_DEBUG") == "1":
            raise
        told = without_secrets(str(error))[:200]
        narrate(f"fixit-tui: this is a bug: {type(error).__name__}: {told}")
        narrate("  effect: no transaction of ours is left open")
        narrate("  try:    run it again with FIXIT_DEBUG=1 and report what it prints")
        return int(ExitCode.BUG)
