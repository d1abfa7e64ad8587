"""Every placeholder style as $n, with a map back to the original text."""

from __future__ import annotations

from dataclasses import dataclass

from fixit_tui.sql.lexer import Token, tokens


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text that PostgreSQL's grammar reads; `pieces` maps it to the original, piece by piece."""

    text: str
    pieces: tuple[tuple[int, int], ...]

    def original_offset(self, offset: int) -> int:
        """Where an offset of the normalised text is in the original."""
        shift = 0
        for start, delta in self.pieces:
            if start > offset:
                break
            shift = delta
        return offset + shift


def _is_placeholder(token: Token, before: Token | None) -> bool:
    if token.kind == "param":
        return not token.text.startswith("$")
    if token.kind == "named":
        return True
    if token.text != "?":
        return False
    # After an operand a question mark is the jsonb operator.
    if before is None:
        return True
    return before.kind in ("operator", "other") and before.text not in (")", "]")


def normalise(text: str) -> Normalised:
    """Replace ?, %s, %(name)s and :name by $n; $n itself stays."""
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    at = made = number = 0
    before: Token | None = None
    for token in tokens(text):
        if _is_placeholder(token, before) or (
            token.text == "?" and before is not None and before.word in _BEFORE_VALUE
        ):
            number += 1
            mark = f"${number}"
            parts += [text[at : token.start], mark]
            made += token.start - at + len(mark)
            at = token.end
            pieces.append((made, at - made))
        before = token
    parts.append(text[at:])
    return Normalised("".join(parts), tuple(pieces))


_BEFORE_VALUE = frozenset(
    {"and", "or", "not", "where", "values", "set", "in", "like", "ilike", "limit", "offset",
     "between", "then", "else", "when", "select", "is", "by", "any", "returning"}
)  # fmt: skip
