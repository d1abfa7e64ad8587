"""check: diagnose for CI, one line a finding."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.commands.diagnose import emit, verdict
from fixit_tui.cli.options import (
    mind_unread,
    narrate_event,
    never_cancelled,
    open_session,
    target_options,
)
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data


@click.command(name="check")
@target_options
@click.option("--format", "output", type=click.Choice(["lines", "json", "sarif"]), default="lines")
@click.option("--fail-on", type=click.Choice(["info", "warning", "error"]), default="error")
@click.pass_obj
def command(
    services: Services,
    target: str | None,
    code: Path | None,
    symptom: Path | None,
    playbook_ids: tuple[str, ...],
    playbook_dirs: tuple[Path, ...],
    output: str,
    fail_on: str,
) -> int:
    """Exit with 1 when TARGET or the code folder has findings; file:line: cause: title."""
    session = open_session(services, target, code, symptom, playbook_ids, playbook_dirs)
    try:
        session.connect()
        diagnosis = mind_unread(session.diagnose(narrate_event, never_cancelled), symptom)
    finally:
        session.close()
    if output == "lines":
        for finding in diagnosis.findings:
            where = finding.sites[0].text if finding.sites else (finding.relation or "-")
            data(f"{where}: {finding.severity.value}: {finding.cause}: {finding.title}")
    else:
        emit(diagnosis, output)
    return verdict(diagnosis, fail_on)
