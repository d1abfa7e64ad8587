"""From a pasted text to the errors that it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fixit_tui.model.symptom import Symptom
from fixit_tui.symptoms import beside, merge, messages, places, prisma, prose, redact
from fixit_tui.symptoms import text as plain
from fixit_tui.symptoms.body import Found, read_objects
from fixit_tui.symptoms.console import console_evidence
from fixit_tui.symptoms.evidence import Evidence
from fixit_tui.symptoms.finish import finish, informative
from fixit_tui.symptoms.hosted import hosted_evidence
from fixit_tui.symptoms.objects import object_evidence, texts_inside
from fixit_tui.symptoms.psql import psql_evidence
from fixit_tui.symptoms.records import record_evidence
from fixit_tui.symptoms.rows import csv_evidence, dart_evidence

_DEEPEST = 2
_MOST_INSIDE = 2_000


def parse(text: str) -> tuple[Symptom, ...]:
    """Every distinct error of the text, the one to explain first at the front.

    Empty when nothing was understood. Never raises, whatever the text. Values of keys, tokens and
    passwords are not in the result. At most 16 million characters are read.
    """
    cleaned = plain.clean(text)
    warned = beside.warnings(cleaned)
    if warned and beside.holds_errors(cleaned):
        # A warning may quote an error that it caught; the details after it stay its own.
        pieces = [p for p in _evidence(cleaned, 0) if not _inside_any(p.span, warned)]
    else:
        cleaned = _hidden(cleaned, [piece.span for piece in warned])
        pieces = _evidence(cleaned, 0)
    if all(piece.weak for piece in pieces):
        pieces += warned or prose.prose_evidence(cleaned)
    pieces += beside.kept_back(cleaned)
    if not pieces:
        pieces = beside.exceptions(cleaned)
    merged = merge.merge(pieces, places.read_traces(cleaned))
    symptoms = list(dict.fromkeys(finish(piece.symptom) for piece in merged))
    symptoms.sort(key=informative, reverse=True)
    return tuple(symptoms)


def _inside_any(span: tuple[int, int], pieces: list[Evidence]) -> bool:
    return any(p.span[0] <= span[0] and span[1] <= p.span[1] for p in pieces)


def _evidence(text: str, depth: int) -> list[Evidence]:
    """All the pieces; what one reader has understood is hidden from those after it."""
    pieces: list[Evidence] = []
    rows = csv_evidence(text)
    pieces += rows
    text = _hidden(text, [piece.span for piece in rows])
    objects = read_objects(text)
    understood: list[tuple[int, int]] = []
    for found in objects:
        made = [*object_evidence(found.value, found.span)] if isinstance(found.value, dict) else []
        if not any(not piece.weak for piece in made) and depth < _DEEPEST:
            made += _inside(found, depth)
        if made:
            pieces += [_with_header(text, piece) for piece in made]
            # What broke off may have been read wrongly: the other readers see it as well.
            if found.complete:
                understood.append(found.span)
    text = _hidden(text, understood)
    dart = list(dart_evidence(text))
    pieces += dart
    text = _hidden(text, [piece.span for piece in dart])
    pieces += prisma.read_text(text)
    pieces += hosted_evidence(text)
    pieces += psql_evidence(text)
    pieces += record_evidence(text)
    pieces += console_evidence(text)
    return pieces


def _inside(found: Found, depth: int) -> Iterator[Evidence]:
    """Errors told in the strings of an object; their place is the object's."""
    for number, inner in enumerate(texts_inside(found.value)):
        if number >= _MOST_INSIDE:
            return
        for piece in _evidence(plain.clean(inner), depth + 1):
            if not piece.weak or piece.symptom.http_status or piece.session:
                yield replace(piece, span=found.span)


def _with_header(text: str, piece: Evidence) -> Evidence:
    """Node prints message and stack before the object that holds the other fields."""
    if piece.weak or piece.symptom.message or not piece.symptom.sqlstate:
        return piece
    lines = text[max(0, piece.span[0] - 6000) : piece.span[0]].split("\n")[-40:]
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(("at ", "..."))):
        lines.pop()
    if not lines:
        return piece
    kind, separator, message = lines[-1].rpartition("rror: ")
    if not separator or "{" in kind:
        return piece
    message = message.strip(" {")
    if messages.read_whole(message) is not None:
        return piece
    return replace(
        piece, symptom=replace(piece.symptom, message=redact.without_values(message) or None)
    )


def _hidden(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the spans blank; places and lines stay where they are."""
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start < at:
            continue
        parts.append(text[at:start])
        parts.append("".join("\n" if char == "\n" else " " for char in text[start:end]))
        at = end
    return "".join([*parts, text[at:]])
