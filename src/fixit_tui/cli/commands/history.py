"""history: what was applied."""

from __future__ import annotations

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, data_json, narrate
from fixit_tui.errors import UsageError


@click.command(name="history")
@click.argument("receipt_id", required=False)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def command(services: Services, receipt_id: str | None, output: str) -> int:
    """List receipts, newest last, or print one as Markdown for the incident channel."""
    from dataclasses import asdict

    from fixit_tui.export.receipt_markdown import receipt_markdown

    receipts = services.all_receipts()
    if receipt_id:
        receipts = tuple(r for r in receipts if r.id.startswith(receipt_id))
        if len(receipts) != 1:
            raise UsageError(f"{len(receipts)} receipts start with {receipt_id}")
    if output == "json":
        data_json([asdict(r) for r in receipts])
    elif receipt_id:
        data(receipt_markdown(receipts[0]))
    elif not receipts:
        narrate("nothing was applied yet")
    else:
        for r in receipts:
            data(f"{r.id}  {r.started_at}  {r.target_name}  {r.state.value}  {r.title}")
    return int(ExitCode.DONE)
