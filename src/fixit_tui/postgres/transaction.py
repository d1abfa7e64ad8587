"""The one read-write transaction of a rehearsal, an apply or an undo (port `Transaction`)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from fixit_tui.errors import Effect, FixitError, InDoubtError, RefusedError, VerificationError
from fixit_tui.model.aftermath import ServerIdentity
from fixit_tui.model.finding import Check, Lock
from fixit_tui.model.outcome import ReplayResult, StatementResult
from fixit_tui.model.plan import ObjectState
from fixit_tui.postgres.errors import (
    LOCK_NOT_AVAILABLE,
    QUERY_CANCELED,
    link_lost,
    sentence,
    translate,
)
from fixit_tui.postgres.replay import replay
from fixit_tui.postgres.server_id import identify, keep_xid
from fixit_tui.sql.classify import classify

Fingerprint = Callable[[psycopg.Connection[Any], Sequence[str]], tuple[ObjectState, ...]]

# Local to the transaction: behind a transaction pooler a plain SET would reach strangers.
_LIMITS = (
    ("lock_timeout", "2s"),
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("application_name", "fixit-tui apply"),
    # A policy that would hide rows from us makes the server refuse, instead of changing fewer.
    ("row_security", "off"),
)
# What was answered with COMMIT must survive a crash of this server; only 'off' does not do that.
_DURABLE = """
SELECT pg_catalog.set_config('synchronous_commit', 'local', true)
WHERE pg_catalog.current_setting('synchronous_commit') = 'off'
"""

_LOCKS = """
SELECT n.nspname, c.relname, l.mode
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.locktype = 'relation'
  AND l.mode <> 'AccessShareLock'
  AND c.relkind NOT IN ('i', 'I', 't')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                    WHERE d.datname = pg_catalog.current_database())
ORDER BY n.nspname, c.relname, l.mode
"""


_ENDINGS = frozenset({"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})

# These say nothing about the question that was asked.
_UNTOLD = (LOCK_NOT_AVAILABLE, QUERY_CANCELED, None)


def mode_name(mode: str) -> str:
    """'ShareRowExclusiveLock' of pg_locks as 'SHARE ROW EXCLUSIVE', the name in the manual."""
    words = re.findall(r"[A-Z][a-z]*", mode.removesuffix("Lock"))
    return " ".join(word.upper() for word in words)


class PgTransaction:
    """Begins on construction; whoever opens it must `close` it, which rolls back what is open."""

    def __init__(self, connection: psycopg.Connection[Any], fingerprint: Fingerprint) -> None:
        """Take over an autocommit connection without prepared statements; raises FixitError."""
        self._connection = connection
        self._fingerprint = fingerprint
        self._open = False
        self._notices: list[str] = []
        self._held: tuple[Lock, ...] = ()
        self._unseen: frozenset[str] = frozenset()
        self._closing = threading.Lock()
        self.pid = 0
        self.xid_kept = False
        connection.add_notice_handler(self._on_notice)
        try:
            with self._errors("begin the transaction", Effect.NOTHING_CHANGED):
                self._begin()
        except BaseException:
            connection.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.closed

    def _begin(self) -> None:
        self._connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        self._open = True
        for name, value in _LIMITS:
            self._connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        self._connection.execute(_DURABLE)
        row = self._connection.execute(
            "SELECT pg_backend_pid(), pg_is_in_recovery(),"
            " current_setting('transaction_read_only') = 'on',"
            " current_setting('session_replication_role') = 'replica'"
        ).fetchone()
        assert row is not None
        self.pid = int(row[0])
        if row[1] or row[2]:
            what = "a replica" if row[1] else "read-only for this role"
            raise RefusedError(
                f"the server is {what}, so nothing can be changed here",
                hint="connect to the primary server with a role that may write",
                sqlstate="25006",
            )
        if row[3]:
            raise RefusedError(
                "session_replication_role is 'replica' for this role, so no foreign key would be"
                " checked and no trigger would fire",
                hint="connect as a role without that setting",
            )

    def _on_notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        severity = diagnostic.severity_nonlocalized or "NOTICE"
        self._notices.append(f"{severity}: {diagnostic.message_primary or ''}")

    @contextmanager
    def _errors(self, doing: str, effect: Effect = Effect.ROLLED_BACK) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise translate(
                error, doing=doing, effect=effect, connection=self._connection
            ) from error

    def try_advisory_lock(self, key: int) -> bool:
        """Take the transaction's advisory lock without waiting; `key` is a signed 64-bit number."""
        with self._errors("ask for the lock among operators"):
            row = self._connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s)", (key,)
            ).fetchone()
        return row is not None and bool(row[0])

    def tell(self, setting: str, value: str) -> None:
        """Set a setting of our own for the length of the transaction."""
        with self._errors(f"set {setting}"):
            self._connection.execute("SELECT set_config(%s, %s, true)", (setting, value))

    def run(self, statement: str) -> StatementResult:
        """Execute exactly one statement as written; FixitError says the SQLSTATE and the effect."""
        self._notices.clear()
        started = time.monotonic()
        with self._errors(f"run the statement '{_head(statement)}'"):
            # Binary results make the driver use the extended protocol, in which the server
            # itself refuses a text of two statements; no parameters: '%' stays as it is.
            cursor = self._connection.execute(statement, prepare=False, binary=True)
            tag = cursor.statusmessage or ""
            rows = cursor.rowcount if cursor.rowcount >= 0 else None
            cursor.close()
        elapsed = round((time.monotonic() - started) * 1000)
        self._insist_on_open(statement, tag)
        self._unseen |= {classify(statement).made}
        held = self.locks()
        added = tuple(lock for lock in held if lock not in self._held)
        self._held = held
        return StatementResult(
            statement=statement,
            tag=tag,
            ms=elapsed,
            rows=rows,
            notices=tuple(self._notices),
            locks=added,
        )

    def _insist_on_open(self, statement: str, tag: str) -> None:
        status = self._connection.info.transaction_status
        # 'COMMIT AND CHAIN' leaves a transaction open, but another one.
        if status == psycopg.pq.TransactionStatus.INTRANS and tag not in _ENDINGS:
            return
        self._open = status == psycopg.pq.TransactionStatus.INTRANS
        effect = Effect.ROLLED_BACK
        if tag == "COMMIT":
            effect = Effect.COMMITTED
        elif tag == "PREPARE TRANSACTION":
            effect = Effect.IN_DOUBT
        raise FixitError(
            f"the statement '{_head(statement)}' ended the transaction by itself",
            hint="a step must not hold BEGIN, COMMIT or ROLLBACK",
            effect=effect,
        )

    def checks(self, sql: str) -> tuple[Check, ...]:
        """Rows (label, holds, detail) of one SELECT; an error becomes a check that is not known.

        Runs in a savepoint that the server keeps read-only. Lock and time limits are raised.
        """
        if not sql.strip():
            return ()
        with self._errors("run the checks"):
            self._connection.execute("SAVEPOINT fixit_check")
            self._connection.execute("SET TRANSACTION READ ONLY")
            try:
                rows = self._connection.execute(sql, prepare=False, binary=True).fetchall()
                found = tuple(_check(row) for row in rows)
            except psycopg.Error as error:
                if error.sqlstate in _UNTOLD or link_lost(error, self._connection):
                    raise
                found = (Check(label=_head(sql), holds=None, detail=sentence(error)),)
            self._connection.execute("ROLLBACK TO SAVEPOINT fixit_check")
            self._connection.execute("RELEASE SAVEPOINT fixit_check")
        return found

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of the objects as this transaction sees them."""
        with self._errors("read the touched objects again"):
            return self._fingerprint(self._connection, identities)

    def replay(
        self, statement: str, role: str, settings: Sequence[tuple[str, str]] = ()
    ) -> ReplayResult:
        """Run a statement as a role, with settings, inside a savepoint that is rolled back."""
        # The application's statement meets the policies as the application does.
        settings = (("row_security", "on"), *settings)
        with self._errors("replay the failing statement"):
            return replay(self._connection, statement, role, settings)

    def fire_deferred(self) -> None:
        """Check and fire now what was put off until COMMIT; raises what COMMIT would raise."""
        with self._errors("check what was deferred until COMMIT"):
            self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def locks(self) -> tuple[Lock, ...]:
        """Relation locks above ACCESS SHARE that this transaction holds, without catalogs.

        What it has made itself is left out: nobody else sees that yet.
        """
        with self._errors("read the locks"):
            rows = self._connection.execute(_LOCKS).fetchall()
        return tuple(
            Lock(relation=f"{schema}.{name}", mode=mode_name(mode))
            for schema, name, mode in rows
            if self._unseen.isdisjoint((name, f"{schema}.{name}"))
        )

    def xid(self) -> str:
        """The server's transaction id as text (64 bits with epoch; PostgreSQL 13 or later)."""
        with self._errors("note the transaction id"):
            row = self._connection.execute("SELECT pg_current_xact_id()::text").fetchone()
            self.xid_kept = keep_xid(self._connection)
            # Once more: a step may have set it.
            self._connection.execute(_DURABLE)
        assert row is not None
        return str(row[0])

    def identity(self) -> ServerIdentity:
        """Which server gives the transaction id, and which run of it."""
        with self._errors("ask which server this is"):
            return identify(self._connection)

    def commit(self) -> None:
        """COMMIT; a ROLLBACK tag is an error, a link lost meanwhile is InDoubtError."""
        self._notices.clear()
        try:
            tag = self._connection.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            self._open = False
            lost = link_lost(error, self._connection)
            if lost or _no_verdict(error):
                what = "the connection was lost during COMMIT" if lost else "COMMIT has no verdict"
                raise InDoubtError(
                    f"{what} ({sentence(error)})",
                    hint="fixit-tui recover asks the server what became of the transaction",
                    effect=Effect.IN_DOUBT,
                    sqlstate=error.sqlstate,
                ) from error
            raise translate(
                error, doing="commit", effect=Effect.ROLLED_BACK, connection=self._connection
            ) from error
        self._open = False
        if tag != "COMMIT":
            raise VerificationError(
                f"the server answered COMMIT with {tag}: the transaction had failed before",
                hint="nothing was kept; diagnose again",
                effect=Effect.ROLLED_BACK,
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of during the last statement, such as a replica that is behind."""
        return tuple(text for text in self._notices if text.startswith("WARNING: "))

    def rollback(self) -> None:
        """ROLLBACK; a lost link is no error, since the server then rolls back by itself."""
        if not self._open:
            return
        self._open = False
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._connection.close()

    def cancel(self) -> None:
        """Stop the running statement from another thread; if that fails, its time limit does."""
        with self._closing, suppress(psycopg.Error):
            if not self._connection.closed:
                self._connection.cancel_safe(timeout=5.0)

    def close(self) -> None:
        """Roll back whatever is open and disconnect."""
        self.rollback()
        with self._closing:
            self._connection.close()


def _no_verdict(error: psycopg.Error) -> bool:
    """Whether the error may be a proxy's own, about a COMMIT that it has passed on already.

    Classes of the machine and of defects; what the server refuses at COMMIT has another one.
    """
    return error.sqlstate is None or error.sqlstate[:2] in ("08", "58", "XX")


def _check(row: Sequence[object]) -> Check:
    if len(row) < 2 or not (row[1] is None or isinstance(row[1], bool)):
        return Check("check", None, "a check must return (label text, holds boolean, detail text)")
    detail = "" if len(row) < 3 or row[2] is None else str(row[2])
    return Check(label=str(row[0]), holds=row[1], detail=detail)


def _head(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 60 else line[:59] + "…"
