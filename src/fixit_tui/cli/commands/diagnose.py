"""diagnose: findings as text, JSON or SARIF on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.narration import narrate_event, never_cancelled
from fixit_tui.cli.open_ends import tell_open_ends
from fixit_tui.cli.opening import mind_unread, opened
from fixit_tui.cli.options import Asked, target_options
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, data_json

if TYPE_CHECKING:
    from fixit_tui.model.diagnosis import Diagnosis

_RANK = {"info": 0, "warning": 1, "error": 2}


def emit(diagnosis: Diagnosis, output: str) -> None:
    """Write a diagnosis in the asked-for format."""
    if output == "json":
        from fixit_tui.export.diagnosis_json import to_json

        data_json(to_json(diagnosis))
    elif output == "sarif":
        from fixit_tui.export.sarif import to_sarif

        data_json(to_sarif(diagnosis))
    else:
        from fixit_tui.export.text import report

        data(report(diagnosis))


def verdict(diagnosis: Diagnosis, fail_on: str) -> int:
    """FINDINGS when one is at or above the level, else DONE."""
    if fail_on == "none":
        return int(ExitCode.DONE)
    worst = max((_RANK[f.severity.value] for f in diagnosis.findings), default=-1)
    return int(ExitCode.FINDINGS if worst >= _RANK[fail_on] else ExitCode.DONE)


@click.command(name="diagnose")
@target_options
@click.option("--format", "output", type=click.Choice(["text", "json", "sarif"]), default="text")
@click.option(
    "--fail-on",
    type=click.Choice(["none", "info", "warning", "error"]),
    default="warning",
    help="Exit with 1 when a finding is at least this severe.",
)
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    output: str,
    fail_on: str,
) -> int:
    """Find causes in TARGET (a DSN, a named target or a saved capture) and in code.

    Read-only. TARGET defaults to DATABASE_URL or the libpq settings.
    """
    with opened(services, asked) as session:
        session.connect()
        tell_open_ends(session)
        diagnosis = mind_unread(session.diagnose(narrate_event, never_cancelled), asked.symptom)
    emit(diagnosis, output)
    return verdict(diagnosis, fail_on)
