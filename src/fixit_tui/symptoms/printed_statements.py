"""Statements that ORMs, drivers and migration tools print beside an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from fixit_tui.model.symptom import Source
from fixit_tui.symptoms import messages
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire

_MOST = 100
_LONGEST = 20_010
# Where an ORM's statement begins, and what ends it.
_ENDED = (
    ("[SQL: ", re.compile(r"(.{5,20000}?)\](?=\n|$|\s*\[parameters|\s*\(Background)", re.DOTALL)),
    (" SQL: ", re.compile(r"(.{5,20000}?)\)(?=[ \t`]*(?:\n|$))", re.DOTALL)),
    ("Failed query: ", re.compile(r"(.{5,20000}?)(?=\nparams:|\n\s*at |$)", re.DOTALL)),
)
# What stands right before a statement that ends with its line, or where its bracket closes.
_INTRODUCED = re.compile(
    r"(?:\(SQL: |\bSQL \[|\] \[|\bquery was: |\bprisma:query |\[rows:-?\d{1,9}\] |"
    r"^Statement[ \t]{1,6}:[ \t]|"
    r"(?:already exists|is not present in table [^\n]{1,140}|is still referenced from table "
    r"[^\n]{1,140})\.[\"\s]{0,3}(?::[ \t]|\n))"
    r"(?=(?i:insert into|update|delete from|merge into|with)\s)",
    re.MULTILINE,
)
_BEFORE_DASH = re.compile(r"(?i)(?:insert into|update|delete from)\s[^\n]*$")
_CLOSERS = {")": "(", "]": "["}


def printed_statements(text: str) -> Iterator[Evidence]:
    """Weak evidence for each; parameters are not read."""
    for span in _spans(text):
        wire = Wire(statement=_unquoted(text[slice(*span)]))
        made = from_wire(wire, Source.DRIVER_ERROR, span, partial=True)
        if made is not None and made.symptom.operation:
            yield made


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for opening, rest in _ENDED:
        at = text.find(opening)
        for _ in range(_MOST):
            if at < 0:
                break
            start = at + len(opening)
            if found := rest.match(text, start, start + _LONGEST):
                yield found.span(1)
            at = text.find(opening, start)
    for introduced in islice(_INTRODUCED.finditer(text), _MOST):
        yield introduced.end(), _end(text, introduced.end())
    # Knex prints `statement - message`.
    for reading in messages.read_all(text)[:_MOST]:
        end = reading.span[0] - 3
        if text[max(end, 0) : reading.span[0]] == " - ":
            line = max(text.rfind("\n", 0, end) + 1, end - 8000)
            if found := _BEFORE_DASH.search(text[line:end]):
                yield line + found.start(), end


def _end(text: str, start: int) -> int:
    """The end of the line, or the bracket that was open before the statement began."""
    depth = {"(": 0, "[": 0}
    quote = ""
    at = start
    for at in range(start, min(len(text), start + _LONGEST)):
        char = text[at]
        if char == "\n" or (char == "{" and not quote):
            return at
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in depth:
            depth[char] += 1
        elif char in _CLOSERS:
            depth[_CLOSERS[char]] -= 1
            if depth[_CLOSERS[char]] < 0:
                return at
    return at + 1


def _unquoted(statement: str) -> str:
    """Without the quotes that Python prints around a string, and the end of a code span."""
    bare = statement.rstrip(" \t\n`").lstrip()
    if len(bare) > 2 and bare[0] in "'\"" and bare[-1] == bare[0]:
        return bare[1:-1]
    return bare
