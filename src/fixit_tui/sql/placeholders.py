"""Every placeholder style as $n, with a map back to the original text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from fixit_tui.sql.lexer import Token, tokens

# Words that a value may follow: what comes next is no operator but an operand.
_BEFORE_VALUE = frozenset(
    {"and", "or", "not", "where", "values", "set", "in", "like", "ilike", "limit", "offset",
     "between", "then", "else", "when", "select", "is", "by", "any", "all", "some", "returning",
     "case", "on", "having", "from", "using", "distinct", "similar", "to", "escape", "default",
     "interval", "as", "add", "if", "elsif", "return", "fetch", "first", "next", "array", "over",
     "union", "except", "intersect", "do"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text that PostgreSQL's grammar reads; `pieces` are (offset from which on, shift) in order."""

    text: str
    pieces: tuple[tuple[int, int], ...]

    def original_offset(self, offset: int) -> int:
        """Where a character offset of the normalised text is in the original."""
        found = bisect_right(self.pieces, offset, key=lambda piece: piece[0])
        return offset + (self.pieces[found - 1][1] if found else 0)


def _is_numbered(token: Token) -> bool:
    """`$1`, which stays; `$<name>` and `${name}` are pg-promise's."""
    return token.text[0] == "$" and token.text[1].isdigit()


def _is_operand(token: Token | None) -> bool:
    """Whether a token ends a value, so that an operator may follow it."""
    if token is None:
        return False
    if token.kind == "word":
        return token.word not in _BEFORE_VALUE
    if token.kind in ("operator", "cast"):
        return False
    return token.kind != "other" or token.text in (")", "]")


def _placeholder_end(items: tuple[Token, ...], at: int, subscripts: int) -> int | None:
    """Index behind the placeholder that begins at a token, or None where none begins."""
    token, before = items[at], items[at - 1] if at else None
    if token.kind == "param":
        modulo = token.text == "%s" and before is not None and before.end == token.start
        return None if _is_numbered(token) or (modulo and _is_operand(before)) else at + 1
    if token.kind == "named":
        return None if subscripts and _is_operand(before) else at + 1
    if _is_operand(before):
        return None
    if token.text == "?":
        return at + 1
    follows = items[at + 1] if at + 1 < len(items) else None
    if token.text == "@" and follows is not None and follows.kind == "word":
        return at + 2 if follows.start == token.end else None
    return None


def normalise(text: str) -> Normalised:
    """Replace ?, %s, %(name)s, :name, :1, @name and $<name> by $n; $n itself stays.

    A question mark or @ after an operand is the operator of that name; a colon inside a subscript
    is a slice.
    """
    items = tokens(text)
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    numbers: dict[str, int] = {}
    at = made = index = subscripts = 0
    taken = {int(t.text[1:]) for t in items if t.kind == "param" and _is_numbered(t)}
    free = max(taken, default=0)
    while index < len(items):
        token = items[index]
        subscripts += (token.text == "[") - (token.text == "]")
        after = _placeholder_end(items, index, subscripts)
        if after is None:
            index += 1
            continue
        end = items[after - 1].end
        written = text[token.start : end]
        if written in ("?", "%s") or written not in numbers:
            free += 1
            numbers[written] = free
        mark = f"${numbers[written]}"
        parts += [text[at : token.start], mark]
        made += token.start - at + len(mark)
        at = end
        pieces.append((made, at - made))
        index = after
    parts.append(text[at:])
    return Normalised("".join(parts), tuple(pieces))
