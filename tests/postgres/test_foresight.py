"""What a plan meets is told before anybody confirms; what stops it says why, and its effect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, Bench, bench_with_goals
from test_index_build import BUILD, old_snapshot
from test_pooled import Pooler

from fixit_tui.engine.foresight import foresee
from fixit_tui.errors import ConnectError, Effect, FixitError, RefusedError
from fixit_tui.export.plan_text import plan_report
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Consent, Plan
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer


def foreseen(bench: Bench, plan: Plan) -> Plan:
    reader = bench.database.reader()
    try:
        return foresee(plan, reader)
    finally:
        reader.close()


def test_event_triggers_that_would_fire_are_named(bench: Bench) -> None:
    bench.execute(
        "CREATE FUNCTION public.audit() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE EVENT TRIGGER every_end ON ddl_command_end EXECUTE FUNCTION public.audit()",
        "CREATE EVENT TRIGGER indexes ON ddl_command_start WHEN TAG IN ('CREATE INDEX')"
        " EXECUTE FUNCTION public.audit()",
        "CREATE EVENT TRIGGER tables ON ddl_command_end WHEN TAG IN ('CREATE TABLE')"
        " EXECUTE FUNCTION public.audit()",
        "CREATE EVENT TRIGGER drops ON sql_drop EXECUTE FUNCTION public.audit()",
        "CREATE EVENT TRIGGER pgrst_watch ON ddl_command_end EXECUTE FUNCTION public.audit()",
        "CREATE EVENT TRIGGER resting ON ddl_command_end EXECUTE FUNCTION public.audit()",
        "ALTER EVENT TRIGGER resting DISABLE",
    )
    plan = foreseen(bench, bench.plan(INDEX))
    assert [c.split(" (")[0] for c in plan.cautions] == [
        "event trigger every_end",
        "event trigger indexes",
    ]
    assert "note: event trigger indexes (ddl_command_start) runs audit along" in plan_report(plan)
    assert plan.hash == bench.plan(INDEX).hash
    rows = SqlChange("UPDATE public.goals SET n = 1", "", "SELECT 'x', true, ''")
    assert foreseen(bench, bench.plan(rows)).cautions == ()


def test_locks_of_partitions_and_heirs_are_foreseen(bench: Bench) -> None:
    bench.execute(
        'CREATE TABLE public."my goals" (a int, b int) PARTITION BY LIST (a)',
        'CREATE TABLE public.one PARTITION OF public."my goals" FOR VALUES IN (1) PARTITION BY LIST (b)',
        "CREATE TABLE public.leaf PARTITION OF public.one FOR VALUES IN (1)",
        "CREATE TABLE public.heir () INHERITS (public.goals)",
    )
    change = SqlChange(
        'CREATE INDEX ON public."my goals" (a); ALTER TABLE public.goals ADD CHECK (n > 0)',
        "",
        "SELECT 'x', true, ''",
    )
    plan = foreseen(bench, bench.plan(change))
    locks = {(lock.relation, lock.mode) for lock in plan.steps[0].locks}
    assert {("public.leaf", "SHARE"), ("public.one", "SHARE")} <= locks
    assert ("public.heir", "ACCESS EXCLUSIVE") in locks
    assert plan.hash == bench.plan(change).hash
    assert not [w for w in bench.rehearse(plan).warnings if "foreseen" in w]


def test_a_healthy_plan_has_no_cautions(bench: Bench) -> None:
    for change in (INDEX, BUILD):
        plan = foreseen(bench, bench.plan(change))
        assert (plan.cautions, plan.obstacles) == ((), ())


def test_older_transactions_are_listed_for_a_concurrent_build_alone(bench: Bench) -> None:
    with old_snapshot(bench):
        assert foreseen(bench, bench.plan(INDEX)).cautions == ()
        (line,) = foreseen(bench, bench.plan(BUILD)).cautions
    assert line.startswith("it waits for forgotten report (pid ")


def test_a_transaction_pooler_is_refused_for_an_index_build_alone(
    bench: Bench, tmp_path: Path
) -> None:
    info = psycopg.conninfo.conninfo_to_dict(bench.dsn)
    pooler = Pooler(int(str(info["port"])))
    try:
        dsn = psycopg.conninfo.make_conninfo(bench.dsn, port=pooler.port, sslmode="disable")
        behind = Bench(dsn, bench.server, tmp_path / "behind", bench.code)
        plan = behind.plan(BUILD)
        assert plan.target.pooled
        with pytest.raises(RefusedError, match="transaction pooler") as caught:
            behind.apply(plan)
        assert caught.value.effect is Effect.NOTHING_CHANGED
        with pytest.raises(RefusedError, match="transaction pooler"):
            PgDatabase(dsn).index_build()
        assert behind.apply(behind.plan(INDEX)).statements
    finally:
        pooler.close()


@pytest.mark.parametrize("change", [INDEX, BUILD], ids=["plain", "concurrent"])
def test_whoever_does_not_own_the_table_is_told_so(
    bench: Bench, change: SqlChange, tmp_path: Path
) -> None:
    bench.execute(
        "DROP ROLE IF EXISTS foresight_guest",
        "CREATE ROLE foresight_guest LOGIN",
        "GRANT SELECT ON public.goals TO foresight_guest",
    )
    dsn = psycopg.conninfo.make_conninfo(bench.dsn, user="foresight_guest")
    guest = Bench(dsn, bench.server, tmp_path / "guest", bench.code)
    try:
        with pytest.raises(RefusedError, match="must be owner") as caught:
            guest.apply(guest.plan(change))
        assert (caught.value.sqlstate, caught.value.effect) == ("42501", Effect.ROLLED_BACK)
        assert bench.value("SELECT to_regclass('public.goals_key')") is None
    finally:
        bench.execute("DROP OWNED BY foresight_guest", "DROP ROLE foresight_guest")


def test_a_read_only_role_is_refused_on_the_index_connection_too(bench: Bench) -> None:
    plan = bench.plan(BUILD)
    dsn = psycopg.conninfo.make_conninfo(bench.dsn, options="-c default_transaction_read_only=on")
    with pytest.raises(RefusedError, match="read-only"):
        PgDatabase(dsn).index_build()
    with pytest.raises(RefusedError, match="replica"):
        bench.apply(replace(plan, target=replace(plan.target, replica=True)))


@pytest.mark.parametrize(
    ("state", "words"), [("53100", "disk is full"), ("53200", "max_locks_per_transaction")]
)
def test_what_the_server_lacks_is_told_with_the_way_out(
    bench: Bench, state: str, words: str
) -> None:
    bench.execute(
        "CREATE FUNCTION public.lacking() RETURNS trigger LANGUAGE plpgsql AS"
        f" 'BEGIN RAISE EXCEPTION USING ERRCODE = ''{state}'', MESSAGE = ''lacking''; END'",
        "CREATE TRIGGER lacking BEFORE UPDATE ON public.goals EXECUTE FUNCTION public.lacking()",
    )
    change = SqlChange("UPDATE public.goals SET n = 1", "", "SELECT 'x', true, ''")
    with pytest.raises(FixitError) as caught:
        bench.apply(bench.plan(change))
    assert (caught.value.sqlstate, caught.value.effect) == (state, Effect.ROLLED_BACK)
    assert words in caught.value.hint


@contextmanager
def small_server() -> Iterator[LocalServer]:
    few = {"max_locks_per_transaction": "10", "max_connections": "12"}
    with LocalServer.start(settings=few) as server:
        yield server


def test_a_small_lock_table_and_a_server_that_stops(tmp_path: Path) -> None:
    with small_server() as server:
        server.create_database("small")
        bench = bench_with_goals(server.dsn("small"), server, tmp_path)
        bench.execute("CREATE TABLE public.parts (id int, at int) PARTITION BY LIST (at)")
        for first in range(0, 400, 20):
            numbers = range(first, first + 20)
            bench.execute(
                *(
                    f"CREATE TABLE public.part_{n} PARTITION OF public.parts FOR VALUES IN ({n})"
                    for n in numbers
                )
            )
        change = SqlChange(
            "CREATE INDEX parts_id ON public.parts (id)",
            "DROP INDEX public.parts_id",
            "SELECT 'x', true, ''",
            touches=("table public.parts",),
        )
        plan = foreseen(bench, bench.plan(change))
        assert "lock table is too small" in plan.obstacles[0]
        assert "802 locks" in plan.obstacles[0]
        with pytest.raises(RefusedError, match="max_locks_per_transaction") as refused:
            bench.apply(plan)
        assert refused.value.effect is Effect.NOTHING_CHANGED
        assert foreseen(bench, bench.plan(INDEX)).obstacles == ()
        stopping = bench.plan(INDEX)
        applier = bench.applier(on_event=lambda _: server.stop("fast"))
        with pytest.raises(ConnectError) as ended:
            applier.apply(stopping, Consent(stopping.hash, stopping.target.name))
        assert ended.value.effect is Effect.ROLLED_BACK
        assert ended.value.sqlstate == "57P01"
        assert "shutting down" in ended.value.hint
