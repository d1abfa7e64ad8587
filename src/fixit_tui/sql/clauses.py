"""Where the clauses of a statement stand in its text, found by tokens at the statement's depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from fixit_tui.sql.lexer import Token, closing, depths, tokens


@dataclass(frozen=True, slots=True)
class Span:
    """Character offsets of a piece of the text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class InsertClauses:
    """Texts and places of an INSERT's clauses; absent ones are empty or None."""

    values: tuple[str, ...] = ()
    conflict: Span | None = None
    target: Span | None = None
    target_elements: tuple[str, ...] = ()
    predicate: str = ""
    predicate_span: Span | None = None
    update_values: Mapping[str, str] = field(default_factory=dict)
    insertion_point: int = 0


class _Statement:
    """The tokens of the statement around an offset, at its own bracket depth."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.items = tokens(text)
        self.depth = depths(self.items)
        self.at = next((i for i, t in enumerate(self.items) if t.end > offset), 0)
        self.level = self.depth[self.at] if self.items else 0
        self.end = next(
            (
                i
                for i in range(self.at, len(self.items))
                if self.depth[i] < self.level
                or (self.items[i].text == ";" and self.depth[i] == self.level)
            ),
            len(self.items),
        )

    def find(self, *words: str, start: int | None = None) -> int | None:
        """Index of the first run of words at this depth, or None."""
        for i in range(self.at if start is None else start, self.end - len(words) + 1):
            if self.depth[i] == self.level and all(
                self.items[i + k].word == w for k, w in enumerate(words)
            ):
                return i
        return None

    def slice(self, first: int, last: int) -> Span:
        """Span from the first token to the one before `last`."""
        return Span(self.items[first].start, self.items[last - 1].end)

    def commas(self, first: int, last: int, level: int) -> tuple[str, ...]:
        """Texts between commas at a depth, of tokens first … last-1."""
        parts, begin = [], first
        for i in range(first, last + 1):
            if i == last or (self.items[i].text == "," and self.depth[i] == level):
                if i > begin:
                    parts.append(self.slice(begin, i).of(self.text))
                begin = i + 1
        return tuple(parts)


def _values(s: _Statement, stop: int) -> tuple[str, ...]:
    start = s.find("values")
    if start is not None and start < stop and start + 1 < stop:
        opening = start + 1
        return s.commas(opening + 1, closing(s.items, opening), s.level + 1)
    select = s.find("select")
    if select is None or select >= stop:
        return ()
    ends = [s.find(w, start=select) for w in ("from", "where", "union", "order", "limit", "group")]
    end = min([e for e in ends if e is not None and e < stop], default=stop)
    return s.commas(select + 1, end, s.level)


def _assignments(s: _Statement, first: int, last: int) -> dict[str, str]:
    found: dict[str, str] = {}
    begin = first
    for i in range(first, last + 1):
        if i < last and not (s.items[i].text == "," and s.depth[i] == s.level):
            continue
        if i - begin >= 3 and s.items[begin + 1].text == "=":
            found[s.items[begin].name] = s.slice(begin + 2, i).of(s.text)
        begin = i + 1
    return found


def insert_clauses(text: str, offset: int) -> InsertClauses:
    """The clauses of the INSERT whose relation stands at a character offset."""
    s = _Statement(text, offset)
    if not s.items:
        return InsertClauses()
    returning = s.find("returning")
    stop = s.end if returning is None else returning
    conflict = s.find("on", "conflict")
    body_end = stop if conflict is None else conflict
    point = s.items[stop - 1].end
    values = _values(s, body_end)
    if conflict is None:
        return InsertClauses(values=values, insertion_point=point)
    do = s.find("do", start=conflict)
    do = stop if do is None else do
    target = predicate = None
    elements: tuple[str, ...] = ()
    if conflict + 2 < do and s.items[conflict + 2].text == "(":
        close = closing(s.items, conflict + 2)
        target = s.slice(conflict + 3, close)
        elements = s.commas(conflict + 3, close, s.level + 1)
        if close + 1 < do and s.items[close + 1].word == "where":
            predicate = s.slice(close + 2, do)
    setting = s.find("set", start=do)
    updates: dict[str, str] = {}
    if setting is not None and setting < stop:
        where = s.find("where", start=setting)
        updates = _assignments(s, setting + 1, stop if where is None else min(where, stop))
    return InsertClauses(
        values=values,
        conflict=s.slice(conflict, stop),
        target=target,
        target_elements=elements,
        predicate=predicate.of(text) if predicate else "",
        predicate_span=predicate,
        update_values=updates,
        insertion_point=point,
    )


def set_expressions(text: str, offset: int) -> dict[str, str]:
    """Column → expression text of the UPDATE whose relation stands at an offset."""
    s = _Statement(text, offset)
    start = s.find("set")
    if start is None:
        return {}
    ends = [s.find(w, start=start) for w in ("from", "where", "returning")]
    return _assignments(s, start + 1, min([e for e in ends if e is not None], default=s.end))


def _names(items: tuple[Token, ...]) -> frozenset[str]:
    return frozenset(t.name for t in items if t.kind in ("word", "quoted"))


def expression_uses(text: str, variables: frozenset[str]) -> bool:
    """Whether an expression holds a placeholder, one of the variables, or NEW or OLD."""
    items = tokens(text)
    if any(t.kind in ("param", "named") or t.text == "?" for t in items):
        return True
    for first, second in pairwise(items):
        if first.word in ("new", "old") and second.text == ".":
            return True
    return bool(_names(items) & variables)
