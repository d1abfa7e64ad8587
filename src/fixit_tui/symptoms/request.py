"""A request as a console, a network tab, curl or a log prints it: method, URL, headers, status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from fixit_tui.model.symptom import CodePlace, Service, Source, Symptom
from fixit_tui.symptoms import codes, redact
from fixit_tui.symptoms.evidence import Evidence, Origin
from fixit_tui.symptoms.messages import split_columns

_LONGEST_URL = 8000
_SERVICES = {
    "rest": Service.DATABASE,
    "storage": Service.STORAGE,
    "auth": Service.AUTH,
    "functions": Service.FUNCTIONS,
    "realtime": Service.REALTIME,
    "graphql": Service.DATABASE,
}
_SERVICE_PATH = re.compile(r"/(rest|storage|auth|functions|realtime|graphql)/v\d+(?=[/?]|$)")
_TABLE = re.compile(r"/rest/v\d+/([^/?#]+)/?$")
_FILTER = re.compile(
    r"^(?:not\.)?(?:eq|neq|gt|gte|lt|lte|like|ilike|is|in|cs|cd|fts)\.", re.IGNORECASE
)
_PROXY_ERROR = re.compile(r"PostgREST\s*;.*?error\s*=\s*\"?(\w{1,12})", re.IGNORECASE)
_WRITES = {
    "PATCH": "update",
    "DELETE": "delete",
    "PUT": "upsert",
    "GET": "select",
    "HEAD": "select",
}


@dataclass(slots=True)
class Request:
    """One request while its lines are being read."""

    span: tuple[int, int]
    method: str | None = None
    url: str | None = None
    status: int | None = None
    resolution: str | None = None
    schema: str | None = None
    write_schema: str | None = None
    role: str | None = None
    code: str | None = None
    source: Source = Source.REQUEST
    place: CodePlace | None = None
    message: str | None = None


def apply_header(request: Request, name: str, value: str) -> None:
    """Note what one HTTP header says. Tokens are looked into for their role, and dropped."""
    name = name.strip().lower()
    if name == "prefer":
        if found := re.search(r"resolution\s*=\s*([\w-]+)", value):
            request.resolution = found.group(1)
    elif name == "content-profile":
        request.write_schema = value.strip()
    elif name == "accept-profile":
        request.schema = value.strip()
    elif name == "authorization" or (name == "apikey" and not request.role):
        request.role = redact.role_of_token(value) or request.role
    elif name == "proxy-status" and (found := _PROXY_ERROR.search(value)):
        request.code = found.group(1)


def request_evidence(request: Request) -> Evidence | None:
    """The request as weak evidence; None for one that was answered without an error."""
    if request.status is not None and request.status < 400:
        return None
    path, query = _split(request.url or "")
    service, of_database = _service(path, query)
    relation = _relation(path) if of_database and service is Service.DATABASE else None
    parameters = dict(reversed(query))
    target = parameters.get("on_conflict")
    on_conflict = split_columns(target) if target else None
    method = request.method if relation or not path else None
    operation = _operation(method, bool(on_conflict), request.resolution)
    columns = parameters.get("columns") if operation in ("insert", "upsert", "update") else None
    reading = request.method in ("GET", "HEAD")
    schema = request.schema if reading else request.write_schema or None
    sqlstate = codes.sqlstate(request.code)
    symptom = Symptom(
        source=request.source,
        headline="",
        service=service,
        sqlstate=sqlstate,
        postgrest_code=codes.postgrest(request.code),
        http_status=request.status,
        method=request.method,
        url_path=path or None,
        schema=schema,
        relation=relation,
        operation=operation,
        on_conflict=on_conflict or None,
        columns=split_columns(columns) if columns else None,
        filter_columns=tuple(n for n, value in query if _FILTER.match(value)) or None,
        resolution=request.resolution,
        role=request.role,
        places=(request.place,) if request.place else (),
        message=request.message,
    )
    empty = (symptom.http_status, symptom.method, symptom.url_path, symptom.resolution, sqlstate)
    if not any(empty) and not symptom.postgrest_code:
        return None
    origin = Origin.URL if relation else Origin.UNKNOWN
    return Evidence(
        symptom, request.span, weak=not sqlstate and not symptom.postgrest_code, origin=origin
    )


def _split(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Path and decoded parameters. Filters' values are read here and never kept."""
    url = url[:_LONGEST_URL].strip("'\"`")
    if "://" not in url and not url.startswith("/"):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        # The console appends line and column to the last thing it prints.
        path = re.sub(r"(?::\d+){1,2}$", "", parts.path)
        query = re.sub(r"(?::\d+){1,2}$", "", parts.query)
        return unquote(path), parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return "", []


def _service(path: str, query: list[tuple[str, str]]) -> tuple[Service, bool]:
    """Who answers at this path, and is it PostgREST for certain?"""
    if found := _SERVICE_PATH.search(path):
        return _SERVICES[found.group(1)], found.group(1) == "rest"
    if not path:
        return Service.DATABASE, False
    names = {name for name, _ in query}
    if "on_conflict" in names or any(_FILTER.match(value) for _, value in query):
        return Service.DATABASE, True
    return Service.OWN_BACKEND, False


def _relation(path: str) -> str | None:
    if "/rpc/" in path:
        return None
    if found := _TABLE.search(path):
        return found.group(1)
    bare = path.strip("/")
    return bare if bare and "/" not in bare else None


def _operation(method: str | None, target: bool, resolution: str | None) -> str | None:
    """A POST with a conflict target is meant as an upsert, also where its header is not shown."""
    if method == "POST":
        return "upsert" if target or resolution else "insert"
    return _WRITES.get(method or "")
