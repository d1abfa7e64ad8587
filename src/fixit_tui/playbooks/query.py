"""A playbook's query as text: one SELECT, and the steps that its WITH clause names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase, Value

_SKIP = r"--[^\n]*|/\*.*?(?:\*/|\Z)|\s+"
_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^]]*\]"
_LEADING = re.compile(rf"(?:{_SKIP})*", re.S)
_TOKEN = re.compile(rf"(?P<skip>{_SKIP})|{_QUOTED}|\w+|.", re.S)
# Whatever cannot end a statement, hide its end or nest is one piece.
_PIECE = re.compile(rf"(?P<skip>{_SKIP})|{_QUOTED}|[^;'\"`\[/-]+|.", re.S)


@dataclass(frozen=True, slots=True)
class Step:
    """One name of the WITH clause; `definition` is the text after WITH, such as 'a AS (…)'."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What a query does one after the other; without steps, `last` is all of it."""

    steps: tuple[Step, ...]
    recursive: bool
    last: str


def one_select(query: str) -> str:
    """The query without its closing semicolon and comments; '' if it is not one SELECT.

    SQLite's lexical rules. Whether it can run is for `FactBase.select` to say.
    """
    start = _LEADING.match(query).end()  # type: ignore[union-attr]  # it matches nothing, too
    word = re.compile(r"\w+").match(query, start)
    if word is None or word[0].lower() not in ("select", "with"):
        return ""
    end, closed = start, False
    for piece in _PIECE.finditer(query, start):
        if piece["skip"] is not None or piece[0].isspace():
            continue
        if piece[0] == ";":
            closed = True
        elif closed:
            return ""
        else:
            end = piece.start() + len(piece[0].rstrip())
    return query[start:end]


@lru_cache(maxsize=256)
def steps_of(query: str) -> Steps:
    """The steps of one SELECT; none where a step looks ahead, or the text is not understood.

    SQLite copies a step's whole text to each place that names it before it plans anything, which
    takes longer than running it: a table for each step is written, planned and read once.
    """
    whole = Steps((), False, query)
    reader = _Reader(query)
    if reader.word() != "with":
        return whole
    reader.next()
    recursive = reader.word() == "recursive"
    if recursive:
        reader.next()
    steps: list[Step] = []
    while (step := reader.step()) is not None:
        steps.append(step)
        if reader.word() != ",":
            break
        reader.next()
    if step is None or reader.word() not in ("select", "values"):
        return whole
    made = Steps(tuple(steps), recursive, query[reader.at() :])
    return whole if _looks_ahead(made) else made


def _looks_ahead(made: Steps) -> bool:
    later: set[str] = set()
    for step in reversed(made.steps):
        if _tables(step.definition) & later:
            return True
        later.add(step.name.lower())
    return False


def _tables(text: str) -> set[str]:
    """Words that may name a table; among commas they may be columns as well."""
    words = ["", *(m[0].lower() for m in _TOKEN.finditer(text) if m["skip"] is None)]
    before = {"from", "join", "in", ","}
    return {word.strip('"`[]') for last, word in pairwise(words) if last in before}


def rows_of(facts: FactBase, query: str) -> list[dict[str, Value]]:
    """What a query finds. Raises UsageError, as `FactBase.select` does."""
    made = steps_of(query)
    if not made.steps:
        return facts.select(query)
    opening = "WITH RECURSIVE" if made.recursive else "WITH"
    steps = [(s.name, f"{opening} {s.definition}\nSELECT * FROM {s.name}") for s in made.steps]
    try:
        return facts.select_in_steps(steps, made.last)
    except UsageError:
        # The whole query says better what is wrong with it.
        return facts.select(query)


class _Reader:
    """The significant tokens of a query, one by one."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = [m for m in _TOKEN.finditer(query) if m["skip"] is None]
        self._number = 0

    def at(self) -> int:
        """Where the token stands in the text."""
        if self._number < len(self._tokens):
            return self._tokens[self._number].start()
        return len(self._query)

    def word(self) -> str:
        """The token in lower case, '' at the end."""
        done = self._number >= len(self._tokens)
        return "" if done else self._tokens[self._number][0].lower()

    def next(self) -> None:
        """Go on by one token."""
        self._number += 1

    def step(self) -> Step | None:
        """`name [(columns)] AS [[NOT] MATERIALIZED] (…)`; None for anything else."""
        start, name = self.at(), self._query[self.at() : self._end()]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return None
        self.next()
        if self.word() == "(" and not self._group():
            return None
        if self.word() != "as":
            return None
        self.next()
        while self.word() in ("not", "materialized"):
            self.next()
        if self.word() != "(" or not self._group():
            return None
        return Step(name, self._query[start : self._tokens[self._number - 1].end()])

    def _end(self) -> int:
        done = self._number >= len(self._tokens)
        return len(self._query) if done else self._tokens[self._number].end()

    def _group(self) -> bool:
        """Go behind the closing parenthesis; false where there is none."""
        depth = 0
        while word := self.word():
            depth += (word == "(") - (word == ")")
            self.next()
            if depth == 0:
                return True
        return False
