"""`recover` on one server: its word is that of the number and of the objects together, or none."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, Bench, bench_with_goals
from psycopg.conninfo import make_conninfo
from recover_stage import (
    ELSEWHEN,
    ROWS,
    die_after_commit,
    die_before_commit,
    edited,
    stranger,
)

from fixit_tui.engine.record import with_record
from fixit_tui.engine.recover import Hand, foretold, settle_by_hand
from fixit_tui.errors import Effect, FixitError, InDoubtError, RefusedError
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Consent, Plan, PlanState
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.transaction import PgTransaction


def states(bench: Bench) -> list[PlanState]:
    return [r.state for r in bench.ledger.receipts()]


def test_both_ends_are_told(bench: Bench) -> None:
    die_before_commit(bench, bench.plan(INDEX))
    (lost,) = bench.recover()
    assert lost.state is PlanState.ROLLED_BACK
    die_after_commit(bench, bench.plan(INDEX))
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED
    assert "'committed'" in kept.note
    assert "as the change left them" in kept.note
    assert bench.recover() == ()


@pytest.mark.parametrize(
    ("change", "identity"),
    [
        pytest.param(INDEX, {}, id="index, same run"),
        pytest.param(INDEX, {"server_run": ELSEWHEN}, id="index, restarted since"),
        pytest.param(INDEX, {"server_id": "", "server_run": ""}, id="index, not told"),
        pytest.param(ROWS, {"server_run": ELSEWHEN}, id="rows, restarted since"),
        pytest.param(ROWS, {"server_id": "", "server_run": ""}, id="rows, not told"),
    ],
)
def test_a_strangers_number_proves_nothing(
    bench: Bench, change: SqlChange, identity: dict[str, str]
) -> None:
    receipt = die_before_commit(bench, bench.plan(change))
    edited(bench, receipt, xid=stranger(bench), **identity)
    before = bench.state()
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert states(bench) == [PlanState.APPLYING]
    assert change.verify.split("'")[1] in still.note
    assert f"recover TARGET --receipt {receipt.id} --as applied" in still.note
    assert bench.state() == before


def test_rows_alone_are_told_by_a_server_that_ran_without_a_break(bench: Bench) -> None:
    die_after_commit(bench, bench.plan(ROWS))
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED
    die_before_commit(bench, bench.plan(ROWS))
    (lost,) = bench.recover()
    assert lost.state is PlanState.ROLLED_BACK


def test_after_a_restart_rows_alone_are_told_only_where_nothing_was_kept(bench: Bench) -> None:
    kept = die_after_commit(bench, bench.plan(ROWS))
    edited(bench, kept, server_run=ELSEWHEN)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "(now it holds)" in still.note
    bench.ledger.path.unlink()
    lost = die_before_commit(bench, bench.plan(ROWS))
    edited(bench, lost, server_run=ELSEWHEN)
    (gone,) = bench.recover()
    assert gone.state is PlanState.ROLLED_BACK
    edited(bench, lost, server_run="", server_id="")
    (unsure,) = bench.recover()
    assert unsure.state is PlanState.APPLYING


def test_what_was_changed_since_by_hand_is_a_contradiction(bench: Bench) -> None:
    die_after_commit(bench, bench.plan(INDEX))
    bench.execute("DROP INDEX public.goals_key")
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "contradict" in still.note
    bench.ledger.path.unlink()
    die_before_commit(bench, bench.plan(INDEX))
    bench.execute(INDEX.up)
    (other,) = bench.recover()
    assert other.state is PlanState.APPLYING
    assert "contradict" in other.note


def test_objects_that_others_changed_say_nothing(bench: Bench) -> None:
    receipt = die_after_commit(bench, bench.plan(INDEX))
    bench.execute("ALTER TABLE public.goals ADD COLUMN later int")
    edited(bench, receipt, server_run=ELSEWHEN)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "neither as before nor as after" in still.note
    bench.ledger.append(receipt)
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED


def test_a_severed_session_that_still_lives_is_named(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    receipt = die_before_commit(bench, plan)
    with contextlib.closing(bench.database.transaction()) as living:
        living.run(INDEX.up)
        edited(bench, receipt, xid=living.xid())
        (still,) = bench.recover()
        assert still.state is PlanState.APPLYING
        assert "'in progress'" in still.note
        assert f"pid {living.pid}" in still.note
        with pytest.raises(RefusedError, match="still in progress"):
            bench_hand(bench, receipt.id, PlanState.APPLIED)
    (lost,) = bench.recover()
    assert lost.state is PlanState.ROLLED_BACK


def bench_hand(bench: Bench, receipt_id: str, state: PlanState) -> Receipt:
    receipts = bench.ledger.receipts()
    (receipt,) = [r for r in receipts if r.id == receipt_id]
    return settle_by_hand(bench.database, bench.ledger, bench.clock, receipts, Hand(receipt, state))


def test_a_person_settles_what_stays_in_doubt_and_nothing_else(bench: Bench) -> None:
    receipt = die_before_commit(bench, bench.plan(INDEX))
    with pytest.raises(RefusedError, match="was 'rolled back'"):
        bench_hand(bench, receipt.id, PlanState.APPLIED)
    edited(bench, receipt, xid=stranger(bench))
    settled = bench_hand(bench, receipt.id, PlanState.ROLLED_BACK)
    assert "by hand" in settled.note
    assert states(bench) == [PlanState.ROLLED_BACK]
    with pytest.raises(RefusedError, match="nothing is open"):
        bench_hand(bench, receipt.id, PlanState.APPLIED)


@pytest.mark.parametrize("xid", ["", "0", "abc", "9" * 40, "-1", "4294967296000"])
def test_no_number_is_no_proof(bench: Bench, xid: str) -> None:
    receipt = die_after_commit(bench, bench.plan(INDEX))
    edited(bench, receipt, xid=xid)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING


def test_a_number_not_given_out_yet_was_lost_in_a_crash_of_this_very_server(bench: Bench) -> None:
    receipt = edited(bench, die_before_commit(bench, bench.plan(INDEX)), xid="99999999")
    edited(bench, receipt, server_id="", server_run="")
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "does not tell who it is" in still.note
    edited(bench, receipt, server_run=ELSEWHEN)
    (lost,) = bench.recover()
    assert lost.state is PlanState.ROLLED_BACK


def test_two_intents_are_told_apart_by_what_the_second_found(bench: Bench) -> None:
    lost = die_before_commit(bench, bench.plan(INDEX))
    kept = die_after_commit(bench, bench.plan(INDEX))
    assert {r.id: r.state for r in bench.recover()} == {
        lost.id: PlanState.ROLLED_BACK,
        kept.id: PlanState.APPLIED,
    }


def test_a_lost_number_is_not_credited_with_the_second_try(bench: Bench) -> None:
    lost = die_before_commit(bench, bench.plan(INDEX))
    edited(bench, lost, xid=stranger(bench), server_run=ELSEWHEN)
    bench.apply(bench.plan(INDEX))
    (still,) = bench.recover()
    assert (still.id, still.state) == (lost.id, PlanState.APPLYING)
    assert "contradict" in still.note


def test_a_later_change_of_the_same_table_hides_nothing(bench: Bench) -> None:
    wider = SqlChange(
        "ALTER TABLE public.goals ADD COLUMN extra int",
        "ALTER TABLE public.goals DROP COLUMN extra",
        "SELECT 'x', true, ''",
        touches=("table public.goals",),
    )
    first = die_after_commit(bench, bench.plan(INDEX))
    edited(bench, first, server_run=ELSEWHEN)
    bench.apply(bench.plan(wider))
    (kept,) = bench.recover()
    assert (kept.id, kept.state) == (first.id, PlanState.APPLIED)


def test_a_torn_last_line_leaves_the_intent_to_be_asked(bench: Bench) -> None:
    bench.apply(bench.plan(INDEX))
    path = bench.ledger.path
    path.write_bytes(path.read_bytes()[:-20])
    assert states(bench) == [PlanState.APPLYING]
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED
    assert states(bench) == [PlanState.APPLIED]


def test_a_namesake_of_the_database_is_not_asked(
    bench: Bench, server: LocalServer, tmp_path: Path
) -> None:
    die_after_commit(bench, bench.plan(INDEX))
    name = bench.dsn.rpartition("/")[2]
    server.drop_database(name)
    server.create_database(name)
    (tmp_path / "other").mkdir()
    bench_with_goals(bench.dsn, server, tmp_path / "other").execute(INDEX.up)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "another database of the same name" in still.note


def test_a_row_in_the_databases_own_ledger_is_the_best_witness(bench: Bench) -> None:
    def recorded() -> Plan:
        reader = bench.database.reader()
        try:
            return with_record(bench.plan(ROWS), reader)
        finally:
            reader.close()

    kept = die_after_commit(bench, recorded())
    edited(bench, kept, server_run=ELSEWHEN)
    (told,) = bench.recover()
    assert told.state is PlanState.APPLIED
    assert "recorded in fixit_tui.ledger" in told.note
    lost = die_before_commit(bench, recorded())
    edited(bench, lost, server_run=ELSEWHEN, xid=stranger(bench))
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "contradict" in still.note
    edited(bench, lost, server_run="", server_id="")
    (gone,) = bench.recover()
    assert gone.state is PlanState.ROLLED_BACK


def test_what_is_told_at_the_start_is_not_written(bench: Bench) -> None:
    die_after_commit(bench, bench.plan(INDEX))
    before = bench.ledger.path.read_bytes()
    (told,) = foretold(bench.database, bench.ledger.receipts())
    assert (told.state, told.note[:9]) == (PlanState.APPLYING, "applied: ")
    assert bench.ledger.path.read_bytes() == before
    nobody = PgDatabase(make_conninfo(bench.dsn, port=1))
    assert [r.state for r in foretold(nobody, bench.ledger.receipts())] == [PlanState.APPLYING]


@pytest.fixture(scope="module")
def own_server() -> Iterator[LocalServer]:
    settings = {**FAST, "max_prepared_transactions": "4", "max_connections": "20"}
    with LocalServer.start(settings=settings) as running:
        yield running


def test_a_prepared_transaction_is_named_until_somebody_ends_it(
    own_server: LocalServer, tmp_path: Path
) -> None:
    own_server.create_database("prepared")
    bench = bench_with_goals(own_server.dsn("prepared"), own_server, tmp_path)
    receipt = die_before_commit(bench, bench.plan(INDEX))
    with psycopg.connect(bench.dsn, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute(INDEX.up)  # type: ignore[call-overload]
        row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert row is not None
        connection.execute("PREPARE TRANSACTION 'left behind'")
    edited(bench, receipt, xid=str(row[0]))
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "prepared transaction 'left behind'" in still.note
    bench.execute("COMMIT PREPARED 'left behind'")
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED


@pytest.mark.parametrize(
    "ending",
    ["COMMIT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "END", "PREPARE TRANSACTION 'mine'"],
)
def test_a_step_that_ends_the_transaction_is_told_as_what_it_did(
    own_server: LocalServer, tmp_path: Path, ending: str
) -> None:
    name = f"ending_{uuid.uuid4().hex[:12]}"
    own_server.create_database(name)
    bench = bench_with_goals(own_server.dsn(name), own_server, tmp_path)
    plan = bench.plan(INDEX)
    (step,) = plan.steps
    # Past the check that a plan is made with.
    plan = replace(plan, steps=(replace(step, up=f"{step.up}; {ending}; SELECT 1"),))
    with pytest.raises(FixitError, match="ended the transaction by itself") as caught:
        bench.apply(plan)
    there = bench.value("SELECT to_regclass('public.goals_key')") is not None
    told = {"COMMIT": "committed", "END": "committed", "PREPARE": "in doubt"}
    assert caught.value.effect.value == told.get(ending.split()[0], "rolled back")
    assert there == (caught.value.effect.value == "committed")
    if "PREPARE" in ending:
        bench.execute("ROLLBACK PREPARED 'mine'")


def test_a_commit_is_on_disk_even_where_a_step_asked_for_less(bench: Bench) -> None:
    """An asynchronous COMMIT answers before anything is on disk."""
    off = replace(ROWS, up=f"SET LOCAL synchronous_commit = off; {ROWS.up}")
    plan = bench.plan(off)
    seen: list[object] = []

    class Watching(PgDatabase):
        """Looks at the setting once the transaction's number is noted."""

        def transaction(self) -> PgTransaction:
            opened = super().transaction()
            number = opened.xid

            def xid() -> str:
                noted = number()
                seen.extend(opened.checks("SELECT current_setting('synchronous_commit'), true, ''"))
                return noted

            opened.xid = xid  # type: ignore[method-assign]
            return opened

    bench.applier(database=Watching(bench.dsn)).apply(plan, Consent(plan.hash, plan.target.name))
    assert [getattr(check, "label", "") for check in seen] in (["on"], ["local"])


def test_a_lost_commit_stays_in_doubt_even_when_a_stop_was_asked_for(bench: Bench) -> None:
    stopping = threading.Event()

    class Cut(PgDatabase):
        """A database whose link dies at COMMIT, with the words of a cancelled statement."""

        def transaction(self) -> PgTransaction:
            opened = super().transaction()

            def commit() -> None:
                stopping.set()
                opened.close()
                raise InDoubtError("lost", effect=Effect.IN_DOUBT, sqlstate="57014")

            opened.commit = commit  # type: ignore[method-assign]
            return opened

    plan = bench.plan(INDEX)
    applier = bench.applier(database=Cut(bench.dsn), cancelled=stopping.is_set)
    with pytest.raises(InDoubtError):
        applier.apply(plan, Consent(plan.hash, plan.target.name))
    assert states(bench) == [PlanState.IN_DOUBT]
