"""One piece of a pasted text that speaks of an error, with where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from typing import Any

from fixit_tui.model.symptom import Frame, Service, Source, Symptom
from fixit_tui.symptoms import messages, redact
from fixit_tui.symptoms.context import read_frames
from fixit_tui.symptoms.statement import read_statement


class Origin(IntEnum):
    """Who named the relation; the higher one wins when pieces are put together."""

    UNKNOWN = 0
    URL = 1
    STATEMENT = 2
    FIELD = 3
    MESSAGE = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """A partial symptom. `weak` evidence (a request, a status) does not say what went wrong.

    `session` and `when` order the errors of one server session; `span` is in characters.
    """

    symptom: Symptom
    span: tuple[int, int]
    weak: bool = False
    origin: Origin = Origin.UNKNOWN
    session: str | None = None
    when: str | None = None


@dataclass(slots=True)
class Wire:
    """The fields of one server error, as drivers, logs and bodies name them.

    `statement` is what the client sent, `query` what a function ran when the error came.
    """

    message: str | None = None
    sqlstate: str | None = None
    detail: str | None = None
    hint: str | None = None
    context: str | None = None
    statement: str | None = None
    query: str | None = None
    schema: str | None = None
    table: str | None = None
    constraint: str | None = None
    role: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def from_wire(
    wire: Wire, source: Source, span: tuple[int, int], *, partial: bool = False
) -> Evidence | None:
    """A server error as evidence; None when it names neither an SQLSTATE nor a message.

    With `partial`, any field is enough: the rest of the error stands elsewhere.
    """
    if wire.message:
        # Printed inside a string: its quotes are still escaped.
        wire.message = wire.message.replace('\\"', '"')
    reading = messages.read_whole(wire.message) if wire.message else None
    if reading is not None and wire.message:
        # Applications wrap the server's words in their own.
        wire.message = wire.message.strip()[slice(*reading.span)]
    sqlstate = wire.sqlstate or (reading.sqlstate if reading else None)
    if sqlstate is None and wire.message:
        sqlstate = messages.nameless(wire.message) or messages.english(wire.message)
    named = sqlstate or wire.message or wire.extra.get("postgrest_code")
    if not named and not partial:
        return None
    values: dict[str, Any] = dict(wire.extra)
    values.update(sqlstate=sqlstate, hint=wire.hint, role=wire.role, statement=wire.statement)
    origin, names = _names(wire, reading)
    values.update({key: value for key, value in names.items() if value is not None})
    detail = wire.detail
    if detail:
        values["key_columns"] = messages.key_columns(detail)
        detail = redact.without_values(detail)
        if sqlstate in ("23502", "23514"):
            detail = redact.without_row(detail)
    message = redact.without_values(wire.message) if wire.message else None
    if wire.context:
        values["frames"] = _with_query(read_frames(wire.context), wire.query)
    if failed := wire.query or wire.statement:
        values = {
            **_of_statement(failed),
            **{k: v for k, v in values.items() if v is not None},
        }
        if origin is Origin.UNKNOWN and values.get("relation"):
            origin = Origin.STATEMENT
    if reading is not None and reading.column and not values.get("columns"):
        values["identifiers"] = (reading.column,)
    quoted = messages.identifiers("\n".join(filter(None, (message, detail))))
    known = (values.get("constraint"), values.get("relation"), values.get("referenced_relation"))
    values["identifiers"] = tuple(dict.fromkeys((*quoted, *filter(None, known[:1]))))
    values.update(message=message, detail=detail)
    return Evidence(
        Symptom(source=source, headline="", **values), span, origin=origin, weak=not named
    )


def _with_query(frames: tuple[Frame, ...], query: str | None) -> tuple[Frame, ...]:
    """The query belongs to the innermost function."""
    if query is None or not frames or frames[0].statement is not None:
        return frames
    return (replace(frames[0], statement=query), *frames[1:])


def _names(wire: Wire, reading: messages.Reading | None) -> tuple[Origin, dict[str, str | None]]:
    """Constraint and tables, from the message first, then from fields of their own."""
    names: dict[str, str | None] = {
        "constraint": wire.constraint or (reading.constraint if reading else None),
        "referenced_relation": reading.referenced if reading else None,
    }
    origin = Origin.UNKNOWN
    if reading is not None and reading.relation:
        origin = Origin.MESSAGE
        same = wire.table == reading.relation
        names.update(
            relation=reading.relation, schema=reading.schema or (wire.schema if same else None)
        )
    elif wire.table:
        origin = Origin.FIELD
        names.update(relation=wire.table, schema=wire.schema)
    elif reading is not None and reading.schema:
        names.update(schema=reading.schema)
    return origin, _with_detail(wire, reading, names)


def _with_detail(
    wire: Wire, reading: messages.Reading | None, names: dict[str, str | None]
) -> dict[str, str | None]:
    """The second table of a foreign key stands in its detail only."""
    stated = messages.detail_direction(wire.detail) if wire.detail else None
    if stated is None:
        return names
    direction, table = stated
    if direction == "absent":
        names["referenced_relation"] = names.get("referenced_relation") or table
    elif reading is None and not names.get("relation"):
        names["relation"] = table
    return names


def _of_statement(text: str) -> dict[str, Any]:
    read = read_statement(text)
    return {
        key: value
        for key, value in (
            ("operation", read.operation),
            ("schema", read.schema),
            ("relation", read.relation),
            ("on_conflict", read.on_conflict),
            ("columns", read.columns),
            ("resolution", read.resolution),
        )
        if value
    }


def joined(first: Evidence, second: Evidence) -> Evidence:
    """Both pieces as one: the first one's values, filled up from the second.

    The relation (with its schema) comes from whichever names it with more authority.
    """
    a, b = first.symptom, second.symptom
    values = {f.name: getattr(a, f.name) or getattr(b, f.name) for f in fields(Symptom)}
    high, low = (first, second) if first.origin >= second.origin else (second, first)
    if high.symptom.relation:
        schema = high.symptom.schema
        if schema is None and low.symptom.relation in (None, high.symptom.relation):
            schema = low.symptom.schema
        values.update(relation=high.symptom.relation, schema=schema)
    values["source"] = _better_source(first, second)
    values["operation"] = _operation(a, b)
    values["identifiers"] = tuple(dict.fromkeys(a.identifiers + b.identifiers))
    values["places"] = tuple(dict.fromkeys(a.places + b.places))
    values["frames"] = max(a.frames, b.frames, key=len)
    values["detail"] = max(a.detail or "", b.detail or "", key=len) or None
    values["service"] = _service(first, second)
    return Evidence(
        Symptom(**values),
        (min(first.span[0], second.span[0]), max(first.span[1], second.span[1])),
        weak=first.weak and second.weak,
        origin=max(first.origin, second.origin),
        session=first.session or second.session,
        when=first.when or second.when,
    )


def _service(first: Evidence, second: Evidence) -> Service:
    """The service of what says most; among requests and statuses, of the one with an address."""
    a, b = first.symptom, second.symptom
    if first.weak and second.weak and b.url_path and not a.url_path:
        return b.service
    return b.service if first.weak and not second.weak else a.service


def with_fields(evidence: Evidence, **values: Any) -> Evidence:
    """The evidence with other symptom fields."""
    return replace(evidence, symptom=replace(evidence.symptom, **values))


_RANK = {
    source: rank
    for rank, source in enumerate(
        (
            Source.PROSE,
            Source.CONSOLE_LINE,
            Source.REQUEST,
            Source.DRIVER_ERROR,
            Source.POSTGREST_BODY,
            Source.SERVER_LOG,
        )
    )
}


def _better_source(first: Evidence, second: Evidence) -> Source:
    return max(first.symptom.source, second.symptom.source, key=_RANK.__getitem__)


def _operation(a: Symptom, b: Symptom) -> str | None:
    """`upsert` is more than `insert`: a URL shows the latter where only a header tells."""
    if "upsert" in (a.operation, b.operation) and {a.operation, b.operation} <= {
        "upsert",
        "insert",
        None,
    }:
        return "upsert"
    found = a.operation or b.operation
    return "upsert" if found == "insert" and (a.on_conflict or b.on_conflict) else found
