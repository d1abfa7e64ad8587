"""A rehearsal measures and proves, and leaves the database as it was."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from apply_tools import INDEX, UPSERT, Bench

from fixit_tui.errors import CancelledError, RefusedError, UsageError
from fixit_tui.model.finding import FileEdit, Lock, SqlChange


def test_it_shows_the_cure_and_rolls_it_back(bench: Bench) -> None:
    plan = bench.plan(INDEX, replay=UPSERT.replace("user_id, slug)", "id, user_id, slug)", 1)
                      .replace("(1, 'a')", "(9, 1, 'a')"))  # fmt: skip
    before = bench.state()
    rehearsal = bench.rehearse(plan)
    assert rehearsal.succeeded, rehearsal.failure
    assert rehearsal.plan_hash == plan.hash
    assert rehearsal.replay_before is not None
    assert rehearsal.replay_before.sqlstate == "42P10"
    assert rehearsal.replay_after is not None
    assert rehearsal.replay_after.succeeded
    assert rehearsal.locks == (Lock("public.goals", "SHARE"),)
    assert [c.holds for c in (*rehearsal.prechecks, *rehearsal.verifications)] == [True, True]
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        (replace(INDEX, up="CREATE UNIQUE INDEX goals_key ON goals (user_id)"), "23505"),
        (replace(INDEX, up="SELECT 1/0"), "22012"),
        (replace(INDEX, verify="SELECT 'no', false, ''"), None),
        (replace(INDEX, precheck="SELECT 'no', false, ''"), None),
    ],
)
def test_a_failure_is_a_value(bench: Bench, change: SqlChange, sqlstate: str | None) -> None:
    before = bench.state()
    rehearsal = bench.rehearse(bench.plan(change))
    assert not rehearsal.succeeded
    assert rehearsal.failure_sqlstate == sqlstate
    assert bench.state() == before


def test_drift_and_a_held_lock_are_failures_too(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    with psycopg.connect(bench.dsn, application_name="pg_dump") as holder:
        holder.execute("UPDATE goals SET n = 1")
        held = bench.rehearse(plan)
        holder.rollback()
    assert held.failure_sqlstate == "55P03"
    assert "pg_dump" in held.failure
    bench.execute("ALTER TABLE goals ADD COLUMN surprise int")
    assert "changed since" in bench.rehearse(plan).failure


def test_it_says_when_there_is_nothing_left_to_fix(bench: Bench) -> None:
    bench.execute(INDEX.up)
    rehearsal = bench.rehearse(bench.plan(INDEX, replay=UPSERT))
    assert rehearsal.succeeded
    assert any("fixed already" in w for w in rehearsal.warnings)
    assert any("succeeded before" in w for w in rehearsal.warnings)


def test_it_warns_of_what_a_rollback_does_not_take_back(bench: Bench) -> None:
    change = replace(INDEX, up=INDEX.up + "; SELECT setval('goals_id_seq', 50)")
    rehearsal = bench.rehearse(bench.plan(change))
    assert any("sequence numbers" in w for w in rehearsal.warnings)
    assert not bench.rehearse(bench.plan(INDEX)).warnings


def test_a_lock_that_nobody_foresaw_is_reported(bench: Bench) -> None:
    bench.execute(
        "CREATE TABLE public.other (a int)",
        "CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN LOCK TABLE public.other IN SHARE MODE; RETURN NEW; END'",
        "CREATE TRIGGER hold BEFORE UPDATE ON public.goals FOR EACH ROW"
        " EXECUTE FUNCTION public.hold()",
    )
    rows = replace(INDEX, up=INDEX.up + "; UPDATE public.goals SET n = 1")
    (told,) = bench.rehearse(bench.plan(rows)).warnings
    assert told.startswith("SHARE on public.other was not foreseen")
    held = replace(rows, up="LOCK TABLE public.other; " + rows.up)
    assert bench.rehearse(bench.plan(held)).warnings == ()


def test_checks_are_asked_after_the_steps_own_lock(bench: Bench) -> None:
    held = replace(
        INDEX,
        up="LOCK TABLE public.goals IN SHARE ROW EXCLUSIVE MODE;\n" + INDEX.up,
        precheck="SELECT 'locked', EXISTS (SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid()"
        " AND mode = 'ShareRowExclusiveLock'), ''",
    )
    assert bench.rehearse(bench.plan(held)).succeeded


def test_code_and_replicas_cannot_be_rehearsed(bench: Bench) -> None:
    edit = FileEdit("a.ts", "0", "old", "new")
    with pytest.raises(UsageError):
        bench.rehearse(bench.plan(edits=(edit,)))
    plan = bench.plan(INDEX)
    with pytest.raises(RefusedError):
        bench.rehearse(replace(plan, target=replace(plan.target, replica=True)))


def test_a_stop_leaves_nothing(bench: Bench) -> None:
    before = bench.state()
    bench.cancelled = lambda: True
    with pytest.raises(CancelledError):
        bench.rehearse(bench.plan(INDEX))
    assert bench.state() == before
