"""A finding, its evidence and its fixes: the values that every front end shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. `info` is a remark; a healthy database gets nothing above it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(StrEnum):
    """How sure: replayed, follows from the catalog and code, or needs what was not seen."""

    PROVEN = "proven"
    CERTAIN = "certain"
    LIKELY = "likely"


class FixKind(StrEnum):
    """What a fix changes. `manual` is advice that a person carries out."""

    SQL = "sql"
    CODE = "code"
    BOTH = "both"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Site:
    """A place: a file (relative to the code folder) or a function body, with 1-based lines."""

    file: str | None = None
    function: str | None = None
    line: int | None = None
    end_line: int | None = None

    @property
    def text(self) -> str:
        """`file:line` or `function():line`."""
        where = self.file if self.file is not None else f"{self.function}()"
        return f"{where}:{self.line}" if self.line is not None else where


@dataclass(frozen=True, slots=True)
class Evidence:
    """One labelled fact that supports a finding."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A cause that was considered and the evidence that excludes it."""

    cause: str
    because: str


@dataclass(frozen=True, slots=True)
class Check:
    """One labelled yes/no about the target. `holds` is None where it could not be asked."""

    label: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """A relation-level lock that a statement takes, by its PostgreSQL name."""

    relation: str
    mode: str


@dataclass(frozen=True, slots=True)
class SqlChange:
    """SQL of a fix. The texts are shown, hashed, exported and executed as they are.

    `verify` and `precheck` are SELECTs whose rows are (label text, holds boolean, detail text).
    `irreversible` says why there is no undo; then `undo` is empty. `drops` lists what only an
    undo is allowed to remove. `touches` lists the identities (see `model.plan.ObjectRef`) whose
    definitions the plan's fingerprint covers.
    """

    up: str
    undo: str
    verify: str
    precheck: str = ""
    transactional: bool = True
    locks: tuple[Lock, ...] = ()
    irreversible: str = ""
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEdit:
    """New text for one file, with the hash of the text it was made for.

    `before_sha256` is of the file's bytes; `before` and `after` are whole texts with their
    line endings kept.
    """

    path: str
    before_sha256: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out. `blocked_by` names failed preconditions; then it is never recommended."""

    id: str
    title: str
    kind: FixKind
    tradeoff: str
    recommended: bool = False
    sql: SqlChange | None = None
    patch: str | None = None
    edits: tuple[FileEdit, ...] = ()
    preconditions: tuple[Check, ...] = ()
    advice: str = ""
    deploy_order: str = ""

    @property
    def blocked_by(self) -> tuple[Check, ...]:
        """Preconditions that are known not to hold."""
        return tuple(c for c in self.preconditions if c.holds is False)


@dataclass(frozen=True, slots=True)
class WriteUpFix:
    """What the write-up itself does about it, and why that is not recommended (or is)."""

    title: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause at one place, explained.

    `cause` is a slug of the fixed vocabulary. `relation` is 'schema.table'. `id` is stable
    across runs on the same objects. `chain` is application → trigger → table → constraint,
    outermost first, ready to be drawn as a tree. `explains` is true when the given symptom
    follows from this finding. `sqlstates` and `constraint` are what an error caused by it
    carries. `replay` is a statement that fails because of this and must
    succeed once an SQL fix ran ("" where there is none).
    """

    id: str
    playbook: str
    cause: str
    severity: Severity
    confidence: Confidence
    title: str
    relation: str | None
    object: str | None
    document: str | None = None
    why: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    sites: tuple[Site, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    fixes: tuple[Fix, ...] = ()
    do_nothing: str = ""
    writeup: WriteUpFix | None = None
    explains: bool = False
    score: int = 0
    replay: str = ""
    sqlstates: tuple[str, ...] = ()
    constraint: str | None = None

    @property
    def recommended(self) -> Fix | None:
        """The fix to offer first, if any."""
        return next((f for f in self.fixes if f.recommended), None)
