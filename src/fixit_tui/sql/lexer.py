"""Tokens of SQL text with character offsets. Knows quotes, dollar quotes and nested comments.

Works on text that no parser accepts, and on every placeholder style.
Source: PostgreSQL manual, Lexical Structure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\n\r\f\v]+)
  | (?P<line>--[^\r\n]*)
  | (?P<string>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z))
  | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*(?:"|\Z))
  | (?P<dollar>\$(?P<tag>[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)\$.*?(?:\$(?P=tag)\$|\Z)
             | \$\$.*?(?:\$\$|\Z))
  | (?P<param>\$\d+ | %\(\w+\)s | %s
             | \$(?:<[\w.]+(?::json)?> | \([\w.]+(?::json)?\) | \[[\w.]+(?::json)?\]
                  | \{[\w.]+(?::json)?\} | /[\w.]+(?::json)?/))
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)? | \.\d+)
  | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
  | (?P<cast>::)
  | (?P<named>:(?:[A-Za-z_]\w*|\d+))
  | (?P<operator>[-+*/<>=~!@\#%^&|`?]+)
  | (?P<other>.)
    """,
    re.X | re.S,
)

# The server folds ASCII letters only.
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# An operator that a driver's placeholder follows without a blank: a=?, a=%s, a||@name.
_GLUED = re.compile(
    r"(?:<>|!=|<=|>=|\|\||[-+*/=<>])(?=\?(?![?|&\#-])|%s\b|%\(\w)"
    r"|(?:<>|!=|<=|>=|\|\||[-+*/=])(?=@[A-Za-z_])"
)
_PLUS_MINUS_MAY_END = frozenset("~!@#%^&|`?")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is word, quoted, string, dollar, param, number, operator, cast, named or other."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """Lower-cased text of a bare word, else ''."""
        return self.text.translate(_FOLD) if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """The identifier that this token denotes, folded as the server folds it."""
        if self.kind == "quoted":
            return self.text.strip()[1:-1].replace('""', '"')
        return self.text.translate(_FOLD)


def _comment_end(text: str, start: int) -> int:
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    return len(text)


def _operator_end(text: str, start: int, end: int) -> int:
    """Where the operator that begins at `start` ends; `end` is where operator characters end.

    It stops before a comment and before a placeholder, and ends in + or - only if it holds one of
    the characters that allow it. Source: PostgreSQL manual, Operators.
    """
    for at in range(start, end - 1):
        if text[at : at + 2] in ("--", "/*"):
            end = at
            break
    glued = _GLUED.match(text, start)
    if glued is not None and glued.end() < end:
        return glued.end()
    while end - start > 1 and text[end - 1] in "+-":
        if _PLUS_MINUS_MAY_END & set(text[start:end]):
            break
        end -= 1
    return end


def tokens(text: str) -> tuple[Token, ...]:
    """Every token but white space and comments."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text.startswith("/*", at):
            at = _comment_end(text, at)
            continue
        match = _TOKEN.match(text, at)
        assert match is not None
        kind, end = str(match.lastgroup), match.end()
        if kind == "tag":
            kind = "dollar"
        if kind == "operator":
            end = max(_operator_end(text, at, end), at + 1)
        if kind not in ("space", "line"):
            found.append(Token(kind, text[at:end], at, end))
        at = end
    return tuple(found)


def closing(items: tuple[Token, ...], opening: int) -> int:
    """Index of the bracket that closes the one at `opening`, or the last index."""
    depth = 0
    for index in range(opening, len(items)):
        if items[index].text in ("(", "["):
            depth += 1
        elif items[index].text in (")", "]"):
            depth -= 1
            if depth == 0:
                return index
    return len(items) - 1


def depths(items: tuple[Token, ...]) -> tuple[int, ...]:
    """Bracket depth at each token; a bracket counts for what is inside of it."""
    result, depth = [], 0
    for item in items:
        if item.text in (")", "]"):
            depth -= 1
        result.append(depth)
        if item.text in ("(", "["):
            depth += 1
    return tuple(result)
