"""Where the clauses of a statement stand in its text, found by tokens at the statement's depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fixit_tui.sql.lexer import closing, depths, tokens


@dataclass(frozen=True, slots=True)
class Span:
    """Character offsets of a piece of the text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class InsertClauses:
    """Texts and places of an INSERT's clauses; absent ones are empty or None.

    `rows` are those of VALUES, `outputs` the SELECT list with its aliases, `select` the SELECT
    from this word on. `insertion_point` is
    where a conflict clause would stand.
    """

    rows: tuple[tuple[str, ...], ...] = ()
    outputs: tuple[str, ...] = ()
    select: Span | None = None
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


def _rows_of_values(s: _Statement, first: int, stop: int) -> tuple[tuple[str, ...], ...]:
    """Expression texts of each row of a VALUES list."""
    rows: list[tuple[str, ...]] = []
    at = first
    while at < stop and s.items[at].text == "(":
        close = closing(s.items, at)
        rows.append(s.commas(at + 1, close, s.level + 1))
        at = close + 1
        if at >= stop or s.items[at].text != ",":
            break
        at += 1
    return tuple(rows)


_AFTER_OUTPUT = (
    "from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit",
    "offset", "fetch", "for", "into",
)  # fmt: skip


def _outputs(s: _Statement, select: int, stop: int) -> tuple[str, ...]:
    """Texts of a SELECT's output list, aliases included."""
    first = select + 1
    if first < stop and s.items[first].word in ("distinct", "all"):
        first += 1
        if first + 1 < stop and s.items[first].word == "on" and s.items[first + 1].text == "(":
            first = closing(s.items, first + 1) + 1
    ends = [s.find(w, start=first) for w in _AFTER_OUTPUT]
    end = min([e for e in ends if e is not None and e < stop], default=stop)
    return s.commas(first, end, s.level)


def _source(
    s: _Statement, stop: int
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...], Span | None]:
    """Rows of VALUES, or the output texts and the place of SELECT."""
    values = s.find("values")
    if values is not None and values < stop:
        return _rows_of_values(s, values + 1, stop), (), None
    select = s.find("select")
    if select is None or select >= stop:
        return (), (), None
    return (), _outputs(s, select, stop), s.slice(select, stop)


def _conflict(s: _Statement, stop: int) -> int | None:
    """Index of ON CONFLICT. A join condition on a column of that name is none."""
    at = s.find("on", "conflict")
    while at is not None and at < stop:
        following = s.items[at + 2] if at + 2 < stop else None
        if following is not None and (following.text == "(" or following.word in ("do", "on")):
            return at
        at = s.find("on", "conflict", start=at + 1)
    return None


def _assignments(s: _Statement, first: int, last: int) -> dict[str, str]:
    """Column → expression text; a column of which only a part is set is left out."""
    found: dict[str, str] = {}
    begin = first
    for i in range(first, last + 1):
        if i < last and not (s.items[i].text == "," and s.depth[i] == s.level):
            continue
        if i - begin >= 3 and s.items[begin + 1].text == "=":
            found[s.items[begin].name] = s.slice(begin + 2, i).of(s.text)
        elif i - begin >= 3 and s.items[begin].text == "(":
            found |= _assigned_together(s, begin, i)
        begin = i + 1
    return found


def _assigned_together(s: _Statement, begin: int, end: int) -> dict[str, str]:
    """(a, b) = (x, y) or ROW (x, y); nothing for (a, b) = (SELECT …)."""
    close = closing(s.items, begin)
    source = close + 2
    if source < end and s.items[source].word == "row":
        source += 1
    if source >= end or s.items[close + 1].text != "=" or s.items[source].text != "(":
        return {}
    names = [t.name for t in s.items[begin + 1 : close] if t.text != ","]
    texts = s.commas(source + 1, closing(s.items, source), s.level + 1)
    same = len(names) == len(texts) and closing(s.items, source) == end - 1
    return dict(zip(names, texts, strict=True)) if same else {}


def insert_clauses(text: str, offset: int) -> InsertClauses:
    """The clauses of the INSERT whose relation stands at a character offset."""
    s = _Statement(text, offset)
    if not s.items:
        return InsertClauses()
    returning = s.find("returning")
    stop = s.end if returning is None else returning
    conflict = _conflict(s, stop)
    body_end = stop if conflict is None else conflict
    point = s.items[stop - 1].end
    rows, outputs, select = _source(s, body_end)
    if conflict is None:
        return InsertClauses(rows=rows, outputs=outputs, select=select, insertion_point=point)
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
        rows=rows,
        outputs=outputs,
        select=select,
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
