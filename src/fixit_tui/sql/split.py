"""A script as its statements, byte for byte."""

from __future__ import annotations

from fixit_tui.sql.lexer import Token, tokens

_ROUTINES = frozenset({"function", "procedure"})


def _is_routine(statement: list[Token]) -> bool:
    words = [t.word for t in statement[:6]]
    return words[:1] == ["create"] and bool(_ROUTINES & set(words))


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Character offsets of each statement, without its semicolon and what surrounds it.

    Quotes, dollar quotes, nested comments and BEGIN ATOMIC bodies do not split.
    """
    found: list[tuple[int, int]] = []
    current: list[Token] = []
    brackets = blocks = 0
    for token in tokens(text):
        if token.text in ("(", "["):
            brackets += 1
        elif token.text in (")", "]"):
            brackets -= 1
        elif token.word == "atomic" and current and current[-1].word == "begin":
            blocks = 1 if _is_routine(current) else 0
        elif blocks and token.word == "case":
            blocks += 1
        elif blocks and token.word == "end":
            blocks -= 1
        if token.text == ";" and brackets <= 0 and blocks <= 0:
            if current:
                found.append((current[0].start, current[-1].end))
            current, brackets, blocks = [], 0, 0
        else:
            current.append(token)
    if current:
        found.append((current[0].start, current[-1].end))
    return tuple(found)


def split(text: str) -> tuple[str, ...]:
    """Statements as they are written, without semicolons and surrounding space or comments."""
    return tuple(text[start:end] for start, end in spans(text))
