"""The write transaction keeps its laws on a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixit_tui.errors import (
    ConnectError,
    Effect,
    FixitError,
    LockWaitError,
    RefusedError,
    VerificationError,
)
from fixit_tui.model.finding import Lock
from fixit_tui.postgres.transaction import PgTransaction, mode_name

Begin = Callable[..., PgTransaction]


@pytest.fixture
def begin(database: str) -> Iterator[Begin]:
    opened: list[PgTransaction] = []

    def start(options: str = "") -> PgTransaction:
        connection = psycopg.connect(
            make_conninfo(database, options=options), autocommit=True, prepare_threshold=None
        )
        opened.append(PgTransaction(connection, lambda _connection, _identities: ()))
        return opened[-1]

    yield start
    for transaction in opened:
        transaction.close()


def tables(database: str) -> set[str]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        return {row[0] for row in rows}


def test_a_statement_runs_as_it_is_written(begin: Begin, database: str) -> None:
    text = """create table "100%s" (a text default '%(x)s $1 :y' /* ; */)"""
    transaction = begin()
    result = transaction.run(text)
    assert (result.statement, result.tag) == (text, "CREATE TABLE")
    transaction.commit()
    assert tables(database) == {"100%s"}


def test_two_statements_in_one_text_are_refused_by_the_server(begin: Begin, database: str) -> None:
    transaction = begin()
    with pytest.raises(FixitError) as caught:
        transaction.run("create table a (); create table b ()")
    assert caught.value.sqlstate == "42601"
    transaction.close()
    assert tables(database) == set()


def test_limits_are_local_and_end_with_the_transaction(begin: Begin, database: str) -> None:
    connection = psycopg.connect(database, autocommit=True)
    before = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
    transaction = PgTransaction(connection, lambda _c, _i: ())
    inside = dict(
        connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')"
        ).fetchall()
    )
    assert inside == {
        "lock_timeout": "2000",
        "statement_timeout": "30000",
        "idle_in_transaction_session_timeout": "60000",
    }
    transaction.rollback()
    assert connection.execute("SELECT name, setting FROM pg_settings").fetchall() == before
    prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert prepared == (0,)
    connection.close()


def test_each_statement_reports_the_locks_that_it_adds(begin: Begin, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
    transaction = begin()
    first = transaction.run("CREATE UNIQUE INDEX ON t (a)")
    second = transaction.run("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    assert first.locks == (Lock("public.t", "SHARE"),)
    assert second.locks == (Lock("public.t", "ACCESS EXCLUSIVE"),)
    assert set(transaction.locks()) == {*first.locks, *second.locks}


def test_nobody_waits_for_a_table_that_the_transaction_has_made(
    begin: Begin, database: str
) -> None:
    transaction = begin()
    assert transaction.run("CREATE TABLE public.made AS SELECT 1 AS a").locks == ()
    assert transaction.run("ALTER TABLE made ENABLE ROW LEVEL SECURITY").locks == ()
    assert transaction.locks() == ()


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("AccessExclusiveLock", "ACCESS EXCLUSIVE"),
        ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
        ("RowShareLock", "ROW SHARE"),
    ],
)
def test_lock_modes_have_the_names_of_the_manual(mode: str, name: str) -> None:
    assert mode_name(mode) == name


def test_notices_belong_to_their_statement(begin: Begin) -> None:
    transaction = begin()
    loud = transaction.run("DO $$ BEGIN RAISE WARNING 'look'; END $$")
    assert loud.notices == ("WARNING: look",)
    assert transaction.run("SELECT 1").notices == ()


def test_checks_cannot_write_and_do_not_spoil_the_transaction(begin: Begin) -> None:
    transaction = begin()
    transaction.run("CREATE TABLE t (a int)")
    rows = "SELECT 'one', true, 'd' UNION ALL SELECT 'two', null, null"
    assert [c.holds for c in transaction.checks(rows)] == [True, None]
    for bad in (
        "INSERT INTO t VALUES (1) RETURNING 'x', true, ''",
        "SELECT nope",
        "SELECT 'x', true, ''; DROP TABLE t",
        "SELECT 'x', 1, ''",
        "SELECT 1/0",
    ):
        (check,) = transaction.checks(bad)
        assert check.holds is None
        assert check.detail
    assert transaction.run("INSERT INTO t SELECT 1 FROM t").rows == 0
    transaction.commit()


def test_a_replay_tells_the_error_and_leaves_nothing(begin: Begin, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    transaction = begin()
    deferred = transaction.replay("INSERT INTO t VALUES (1), (1)", "")
    assert (deferred.sqlstate, deferred.constraint) == ("23505", "t_a_key")
    assert transaction.replay("INSERT INTO t VALUES (1)", "").succeeded
    assert transaction.replay("INSERT INTO t VALUES (1)", "pg_monitor").sqlstate == "42501"
    assert transaction.replay("SELECT 1", "no such role").sqlstate == "22023"
    assert transaction.checks("SELECT 'same role', current_user = session_user, ''")[0].holds
    transaction.commit()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_commit_that_the_server_turns_into_a_rollback_is_an_error(begin: Begin) -> None:
    transaction = begin()
    with pytest.raises(FixitError) as division:
        transaction.run("SELECT 1/0")
    assert (division.value.sqlstate, division.value.effect) == ("22012", Effect.ROLLED_BACK)
    with pytest.raises(VerificationError) as caught:
        transaction.commit()
    assert caught.value.effect is Effect.ROLLED_BACK


def test_a_deferred_constraint_fails_the_commit_for_certain(begin: Begin, database: str) -> None:
    transaction = begin()
    transaction.run("CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    transaction.run("INSERT INTO t VALUES (1), (1)")
    with pytest.raises(FixitError) as caught:
        transaction.commit()
    assert (caught.value.sqlstate, caught.value.effect) == ("23505", Effect.ROLLED_BACK)
    assert tables(database) == set()


def test_a_lock_that_is_held_ends_in_two_seconds(begin: Begin, database: str) -> None:
    with psycopg.connect(database) as holder:
        holder.execute("CREATE TABLE t (a int)")
        holder.commit()
        holder.execute("LOCK TABLE t IN ACCESS SHARE MODE")
        transaction = begin()
        started = time.monotonic()
        with pytest.raises(LockWaitError) as caught:
            transaction.run("ALTER TABLE t ADD COLUMN b int")
        assert caught.value.sqlstate == "55P03"
        assert 1.5 < time.monotonic() - started < 6


def test_another_thread_can_stop_a_statement(begin: Begin) -> None:
    transaction = begin()
    timer = threading.Timer(0.2, transaction.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(LockWaitError) as caught:
        transaction.run("SELECT pg_sleep(20)")
    timer.join()
    assert caught.value.sqlstate == "57014"
    assert time.monotonic() - started < 10


def test_a_killed_backend_is_a_rollback_that_says_so(begin: Begin, database: str) -> None:
    transaction = begin()
    transaction.run("CREATE TABLE t ()")

    def kill() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (transaction.pid,))

    timer = threading.Timer(0.2, kill)
    timer.start()
    with pytest.raises(ConnectError) as caught:
        transaction.run("SELECT pg_sleep(20)")
    timer.join()
    assert caught.value.effect is Effect.ROLLED_BACK
    transaction.rollback()
    transaction.close()
    assert tables(database) == set()


def test_a_step_that_ends_the_transaction_is_not_taken_for_success(begin: Begin) -> None:
    transaction = begin()
    with pytest.raises(FixitError) as caught:
        transaction.run("ROLLBACK")
    assert caught.value.effect is Effect.ROLLED_BACK


def test_a_read_only_database_is_respected(begin: Begin) -> None:
    with pytest.raises(RefusedError, match="read-only"):
        begin("-c default_transaction_read_only=on")


def test_operators_exclude_each_other_until_the_end(begin: Begin) -> None:
    first, second = begin(), begin()
    assert first.try_advisory_lock(-7)
    assert not second.try_advisory_lock(-7)
    first.rollback()
    assert second.try_advisory_lock(-7)


def test_the_transaction_id_is_the_servers(begin: Begin, database: str) -> None:
    transaction = begin()
    xid = transaction.xid()
    with psycopg.connect(database) as connection:
        status = "SELECT pg_xact_status(%s::xid8)"
        assert connection.execute(status, (xid,)).fetchone() == ("in progress",)
        connection.rollback()
        transaction.commit()
        assert connection.execute(status, (xid,)).fetchone() == ("committed",)
