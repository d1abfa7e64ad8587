"""The server, the link or the process dies in the middle: the truth is told, nothing is half."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from apply_tools import INDEX, Bench
from late import at_commit
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fixit_tui.errors import ConnectError, Effect, FixitError, InDoubtError
from fixit_tui.model.plan import Consent, PlanState
from fixit_tui.postgres.database import PgDatabase

SLEEPING = replace(INDEX, up=INDEX.up + "; SELECT pg_sleep(30)")


def kill_our_writer(bench: Bench, statement: str) -> threading.Thread:
    """End the write transaction's backend once it runs a statement LIKE this one, whole."""

    def work() -> None:
        with psycopg.connect(bench.dsn, autocommit=True) as connection:
            for _ in range(200):
                killed = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE %s AND datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state = 'active'",
                    (statement,),
                ).fetchall()
                if killed:
                    return
                time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_backend_killed_during_a_statement_is_a_rollback(bench: Bench) -> None:
    before = bench.state()
    plan = bench.plan(SLEEPING)
    killer = kill_our_writer(bench, "%pg_sleep(30)%")
    with pytest.raises(ConnectError) as caught:
        bench.apply(plan)
    killer.join()
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.state() == before
    assert bench.ledger.receipts() == ()


def test_a_backend_killed_during_commit_is_in_doubt_until_the_server_is_asked(bench: Bench) -> None:
    bench.execute(*at_commit("PERFORM pg_sleep(30);"))
    plan = bench.plan(replace(INDEX, up=INDEX.up + "; UPDATE goals SET n = 7 WHERE id = 1"))
    before = bench.state()
    killer = kill_our_writer(bench, "COMMIT")
    with pytest.raises(InDoubtError):
        bench.apply(plan)
    killer.join()
    assert [r.state for r in bench.ledger.receipts()] == [PlanState.IN_DOUBT]
    (settled,) = bench.recover()
    assert settled.state is PlanState.ROLLED_BACK
    assert [r.state for r in bench.ledger.receipts()] == [PlanState.ROLLED_BACK]
    assert bench.state() == before


class Proxy:
    """Passes bytes on to the server, and can swallow the answer to COMMIT."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.swallow = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            committing = threading.Event()
            for source, sink, outward in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=self._pass_on, args=(source, sink, outward, committing), daemon=True
                ).start()

    def _pass_on(
        self, source: socket.socket, sink: socket.socket, outward: bool, committing: threading.Event
    ) -> None:
        try:
            while data := source.recv(65536):
                if outward and self.swallow.is_set() and b"COMMIT\0" in data:
                    committing.set()
                if not outward and committing.is_set():
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy(bench: Bench) -> Iterator[Proxy]:
    where = conninfo_to_dict(bench.dsn)
    made = Proxy(str(where["host"]), int(str(where["port"])))
    yield made
    made.close()


def test_a_commit_whose_answer_is_lost_is_found_committed(bench: Bench, proxy: Proxy) -> None:
    plan = bench.plan(INDEX)
    through = PgDatabase(make_conninfo(bench.dsn, host="127.0.0.1", port=proxy.port))
    proxy.swallow.set()
    with pytest.raises(InDoubtError) as caught:
        bench.applier(database=through).apply(plan, Consent(plan.hash, plan.target.name))
    assert caught.value.effect is Effect.IN_DOUBT
    (settled,) = bench.recover()
    assert settled.state is PlanState.APPLIED
    assert bench.value("SELECT to_regclass('goals_key')::text") == "goals_key"
    assert bench.recover() == ()


def test_an_undo_in_doubt_settles_the_original_too(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(INDEX))
    undone = bench.apply(bench.undo_plan(receipt))
    bench.ledger.append(receipt)
    bench.ledger.append(replace(undone, state=PlanState.IN_DOUBT))
    bench.recover()
    assert {r.id: r.state for r in bench.ledger.receipts()} == {
        receipt.id: PlanState.UNDONE,
        undone.id: PlanState.APPLIED,
    }


def test_an_undo_whose_note_on_the_original_was_lost_is_finished(bench: Bench) -> None:
    receipt = bench.apply(bench.plan(INDEX))
    undone = bench.apply(bench.undo_plan(receipt))
    bench.ledger.append(receipt)
    assert [r.id for r in bench.recover()] == [undone.id]
    assert {r.id: r.state for r in bench.ledger.receipts()} == {
        receipt.id: PlanState.UNDONE,
        undone.id: PlanState.APPLIED,
    }
    assert bench.recover() == ()


@pytest.mark.slow
def test_a_backend_killed_at_any_moment_leaves_all_or_nothing(bench: Bench) -> None:
    before = bench.state()
    effects: list[Effect] = []
    for number in range(12):
        plan = bench.plan(replace(INDEX, up=INDEX.up + "; SELECT pg_sleep(0.05)"))
        delay = 0.01 * number

        def kill(wait: float = delay) -> None:
            time.sleep(wait)
            with psycopg.connect(bench.dsn, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'fixit-tui apply'"
                )

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            bench.apply(plan)
        except InDoubtError:
            bench.recover()
        except FixitError as error:
            effects.append(error.effect)
        killer.join()
        there = bench.value("SELECT to_regclass('goals_key')") is not None
        assert there == any(r.state is PlanState.APPLIED for r in bench.ledger.receipts()[-1:])
        if there:
            bench.apply(bench.undo_plan(bench.ledger.receipts()[-1]))
            bench.ledger.path.unlink()
        assert bench.state() == before
    assert set(effects) <= {Effect.ROLLED_BACK, Effect.NOTHING_CHANGED}
