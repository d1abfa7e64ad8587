"""facts: print the fact tables, or query them."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, data_json, plain


def _table(rows: list[dict[str, object]]) -> str:
    names = list(rows[0])
    cells = [
        [plain("" if r[n] is None else str(r[n])).replace("\n", " ") for n in names] for r in rows
    ]
    widths = [min(48, max(len(n), *(len(c[i]) for c in cells))) for i, n in enumerate(names)]
    lines = ["  ".join(n.ljust(w) for n, w in zip(names, widths, strict=True))]
    lines += ["  ".join(c[:w].ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)


@click.command(name="facts")
@click.argument("query", required=False)
@click.option("--target", help="DSN, named target or saved capture.")
@click.option("--code", type=click.Path(path_type=Path), help="Application code folder.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def command(
    services: Services, query: str | None, target: str | None, code: Path | None, output: str
) -> int:
    """Print every fact table with its columns, or the rows of a SELECT over them."""
    from fixit_tui.facts.base import schema_text

    if query is None:
        data(schema_text())
        return int(ExitCode.DONE)
    rows = services.query_facts(target, code, query)
    if output == "json":
        data_json(rows)
    else:
        data(_table(rows) if rows else "(no rows)")
    return int(ExitCode.DONE)
