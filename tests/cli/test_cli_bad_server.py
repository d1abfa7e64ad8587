"""Servers that cannot be reached, refuse, lie, hang, vanish or may not be written to."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from command_line import CommandLine, Incident, Said, make_incident
from listening import listener, until
from tests.client_tools import client_tool

from fixit_tui.postgres.local_server import FAST, LocalServer

Make = Callable[[str], Incident]


def told(said: Said, code: int, *words: str) -> None:
    """A short message, the right code, nothing on stdout, no traceback."""
    assert (said.code, said.out) == (code, ""), said.err
    assert len(said.err.splitlines()) <= 5, said.err
    assert "Traceback" not in said.err
    assert "effect: nothing changed" in said.err
    for word in words:
        assert word in said.err


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("verb", ["diagnose", "check", "rehearse", "apply", "undo", "recover"])
def test_nothing_listens(fixit: CommandLine, verb: str) -> None:
    dsn = f"postgresql://me:dsn-secret@127.0.0.1:{unused_port()}/app"
    said = fixit(verb, dsn)
    told(said, 3, "cannot connect", "try:")
    assert "dsn-secret" not in said.err


def test_the_name_of_the_host_is_unknown(fixit: CommandLine) -> None:
    told(fixit("diagnose", "postgresql://me@db.invalid/app"), 3, "db.invalid")


def test_another_service_answers(fixit: CommandLine) -> None:
    def answer(peer: socket.socket) -> None:
        with suppress(OSError):  # the client may be gone already
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\x1b[31mgo away")
            peer.shutdown(socket.SHUT_WR)

    with listener(answer) as port:
        said = fixit("diagnose", f"postgresql://me@127.0.0.1:{port}/app")
    told(said, 3, "cannot connect")
    assert "\x1b" not in said.err


def test_a_service_that_hangs_up(fixit: CommandLine) -> None:
    with listener(socket.socket.close) as port:
        told(fixit("diagnose", f"postgresql://me@127.0.0.1:{port}/app"), 3, "cannot connect")


def test_a_silent_service_is_given_up(fixit: CommandLine) -> None:
    with listener(lambda peer: None) as port:
        started = time.monotonic()
        said = fixit("diagnose", f"postgresql://me@127.0.0.1:{port}/app?connect_timeout=2")
        assert time.monotonic() - started < 6
    told(said, 3, "cannot connect")


@pytest.mark.slow
def test_a_silent_service_is_given_up_without_being_told(fixit: CommandLine) -> None:
    with listener(lambda peer: None) as port:
        started = time.monotonic()
        said = fixit("diagnose", f"postgresql://me@127.0.0.1:{port}/app")
        assert time.monotonic() - started < 15
    told(said, 3, "cannot connect")


@pytest.mark.parametrize(
    "target",
    [
        "mysql://root@db/app",
        "https://projectref.supabase.co",
        "postgresql://me:p@ss@word@h:port/app",
        "host=h no_such_option=1",
        "host='unclosed",
        "no-such-target",
        "",
        "\x00",
        "x" * 5000,
    ],
    ids=lambda t: t[:20].strip("\0") or "nothing",
)
def test_targets_that_are_none(fixit: CommandLine, target: str) -> None:
    said = fixit("diagnose", target)
    assert said.code in (2, 3)
    assert said.out == ""
    assert len(said.err.splitlines()) <= 5
    assert "Traceback" not in said.err
    assert "this is a bug" not in said.err
    assert "p@ss" not in said.err


def test_no_target_at_all(fixit: CommandLine) -> None:
    told(fixit("diagnose"), 2, "no target is given", "DATABASE_URL")


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalServer]:
    """A server that wants passwords, and that a test may stop."""
    with LocalServer.start(settings=FAST) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE ROLE app LOGIN PASSWORD 'right'")
            connection.execute("CREATE ROLE nologin")
            connection.execute("CREATE DATABASE closed ALLOW_CONNECTIONS false")
            (server.data_dir / "pg_hba.conf").write_text(
                "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
            )
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)
        yield server


@pytest.mark.parametrize(
    ("login", "database", "words"),
    [
        ("app:wrong", "postgres", ("refuses the password",)),
        ("nobody:right", "postgres", ("refuses the password",)),
        ("app", "postgres", ("wants a password", "PGPASSWORD")),
        ("postgres", "no_such_database", ("no_such_database",)),
        ("postgres", "closed", ("closed",)),
    ],
)
def test_a_server_that_refuses(
    fixit: CommandLine, guarded: LocalServer, login: str, database: str, words: tuple[str, ...]
) -> None:
    dsn = f"postgresql://{login}@127.0.0.1:{guarded.port}/{database}"
    said = fixit("diagnose", dsn)
    told(said, 3, *words)
    assert "wrong" not in said.err
    right = fixit("diagnose", f"postgresql://app:right@127.0.0.1:{guarded.port}/postgres")
    assert right.code == 0, right.err


def test_the_password_may_come_from_the_environment(
    fixit: CommandLine, guarded: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "right")
    assert fixit("diagnose", guarded.dsn("postgres", "app")).code == 0


def test_the_session_is_ended_meanwhile(fixit: CommandLine, incident: Make) -> None:
    given = incident("goals")
    stop = threading.Event()

    def end_sessions() -> None:
        with psycopg.connect(given.server.dsn(), autocommit=True) as connection:
            while not stop.is_set():
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'fixit-tui' AND datname = %s",
                    (given.dsn.rpartition("/")[2],),
                )
                time.sleep(0.005)

    killer = threading.Thread(target=end_sessions)
    killer.start()
    try:
        said = fixit("diagnose", *given.given)
    finally:
        stop.set()
        killer.join()
    told(said, 3)
    assert fixit("diagnose", *given.given).code == 1


def test_the_server_goes_meanwhile(fixit: CommandLine, tmp_path: Path) -> None:
    with LocalServer.start(settings=FAST) as server:
        stopped = threading.Event()

        def stop_when_seen() -> None:
            with psycopg.connect(server.dsn(), autocommit=True) as connection:
                query = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'fixit-tui'"
                until(lambda: connection.execute(query).fetchone() is not None, 30)
            server.stop("immediate")
            stopped.set()

        thread = threading.Thread(target=stop_when_seen)
        thread.start()
        codes = []
        while not stopped.is_set():
            said = fixit("diagnose", server.dsn())
            codes.append(said.code)
            assert "Traceback" not in said.err
            assert len(said.err.splitlines()) <= 5
        thread.join()
        told(fixit("diagnose", server.dsn()), 3, "cannot connect")
        assert set(codes) <= {0, 3}


@pytest.fixture
def limited(
    incident: Make, server: LocalServer, request: pytest.FixtureRequest
) -> Iterator[tuple[Incident, str]]:
    """The incident as a role that may see one schema and nothing of another."""
    given = incident(getattr(request, "param", "customers"))
    role = "limited_" + given.dsn.rpartition("_")[2]
    with psycopg.connect(given.dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA hidden")
        connection.execute("CREATE TABLE hidden.secret (id serial PRIMARY KEY, word text)")
        connection.execute("REVOKE ALL ON SCHEMA hidden FROM public")
        connection.execute(f"CREATE ROLE {role} LOGIN")
        yield given, given.dsn.replace("postgres@", f"{role}@")
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


def test_a_role_without_rights_still_learns_the_cause(
    fixit: CommandLine, limited: tuple[Incident, str]
) -> None:
    given, dsn = limited
    said = fixit("diagnose", dsn, *given.given[1:], "--format", "json")
    assert said.code == 1, said.err
    document = json.loads(said.out)
    first = document["findings"][0]
    assert (first["cause"], first["explains"]) == (given.case.explained, True)
    assert [run for run in document["playbooks"] if run["status"] == "failed"] == []


def test_a_role_without_rights_cannot_apply(
    fixit: CommandLine, limited: tuple[Incident, str]
) -> None:
    given, dsn = limited
    before = given.dump()
    first = json.loads(fixit("diagnose", dsn, *given.given[1:], "--format", "json").out)
    named = f"{first['findings'][0]['id']}:repair-function"
    for words in ((), ("--fix", named), ("--fix", named, "--plan", "0" * 12, "--yes")):
        said = fixit("apply", dsn, *given.given[1:], *words)
        told(said, 5, "repair-function is not possible here", "owner: postgres")
    assert given.dump() == before


@pytest.mark.parametrize("limited", ["purchases"], indirect=True)
def test_what_a_role_cannot_run_names_what_it_can_do(
    fixit: CommandLine, limited: tuple[Incident, str]
) -> None:
    given, dsn = limited
    found = json.loads(fixit("diagnose", dsn, *given.given[1:], "--format", "json").out)
    by_hand = next(fix for fix in found["findings"][0]["fixes"] if fix["recommended"])
    assert by_hand["kind"] == "manual"
    told(fixit("apply", dsn, *given.given[1:]), 2, by_hand["title"])


def test_a_role_without_rights_can_export_for_one_that_has_them(
    fixit: CommandLine, limited: tuple[Incident, str], tmp_path: Path
) -> None:
    given, dsn = limited
    found = json.loads(fixit("diagnose", dsn, *given.given[1:], "--format", "json").out)
    named = f"{found['findings'][0]['id']}:repair-function"
    said = fixit("export", dsn, *given.given[1:], "--fix", named, "--out", tmp_path / "out")
    assert said.code == 0, said.err
    (up,) = (Path(p) for p in said.out.splitlines() if not p.endswith(".undo.sql"))
    program = client_tool(given.server, "psql")
    words = [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(up), "-d"]
    assert subprocess.run([*words, dsn], capture_output=True, check=False).returncode == 3
    assert given.sqlstate_of("failing.sql") == "23505"
    assert subprocess.run([*words, given.dsn], capture_output=True, check=False).returncode == 0
    assert given.sqlstate_of("failing.sql") is None


def test_a_read_only_target_is_diagnosed_and_not_changed(
    fixit: CommandLine, incident: Make
) -> None:
    given = incident("purchases")
    database = given.dsn.rpartition("/")[2]
    with psycopg.connect(given.dsn, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    before = given.dump()
    document = json.loads(fixit("diagnose", *given.given, "--format", "json").out)
    assert document["target"]["read_only"] is True
    assert document["findings"][0]["cause"] == given.case.explained
    shown = fixit("apply", *given.given)
    plan = re.search(r"^plan (\w+)", shown.out)
    assert plan
    assert shown.code == 5
    assert "is read-only for this role" in shown.err
    said = fixit("apply", *given.given, "--plan", plan[1], "--yes")
    told(said, 5, "is read-only for this role")
    assert given.dump() == before


@pytest.fixture
def folder_of_a_server() -> Iterator[Path]:
    """A data folder that the server's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="fixit-replica-"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


def test_a_replica_is_diagnosed_and_not_changed(
    fixit: CommandLine, tmp_path: Path, folder_of_a_server: Path
) -> None:
    with LocalServer.start(folder_of_a_server, settings=FAST) as primary:
        made = make_incident(primary, "purchases", "shop", tmp_path)
    signal_file = folder_of_a_server / "standby.signal"
    signal_file.touch()
    owner = folder_of_a_server.stat()
    os.chown(signal_file, owner.st_uid, owner.st_gid)
    with LocalServer.start(folder_of_a_server, settings=FAST) as replica:
        given = replace(made, server=replica, dsn=replica.dsn("shop"))
        document = json.loads(fixit("diagnose", *given.given, "--format", "json").out)
        assert document["target"]["read_only"] is True
        assert document["findings"][0]["cause"] == given.case.explained
        shown = fixit("apply", *given.given)
        plan = re.search(r"^plan (\w+)", shown.out)
        assert plan
        assert shown.code == 5
        told(fixit("apply", *given.given, "--plan", plan[1], "--yes"), 5, "is a replica", "primary")
        told(fixit("undo", given.dsn), 2, "nothing here can be undone")


def test_an_empty_database_has_no_findings(fixit: CommandLine, database: str) -> None:
    said = fixit("diagnose", database)
    assert (said.code, said.err) == (0, "")


def test_a_locked_table_costs_a_gap_and_no_hang(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    with psycopg.connect(given.dsn) as connection:
        connection.execute("LOCK TABLE student_course_purchases IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        said = fixit("diagnose", *given.given, "--format", "json")
        assert time.monotonic() - started < 15
    assert said.code in (0, 1), said.err
    assert json.loads(said.out)["findings"][0]["cause"] == given.case.explained
