"""`recover` when the server itself crashed, was copied, restored, promoted or replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from apply_tools import INDEX, Bench, bench_with_goals
from psycopg import sql
from recover_stage import (
    LAZY,
    ROWS,
    burn,
    catch_up,
    copy_of,
    die_after_commit,
    die_before_commit,
    edited,
    lazy_server,
    moved,
    promote,
    standby_of,
    status,
)
from shapes import every_bin_dir
from test_pgbouncer import pooler

from fixit_tui.errors import Effect, InDoubtError
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Consent, PlanState
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer

_SERVERS = {
    f"{number} {folder.parent.parent.name}": folder
    for number, folder in enumerate(dict.fromkeys(every_bin_dir()))
}


@pytest.fixture(params=_SERVERS.values(), ids=range(len(_SERVERS)))
def bin_dir(request: pytest.FixtureRequest) -> Path:
    """Each server of this machine, and those of FIXIT_TUI_TEST_SERVERS."""
    folder: Path = request.param
    return folder


def new_bench(server: LocalServer, folder: Path) -> Bench:
    server.create_database("app")
    bench = bench_with_goals(server.dsn("app"), server, folder)
    bench.execute("CHECKPOINT")
    return bench


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder where a server's own account can get at its data."""
    with tempfile.TemporaryDirectory(prefix="fixit-tui-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "bench").mkdir()
        yield folder


def test_a_number_that_a_crash_took_back_is_not_believed(place: Path, bin_dir: Path) -> None:
    """Up to PostgreSQL 16 the number is given to a stranger, who commits."""
    with lazy_server(place / "data", bin_dir) as first:
        bench = new_bench(first, place / "bench")
        plan = bench.plan(INDEX)
        receipt = die_before_commit(bench, plan, lambda: first.stop("immediate"))
    with lazy_server(place / "data", bin_dir) as second:
        moved(bench, second)
        burn(bench.dsn, receipt.xid)
        (told,) = bench.recover()
        expected = {
            "committed": PlanState.APPLYING,  # in doubt: objects and number contradict
            "aborted": PlanState.ROLLED_BACK,
        }
        assert told.state is expected[status(bench, receipt)]
        if second.version >= 170000:
            assert told.state is PlanState.ROLLED_BACK
        assert bench.value("SELECT to_regclass('public.goals_key')") is None


def test_the_crash_of_one_session_ends_the_run(place: Path, bin_dir: Path) -> None:
    with lazy_server(place / "data", bin_dir) as server:
        bench = new_bench(server, place / "bench")
        receipt = die_after_commit(bench, bench.plan(ROWS))
        before = bench.database.report_on(receipt.xid).server
        assert (before.line, before.run) == (receipt.server_id, receipt.server_run)
        assert before.run
        crash(bench)
        after = bench.database.report_on(receipt.xid).server
        assert after.line == before.line
        assert after.run != before.run
        (still,) = bench.recover()
        assert still.state is PlanState.APPLYING
        assert "restarted since" in still.note


def crash(bench: Bench) -> None:
    """Kill one server process, and wait until all others are gone and the server is back."""
    victim, other = (psycopg.connect(bench.dsn, autocommit=True) for _ in range(2))
    os.kill(victim.info.backend_pid, signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        other.execute("SELECT pg_sleep(30)")
    for connection in (victim, other):
        connection.close()
    for _ in range(400):
        try:
            psycopg.connect(bench.dsn).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not come back")


@pytest.mark.parametrize("change", [INDEX, ROWS], ids=["index", "rows"])
def test_a_copy_restored_from_before_is_not_believed(place: Path, change: SqlChange) -> None:
    """Same identifier, same timeline, and the number is a stranger's."""
    with lazy_server(place / "data") as server:
        bench = new_bench(server, place / "bench")
        server.stop("fast")
        copy = copy_of(place / "data", place / "copy")
    with lazy_server(place / "data") as server:
        receipt = die_after_commit(moved(bench, server), bench.plan(change))
        (kept,) = bench.recover()
        assert kept.state is PlanState.APPLIED
        bench.ledger.append(receipt)
    with lazy_server(copy) as restored:
        moved(bench, restored)
        (early,) = bench.recover()
        assert early.state is PlanState.ROLLED_BACK
        bench.ledger.append(receipt)
        burn(bench.dsn, receipt.xid)
        assert status(bench, receipt) == "committed"
        (still,) = bench.recover()
        assert still.state is PlanState.APPLYING


def test_a_server_with_another_identifier_is_not_asked(place: Path) -> None:
    with lazy_server(place / "data") as server:
        bench = new_bench(server, place / "bench")
        receipt = die_after_commit(bench, bench.plan(INDEX))
    with lazy_server(place / "other") as other:
        (place / "another").mkdir()
        new_bench(other, place / "another").execute(INDEX.up)
        burn(moved(bench, other).dsn, receipt.xid)
        (still,) = bench.recover()
        assert still.state is PlanState.APPLYING
        assert "not the one that gave" in still.note


@pytest.mark.parametrize("change", [INDEX, ROWS], ids=["index", "rows"])
def test_a_number_too_old_to_be_known_is_found_in_the_catalog_or_stays_in_doubt(
    place: Path, change: SqlChange
) -> None:
    with lazy_server(place / "data") as server:
        bench = new_bench(server, place / "bench")
        die_after_commit(bench, bench.plan(change))
        server.stop("fast")
        server._run("pg_resetwal", "-e", "1", "-D", str(place / "data"))
    with lazy_server(place / "data") as server:
        moved(bench, server)
        (told,) = bench.recover()
        assert told.state is (PlanState.APPLIED if change is INDEX else PlanState.APPLYING)
        assert "too old" in told.note


def test_a_replica_is_not_asked_and_knows_all_once_promoted(place: Path) -> None:
    with lazy_server(place / "data") as primary:
        bench = new_bench(primary, place / "bench")
        with standby_of(primary, place) as standby:
            receipt = die_after_commit(bench, bench.plan(INDEX))
            catch_up(primary, standby)
            moved(bench, standby)
            (still,) = bench.recover()
            assert still.state is PlanState.APPLYING
            assert "replica" in still.note
            promote(standby)
            (kept,) = bench.recover()
            assert kept.state is PlanState.APPLIED
            edited(bench, receipt, state=PlanState.IN_DOUBT)
            (again,) = bench.recover()
            assert again.state is PlanState.APPLIED


@pytest.mark.parametrize("change", [INDEX, ROWS], ids=["index", "rows"])
def test_a_promoted_replica_that_missed_the_change_is_not_believed(
    place: Path, change: SqlChange
) -> None:
    with lazy_server(place / "data") as primary:
        bench = new_bench(primary, place / "bench")
        with standby_of(primary, place) as standby:
            catch_up(primary, standby)
            standby.stop("fast")
            receipt = die_after_commit(bench, bench.plan(change))
            primary.stop("immediate")
            promoted = LocalServer.start(standby.data_dir, settings=LAZY)
            try:
                promote(promoted)
                moved(bench, promoted)
                burn(bench.dsn, receipt.xid)
                assert status(bench, receipt) == "committed"
                (still,) = bench.recover()
                assert still.state is PlanState.APPLYING
                assert "promoted" in still.note or "contradict" in still.note
            finally:
                promoted.stop("immediate")


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "through a pooler"])
def test_a_session_ended_while_its_commit_waits_for_a_replica(place: Path, pooled: bool) -> None:
    """It is committed here already; whoever is asked later must not hear of a rollback."""
    with lazy_server(place / "data") as primary, contextlib.ExitStack() as stack:
        bench = new_bench(primary, place / "bench")
        bench.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        plan = bench.plan(INDEX)
        through = bench.dsn
        if pooled:
            through = stack.enter_context(pooler(bench.dsn, primary.port))
        with psycopg.connect(bench.dsn, autocommit=True) as watch:
            watch.execute("SELECT pg_reload_conf()")
            end = threading.Thread(target=end_waiting_for_replicas, args=(watch, "terminate"))
            end.start()
            with pytest.raises(InDoubtError) as caught:
                bench.applier(database=PgDatabase(through)).apply(
                    plan, Consent(plan.hash, plan.target.name)
                )
            end.join()
        assert caught.value.effect is Effect.IN_DOUBT
        (kept,) = bench.recover()
        assert kept.state is PlanState.APPLIED
        assert bench.value("SELECT to_regclass('public.goals_key')::text") == "goals_key"


def test_a_commit_that_no_replica_has_seen_says_so(place: Path) -> None:
    with lazy_server(place / "data") as primary:
        bench = new_bench(primary, place / "bench")
        bench.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        plan = bench.plan(INDEX)
        with psycopg.connect(bench.dsn, autocommit=True) as watch:
            watch.execute("SELECT pg_reload_conf()")
            stop = threading.Thread(target=end_waiting_for_replicas, args=(watch, "cancel"))
            stop.start()
            receipt = bench.apply(plan)
            stop.join()
        assert receipt.state is PlanState.APPLIED
        assert "canceling wait for synchronous replication" in receipt.note
        assert bench.ledger.receipts()[-1].note == receipt.note


def end_waiting_for_replicas(
    watch: psycopg.Connection[tuple[object, ...]], how: Literal["cancel", "terminate"]
) -> None:
    query = sql.SQL("SELECT {}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    for _ in range(400):
        if watch.execute(query.format(sql.Identifier(f"pg_{how}_backend"))).fetchall():
            return
        time.sleep(0.05)
