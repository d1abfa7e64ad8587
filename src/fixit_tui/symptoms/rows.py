"""Evidence from csvlog rows and from Dart's printed exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms import codes, redact
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire

_LONGEST = 64_000
_ROW = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [\w+:/-]{1,30},"
    r"(?=(?:\"[^\"\n]{0,130}\"|[^,\"\n]{0,130}),)",
    re.MULTILINE,
)
_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n|$)')
_DART = re.compile(
    r"Postgrest(?:Api)?(?:Exception|Error)\(message: (?P<message>.{1,4000}?), "
    r"(?:code|errorCode): (?P<code>\w{1,12}|null)"
    r"(?:, statusCode: \w{1,6})?"
    r"(?:, details?: (?P<detail>.{0,4000}?), hint: (?P<hint>.{0,2000}?))?\)(?=\s|$|[,;\"'}])",
    re.DOTALL,
)
# Storage and Auth hand on what the database said to them.
_DART_SERVICE = re.compile(
    r"\b(?P<service>Storage|Auth(?:Api)?)(?:Exception|Error)"
    r"\(message: (?P<message>[^\n]{1,1000}?), statusCode: (?P<status>\d{3}|null)"
    r"(?:, [^\n]{1,300}?)?\)(?=\s|$|[,;\"'}`])"
)
# Fields of a csvlog row by place.
_TIME, _USER, _PID, _SEVERITY, _STATE, _MESSAGE, _DETAIL, _HINT = 0, 1, 3, 11, 12, 13, 14, 15
_CONTEXT, _QUERY = 18, 19


def csv_evidence(text: str) -> list[Evidence]:
    """Errors of a csvlog; quoted fields may hold line ends."""
    found: list[Evidence] = []
    at = 0
    while (row := _ROW.search(text, at)) is not None:
        fields, end = _fields(text, row.start())
        at = max(end, row.end())
        if len(fields) > _QUERY and (made := _of_row(fields, (row.start(), end))) is not None:
            found.append(made)
    return found


def dart_evidence(text: str) -> Iterator[Evidence]:
    """`PostgrestException(message: …, code: …, details: …, hint: …)`."""
    if "(message: " not in text:
        return
    for match in _DART_SERVICE.finditer(text):
        yield _of_service(match)
    for match in _DART.finditer(text):
        own = codes.postgrest(match["code"]) or codes.postgrest_said(match["message"])
        wire = Wire(
            message=match["message"],
            sqlstate=codes.sqlstate(match["code"]),
            detail=_given(match["detail"]),
            hint=_given(match["hint"]),
            extra={"postgrest_code": own} if own else {},
        )
        if (made := from_wire(wire, Source.POSTGREST_BODY, match.span())) is not None:
            yield made


def _of_service(match: re.Match[str]) -> Evidence:
    service = Service.STORAGE if match["service"] == "Storage" else Service.AUTH
    status = int(match["status"]) if match["status"] != "null" else None
    message = redact.without_values(match["message"])
    symptom = Symptom(Source.REQUEST, "", service, http_status=status, message=message)
    return Evidence(symptom, match.span(), weak=service is Service.AUTH)


def _of_row(fields: list[str], span: tuple[int, int]) -> Evidence | None:
    state = codes.sqlstate(fields[_STATE])
    if (
        state is None
        or state.startswith(("01", "02"))
        or fields[_SEVERITY].upper() in ("LOG", "WARNING")
    ):
        return None
    wire = Wire(
        message=fields[_MESSAGE] or None,
        sqlstate=state,
        detail=fields[_DETAIL] or None,
        hint=fields[_HINT] or None,
        context=fields[_CONTEXT] or None,
        statement=fields[_QUERY] or None,
        role=fields[_USER] if fields[_USER] not in ("", "authenticator") else None,
    )
    made = from_wire(wire, Source.SERVER_LOG, span)
    if made is None:
        return None

    return replace(made, session=fields[_PID], when=fields[_TIME])


def _fields(text: str, start: int) -> tuple[list[str], int]:
    made: list[str] = []
    at, limit = start, min(len(text), start + _LONGEST)
    while (field := _FIELD.match(text, at, limit)) is not None:
        quoted = field.group(1)
        made.append(quoted.replace('""', '"') if quoted is not None else field.group(2))
        at = field.end()
        if field.group(3) != "," or len(made) > 40:
            break
    return made, at


def _given(text: str | None) -> str | None:
    return None if text in (None, "", "null") else text
