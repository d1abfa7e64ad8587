"""What a pasted error says, field by field. Parsers fill it; nothing here parses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """The shape in which the error arrived."""

    POSTGREST_BODY = "postgrest-body"
    DRIVER_ERROR = "driver-error"
    SERVER_LOG = "server-log"
    CONSOLE_LINE = "console-line"
    REQUEST = "request"
    PROSE = "prose"


class Service(StrEnum):
    """Who answered, told apart by the URL path before anything else.

    APPLICATION: nobody answered with an error; the application's own code failed.
    """

    DATABASE = "database"
    STORAGE = "storage"
    FUNCTIONS = "functions"
    REALTIME = "realtime"
    AUTH = "auth"
    OWN_BACKEND = "own-backend"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Frame:
    """One CONTEXT frame, innermost first: a function with its line, or an SQL statement."""

    function: str | None = None
    line: int | None = None
    kind: str | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A place in application code that the error names (stack trace, console line)."""

    file: str
    line: int
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """One understood error. A field is None when the text does not say, never a guess.

    `first_error` holds the earlier error of the same transaction when the text shows one
    (25P02 is only its consequence). `headline` is one line for a person; `understood` lists
    label and value of every field that was read, in reading order, for display.
    """

    source: Source
    headline: str
    service: Service = Service.DATABASE
    sqlstate: str | None = None
    postgrest_code: str | None = None
    http_status: int | None = None
    method: str | None = None
    url_path: str | None = None
    schema: str | None = None
    relation: str | None = None
    referenced_relation: str | None = None
    constraint: str | None = None
    operation: str | None = None
    on_conflict: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    resolution: str | None = None
    key_columns: tuple[str, ...] | None = None
    filter_columns: tuple[str, ...] | None = None
    frames: tuple[Frame, ...] = ()
    statement: str | None = None
    role: str | None = None
    places: tuple[CodePlace, ...] = ()
    message: str | None = None
    detail: str | None = None
    hint: str | None = None
    identifiers: tuple[str, ...] = ()
    first_error: Symptom | None = None

    @property
    def root(self) -> Symptom:
        """The error to explain: the first one of the transaction where it is known."""
        return self.first_error or self
