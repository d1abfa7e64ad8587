"""Which columns of NEW a trigger function assigns."""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.sql.lexer import Token, tokens

WHOLE = "*"
_STARTS = {"begin", "then", "else", "loop"}
_INTO_END = {"from", "using", "where", "values", "select"}


def changed_columns(body: str) -> frozenset[str]:
    """Names of the assigned columns; WHOLE when the row is assigned as such."""
    items = tokens(body)
    return frozenset(_changes(items))


def _changes(items: tuple[Token, ...]) -> Iterator[str]:
    for at, token in enumerate(items):
        if token.word != "new":
            continue
        field = at + 2 < len(items) and items[at + 1].text == "."
        name, after = (items[at + 2].name, at + 3) if field else (WHOLE, at + 1)
        if _assigns(items, at, after) or _is_target(items, at):
            yield name


def _assigns(items: tuple[Token, ...], at: int, after: int) -> bool:
    before = items[at - 1] if at else None
    if before is not None and before.text != ";" and before.word not in _STARTS:
        return False
    signs = "".join(t.text for t in items[after : after + 2])
    return signs.startswith((":=", "=", "["))


def _is_target(items: tuple[Token, ...], at: int) -> bool:
    """Does it stand in the list of an INTO?"""
    for token in reversed(items[max(0, at - 40) : at]):
        if token.word == "into":
            return True
        if token.text == ";" or token.word in _INTO_END or token.text == "(":
            return False
    return False
