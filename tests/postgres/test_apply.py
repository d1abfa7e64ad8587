"""Apply commits exactly the plan, or changes nothing at all."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import replace

import psycopg
import pytest
from apply_tools import INDEX, UPSERT, Bench

from fixit_tui.engine.index_outcome import operators_key
from fixit_tui.errors import (
    CancelledError,
    Effect,
    FixitError,
    LockWaitError,
    RefusedError,
    StalePlanError,
    UsageError,
    VerificationError,
)
from fixit_tui.model.aftermath import XactStatus
from fixit_tui.model.events import StatementStarted, Waiting
from fixit_tui.model.finding import FileEdit, SqlChange
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Consent, PlanState


def unsettled(bench: Bench) -> list[Receipt]:
    return [r for r in bench.ledger.receipts() if r.state is PlanState.APPLYING]


def test_it_commits_exactly_the_plan(bench: Bench) -> None:
    plan = bench.plan(INDEX, replay=UPSERT)
    before = bench.state()
    receipt = bench.apply(plan)
    assert receipt.state is PlanState.APPLIED
    assert [s.statement for s in receipt.statements] == [INDEX.up]
    assert receipt.statements[0].locks[0].mode == "SHARE"
    assert [c.label for c in receipt.checks] == ["no duplicates", "the index is there"]
    assert receipt.replay_after is not None
    assert receipt.replay_after.succeeded
    gained = set(bench.state().splitlines()) - set(before.splitlines())
    assert gained == {"CREATE UNIQUE INDEX goals_key ON public.goals USING btree (user_id, slug);"}
    assert bench.database.report_on(receipt.xid).status is XactStatus.COMMITTED
    assert bench.ledger.receipts() == (receipt,)


def test_the_intent_is_durable_before_the_commit(bench: Bench) -> None:
    seen: list[Receipt] = []
    statuses: list[str] = []
    real = bench.database.transaction

    class Spying:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.database, name)

        def transaction(self) -> object:
            transaction = real()
            commit = transaction.commit

            def spy() -> None:
                seen.extend(bench.ledger.receipts())
                statuses.append(bench.database.report_on(seen[0].xid).status)
                commit()

            transaction.commit = spy  # type: ignore[method-assign]
            return transaction

    plan = bench.plan(INDEX)
    consent = Consent(plan.hash, plan.target.name)
    bench.applier(database=Spying()).apply(plan, consent)
    assert [r.state for r in seen] == [PlanState.APPLYING]
    assert statuses == ["in progress"]
    assert seen[0].before
    assert seen[0].after


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace(INDEX, verify="SELECT 'never', false, 'why'"), "never: why"),
        (replace(INDEX, verify="SELECT 'unsure', null, ''"), "unsure"),
        (replace(INDEX, verify="SELECT 'x', true, '' WHERE false"), "no row"),
        (replace(INDEX, verify="SELECT 'x', nope, ''"), "nope"),
        (replace(INDEX, precheck="SELECT 'owner', false, 'not yours'"), "not yours"),
        (replace(INDEX, up=INDEX.up + "; UPDATE goals SET n = 1/0"), "division by zero"),
        (replace(INDEX, up=INDEX.up + "; SELECT nope"), "nope"),
    ],
)
def test_what_fails_inside_changes_nothing(bench: Bench, change: SqlChange, words: str) -> None:
    before = bench.state()
    with pytest.raises(FixitError, match=words) as caught:
        bench.apply(bench.plan(change))
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


def test_a_statement_that_still_fails_rolls_back(bench: Bench) -> None:
    plan = bench.plan(INDEX, replay="INSERT INTO goals VALUES (99, 1, 'a')")
    before = bench.state()
    with pytest.raises(VerificationError) as caught:
        bench.apply(plan)
    assert caught.value.sqlstate == "23505"
    assert bench.state() == before


def test_what_is_deferred_until_commit_fails_before_it(bench: Bench) -> None:
    change = SqlChange(
        up="ALTER TABLE goals ADD CONSTRAINT k UNIQUE (user_id) DEFERRABLE INITIALLY DEFERRED;"
        "INSERT INTO goals (user_id) SELECT 9",
        undo="SELECT 1",
        verify="SELECT 'there', true, ''",
    )
    bench.execute("DELETE FROM goals WHERE slug = 'b'; UPDATE goals SET user_id = id")
    bench.execute("CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$BEGIN RAISE EXCEPTION 'too late' USING ERRCODE = 'P0009'; END$$",
                  "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON goals DEFERRABLE INITIALLY"
                  " DEFERRED FOR EACH ROW EXECUTE FUNCTION later()")  # fmt: skip
    plan = bench.plan(change)
    assert "too late" in bench.rehearse(plan).failure
    with pytest.raises(FixitError, match="too late") as caught:
        bench.apply(plan)
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.ledger.receipts() == ()
    assert bench.value("SELECT count(*) FROM pg_constraint WHERE conname = 'k'") == 0


def test_drift_is_refused(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    bench.execute("ALTER TABLE goals ADD COLUMN surprise int")
    before = bench.state()
    with pytest.raises(StalePlanError, match="goals"):
        bench.apply(plan)
    assert bench.state() == before


def test_consent_is_bound_to_plan_and_target(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    with pytest.raises(StalePlanError):
        bench.applier().apply(plan, Consent("0" * 64, plan.target.name))
    with pytest.raises(UsageError):
        bench.applier().apply(plan, Consent(plan.hash, "another@host"))
    elsewhere = replace(plan, target=replace(plan.target, database_oid=1))
    with pytest.raises(StalePlanError, match="another database"):
        bench.apply(elsewhere)
    assert bench.value("SELECT to_regclass('goals_key')") is None


def test_a_replica_and_a_capture_are_refused_before_anything_is_opened(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    replica = replace(plan, target=replace(plan.target, replica=True))
    with pytest.raises(RefusedError, match="replica"):
        bench.apply(replica)
    with pytest.raises(RefusedError, match="saved capture"):
        bench.applier(database=None).apply(plan, Consent(plan.hash, plan.target.name))
    outside = replace(plan, steps=(replace(plan.steps[0], transactional=False),))
    with pytest.raises(RefusedError, match="transaction"):
        bench.apply(outside)


def test_a_held_lock_is_tried_again_as_a_whole_then_given_up(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    before = bench.state()
    with psycopg.connect(bench.dsn, application_name="nightly job") as holder:
        holder.execute("UPDATE goals SET n = 1 WHERE slug = 'secret value'")
        started = time.monotonic()
        with pytest.raises(LockWaitError, match="nightly job") as caught:
            bench.apply(plan)
        assert 9 < time.monotonic() - started < 30
        holder.rollback()
    assert "secret value" not in caught.value.message
    assert caught.value.sqlstate == "55P03"
    waits = [e for e in bench.events if isinstance(e, Waiting)]
    assert [w.attempt for w in waits] == [1, 2, 3, 4]
    assert all("nightly job" in w.blockers[0] for w in waits)
    assert len(bench.clock.pauses) == 4
    assert all(0.25 * 2**n <= pause <= 0.75 * 2**n for n, pause in enumerate(bench.clock.pauses))
    assert bench.state() == before


def test_a_lock_that_comes_free_lets_the_next_try_through(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    with psycopg.connect(bench.dsn) as holder:
        holder.execute("UPDATE goals SET n = 1")
        released: list[float] = []

        def release(seconds: float, stopped: object) -> None:
            holder.rollback()
            released.append(seconds)

        bench.clock.sleep = release  # type: ignore[method-assign]
        assert bench.apply(plan).state is PlanState.APPLIED
    assert len(released) == 1
    assert len([e for e in bench.events if isinstance(e, StatementStarted)]) == 2


def test_two_operators_do_not_apply_at_once(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    with psycopg.connect(bench.dsn) as other:
        other.execute(
            "SELECT pg_advisory_xact_lock(%s)",
            (operators_key(plan.target.database, plan.target.database_oid),),
        )
        with pytest.raises(RefusedError, match="another operator"):
            bench.apply(plan)
    results: list[object] = []

    def operate() -> None:
        try:
            results.append(bench.apply(plan).state)
        except FixitError as error:
            results.append(type(error))

    threads = [threading.Thread(target=operate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(PlanState.APPLIED) == 1
    assert set(results) <= {PlanState.APPLIED, RefusedError, StalePlanError}


@pytest.mark.parametrize("after", range(1, 5))
def test_a_stop_before_commit_changes_nothing(bench: Bench, after: int) -> None:
    asked = iter(range(100))
    bench.cancelled = lambda: next(asked) >= after
    before = bench.state()
    with pytest.raises(CancelledError) as caught:
        bench.apply(bench.plan(INDEX))
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.state() == before
    assert unsettled(bench) == []


def test_code_is_written_after_the_commit_and_only_if_agreed(bench: Bench) -> None:
    assert bench.code is not None
    path = bench.code / "a.ts"
    path.write_bytes(b"insert\r\n")
    edit = FileEdit("a.ts", hashlib.sha256(b"insert\r\n").hexdigest(), "insert\r\n", "upsert\r\n")
    plan = bench.plan(INDEX, edits=(edit,))
    assert "upsert" in plan.patch
    kept = bench.apply(plan)
    assert path.read_bytes() == b"insert\r\n"
    assert (kept.written_files, kept.pending_code) == ((), ("fcode",))
    bench.execute("DROP INDEX goals_key")
    written = bench.apply(bench.plan(INDEX, edits=(edit,)), write_code=True)
    assert path.read_bytes() == b"upsert\r\n"
    assert (written.written_files, written.pending_code) == (("a.ts",), ())


def test_a_file_edited_meanwhile_stops_everything_before_it_begins(bench: Bench) -> None:
    assert bench.code is not None
    (bench.code / "a.ts").write_text("theirs")
    edit = FileEdit("a.ts", hashlib.sha256(b"mine").hexdigest(), "mine", "new")
    with pytest.raises(StalePlanError, match=r"a\.ts"):
        bench.apply(bench.plan(INDEX, edits=(edit,)), write_code=True)
    assert bench.value("SELECT to_regclass('goals_key')") is None
    assert (bench.code / "a.ts").read_text() == "theirs"


def test_code_alone_needs_no_database(bench: Bench) -> None:
    assert bench.code is not None
    (bench.code / "a.ts").write_text("old")
    edit = FileEdit("a.ts", hashlib.sha256(b"old").hexdigest(), "old", "new")
    plan = bench.plan(edits=(edit,))
    with pytest.raises(UsageError, match="only edits code"):
        bench.apply(plan)
    receipt = bench.applier(database=None).apply(plan, Consent(plan.hash, plan.target.name, True))
    assert (receipt.state, receipt.xid) == (PlanState.APPLIED, "")
    assert (bench.code / "a.ts").read_text() == "new"


def test_postgrest_is_told_after_the_commit(bench: Bench) -> None:
    plan = replace(bench.plan(INDEX), notify_postgrest=True)
    with psycopg.connect(bench.dsn, autocommit=True) as listener:
        listener.execute("LISTEN pgrst")
        receipt = bench.apply(plan)
        (heard,) = listener.notifies(timeout=5, stop_after=1)
    assert (heard.channel, heard.payload) == ("pgrst", "reload schema")
    assert "NOTIFY pgrst" in receipt.note


def test_applying_again_after_success_is_stale_and_harmless(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    bench.apply(plan)
    before = bench.state()
    with pytest.raises(StalePlanError):
        bench.apply(plan)
    assert bench.state() == before


def test_a_ledger_that_cannot_be_written_prevents_the_commit(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    (bench.folder / "state").write_text("in the way")
    before = bench.state()
    with pytest.raises(FixitError) as caught:
        bench.apply(plan)
    assert caught.value.effect in (Effect.ROLLED_BACK, Effect.NOTHING_CHANGED)
    assert bench.state() == before
