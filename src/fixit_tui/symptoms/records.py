"""Server messages in lines: logs with any prefix, psql, drivers' printed errors, plain text."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from fixit_tui.model.symptom import CodePlace, Source
from fixit_tui.symptoms import codes, messages
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire, with_fields
from fixit_tui.symptoms.printed_statements import printed_statements

_LONGEST_BODY = 60_000
_ERRORS = frozenset({"error", "fatal", "panic"})
_SEVERITIES = _ERRORS | {"warning", "log", "notice"}
_FIELDS = {
    "SQL state": "sqlstate",
    "SQLSTATE": "sqlstate",
    "SqlState": "sqlstate",
    "SCHEMA NAME": "schema",
    "TABLE NAME": "table",
    "CONSTRAINT NAME": "constraint",
    "SchemaName": "schema",
    "TableName": "table",
    "ConstraintName": "constraint",
    "MessageText": "error",
    "Detail": "detail",
    "Hint": "hint",
    "Where": "context",
}
_PID = re.compile(r"\[(\d{1,10})(?:-\d{1,10})?\]|\bpid[=: ](\d{1,10})|\bp=(\d{1,10})")
_ROLE = re.compile(r"(?<![\w@.])([A-Za-z_][\w.-]{0,62})@[A-Za-z_]")
_ROLE_NAMED = re.compile(r"\b(?:user|usr|u)=([A-Za-z_][\w.-]{0,62})")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?")
_PREFIX_STATE = re.compile(r"(?<![\[\w.:-])([0-9A-Z]{5})(?![\]\w.:-])")
_SHORT_STATE = frozenset(
    [
        "23505",
        "23503",
        "23502",
        "23514",
        "42501",
        "42703",
        "42704",
        "42883",
        "22023",
        "21000",
        "55000",
        "40001",
        "25006",
    ]
)
_VERBOSE = re.compile(r"^([0-9A-Z]{5}): ")
_TRAILING_STATE = re.compile(r"\s*\(SQLSTATE:? ?([0-9A-Z]{5})\)")
_PSQL_PLACE = re.compile(r"psql:([^\s:]{1,300}):(\d{1,7}):\s*$")
_PSQL_LINE = re.compile(r"^LINE \d{1,7}: (.{5,2000})$", re.MULTILINE)
_NO_ROLE = re.compile(r'role ".{1,200}" does not exist')
_POSITION = re.compile(r" at character \d{1,9}$")
_LOGINS = frozenset({"authenticator", "unknown", "pgbouncer"})
_CLASS_LINE = re.compile(
    r"(?:^|[\s(])((?:[\w$]+(?:\.|::))*[A-Z]\w{3,60}(?:Error)?)\)?:[ \t]+(\S[^\n]{0,4000})",
    re.MULTILINE,
)
_KEY_SENTENCE = re.compile(
    r"(?:^[ \t]*|[(\"])(Key \([^\n]{1,500}?\)=\([^\n]*?\) (?:is duplicated|already exists|"
    r"is not present in table \"[^\"\n]{1,130}\"|"
    r"is still referenced from table \"[^\"\n]{1,130}\")\.)",
    re.MULTILINE,
)
_AT_STATEMENT = re.compile(r"^At statement\b[ \t]*\d*:?[ \t]*\d*[ \t]*\n", re.MULTILINE)


@dataclass(slots=True)
class _Record:
    """One error with what the labels after it add."""

    kind: str
    span: tuple[int, int]
    wire: Wire = field(default_factory=Wire)
    source: Source = Source.DRIVER_ERROR
    session: str | None = None
    when: str | None = None
    place: CodePlace | None = None
    emphatic: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    """A label or a recognised message: where it starts, and where its text starts.

    `reach` is where a recognised message behind a label ends: it may go over several lines.
    """

    kind: str
    start: int
    body: int
    end: int | None = None
    state: str | None = None
    reach: int = 0


def record_evidence(text: str) -> list[Evidence]:
    """Every error that the lines tell of; parts without their error are weak evidence."""
    return [*_server_errors(text), *printed_statements(text)]


def _server_errors(text: str) -> Iterator[Evidence]:
    events = _events(text)
    records: list[_Record] = []
    current: dict[str | None, _Record] = {}
    last: _Record | None = None
    for number, event in enumerate(events):
        following = events[number + 1].start if number + 1 < len(events) else len(text)
        line_start = text.rfind("\n", 0, event.start) + 1
        first_on_line = number == 0 or events[number - 1].start < line_start
        prefix = text[max(line_start, event.start - 400) : event.start] if first_on_line else ""
        session = _session(prefix)
        body = _body(text, event, following, bool(session))
        if event.kind in _SEVERITIES:
            last = _Record(event.kind, (line_start, event.body + len(body)), session=session)
            _start(last, event, prefix, body)
            current[session] = last
            records.append(last)
            continue
        record = current.get(session) if session else last
        if record is None or event.start - record.span[1] > (20_000 if session else 3000):
            record = _Record("part", (line_start, event.body), session=session)
            records.append(record)
            current[session] = last = record
        _add(record, event.kind, body)
        record.span = (record.span[0], max(record.span[1], event.body + len(body)))
    for record in records:
        if (made := _evidence(record, text)) is not None:
            yield made


def _events(text: str) -> list[_Event]:
    """Labels, and messages that no label announces, by position."""
    events = [
        _Event(_kind(match.group(1)), match.start(), match.end())
        for match in _label_pattern().finditer(text)
    ]
    announced = [(event.body, event.kind) for event in events]
    bare = (*_unlabelled(text), *_bare_parts(text))
    reaches = {event.start: event.end or 0 for event in bare}
    events = [replace(event, reach=reaches.get(event.body, 0)) for event in events]
    events += [event for event in bare if not _is_announced(text, event, announced)]
    return sorted(events, key=lambda event: event.start)


def _unlabelled(text: str) -> Iterator[_Event]:
    taken: set[int] = set()
    if codes.names_class(text):
        for match in _CLASS_LINE.finditer(text):
            if state := codes.of_class(match.group(1)):
                taken.add(match.start(2))
                yield _Event("error", match.start(2), match.start(2), match.end(2), state)
    for reading in messages.read_all(text):
        if reading.span[0] not in taken:
            yield _Event(
                "error", reading.span[0], reading.span[0], reading.span[1], reading.sqlstate
            )


def _bare_parts(text: str) -> Iterator[_Event]:
    """Detail and statement as log viewers and migration tools print them: without a label."""
    for match in _KEY_SENTENCE.finditer(text):
        yield _Event("detail", match.start(1), match.start(1), match.end(1))
    for match in _AT_STATEMENT.finditer(text):
        yield _Event("statement", match.start(), match.end())


def _is_announced(text: str, event: _Event, announced: list[tuple[int, str]]) -> bool:
    """Does a label stand right before the message?"""
    at = bisect.bisect_right(announced, (event.start, "~")) - 1
    if at < 0:
        return False
    body, kind = announced[at]
    between = text[body : event.start]
    return (
        len(between) < 400
        and "\n" not in between
        and (kind in _ERRORS or kind in ("detail", "context"))
    )


def _body(text: str, event: _Event, following: int, logged: bool) -> str:
    """The text of a label: its line, with the continuation lines that belong to it."""
    if event.end is not None:
        return text[event.body : event.end]
    # The next label's line belongs to it from its prefix on.
    following_line = text.rfind("\n", 0, following) + 1 if following < len(text) else following
    stop = following_line if following_line > event.body else following
    lines = text[event.body : min(stop, event.body + _LONGEST_BODY)].split("\n")
    kept = [lines[0]]
    free = not logged and event.kind in ("statement", "query", "context")
    for line in lines[1:]:
        if line.lstrip().startswith("at "):
            break
        if line.startswith(("\t", "#011")):
            kept.append(line.removeprefix("#011").removeprefix("\t"))
        elif free and line.strip():
            kept.append(line)
        else:
            break
    body = "\n".join(kept).rstrip()
    return body if event.body + len(body) >= event.reach else text[event.body : event.reach]


def _start(record: _Record, event: _Event, prefix: str, body: str) -> None:
    wire = record.wire
    if verbose := _VERBOSE.match(body):
        wire.sqlstate, body = codes.sqlstate(verbose.group(1)), body[verbose.end() :]
    if trailing := _TRAILING_STATE.search(body):
        wire.sqlstate, body = codes.sqlstate(trailing.group(1)), body[: trailing.start()]
    body = body.strip()
    if body.count("`") % 2:
        # The end of an inline code span of Markdown.
        body = body.removesuffix("`")
    wire.message = _POSITION.sub("", body).removesuffix("(").strip()
    wire.sqlstate = wire.sqlstate or event.state
    if event.kind == "fatal" and wire.sqlstate is None and _NO_ROLE.fullmatch(wire.message):
        # The words of SET ROLE, too, which is no login and ends no session.
        wire.sqlstate = "28000"
    if when := _WHEN.search(prefix):
        record.when = when.group()
    if record.session or (record.when and event.end is None):
        record.source = Source.SERVER_LOG
        if role := _ROLE_NAMED.search(prefix) or _ROLE.search(prefix):
            wire.role = role.group(1) if role.group(1) not in _LOGINS else None
        for state in _PREFIX_STATE.findall(prefix):
            if state in _SHORT_STATE or (codes.sqlstate(state) and not state.isdigit()):
                wire.sqlstate = wire.sqlstate or codes.sqlstate(state)
    if place := _PSQL_PLACE.search(prefix):
        record.place = CodePlace(place.group(1), int(place.group(2)))
    record.emphatic = event.end is None


def _add(record: _Record, kind: str, body: str) -> None:
    wire, body = record.wire, body.strip()
    if kind == "sqlstate":
        found = re.match(r"[0-9A-Z]{5}", body)
        wire.sqlstate = wire.sqlstate or codes.sqlstate(found.group() if found else None)
    elif kind == "query":
        wire.query = wire.query or body
    elif kind in ("schema", "table", "constraint"):
        setattr(wire, kind, getattr(wire, kind) or body.split()[0] if body else None)
    elif getattr(wire, kind) is None:
        setattr(wire, kind, body or None)


def _evidence(record: _Record, text: str) -> Evidence | None:
    if record.kind not in _ERRORS and record.kind != "part":
        return None
    wire = record.wire
    excerpt = None
    if wire.statement is None and wire.query is None and record.kind != "part":
        after = text[record.span[1] : record.span[1] + 400]
        excerpt = _PSQL_LINE.search(after)
        wire.statement = excerpt.group(1) if excerpt else None
    made = from_wire(wire, record.source, record.span, partial=record.kind == "part")
    if made is None:
        return None
    symptom = made.symptom
    # The word "ERROR:" alone can be anybody's: it takes a sign of the server's as well.
    server = (
        record.session
        or symptom.sqlstate
        or wire.detail
        or wire.context
        or wire.statement
        or wire.query
    )
    if record.kind != "part" and not server:
        return None
    if excerpt is not None:
        made = with_fields(made, statement=None)
    if record.place is not None:
        made = with_fields(made, places=(record.place,))
    if (
        not record.emphatic
        and made.symptom.source is Source.DRIVER_ERROR
        and _is_prose(record, text)
    ):
        made = with_fields(made, source=Source.PROSE)
    return replace(made, session=record.session, when=record.when)


def _is_prose(record: _Record, text: str) -> bool:
    line = text[record.span[0] : record.span[1]]
    return re.search(r"(?i)error|exception|violation", line) is None and not record.wire.detail


def _session(prefix: str) -> str | None:
    found = _PID.search(prefix)
    return next(filter(None, found.groups())) if found else None


@cache
def _label_pattern() -> re.Pattern[str]:
    words = sorted({*messages.labels(), *_FIELDS}, key=len, reverse=True)
    choice = "|".join(re.escape(word).replace(r"\ ", " ") for word in words)
    # SQLSTATE[23505] and (SQLSTATE 23505) have no colon.
    return re.compile(
        rf"(?<![^\W_])(?:({choice})\s?[:：][ \t]+)|(?<!\w)(SQLSTATE)[\[ ](?=[0-9A-Z]{{5}}\b)"
    )


def _kind(word: str | None) -> str:
    return messages.labels().get(word or "", "") or _FIELDS.get(word or "SQLSTATE", "sqlstate")
