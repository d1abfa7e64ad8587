"""A symptom in words for display: what was read, and what is worth asking for."""

from __future__ import annotations

from fixit_tui.model.symptom import CodePlace, Frame, Service, Source, Symptom

_SOURCES = {
    Source.POSTGREST_BODY: "response body of PostgREST",
    Source.DRIVER_ERROR: "error of a database driver",
    Source.SERVER_LOG: "server log",
    Source.CONSOLE_LINE: "console line",
    Source.REQUEST: "request and answer",
    Source.PROSE: "plain text",
}
_SERVICES = {
    Service.DATABASE: "database",
    Service.STORAGE: "storage",
    Service.FUNCTIONS: "edge function",
    Service.AUTH: "auth",
    Service.REALTIME: "realtime",
    Service.OWN_BACKEND: "the application's own backend",
    Service.APPLICATION: "nobody: the application's own code failed",
}
_KEYED = frozenset({"23505", "23503", "23001", "23P01", "23514"})
_LONGEST = 300


def describe(symptom: Symptom) -> tuple[tuple[str, str], ...]:
    """Label and value of every field that was read, in reading order.

    An aborted transaction is described by its first error, with a last line that says so.
    """
    s = symptom.root
    pairs: list[tuple[str, str | None]] = [
        ("message", s.message),
        ("detail", s.detail),
        ("hint", s.hint),
        ("SQLSTATE", s.sqlstate),
        ("PostgREST code", s.postgrest_code),
        ("HTTP status", str(s.http_status) if s.http_status else None),
        ("request", " ".join(filter(None, (s.method, s.url_path))) or None),
        ("answered by", _SERVICES[s.service] if s.service is not Service.DATABASE else None),
        ("operation", s.operation),
        ("table", ".".join(filter(None, (s.schema, s.relation))) if s.relation else None),
        ("schema", s.schema if not s.relation else None),
        ("constraint", s.constraint),
        ("refers to", s.referenced_relation),
        ("key columns", _names(s.key_columns)),
        ("conflict target", _names(s.on_conflict)),
        ("on a duplicate", s.resolution),
        ("columns written", _names(s.columns)),
        ("role", s.role),
        *(("raised in", _frame(frame)) for frame in s.frames if frame.function or frame.statement),
        ("statement", _short(s.statement)),
        *(("code", _place(place)) for place in s.places),
        ("read from", _SOURCES[s.source]),
    ]
    if symptom.first_error is not None:
        pairs.append(("then", symptom.message or symptom.headline))
    return tuple((label, value) for label, value in pairs if value)


def missing(symptom: Symptom) -> tuple[str, ...]:
    """What the text does not say and would make the answer more certain, with where to find it."""
    s = symptom.root
    wanted: list[str] = []
    if s.service is Service.APPLICATION:
        return ("the answer of the request before it: paste the response body, or the server log",)
    if s.sqlstate == "01000":
        return ("the error behind the warning: paste the server log of the same moment",)
    nameless = not s.sqlstate and not s.postgrest_code
    if nameless and s.service not in (Service.STORAGE, Service.AUTH, Service.REALTIME):
        wanted.append("the SQLSTATE: paste the response body")
    if s.sqlstate == "25P02" and symptom.first_error is None:
        wanted.append("the first error of the transaction: paste the log lines before this one")
    if s.sqlstate in _KEYED and not s.constraint:
        wanted.append("the constraint: paste the whole message")
    if s.sqlstate and not (s.relation or s.constraint or s.url_path or s.frames):
        wanted.append("the table: paste the request or the statement")
    if s.sqlstate == "42P10" and not (s.statement or s.on_conflict):
        wanted.append(
            "the conflict target: paste the request with its on_conflict, or the statement"
        )
    if (
        s.sqlstate
        and s.method
        and not s.frames
        and s.operation in ("update", "delete")
        and s.sqlstate == "23505"
    ):
        wanted.append("the CONTEXT: paste the server log of the same moment, it names the trigger")
    if s.service in (Service.AUTH, Service.FUNCTIONS) and not s.sqlstate:
        wanted.append("the database's own error: paste the server log of the same moment")
    return tuple(wanted)


def _names(names: tuple[str, ...] | None) -> str | None:
    return ", ".join(names) if names else None


def _frame(frame: Frame) -> str:
    if frame.function is None:
        return f"SQL: {_short(frame.statement)}"
    line = f" line {frame.line}" if frame.line is not None else ""
    return f"{frame.function}{line}" + (f" at {frame.kind}" if frame.kind else "")


def _place(place: CodePlace) -> str:
    return f"{place.file}:{place.line}" + (f":{place.column}" if place.column else "")


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
