"""Options that several commands share, and what they say together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command was asked to look at: where, with which code, error and playbooks."""

    target: str | None
    code: Path | None = None
    symptom: Path | None = None
    playbook_ids: tuple[str, ...] = ()
    playbook_dirs: tuple[Path, ...] = ()
    ledger_in_database: bool | None = None


def target_options(function: Callable[..., int]) -> Callable[..., int]:
    """TARGET, --code, --symptom, --playbook and --playbooks, as the one parameter `asked`."""

    @functools.wraps(function)
    def gathered(
        *arguments: Any,
        target: str | None,
        code: Path | None,
        symptom: Path | None,
        playbook_ids: tuple[str, ...],
        playbook_dirs: tuple[Path, ...],
        ledger_in_database: bool | None = None,
        **others: Any,
    ) -> int:
        asked = Asked(target, code, symptom, playbook_ids, playbook_dirs, ledger_in_database)
        return function(*arguments, asked=asked, **others)

    for decorate in reversed(_TARGET_OPTIONS):
        gathered = decorate(gathered)
    return gathered


_TARGET_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("target", required=False),
    click.option("--code", type=click.Path(path_type=Path), help="Application code folder."),
    click.option(
        "--symptom",
        type=click.Path(path_type=Path, allow_dash=True),
        help="File with the pasted error; - reads standard input.",
    ),
    click.option("--playbook", "playbook_ids", multiple=True, help="Only this playbook."),
    click.option(
        "--playbooks",
        "playbook_dirs",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A folder with more playbooks.",
    ),
)


def fix_option(function: F) -> F:
    """--fix FINDING[:FIX], repeatable."""
    return click.option(
        "--fix",
        "fixes",
        multiple=True,
        metavar="FINDING[:FIX]",
        help="Which fix of which finding; default: the recommended one of what explains the "
        "error, or of every finding where no error is given.",
    )(function)


def ledger_option(function: F) -> F:
    """--ledger-in-database; None leaves it to the settings."""
    return click.option(
        "--ledger-in-database/--no-ledger-in-database",
        default=None,
        help="Also write a row about the change into the target's own table fixit_tui.ledger, in"
        " the same transaction; default: what config.toml says, else no.",
    )(function)
