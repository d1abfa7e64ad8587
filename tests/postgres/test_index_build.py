"""A concurrent index build is a plan of its own: watched, stopped, cleaned up, undone, recovered."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, UPSERT, Bench

from fixit_tui.engine.apply import Applier
from fixit_tui.errors import (
    CancelledError,
    Effect,
    FixitError,
    RefusedError,
    StalePlanError,
    UsageError,
    VerificationError,
)
from fixit_tui.model.events import HeldUp, StageStarted, ignore_event
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Consent, Plan, PlanState
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.store.clock import SystemClock
from fixit_tui.store.ledger import FileLedger

BUILD = replace(
    INDEX,
    up="CREATE UNIQUE INDEX CONCURRENTLY goals_key ON public.goals (user_id, slug)",
    undo="DROP INDEX CONCURRENTLY public.goals_key",
    transactional=False,
)
STATE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('public.goals_key')"


def states(bench: Bench) -> list[PlanState]:
    return [r.state for r in bench.ledger.receipts()]


@contextmanager
def old_snapshot(bench: Bench, *, table: str = "pg_class") -> Iterator[psycopg.Connection]:  # type: ignore[type-arg]
    """A transaction with a snapshot, such as a forgotten report or a pg_dump."""
    with psycopg.connect(bench.dsn, application_name="forgotten report") as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute(f"SELECT count(*) FROM {table}")  # type: ignore[arg-type]
        yield other
        other.rollback()


def in_background(bench: Bench, plan: Plan) -> tuple[threading.Thread, list[object]]:
    ends: list[object] = []

    def work() -> None:
        try:
            ends.append(bench.apply(plan))
        except FixitError as error:
            ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ends


def wait_until(bench: Bench, query: str) -> None:
    for _ in range(200):
        if bench.value(query):
            return
        time.sleep(0.05)
    raise AssertionError(f"never true: {query}")


def waits(phase: str) -> str:
    return f"SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE '{phase}%'"


def test_it_builds_verifies_and_is_undone(bench: Bench) -> None:
    before = bench.state()
    plan = bench.plan(BUILD, replay=UPSERT)
    assert plan.alone
    receipt = bench.apply(plan)
    assert states(bench) == [PlanState.APPLIED]
    assert receipt.xid == ""
    assert all(check.holds for check in receipt.checks)
    assert [c.label for c in receipt.checks] == [
        "no duplicates",
        "the index public.goals_key is valid, ready and live",
        "the index is there",
    ]
    assert receipt.replay_after is not None
    assert receipt.replay_after.succeeded
    undo = bench.undo_plan(receipt)
    assert undo.steps[0].up == BUILD.undo
    assert undo.alone
    undone = bench.apply(undo)
    assert undone.checks[-1].label == "table public.goals is as it was before the change"
    assert all(check.holds for check in undone.checks)
    assert states(bench) == [PlanState.UNDONE, PlanState.APPLIED]
    assert bench.state() == before


def test_it_is_a_plan_of_its_own_and_never_rehearsed(bench: Bench) -> None:
    column = SqlChange("ALTER TABLE public.goals ADD COLUMN x int", "", "SELECT 'x', true")
    with pytest.raises(UsageError, match="a plan of its own"):
        bench.plan(BUILD, column)
    with pytest.raises(RefusedError, match="cannot be rehearsed"):
        bench.rehearse(bench.plan(BUILD))


@pytest.mark.parametrize(
    "statement",
    [
        "VACUUM public.goals",
        "REINDEX TABLE CONCURRENTLY public.goals",
        "REINDEX INDEX CONCURRENTLY goals_pkey",
        "CREATE INDEX CONCURRENTLY ON public.goals (n)",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON public.goals (n)",
        "CREATE INDEX CONCURRENTLY k ON goals (n)",
        "CREATE INDEX CONCURRENTLY k ON public.goals (n); SELECT 1",
    ],
)
def test_what_could_not_be_told_afterwards_is_refused(bench: Bench, statement: str) -> None:
    with pytest.raises(RefusedError, match="cannot run inside a transaction"):
        bench.plan(replace(BUILD, up=statement))


def test_duplicates_are_seen_before_anything_starts(bench: Bench) -> None:
    plan = bench.plan(BUILD)
    bench.execute("INSERT INTO public.goals (user_id, slug) VALUES (1, 'a')")
    with pytest.raises(VerificationError, match="no duplicates") as caught:
        bench.apply(plan)
    assert caught.value.effect is Effect.NOTHING_CHANGED
    assert states(bench) == []


def test_duplicates_that_appear_during_the_build_leave_nothing_behind(bench: Bench) -> None:
    plan = bench.plan(BUILD)
    with psycopg.connect(bench.dsn) as writer:
        writer.execute("UPDATE public.goals SET n = 1 WHERE id = 1")
        thread, ends = in_background(bench, plan)
        wait_until(bench, waits("waiting for writers"))
        writer.execute("INSERT INTO public.goals (user_id, slug) VALUES (1, 'a')")
        writer.commit()
    thread.join(30)
    assert isinstance(ends[0], FixitError)
    assert ends[0].sqlstate == "23505"
    assert ends[0].effect is Effect.ROLLED_BACK
    assert states(bench) == [PlanState.ROLLED_BACK]
    assert bench.value(STATE) is None


def test_an_old_snapshot_is_named_and_the_build_can_be_stopped(bench: Bench) -> None:
    before = bench.state()
    stop = threading.Event()
    bench.cancelled = stop.is_set
    with old_snapshot(bench):
        thread, ends = in_background(bench, bench.plan(BUILD))
        wait_until(bench, waits("waiting for old snapshots"))
        time.sleep(1.2)
        stop.set()
        thread.join(30)
    assert isinstance(ends[0], CancelledError)
    assert ends[0].effect is Effect.ROLLED_BACK
    assert states(bench) == [PlanState.ROLLED_BACK]
    told = [e for e in bench.events if isinstance(e, HeldUp) and e.blockers]
    assert "forgotten report" in told[0].blockers[0]
    assert "forgotten report" in told[-1].blockers[0]
    assert StageStarted("waiting for old snapshots") in bench.events
    assert bench.state() == before


def test_an_unfinished_index_that_cannot_be_removed_is_partial_and_undone_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixit_tui.postgres.index_build.CLEAN_UP_LOCK_TIMEOUT", "300ms")
    before = bench.state()
    stop = threading.Event()
    bench.cancelled = stop.is_set
    with old_snapshot(bench, table="public.goals"):
        thread, ends = in_background(bench, bench.plan(BUILD))
        wait_until(bench, waits("waiting for old snapshots"))
        stop.set()
        thread.join(30)
        assert isinstance(ends[0], CancelledError)
        assert ends[0].effect is Effect.PARTIAL
        assert "DROP INDEX CONCURRENTLY IF EXISTS public.goals_key" in ends[0].hint
    assert states(bench) == [PlanState.PARTIAL]
    assert bench.value(STATE) is False
    stop.clear()
    with pytest.raises(RefusedError, match="left unfinished"):
        bench.apply(bench.plan(BUILD))
    bench.apply(bench.undo_plan(bench.ledger.receipts()[0]))
    assert states(bench) == [PlanState.UNDONE, PlanState.APPLIED]
    assert bench.state() == before


LONG = "ключ_" * 6 + "k"
"""61 bytes: what the server makes of it for a copy is cut within a letter."""

REBUILD = replace(
    BUILD,
    up=f"REINDEX INDEX CONCURRENTLY public.{LONG};",
    undo="",
    irreversible="the old one was broken",
    verify=f"SELECT 'valid', indisvalid, '' FROM pg_index WHERE indexrelid = '{LONG}'::regclass",
)
VALID = f"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{LONG}')"
UNFINISHED = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
def broken(bench: Bench) -> Bench:
    """The bench with an index that a build left invalid."""
    bench.execute(f"CREATE UNIQUE INDEX {LONG} ON public.goals (user_id, slug)")
    bench.execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{LONG}'::regclass")
    return bench


def test_an_invalid_index_is_rebuilt_once(broken: Bench) -> None:
    plan = broken.plan(REBUILD)
    assert plan.alone
    receipt = broken.apply(plan)
    assert all(check.holds for check in receipt.checks)
    assert (broken.value(VALID), broken.value(UNFINISHED)) == (True, 0)
    with pytest.raises(RefusedError, match="the old one was broken"):
        broken.undo_plan(receipt)
    with pytest.raises(StalePlanError, match="and valid"):
        broken.apply(broken.plan(REBUILD))


def test_a_stopped_rebuild_leaves_the_index_as_it_was(
    broken: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    broken.cancelled = stop.is_set
    with old_snapshot(broken):
        thread, ends = in_background(broken, broken.plan(REBUILD))
        wait_until(broken, waits("waiting for old snapshots"))
        stop.set()
        thread.join(30)
    assert isinstance(ends[0], CancelledError)
    assert ends[0].effect is Effect.ROLLED_BACK
    assert (broken.value(VALID), broken.value(UNFINISHED)) == (False, 1)

    monkeypatch.setattr("fixit_tui.postgres.index_build.CLEAN_UP_LOCK_TIMEOUT", "300ms")
    stop.clear()
    with old_snapshot(broken, table="public.goals"):
        thread, ends = in_background(broken, broken.plan(REBUILD))
        wait_until(broken, waits("waiting for old snapshots"))
        stop.set()
        thread.join(30)
    stop.clear()
    assert isinstance(ends[0], CancelledError)
    assert ends[0].effect is Effect.PARTIAL
    assert broken.value(UNFINISHED) == 2
    with pytest.raises(RefusedError, match="left unfinished"):
        broken.apply(broken.plan(REBUILD))
    partial = next(r for r in broken.ledger.receipts() if r.state is PlanState.PARTIAL)
    broken.apply(broken.undo_plan(partial))
    assert (broken.value(VALID), broken.value(UNFINISHED)) == (False, 1)
    assert PlanState.UNDONE in states(broken)


def test_a_sound_index_made_since_is_not_dropped_as_unfinished(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(BUILD))
    bench.ledger.append(replace(receipt, state=PlanState.PARTIAL, after=()))
    with pytest.raises(VerificationError, match="still unfinished"):
        bench.apply(bench.undo_plan(receipt))
    assert bench.value(STATE) is True


def test_drift_a_busy_operator_and_a_taken_name_stop_it_before_it_starts(bench: Bench) -> None:
    plan = bench.plan(BUILD)
    bench.execute("ALTER TABLE public.goals ADD COLUMN late int")
    with pytest.raises(StalePlanError, match="changed since"):
        bench.apply(plan)
    bench.execute("CREATE UNIQUE INDEX goals_key ON public.goals (user_id, slug)")
    with pytest.raises(StalePlanError, match="and valid"):
        bench.apply(bench.plan(BUILD))
    assert states(bench) == []


def build_and_never_return(dsn: str, state: Path, plan: Plan) -> None:
    database, ledger = PgDatabase(dsn), FileLedger(state)
    applier = Applier(database, ledger, SystemClock(), None, ignore_event, lambda: False)
    applier.apply(plan, Consent(plan.hash, plan.target.name))


def killed_while_it_waits(bench: Bench, plan: Plan) -> None:
    """Kill -9 of our process while the server waits for an old snapshot."""
    child = multiprocessing.get_context("spawn").Process(
        target=build_and_never_return, args=(bench.dsn, bench.folder / "state", plan)
    )
    child.start()
    wait_until(bench, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'virtualxid'")
    child.kill()
    child.join(10)


def test_recover_tells_a_build_that_went_on_from_one_that_ended(bench: Bench) -> None:
    plan = bench.plan(BUILD)
    with old_snapshot(bench):
        killed_while_it_waits(bench, plan)
        (waiting,) = bench.recover()
        assert waiting.state is PlanState.APPLYING
        assert "still at work" in waiting.note
    wait_until(bench, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')")
    (settled,) = bench.recover()
    assert settled.state is PlanState.APPLIED
    assert bench.value(STATE) is True
    bench.apply(bench.undo_plan(settled))
    assert states(bench) == [PlanState.UNDONE, PlanState.APPLIED]


def test_recover_finds_the_unfinished_index_of_a_killed_build(bench: Bench) -> None:
    before = bench.state()
    with old_snapshot(bench):
        killed_while_it_waits(bench, bench.plan(BUILD))
        bench.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'fixit-tui index build'"
        )
        wait_until(bench, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')")
        (settled,) = bench.recover()
    assert settled.state is PlanState.PARTIAL
    assert "DROP INDEX CONCURRENTLY IF EXISTS public.goals_key" in settled.note
    bench.apply(bench.undo_plan(settled))
    assert bench.state() == before


def test_recover_says_rolled_back_where_nothing_was_begun(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(BUILD))
    bench.execute("DROP INDEX public.goals_key")
    bench.ledger.append(replace(receipt, state=PlanState.APPLYING))
    assert [r.state for r in bench.recover()] == [PlanState.ROLLED_BACK]


def test_a_killed_backend_is_told_as_it_is(bench: Bench) -> None:
    with old_snapshot(bench):
        thread, ends = in_background(bench, bench.plan(BUILD))
        wait_until(bench, waits("waiting for old snapshots"))
        bench.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'fixit-tui index build'"
        )
        thread.join(30)
    assert isinstance(ends[0], FixitError)
    assert ends[0].effect is Effect.PARTIAL
    assert states(bench) == [PlanState.PARTIAL]


def test_a_link_lost_after_the_build_does_not_unsay_it(bench: Bench) -> None:
    def cut(event: object) -> None:
        if event == StageStarted("verifying"):
            builder = "FROM pg_stat_activity WHERE application_name = 'fixit-tui index build'"
            bench.execute(f"SELECT pg_terminate_backend(pid) {builder}")
            while bench.value(f"SELECT count(*) {builder}"):
                time.sleep(0.02)

    plan = bench.plan(BUILD)
    receipt = bench.applier(on_event=cut).apply(plan, Consent(plan.hash, plan.target.name))
    assert bench.value(STATE) is True
    assert receipt.state is PlanState.APPLIED
    assert receipt.after
    assert states(bench) == [PlanState.APPLIED]


def test_a_proof_that_fails_after_the_build_does_not_unsay_it(bench: Bench) -> None:
    def hold(event: object) -> None:
        if event == StageStarted("verifying"):
            bench.ledger.path.rename(bench.ledger.path.with_suffix(".away"))
            bench.ledger.path.mkdir()

    plan = bench.plan(BUILD)
    undone = bench.undo_plan(bench.apply(plan))
    with pytest.raises(FixitError) as caught:
        bench.applier(on_event=hold).apply(undone, Consent(undone.hash, undone.target.name))
    assert bench.value("SELECT to_regclass('public.goals_key')") is None
    assert caught.value.effect is Effect.COMMITTED
