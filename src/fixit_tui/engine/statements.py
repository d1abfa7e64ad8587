"""A step's text as the statements that are executed, each exactly as it is written."""

from __future__ import annotations

from fixit_tui.sql.split import split


def statements_of(text: str) -> tuple[str, ...]:
    """The statements of an SQL text in order; what holds only comments is none."""
    return split(text)
