"""Time limits, a stop and a COMMIT that hangs: each has one true word."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from apply_tools import INDEX, Bench
from late import at_commit
from psycopg.conninfo import make_conninfo

from fixit_tui.engine.running import Running, WatchedDatabase
from fixit_tui.errors import (
    CancelledError,
    ConnectError,
    Effect,
    FixitError,
    InDoubtError,
    LockWaitError,
)
from fixit_tui.model.events import Event, Waiting
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Consent, Plan, PlanState
from fixit_tui.postgres import transaction
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.store.clock import SystemClock

SLOW = replace(INDEX, up=INDEX.up + "; SELECT pg_sleep(20)")


def test_a_statement_that_takes_too_long_is_rolled_back_and_not_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = dict(transaction._LIMITS) | {"statement_timeout": "300ms"}
    monkeypatch.setattr(transaction, "_LIMITS", tuple(limits.items()))
    plan, before = bench.plan(SLOW), bench.state()
    with pytest.raises(LockWaitError, match="statement timeout") as caught:
        bench.apply(plan)
    assert (caught.value.sqlstate, caught.value.effect) == ("57014", Effect.ROLLED_BACK)
    assert bench.clock.pauses == []
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


@pytest.mark.parametrize("where", ["in a statement", "in COMMIT"])
def test_a_transaction_that_takes_too_long_ends_the_session(bench: Bench, where: str) -> None:
    if bench.server.version < 170000:
        pytest.skip("transaction_timeout came with PostgreSQL 17")
    change = SLOW
    if where == "in COMMIT":
        bench.execute(*at_commit("PERFORM pg_sleep(20);"))
        change = replace(INDEX, up=INDEX.up + "; UPDATE goals SET n = 7 WHERE id = 1")
    plan, before = bench.plan(change), bench.state()
    dsn = make_conninfo(bench.dsn, options="-c transaction_timeout=4s")
    with pytest.raises(FixitError) as caught:
        bench.applier(database=PgDatabase(dsn)).apply(plan, _consent(plan))
    kind = InDoubtError if where == "in COMMIT" else ConnectError
    assert type(caught.value) is kind
    bench.recover()
    assert {r.state for r in bench.ledger.receipts()} <= {PlanState.ROLLED_BACK}
    assert bench.state() == before


def _consent(plan: Plan) -> Consent:
    return Consent(plan.hash, plan.target.name)


@contextmanager
def no_standby_answers(bench: Bench) -> Iterator[str]:
    """A DSN whose COMMITs wait for a standby that is not there; others do not wait."""
    setting = "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
    reset = "ALTER SYSTEM RESET synchronous_standby_names"
    bench.execute(setting, "SELECT pg_reload_conf()")
    try:
        yield make_conninfo(bench.dsn, options="-c synchronous_commit=on")
    finally:
        bench.execute(reset, "SELECT pg_reload_conf()")


def when_commit_hangs(bench: Bench, then: Callable[[int], object]) -> threading.Thread:
    """Call `then` with the process id of the session whose COMMIT waits for a standby."""

    def work() -> None:
        with psycopg.connect(bench.dsn, autocommit=True) as connection:
            for _ in range(600):
                row = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                ).fetchone()
                if row is not None:
                    then(int(row[0]))
                    return
                time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_stop_while_commit_waits_for_a_standby_does_not_unsay_it(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    running = Running()
    with no_standby_answers(bench) as dsn:
        stopper = when_commit_hangs(bench, lambda pid: running.cancel())
        stopped = running.start(lambda: False)
        applier = bench.applier(
            database=WatchedDatabase(PgDatabase(dsn), running), cancelled=stopped
        )
        receipt = applier.apply(plan, _consent(plan))
        stopper.join()
    assert receipt.state is PlanState.APPLIED
    assert bench.value("SELECT to_regclass('goals_key')") is not None


def test_a_session_ended_while_commit_waits_for_a_standby_is_found_committed(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    with no_standby_answers(bench) as dsn:
        killer = when_commit_hangs(
            bench, lambda pid: bench.execute(f"SELECT pg_terminate_backend({pid})")
        )
        with pytest.raises(InDoubtError):
            bench.applier(database=PgDatabase(dsn)).apply(plan, _consent(plan))
        killer.join()
    (settled,) = bench.recover()
    assert settled.state is PlanState.APPLIED
    assert bench.value("SELECT to_regclass('goals_key')") is not None


def test_a_stop_is_heeded_while_the_next_try_is_waited_for(bench: Bench) -> None:
    plan, before = bench.plan(INDEX), bench.state()
    waiting = threading.Event()

    def watch(event: Event) -> None:
        if isinstance(event, Waiting):
            waiting.set()

    with psycopg.connect(bench.dsn) as holder:
        holder.execute("LOCK TABLE goals IN ROW EXCLUSIVE MODE")
        applier = bench.applier(
            clock=SystemClock(), cancelled=waiting.is_set, jitter=lambda: 50.0, on_event=watch
        )
        started = time.monotonic()
        with pytest.raises(CancelledError) as caught:
            applier.apply(plan, _consent(plan))
        assert time.monotonic() - started < 20
        holder.rollback()
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.state() == before


def test_a_stop_at_every_moment_is_before_or_after_and_never_between(bench: Bench) -> None:
    plan = bench.plan(INDEX, replay="INSERT INTO goals (user_id, slug) VALUES (7, 'x')")
    before = bench.state()
    moments: list[Event] = []
    bench.applier(on_event=moments.append).apply(plan, _consent(plan))
    after = bench.state()
    _take_back(bench)
    stopped_after_commit = 0
    for moment in range(1, len(moments) + 1):
        receipt = _stopped(bench, plan, moment)
        if receipt is None:
            assert bench.state() == before
            assert bench.ledger.receipts()[-1].state is not PlanState.APPLYING
        else:
            stopped_after_commit += 1
            assert bench.state() == after
            _take_back(bench)
    assert stopped_after_commit <= 1


def _stopped(bench: Bench, plan: Plan, moment: int) -> Receipt | None:
    running = Running()
    seen: list[Event] = []

    def watch(event: Event) -> None:
        seen.append(event)
        if len(seen) == moment:
            running.cancel()

    stopped = running.start(lambda: False)
    database = WatchedDatabase(bench.database, running)
    applier = bench.applier(database=database, cancelled=stopped, on_event=watch)
    try:
        return applier.apply(plan, _consent(plan))
    except CancelledError as error:
        effect = error.effect
    assert effect in (Effect.ROLLED_BACK, Effect.NOTHING_CHANGED)
    return None


def _take_back(bench: Bench) -> None:
    done = [r for r in bench.ledger.receipts() if r.state is PlanState.APPLIED and not r.undo_of]
    bench.apply(bench.undo_plan(done[-1]))
