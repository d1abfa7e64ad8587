"""Statements for EXECUTE that are told by their text: a literal, or format() of literals."""

from __future__ import annotations

import re

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.lexer import Token, tokens
from fixit_tui.sql.quote import ident, literal

_SLOT = re.compile(r"%(%|I|L|s)")


def constant_statement(expression: str) -> str | None:
    """The SQL that an expression always gives; None if it depends on anything, or is no SQL."""
    items = tokens(expression)
    text = _literal(items[0]) if len(items) == 1 else _formatted(items)
    try:
        return text if text and parse(text).stmts else None
    except UnreadableSql:
        return None


def _literal(token: Token) -> str | None:
    if token.kind == "string" and token.text.startswith("'"):
        return token.text[1:-1].replace("''", "'")
    if token.kind == "dollar":
        edge = token.text.index("$", 1) + 1
        return token.text[edge:-edge]
    return None


def _formatted(items: tuple[Token, ...]) -> str | None:
    """format('…', 'a', 'b') with literals alone and slots in their order."""
    if len(items) < 4 or items[0].word != "format" or items[1].text != "(":
        return None
    if items[-1].text != ")" or any(t.text != "," for t in items[3:-1:2]):
        return None
    given = [_literal(t) for t in items[2:-1:2]]
    texts = [g for g in given if g is not None]
    if len(texts) != len(given):
        return None
    pattern, values = texts[0], iter(texts[1:])
    slots = [s for s in _SLOT.findall(pattern) if s != "%"]
    if len(slots) != len(texts) - 1 or _SLOT.sub("", pattern).count("%"):
        return None

    def filled(slot: re.Match[str]) -> str:
        if slot.group(1) == "%":
            return "%"
        value = next(values)
        if slot.group(1) == "s":
            return value
        return ident(value) if slot.group(1) == "I" else literal(value)

    try:
        return _SLOT.sub(filled, pattern)
    except ValueError:
        return None
