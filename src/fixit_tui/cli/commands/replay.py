"""replay: run what failed again, roll it back, and say what the server said."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.consent import insist_on_consent
from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.narration import narrate_event
from fixit_tui.cli.opening import opened
from fixit_tui.cli.options import Asked
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, data_json, narrate


@click.command(name="replay")
@click.argument("target", required=False)
@click.option(
    "--symptom",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="File with the request (curl, fetch, HAR, HTTP) or the statement; - reads standard input.",
)
@click.option("--shadow", is_flag=True, help="On a server of our own with the captured schema.")
@click.option(
    "--yes",
    is_flag=True,
    help="Replay without being asked: on production, and where a rollback cannot take all back.",
)
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

    with (
        opened(services, Asked(target, symptom=symptom)) as session,
        orderly_stop(session) as stopped,
    ):
        replay = session.prepare_replay(narrate_event, stopped)
        in_shadow = shadow or session.offline
        if not in_shadow:
            for survivor in replay.survives:
                narrate(f"a rollback does not take back: {survivor.text}")
            outside = [s.text for s in replay.survives if s.outside]
            environment = session.connect().environment
            insist_on_consent(environment, "replay", yes=yes, outside=outside)
        replayed = session.replay(replay, narrate_event, stopped, in_shadow=in_shadow)
    if output == "json":
        data_json(replay_json(replayed))
    else:
        data(replay_report(replayed).rstrip("\n"))
    return int(ExitCode.DONE if replayed.result.succeeded else ExitCode.FINDINGS)
