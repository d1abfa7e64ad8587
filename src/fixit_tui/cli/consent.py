"""A person's yes to running something on the target that is then rolled back."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fixit_tui.cli.streams import is_interactive, narrate
from fixit_tui.errors import RefusedError
from fixit_tui.model.target import Environment


def insist_on_consent(
    environment: Environment, verb: str, *, yes: bool, outside: Sequence[str] = ()
) -> None:
    """Ask, or want --yes, where it takes real locks in production or something leaves the database.

    `verb` is what is about to happen, such as 'replay'; `outside` is what no rollback takes back.
    Raises RefusedError without a yes.
    """
    why = "the target is PRODUCTION" if environment is Environment.PRODUCTION else ""
    if outside:
        why = "; ".join(filter(None, (why, *outside)))
    if not why or yes:
        return
    if is_interactive():
        narrate(why)
        if click.confirm(f"Run the statements of this {verb} there?", default=False, err=True):
            return
    raise RefusedError(
        f"no {verb} on this target without a yes: {why}",
        hint="give --yes, or --shadow to leave the target alone",
    )
