"""replay: run what failed again, roll it back, and say what the server said."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.options import narrate_event, open_session
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, data_json, is_interactive, narrate
from fixit_tui.errors import RefusedError


@click.command(name="replay")
@click.argument("target", required=False)
@click.option(
    "--symptom",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="File with the request (curl, fetch, HAR, HTTP) or the statement; - reads standard input.",
)
@click.option("--shadow", is_flag=True, help="On a server of our own with the captured schema.")
@click.option("--yes", is_flag=True, help="Replay on a production target without being asked.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def command(
    services: Services, target: str | None, symptom: Path, shadow: bool, yes: bool, output: str
) -> int:
    """Run what failed on TARGET again, in a transaction that is rolled back.

    It runs as the request's role, then as one that row level security does not limit. Exits with
    1 when it fails, 0 when it succeeds now.
    """
    from fixit_tui.export.replay_text import replay_json, replay_report

    session = open_session(services, target, None, symptom, (), ())
    try:
        with orderly_stop(session) as stopped:
            replay = session.prepare_replay(narrate_event, stopped)
            in_shadow = shadow or session.offline
            if not in_shadow:
                for warning in replay.warnings:
                    narrate(f"a rollback does not take back: {warning}")
                _insist_on_consent(session.connect().environment.value, yes)
            replayed = session.replay(replay, in_shadow=in_shadow)
    finally:
        session.close()
    if output == "json":
        data_json(replay_json(replayed))
    else:
        data(replay_report(replayed).rstrip("\n"))
    return int(ExitCode.DONE if replayed.result.succeeded else ExitCode.FINDINGS)


def _insist_on_consent(environment: str, yes: bool) -> None:
    """A replay takes real locks: on production a person says yes to it."""
    if environment != "production" or yes:
        return
    question = "The target is PRODUCTION. Run the statement there and roll it back?"
    if is_interactive() and click.confirm(question, default=False, err=True):
        return
    raise RefusedError(
        "nothing is replayed on a production target without a yes",
        hint="give --yes, or --shadow to leave the target alone",
    )
