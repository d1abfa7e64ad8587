"""Where words go: data to stdout, everything else to stderr, never a terminal escape from data."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from fixit_tui.errors import FixitError

_CONTROL = {c: "\N{REPLACEMENT CHARACTER}" for c in range(32) if chr(c) not in "\n\t"}
_CONTROL |= dict.fromkeys(range(127, 160), "�")
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}")


def plain(text: str) -> str:
    """Text with control, escape and bidi-override characters made visible and harmless."""
    return text.translate(_CONTROL | _BIDI)


def data(text: str) -> None:
    """Write a result to stdout."""
    click.echo(plain(text))


def data_json(value: Any) -> None:
    """Write a JSON result to stdout, keys in contract order."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def narrate(text: str) -> None:
    """Write a remark to stderr."""
    click.echo(plain(text), err=True)


def show_error(error: FixitError) -> None:
    """At most five lines: what failed, its effect on the database, what to try."""
    message = plain(error.message).strip().replace("\n", " ")
    code = f" [{error.sqlstate}]" if error.sqlstate and error.sqlstate not in message else ""
    click.echo(f"fixit-tui: {message}{code}", err=True)
    click.echo(f"  effect: {error.effect.value}", err=True)
    if error.hint:
        click.echo(f"  try:    {plain(error.hint).strip()}", err=True)


def is_interactive() -> bool:
    """A person can be asked: both ends are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()
