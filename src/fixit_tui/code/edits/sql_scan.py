"""Find clauses in SQL text as it stands in source code, escapes included.

What a template fills in at run time has to be masked by word characters before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<skip>--[^\n]*|/\*.*?\*/|\s+|\\[nrt])"
    r"|(?P<string>(?:[eE])?'(?:[^'\\]|''|\\.)*')"
    r"|(?P<name>\\?\"(?:[^\"\\]|\"\"|\\(?!\").)*\\?\")"
    r"|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<word>[A-Za-z_][\w$]*)"
    r"|(?P<other>\\.|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL at a parenthesis depth; `start` and `end` are characters of the text."""

    text: str
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        return self.text.upper()


def tokens(sql: str) -> list[Token]:
    """Tokens without white space and comments."""
    found: list[Token] = []
    depth = place = 0
    while place < len(sql):
        match = _TOKEN.match(sql, place)
        assert match is not None
        text, end = match[0], match.end()
        if text == ")":
            depth -= 1
        if match["skip"] is None:
            found.append(Token(text, place, end, depth))
        if text == "(":
            depth += 1
        place = end
    return found


@dataclass(frozen=True, slots=True)
class InsertShape:
    """Places in the text of one INSERT. A place is None when the clause is not there.

    `columns` are the column names as written; `target` is the inside of the parentheses behind
    ON CONFLICT, `predicate` what follows WHERE there, `arbiter` all that names the key: what stands
    between ON CONFLICT and DO. `tail` is where a clause is appended.
    """

    columns: tuple[str, ...]
    tail: int
    returning: int | None
    conflict: int | None
    target: tuple[int, int] | None
    predicate: tuple[int, int] | None
    action: int | None
    arbiter: tuple[int, int] | None = None


def insert_shape(sql: str) -> InsertShape | None:
    """The shape of one INSERT statement, None for anything else or for several statements."""
    parts = tokens(sql)
    while parts and parts[-1].text == ";":
        parts.pop()
    if not parts or parts[0].word != "INSERT" or any(t.text == ";" for t in parts):
        return None
    top = [t for t in parts if t.depth == 0]
    returning = next((t.start for t in top if t.word == "RETURNING"), None)
    conflict = _conflict(top)
    tail = parts[-1].end if returning is None else _end_before(parts, returning)
    if conflict is None:
        return InsertShape(_columns(parts), tail, returning, None, None, None, None)
    start = top[conflict].start
    behind = [t for t in parts if t.start > top[conflict + 1].start]
    action = next((t.start for t in behind if t.depth == 0 and t.word == "DO"), None)
    if action is None:
        return None
    target = predicate = None
    if behind and behind[0].text == "(":
        close = next(t for t in behind if t.text == ")" and t.depth == 0)
        target = (behind[0].end, close.start)
        where = next((t for t in behind if t.start > close.start), None)
        if where is not None and where.word == "WHERE":
            predicate = (where.end, _end_before(parts, action))
    arbiter = None
    if behind[0].start < action:
        arbiter = (behind[0].start, _end_before(parts, action))
    return InsertShape(_columns(parts), tail, returning, start, target, predicate, action, arbiter)


def _conflict(top: list[Token]) -> int | None:
    for index in range(len(top) - 1):
        if top[index].word == "ON" and top[index + 1].word == "CONFLICT":
            return index
    return None


def _end_before(parts: list[Token], place: int) -> int:
    return [t for t in parts if t.start < place][-1].end


def _columns(parts: list[Token]) -> tuple[str, ...]:
    opened = next((i for i, t in enumerate(parts) if t.text == "("), None)
    if opened is None or any(
        t.word in ("VALUES", "SELECT", "DEFAULT", "WITH", "ON", "RETURNING") for t in parts[:opened]
    ):
        return ()
    found: list[str] = []
    for token in parts[opened + 1 :]:
        if token.text == ")" and token.depth == 0:
            break
        if token.text != ",":
            found.append(token.text)
    return tuple(found)
