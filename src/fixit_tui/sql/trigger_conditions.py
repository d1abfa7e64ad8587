"""Conditions that a trigger's own circumstances decide: TG_OP, TG_TABLE_NAME and their like."""

from __future__ import annotations

from collections.abc import Mapping

from fixit_tui.sql.lexer import Token, closing, tokens


def holds(condition: str, known: Mapping[str, str]) -> bool | None:
    """Whether a condition holds where the variables `known` have these values; None: depends.

    Names in `known` are lower-case. NULL does not occur among them.
    """
    return _either(tokens(condition), known)


def _either(items: tuple[Token, ...], known: Mapping[str, str]) -> bool | None:
    answers = [_all(part, known) for part in _parts(items, "or")]
    if True in answers:
        return True
    return None if None in answers else False


def _all(items: tuple[Token, ...], known: Mapping[str, str]) -> bool | None:
    answers = [_one(part, known) for part in _parts(items, "and")]
    if False in answers:
        return False
    return None if None in answers else True


def _parts(items: tuple[Token, ...], word: str) -> list[tuple[Token, ...]]:
    """Pieces between that word outside brackets."""
    parts: list[tuple[Token, ...]] = []
    begin = depth = 0
    for index, token in enumerate(items):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.word == word:
            parts.append(items[begin:index])
            begin = index + 1
    return [*parts, items[begin:]]


def _one(items: tuple[Token, ...], known: Mapping[str, str]) -> bool | None:
    if not items:
        return None
    if items[0].word == "not":
        inner = _one(items[1:], known)
        return None if inner is None else not inner
    if items[0].text == "(" and closing(items, 0) == len(items) - 1:
        return _either(items[1:-1], known)
    if len(items) == 1 and items[0].word in ("true", "false"):
        return items[0].word == "true"
    return _comparison(items, known)


def _comparison(items: tuple[Token, ...], known: Mapping[str, str]) -> bool | None:
    if len(items) == 3 and items[1].text in ("=", "<>", "!="):
        one, other = _value(items[0], known), _value(items[2], known)
        if one is None or other is None:
            return None
        return (one == other) is (items[1].text == "=")
    negated = len(items) > 1 and items[1].word == "not"
    rest = items[2 if negated else 1 :]
    subject = _value(items[0], known)
    if subject is None or len(rest) < 3 or rest[0].word != "in" or rest[1].text != "(":
        return None
    if rest[-1].text != ")":
        return None
    listed = [_value(t, known) for t in rest[2:-1] if t.text != ","]
    if None in listed:
        return None
    return (subject in listed) is not negated


def _value(token: Token, known: Mapping[str, str]) -> str | None:
    text = token.text
    if token.kind == "string" and text.startswith("'") and len(text) > 1 and text.endswith("'"):
        return token.text[1:-1].replace("''", "'")
    return known.get(token.word) if token.kind == "word" else None
