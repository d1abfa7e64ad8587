"""targets: named targets."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate


@click.group(name="targets", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List named targets; add and remove them."""
    if ctx.invoked_subcommand is None:
        services: Services = ctx.obj
        targets = services.targets()
        for name, dsn in targets.items():
            data(f"{name}  {dsn}")
        if not targets:
            narrate("no named targets; add one with: fixit-tui targets add NAME DSN")


@command.command(name="add")
@click.argument("name")
@click.argument("dsn")
@click.option("--code", type=click.Path(path_type=Path))
@click.pass_obj
def add(services: Services, name: str, dsn: str, code: Path | None) -> None:
    """Remember DSN as NAME; a password in it goes to the keyring, never to the file."""
    services.save_target(name, dsn, code)
    narrate(f"remembered {name}")


@command.command(name="remove")
@click.argument("name")
@click.pass_obj
def remove(services: Services, name: str) -> None:
    """Forget NAME and its password."""
    services.forget_target(name)
    narrate(f"forgot {name}")
