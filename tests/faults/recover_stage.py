"""What the tests of `recover` share: changes that lose their end, and servers that are copied."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from apply_tools import Bench

from fixit_tui.model.finding import SqlChange
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Consent, Plan
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.store.ledger import FileLedger

ROWS = SqlChange(
    "UPDATE public.goals SET n = 1 WHERE n IS NULL",
    "",
    "SELECT 'every n is set', NOT EXISTS (SELECT FROM public.goals WHERE n IS NULL), ''",
    touches=("table public.goals",),
)
"""A change of rows alone: the touched objects look the same before and after."""


BUILD = SqlChange(
    "CREATE UNIQUE INDEX CONCURRENTLY goals_key ON public.goals (user_id, slug)",
    "DROP INDEX CONCURRENTLY public.goals_key",
    "SELECT 'x', true, ''",
    touches=("table public.goals",),
    transactional=False,
)
# WAL reaches the disk with a COMMIT alone, not by the server's own housekeeping.
LAZY = {"fsync": "off", "wal_writer_delay": "10s", "max_connections": "20", "autovacuum": "off"}


ELSEWHEN = "19700101000000000000/19700101000000000000"
"""A run of a server that is over."""


class Dead(BaseException):
    """The process is gone, as far as the code under test can tell."""


class LastWords(FileLedger):
    """A ledger whose process dies once it has written its `last` line."""

    def __init__(self, folder: Path, last: int, then: Callable[[], None]) -> None:
        super().__init__(folder)
        self._left = last
        self._then = then

    def append(self, receipt: Receipt) -> None:
        if self._left == 0:
            raise Dead  # nothing is written after death
        super().append(receipt)
        self._left -= 1
        if self._left == 0:
            self._then()
            raise Dead


def _nothing() -> None:
    return


def die_before_commit(bench: Bench, plan: Plan, then: Callable[[], None] = _nothing) -> Receipt:
    """Apply until the intent is on disk and no further; the intent."""
    return _die(bench, plan, 1, then)


def die_after_commit(bench: Bench, plan: Plan) -> Receipt:
    """Apply, and lose every word about the COMMIT that succeeded; the intent."""
    ledger = bench.ledger.path
    known = ledger.read_bytes() if ledger.exists() else b""
    _die(bench, plan, 2, _nothing)
    lines = ledger.read_bytes()[len(known) :].splitlines(keepends=True)
    ledger.write_bytes(known + lines[0])
    return bench.ledger.receipts()[-1]


def _die(bench: Bench, plan: Plan, last: int, then: Callable[[], None]) -> Receipt:
    ledger = LastWords(bench.folder / "state", last, then)
    try:
        bench.applier(ledger=ledger).apply(plan, Consent(plan.hash, plan.target.name))
    except Dead:
        return bench.ledger.receipts()[-1]
    raise AssertionError("it did not die")


def burn(dsn: str, up_to: str) -> None:
    """Commit transactions of strangers until the number is one of theirs."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            assert row is not None
            if row[0] >= int(up_to):
                return


def status(bench: Bench, receipt: Receipt) -> str:
    """The server's bare word on the receipt's number."""
    return str(bench.value(f"SELECT pg_xact_status('{receipt.xid}'::xid8)"))


def edited(bench: Bench, receipt: Receipt, **changes: str | bool) -> Receipt:
    """The receipt with other words in it, as the last line of the ledger."""
    other = replace(receipt, **changes)  # type: ignore[arg-type]
    bench.ledger.append(other)
    return other


def stranger(bench: Bench) -> str:
    """The number of a transaction that committed and has nothing to do with any plan."""
    return str(bench.value("SELECT pg_current_xact_id()::text"))


def moved(bench: Bench, server: LocalServer) -> Bench:
    """The same bench, ledger and all, where its target is answered by `server` now."""
    name = bench.dsn.rpartition("/")[2]
    bench.dsn, bench.server = server.dsn(name), server
    bench.database = PgDatabase(bench.dsn)
    return bench


def copy_of(data: Path, to: Path) -> Path:
    """A copy of a stopped server's data folder, owned as the first one is."""
    shutil.copytree(data, to, symlinks=True)
    for path in (to, *to.rglob("*")):
        there = data / path.relative_to(to)
        stat = there.lstat()
        shutil.chown(path, stat.st_uid, stat.st_gid)
    return to


@contextmanager
def lazy_server(data: Path, bin_dir: Path | None = None) -> Iterator[LocalServer]:
    server = LocalServer.start(data, settings=LAZY, bin_dir=bin_dir)
    try:
        yield server
    finally:
        server.stop("immediate")


@contextmanager
def standby_of(primary: LocalServer, place: Path) -> Iterator[LocalServer]:
    """A streaming replica, made from a base backup of a running primary."""
    folder = place / "standby"
    with psycopg.connect(primary.dsn(), autocommit=True) as backup:
        begin, end = "pg_backup_start('copy', true)", "pg_backup_stop()"
        if primary.version < 150000:
            begin, end = "pg_start_backup('copy', true, false)", "pg_stop_backup(false)"
        backup.execute(f"SELECT {begin}")  # type: ignore[call-overload]
        copy_of(primary.data_dir, folder)
        row = backup.execute(f"SELECT labelfile FROM {end}").fetchone()  # type: ignore[call-overload]
        assert row is not None
    (folder / "postmaster.pid").unlink()
    (folder / "backup_label").write_text(row[0])
    (folder / "standby.signal").touch()
    for name in ("backup_label", "standby.signal"):
        os.chown(folder / name, folder.stat().st_uid, folder.stat().st_gid)
    settings = {
        **LAZY,
        "primary_conninfo": f"host=127.0.0.1 port={primary.port} user=postgres",
        "hot_standby_feedback": "on",
    }
    standby = LocalServer.start(folder, settings=settings, bin_dir=primary.bin_dir)
    try:
        yield standby
    finally:
        standby.stop("immediate")


def catch_up(primary: LocalServer, standby: LocalServer) -> None:
    """Wait until the replica has replayed everything that the primary has written."""
    with psycopg.connect(primary.dsn(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert row is not None
    with psycopg.connect(standby.dsn(), autocommit=True) as connection:
        for _ in range(400):
            there = connection.execute(
                "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row
            ).fetchone()
            if there == (True,):
                return
            time.sleep(0.05)
    raise AssertionError("the replica does not follow")


def promote(standby: LocalServer) -> None:
    with psycopg.connect(standby.dsn(), autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)
