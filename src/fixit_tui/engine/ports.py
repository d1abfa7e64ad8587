"""What the engine needs from the world, as protocols. Adapters implement them; `wiring` connects.

Every method may raise the errors of `fixit_tui.errors`; none lets a driver's exception through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from fixit_tui.facts.rebuild import Part
from fixit_tui.model.aftermath import ServerIdentity, XactReport
from fixit_tui.model.events import OnEvent
from fixit_tui.model.finding import Check, Lock
from fixit_tui.model.index_build import BuildProgress, IndexState
from fixit_tui.model.outcome import Receipt, ReplayResult, StatementResult
from fixit_tui.model.plan import ObjectState
from fixit_tui.model.target import Target

CatalogRows = Mapping[str, Sequence[Mapping[str, str | int | float | None]]]
"""Rows for the catalog tables of `facts/schema`, by table name."""

Cancelled = Callable[[], bool]
"""Asked between units of work; true means: stop with CancelledError."""


class Reader(Protocol):
    """A connection that the server keeps read-only."""

    def target(self) -> Target: ...

    def capture(
        self, scope: frozenset[str], on_event: OnEvent, cancelled: Cancelled
    ) -> CatalogRows:
        """Catalog facts; an empty scope means the whole catalog."""
        ...

    def explain_conflicts(
        self, statements: Sequence[str]
    ) -> Sequence[tuple[str | None, tuple[str, ...]]]:
        """The SQLSTATE that planning each INSERT raises (None if fine) and its arbiter indexes."""
        ...

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Rows (label, holds, detail) of a SELECT; an error becomes a check that is not known."""
        ...

    def identity(self) -> ServerIdentity:
        """Which server this is, and which run of it."""
        ...

    def older_transactions(self) -> tuple[str, ...]:
        """One line for each open transaction that a concurrent index build would wait for now."""
        ...

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of objects such as 'table public.goals' (SQL-quoted names)."""
        ...

    def cancel(self) -> None:
        """Stop the running query from another thread."""
        ...

    def close(self) -> None: ...


class Transaction(Protocol):
    """One read-write connection with one open transaction, for rehearse, apply and undo."""

    def try_advisory_lock(self, key: int) -> bool:
        """Take the transaction-scoped advisory lock without waiting."""
        ...

    def tell(self, setting: str, value: str) -> None:
        """Set a setting of our own for the length of the transaction, as `record` reads it."""
        ...

    def run(self, statement: str) -> StatementResult:
        """Execute one statement exactly as written; LockWaitError on 55P03, FixitError else."""
        ...

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Like Reader.checks, seeing this transaction's changes; shielded by a savepoint."""
        ...

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]: ...

    def replay(
        self, statement: str, role: str, settings: Sequence[tuple[str, str]] = ()
    ) -> ReplayResult:
        """Run a statement as a role, with settings, inside a savepoint that is rolled back."""
        ...

    def locks(self) -> tuple[Lock, ...]:
        """Relation locks above ACCESS SHARE that this transaction holds now."""
        ...

    def fire_deferred(self) -> None:
        """Check and fire what was put off until COMMIT; raises what COMMIT would raise."""
        ...

    def xid(self) -> str:
        """The server's transaction id (assigns one), as text."""
        ...

    @property
    def xid_kept(self) -> bool:
        """Whether no crash can give that transaction id to another transaction."""
        ...

    def identity(self) -> ServerIdentity:
        """Which server gives the transaction id, and which run of it."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of during the last statement."""
        ...

    def commit(self) -> None:
        """COMMIT and check its tag; InDoubtError when the link dies meanwhile."""
        ...

    def rollback(self) -> None: ...

    def cancel(self) -> None: ...

    def close(self) -> None:
        """Roll back whatever is open and disconnect."""
        ...


class IndexBuild(Protocol):
    """One read-write connection outside of any transaction, to build or drop one index."""

    def try_operators_lock(self, key: int) -> bool:
        """Take the lock that keeps operators apart, for this session, without waiting."""
        ...

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Like Reader.checks, without a time limit."""
        ...

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]: ...

    def identity(self) -> ServerIdentity:
        """Which server this is, and which run of it."""
        ...

    def state(self, index: str) -> IndexState:
        """What the catalog says of an index (SQL-quoted, with its schema)."""
        ...

    def older_transactions(self) -> tuple[str, ...]:
        """One line for each open transaction that a build would wait for now."""
        ...

    def run(self, statement: str) -> StatementResult:
        """Execute one statement as written, however long it takes."""
        ...

    def clean_up(self, statement: str) -> StatementResult:
        """Like `run`, for a drop that gives up soon where the table is held."""
        ...

    def progress(self) -> BuildProgress | None:
        """How far the running statement is; called from another thread than `run`."""
        ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Database(Protocol):
    """One target that can be connected to."""

    def reader(self) -> Reader: ...

    def transaction(self) -> Transaction:
        """Open a read-write connection and BEGIN with SET LOCAL timeouts."""
        ...

    def index_build(self) -> IndexBuild:
        """Open a connection of its own; RefusedError for replicas and transaction poolers."""
        ...

    def blockers(self) -> tuple[str, ...]:
        """One line for each session that holds up ours or a touched relation right now."""
        ...

    def report_on(self, xid: str) -> XactReport:
        """Who answers, and what it says of a transaction id."""
        ...

    def notify(self, channel: str, payload: str) -> None:
        """NOTIFY on a fresh connection (PostgREST's schema cache)."""
        ...


class Shadow(Protocol):
    """A server of our own that holds the captured schema and no row of the target."""

    @property
    def version(self) -> int:
        """server_version_num."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """What could not be made as it is on the target, and why; known after `build`."""
        ...

    def build(self, parts: Sequence[Part]) -> None:
        """Run every statement; one that fails costs only what it would have made."""
        ...

    def fill(self, script: str) -> None:
        """Run a person's INSERTs, all or none; raises UsageError with the server's words."""
        ...

    def prepare(self, statement: str, role: str, *, repeat: bool) -> tuple[str, ...]:
        """Make rows so that a statement gets as far as on the target; says which, in sentences.

        With `repeat` a statement that succeeds is run once for good: then its row is there.
        """
        ...

    def content(self) -> str:
        """A digest of every row in the database."""
        ...

    def database(self, role: str) -> Database: ...


OpenShadow = Callable[[str, int], AbstractContextManager[Shadow]]
"""Starts a shadow: the search_path of its sessions, and the target's server_version_num."""


class Ledger(Protocol):
    """The durable, append-only record of intents and outcomes."""

    def append(self, receipt: Receipt) -> None:
        """Write and fsync; raises FixitError when it cannot be made durable."""
        ...

    def receipts(self) -> tuple[Receipt, ...]:
        """The last state of every receipt, oldest first."""
        ...

    def unreadable(self) -> int:
        """How many whole lines are none that this version reads."""
        ...


class Clock(Protocol):
    """Time, so that tests may hold it."""

    def now(self) -> str:
        """UTC, ISO 8601, with milliseconds."""
        ...

    def sleep(self, seconds: float, stopped: Cancelled) -> None:
        """Wait, but no longer than until `stopped` says so."""
        ...
