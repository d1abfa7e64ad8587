"""Other sessions and the server itself stand in the way: waits are bounded, the truth is told."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from apply_tools import INDEX, Bench
from kill_stage import REFERENCE, SETUP
from late import at_commit
from psycopg.conninfo import make_conninfo

from fixit_tui.errors import ConnectError, Effect, FixitError, LockWaitError
from fixit_tui.model.plan import PlanState
from fixit_tui.postgres.database import PgDatabase

MODES = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE",
    "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
)  # fmt: skip
# Pairs of the manual's table of conflicting lock modes, by position in MODES.
_CONFLICTS = {0: {7}, 1: {6, 7}, 2: {4, 5, 6, 7}, 3: {3, 4, 5, 6, 7}, 4: {2, 3, 5, 6, 7},
              5: {2, 3, 4, 5, 6, 7}, 6: {1, 2, 3, 4, 5, 6, 7}, 7: set(range(8))}  # fmt: skip
WIDER = replace(
    INDEX,
    up="ALTER TABLE public.goals ADD COLUMN extra int",
    undo="ALTER TABLE public.goals DROP COLUMN extra",
    verify="SELECT 'it is there', true, '' FROM pg_attribute WHERE attname = 'extra'",
    precheck="",
)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("table", ["goals", "owners"])
@pytest.mark.parametrize("mode", MODES)
def test_each_lock_mode_on_each_touched_table(bench: Bench, mode: str, table: str) -> None:
    bench.execute(*SETUP[:2])
    plan = bench.plan(REFERENCE)
    rehearsal = bench.rehearse(plan)
    assert rehearsal.succeeded
    held = {MODES.index(x.mode) for x in rehearsal.locks if x.relation == f"public.{table}"} | {0}
    conflicting = any(MODES.index(mode) in _CONFLICTS[mine] for mine in held)
    before = bench.state()
    with psycopg.connect(bench.dsn, application_name="nightly job") as holder:
        holder.execute(f"LOCK TABLE public.{table} IN {mode} MODE")  # type: ignore[call-overload]
        if not conflicting:
            assert bench.apply(plan).state is PlanState.APPLIED
            return
        with pytest.raises(LockWaitError, match="nightly job") as caught:
            bench.apply(plan)
        holder.rollback()
    assert (caught.value.sqlstate, caught.value.effect) == ("55P03", Effect.ROLLED_BACK)
    assert len(bench.clock.pauses) == 4
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


@contextlib.contextmanager
def bystander(bench: Bench) -> Iterator[list[float]]:
    """Reads goals all the time; the seconds that each reading took."""
    done = threading.Event()
    waits: list[float] = []

    def read() -> None:
        with psycopg.connect(bench.dsn, autocommit=True) as connection:
            while not done.is_set():
                started = time.monotonic()
                connection.execute("SELECT count(*) FROM public.goals").fetchone()
                waits.append(time.monotonic() - started)
                time.sleep(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield waits
    finally:
        done.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.faults
def test_a_bystander_never_waits_longer_than_the_lock_limit(bench: Bench) -> None:
    plan = bench.plan(WIDER)
    with psycopg.connect(bench.dsn) as holder, bystander(bench) as waits:
        holder.execute("UPDATE goals SET n = 1")
        with pytest.raises(LockWaitError):
            bench.apply(plan)
        holder.rollback()
    assert max(waits) > 1, "the bystander stood behind us"
    assert max(waits) < 2.5


def raising(name: str, body: str) -> str:
    return f"CREATE FUNCTION public.{name}() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$"


@pytest.mark.parametrize("state", ["P0001", "40001", "40P01", "53100", "57014", "08006"])
def test_an_event_trigger_that_raises_is_a_rollback(bench: Bench, state: str) -> None:
    bench.execute(
        raising("no", f"RAISE EXCEPTION 'not here' USING ERRCODE = '{state}';"),
        "CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION public.no()",
    )
    plan = bench.plan(INDEX)
    before = bench.state()
    with pytest.raises(FixitError) as caught:
        bench.apply(plan)
    assert (caught.value.sqlstate, caught.value.effect) == (state, Effect.ROLLED_BACK)
    assert bench.clock.pauses == [], "only a lock that is held is worth another try"
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


@pytest.mark.parametrize("state", ["23503", "40001", "53100", "57014", "08006", "57P01"])
def test_what_is_raised_at_commit_never_counts_as_applied(bench: Bench, state: str) -> None:
    bench.execute(*at_commit(f"RAISE EXCEPTION 'not now' USING ERRCODE = '{state}';"))
    plan = bench.plan(replace(INDEX, up=INDEX.up + "; UPDATE goals SET n = 7 WHERE id = 1"))
    before = bench.state()
    with pytest.raises(FixitError) as caught:
        bench.apply(plan)
    assert caught.value.effect in (Effect.ROLLED_BACK, Effect.IN_DOUBT)
    bench.recover()
    assert [r.state for r in bench.ledger.receipts()] == [PlanState.ROLLED_BACK]
    assert bench.state() == before


def test_a_deadlock_leaves_one_of_the_two(bench: Bench) -> None:
    bench.execute(*SETUP[:2])
    crossing = replace(
        INDEX,
        up="LOCK TABLE public.goals IN SHARE ROW EXCLUSIVE MODE; SELECT pg_sleep(0.5);"
        "LOCK TABLE public.owners IN SHARE ROW EXCLUSIVE MODE;" + INDEX.up,
    )
    plan = bench.plan(crossing)
    before = bench.state()
    with psycopg.connect(bench.dsn) as other:
        other.execute("LOCK TABLE public.owners IN SHARE ROW EXCLUSIVE MODE")

        def cross() -> None:
            time.sleep(0.3)
            with contextlib.suppress(psycopg.Error):
                other.execute("LOCK TABLE public.goals IN SHARE ROW EXCLUSIVE MODE")
            other.rollback()

        thread = threading.Thread(target=cross)
        thread.start()
        try:
            applied = bench.apply(plan).state is PlanState.APPLIED
        except FixitError as error:
            applied, effect = False, error.effect
        thread.join()
    assert applied == (bench.value("SELECT to_regclass('goals_key')") is not None)
    if not applied:
        assert effect is Effect.ROLLED_BACK
        assert bench.state() == before


def test_no_connection_left_changes_nothing_and_says_so(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    role = f"op_{plan.target.database}"
    bench.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
    try:
        dsn = make_conninfo(bench.dsn, user=role)
        bench.database = PgDatabase(dsn)
        with psycopg.connect(dsn), pytest.raises(ConnectError) as caught:
            bench.apply(plan)
        assert (caught.value.sqlstate, caught.value.effect) == ("53300", Effect.NOTHING_CHANGED)
    finally:
        bench.execute(f"DROP ROLE {role}")
    assert bench.ledger.receipts() == ()
