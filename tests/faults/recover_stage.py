"""What the tests of `recover` share: changes that lose their end, and servers that are copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
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


def edited(bench: Bench, receipt: Receipt, **changes: str) -> Receipt:
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
