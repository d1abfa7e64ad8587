"""symptom: what is understood of a pasted error."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.opening import read_symptom
from fixit_tui.cli.streams import data, data_json, narrate


@click.command(name="symptom")
@click.argument(
    "file", type=click.Path(path_type=Path, allow_dash=True), default=Path("-"), required=False
)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
def command(file: Path, output: str) -> int:
    """Show what is understood of the error in FILE (default: standard input)."""
    from dataclasses import asdict

    from fixit_tui.symptoms import describe, missing, parse

    found = parse(read_symptom(file) or "")
    if output == "json":
        data_json([asdict(s) for s in found])
        return int(ExitCode.DONE if found else ExitCode.FINDINGS)
    if not found:
        narrate("nothing in this text was understood as a database error")
        narrate("  try: the response body, the driver's error, or the server log line")
        return int(ExitCode.FINDINGS)
    for symptom in found:
        data(symptom.headline)
        for label, value in describe(symptom):
            data(f"  {label:<14} {value}")
        for wish in missing(symptom):
            data(f"  would help:    {wish}")
    return int(ExitCode.DONE)
