"""A terminal that vanishes while SIGHUP is ignored: the app ends, and a change ends before it."""

from __future__ import annotations

import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, Bench
from late import at_commit
from tests.cli.terminal import Terminal

from fixit_tui.model.plan import Plan, PlanState

CHILD = Path(__file__).with_name("app_child.py")
WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'fixit-tui apply' AND wait_event_type = 'Lock'"
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")


def until(terminal: Terminal, true: Callable[[], object]) -> None:
    """Take in what the app draws until something is true."""
    for _ in range(1200):
        if true():
            return
        terminal.read(0.05)
    raise AssertionError(f"it never came true:\n{terminal.text[-2000:]}")


@contextmanager
def applying(bench: Bench, plan: Plan) -> Iterator[Terminal]:
    kept = bench.folder / "plan"
    kept.write_bytes(pickle.dumps(plan))
    words = [sys.executable, str(CHILD), bench.dsn, str(bench.folder / "state"), str(kept)]
    with Terminal(words, ignoring=(signal.SIGHUP,)) as terminal:
        yield terminal


def hang_up(terminal: Terminal) -> None:
    """Close the terminal, and wait until the app has put nothing in its place, or has left."""
    terminal.hang_up()
    standard_input = Path(f"/proc/{terminal.process.pid}/fd/0")
    for _ in range(1200):
        try:
            if str(standard_input.readlink()) == "/dev/null":
                return
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("the app did not notice")


def test_a_change_that_waits_is_rolled_back(bench: Bench) -> None:
    before = bench.state()
    plan = bench.plan(INDEX)
    with psycopg.connect(bench.dsn) as holder, applying(bench, plan) as terminal:
        holder.execute("LOCK TABLE public.goals IN ROW EXCLUSIVE MODE")
        until(terminal, lambda: bench.value(WAITS))
        hang_up(terminal)
        terminal.wait(60)
    assert not bench.ledger.receipts()
    assert bench.state() == before


def test_a_change_that_commits_is_finished_and_recorded(bench: Bench) -> None:
    bench.execute(*at_commit("PERFORM pg_advisory_xact_lock(77);"))
    plan = bench.plan(replace(INDEX, up=INDEX.up + "; UPDATE goals SET n = 7 WHERE id = 1"))
    with psycopg.connect(bench.dsn) as holder, applying(bench, plan) as terminal:
        holder.execute("SELECT pg_advisory_xact_lock(77)")
        until(terminal, lambda: bench.value(WAITS + " AND query = 'COMMIT'"))
        hang_up(terminal)
        holder.rollback()
        terminal.wait(60)
    assert [r.state for r in bench.ledger.receipts()] == [PlanState.APPLIED]
    assert bench.value("SELECT n FROM public.goals WHERE id = 1") == 7
