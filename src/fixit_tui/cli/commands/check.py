"""check: diagnose for CI, one line a finding."""

from __future__ import annotations

import click

from fixit_tui.cli.commands.diagnose import emit, verdict
from fixit_tui.cli.narration import narrate_event, never_cancelled
from fixit_tui.cli.opening import mind_unread, opened
from fixit_tui.cli.options import Asked, target_options
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="check")
@target_options
@click.option("--format", "output", type=click.Choice(["lines", "json", "sarif"]), default="lines")
@click.option("--fail-on", type=click.Choice(["info", "warning", "error"]), default="error")
@click.pass_obj
def command(
    services: Services,
    asked: Asked,
    output: str,
    fail_on: str,
) -> int:
    """Exit with 1 when TARGET or the code folder has findings; file:line: cause: title."""
    with opened(services, asked) as session:
        session.connect()
        diagnosis = mind_unread(session.diagnose(narrate_event, never_cancelled), asked.symptom)
    if output == "lines":
        for finding in diagnosis.findings:
            where = finding.sites[0].text if finding.sites else (finding.relation or "-")
            data(f"{where}: {finding.severity.value}: {finding.cause}: {finding.title}")
    else:
        emit(diagnosis, output)
    return verdict(diagnosis, fail_on)
