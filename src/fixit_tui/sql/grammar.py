"""PostgreSQL's own grammar, with every way in which it can refuse as one error."""

from __future__ import annotations

from typing import Any


class UnreadableSql(ValueError):
    """The text is no SQL that PostgreSQL's grammar reads."""


def parse(text: str) -> Any:
    """The parse tree of one or more statements. Raises UnreadableSql.

    A NUL is refused: the grammar would end there, and the rest would go unseen.
    """
    import postgast
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    if "\0" in text:
        raise UnreadableSql("the text holds a NUL character")
    try:
        return postgast.parse(text)
    except DecodeError:
        raise UnreadableSql("the expressions are nested too deeply to be read") from None
    except (postgast.PgQueryError, ValueError, RecursionError) as error:
        raise UnreadableSql(str(error)) from error


def parse_function(text: str) -> Any:
    """The PL/pgSQL tree of a CREATE FUNCTION statement, as JSON values. Raises UnreadableSql."""
    import postgast

    if "\0" in text:
        raise UnreadableSql("the text holds a NUL character")
    try:
        return postgast.parse_plpgsql(text)
    except (postgast.PgQueryError, ValueError, KeyError, RecursionError) as error:
        raise UnreadableSql(str(error)) from error
