"""Evidence from objects: bodies of PostgREST, driver errors, log records, requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms import codes, prisma, redact
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire
from fixit_tui.symptoms.request import Request, apply_header, request_evidence

_DEEPEST = 12
_ALIASES = {
    "message": ("message", "msg", "messagetext", "errormessage", "originalmessage", "eventmessage"),
    "sqlstate": (
        "sqlstate",
        "sqlstatecode",
        "statecode",
        "code",
        "originalcode",
        "pgcode",
        "errorcode",
    ),
    "detail": ("detail", "details", "messagedetail"),
    "hint": ("hint",),
    "context": ("where", "context"),
    "statement": ("query", "sql", "statement", "querytext"),
    "schema": ("schemaname", "schema"),
    "table": ("tablename", "table"),
    "constraint": ("constraintname", "constraint"),
    "role": ("username", "user"),
}
_STATUS = ("status", "statuscode", "httpstatus", "httpstatuscode", "responsestatus")
_SESSION = ("sessionid", "processid", "pid")
_WHEN = ("timestamp", "time", "logtime")
_TELLING = frozenset(
    [*_ALIASES["message"], *_ALIASES["sqlstate"], *_ALIASES["statement"], *_STATUS, "method", "url"]
)
# The login of PostgREST is not the role that a request runs as.
_LOGINS = frozenset({"authenticator", "pgbouncer", "supavisor"})


def object_evidence(value: dict[str, Any], span: tuple[int, int]) -> list[Evidence]:
    """Everything that one object and the objects inside it say of errors and requests."""
    return [piece for item in _walk(value, 0) for piece in _of(item, span)]


def texts_inside(value: Any, depth: int = 0) -> Iterator[str]:
    """Strings long enough to hold an error of their own, such as a body inside a body."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if len(value) > 20:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_inside(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from texts_inside(item, depth + 1)


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        if "event_message" in value:
            yield _flat(value)
            return
        yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _walk(item, depth + 1)


def _flat(value: Any, made: dict[str, Any] | None = None, depth: int = 0) -> dict[str, Any]:
    """Leaves by the last part of their names: a log record spreads one error over its levels."""
    made = {} if made is None else made
    if depth > _DEEPEST:
        return made
    for key, item in value.items():
        rows = item if isinstance(item, list) else [item]
        for row in rows:
            if isinstance(row, dict):
                _flat(row, made, depth + 1)
            elif row is not None:
                made.setdefault(str(key).rpartition(".")[2], row)
    return made


def _of(item: dict[str, Any], span: tuple[int, int]) -> Iterator[Evidence]:
    named = {_bare(key): value for key, value in item.items() if value not in (None, "")}
    if _TELLING.isdisjoint(named):
        return
    if (code := named.get("code")) and codes.is_prisma(code):
        yield prisma.from_object(str(code), item, span)
        return
    if service := _other_service(named, span):
        yield service
        return
    evidence = _server_error(named, item, span)
    if evidence is not None:
        yield evidence
    if (request := _request(named, item, span)) is not None:
        yield request


def _server_error(
    named: dict[str, Any], item: dict[str, Any], span: tuple[int, int]
) -> Evidence | None:
    texts: dict[str, Any] = {field: _text(named, names) for field, names in _ALIASES.items()}
    wire = Wire(**texts)
    code = next(
        (named[name] for name in _ALIASES["sqlstate"] if codes.sqlstate(named.get(name))), None
    )
    wire.sqlstate = codes.sqlstate(code)
    if wire.role in _LOGINS:
        wire.role = None
    own = codes.postgrest(named.get("code"))
    constraint = named.get("constraint")
    if isinstance(constraint, dict):
        wire.constraint = _string(constraint.get("index")) or _string(constraint.get("name"))
        if isinstance(fields := constraint.get("fields"), list):
            wire.extra["key_columns"] = (
                tuple(str(f).strip('"') for f in fields if isinstance(f, str)) or None
            )
    if own:
        wire.extra["postgrest_code"] = own
    status = _status(named)
    evidence = from_wire(wire, _source(named, own), span)
    if evidence is None or not (evidence.symptom.sqlstate or own):
        return _statement_only(wire, named, status, span)
    return _dated(evidence, named, status)


def _dated(evidence: Evidence, named: dict[str, Any], status: int | None) -> Evidence:
    symptom = evidence.symptom
    if status is not None and status >= 400:
        symptom = replace(symptom, http_status=status)
    session = next((str(named[name]) for name in _SESSION if named.get(name)), None)
    when = next((str(named[name]) for name in _WHEN if named.get(name)), None)
    return replace(evidence, symptom=symptom, session=session, when=when)


def _statement_only(
    wire: Wire, named: dict[str, Any], status: int | None, span: tuple[int, int]
) -> Evidence | None:
    """An object that carries the failing statement or the status, its cause being elsewhere."""
    error = status is not None and status >= 400
    if wire.statement and len(wire.statement) > 10 and " " in wire.statement:
        made = from_wire(Wire(statement=wire.statement), Source.DRIVER_ERROR, span, partial=True)
        if made is not None and made.symptom.operation:
            symptom = replace(made.symptom, http_status=status if error else None)
            return replace(made, symptom=symptom, weak=True)
    if error and "url" not in named:
        message = redact.without_values(wire.message) if wire.message else None
        symptom = Symptom(Source.REQUEST, "", http_status=status, message=message)
        return Evidence(symptom, span, weak=True)
    return None


def _source(named: dict[str, Any], own: str | None) -> Source:
    if "statecode" in named or "eventmessage" in named or "errorseverity" in named:
        return Source.SERVER_LOG
    driver = {
        "routine",
        "severity",
        "constraintname",
        "schemaname",
        "tablename",
        "constraint",
        "length",
    }
    if own or (
        ("details" in named or "hint" in named or set(named) == {"code", "message"})
        and not driver & set(named)
    ):
        return Source.POSTGREST_BODY
    return Source.DRIVER_ERROR


def _other_service(named: dict[str, Any], span: tuple[int, int]) -> Evidence | None:
    """Bodies of storage and auth, which are not the database's own answer."""
    status = _status(named)
    message = _string(named.get("message")) or _string(named.get("msg"))
    error = _string(named.get("error"))
    state = codes.sqlstate(named.get("statuscode"))
    if isinstance(named.get("statuscode"), str) and error and (status or state):
        symptom = Symptom(
            Source.REQUEST,
            "",
            Service.STORAGE,
            sqlstate=state,
            http_status=status,
            message=redact.without_values(message or error),
        )
        return Evidence(symptom, span)
    code = named.get("errorcode") or named.get("code")
    if code == "unexpected_failure" or (message or "").startswith("Database error "):
        number = status or (named["code"] if isinstance(named.get("code"), int) else 500)
        symptom = Symptom(
            Source.REQUEST, "", Service.AUTH, http_status=int(number), message=message
        )
        return Evidence(symptom, span, weak=True)
    return None


def _request(named: dict[str, Any], item: dict[str, Any], span: tuple[int, int]) -> Evidence | None:
    """Options of fetch, entries of a HAR file, rows of an edge log."""
    method, url = (
        _string(named.get("method")),
        _string(named.get("url")) or _string(named.get("path")),
    )
    headers = named.get("headers")
    if not method and not (url and headers):
        return None
    request = Request(span=span, method=method.upper() if method else None)
    if url:
        search = _string(named.get("search")) or ""
        request.url = url if "?" in url else url + search
    pairs: list[tuple[Any, Any]] = []
    if isinstance(headers, dict):
        pairs = list(headers.items())
    elif isinstance(headers, list):
        pairs = [(h.get("name"), h.get("value")) for h in headers if isinstance(h, dict)]
    for name, value in pairs:
        if isinstance(name, str) and isinstance(value, str):
            apply_header(request, name, value)
    request.status = _status(named)
    return request_evidence(request)


def _bare(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _text(named: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := _string(named.get(name)))), None)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value not in ("null", "undefined", "None") else None


def _status(named: dict[str, Any]) -> int | None:
    for name in _STATUS:
        value = named.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
            return value
    return None
