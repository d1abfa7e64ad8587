"""Labelled yes/no answers out of the rows of a SELECT."""

from __future__ import annotations

from collections.abc import Sequence

from fixit_tui.model.finding import Check


def check_of(row: Sequence[object]) -> Check:
    """One row (label text, holds boolean, detail text) as a check; another shape is not known."""
    if len(row) < 2 or not (row[1] is None or isinstance(row[1], bool)):
        return Check("check", None, "a check must return (label text, holds boolean, detail text)")
    detail = "" if len(row) < 3 or row[2] is None else str(row[2])
    return Check(label=str(row[0]), holds=row[1], detail=detail)


def head(statement: str) -> str:
    """The beginning of a statement on one line."""
    line = " ".join(statement.split())
    return line if len(line) <= 60 else line[:59] + "…"
