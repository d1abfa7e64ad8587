"""Connecting: what a target means, how refusals read, and that no secret is ever shown."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fixit_tui.errors import ConnectError, FixitError, UsageError
from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import masked, resolve_dsn
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.read_only import target_of

SECRET = "s3cr3t-w0rd"


def settings(target: str | None, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    return dict(conninfo_to_dict(resolve_dsn(target, env or {})))


@pytest.mark.parametrize(
    "target",
    [
        "postgresql://me@db.example.org:6000/app",
        "postgres://me@db.example.org:6000/app",
        "postgresql+asyncpg://me@db.example.org:6000/app",
        "host=db.example.org port=6000 user=me dbname=app",
        "postgresql://me@db.example.org:6000/app?schema=public&pgbouncer=true&connection_limit=1",
    ],
)
def test_every_way_of_writing_a_target_means_the_same(target: str) -> None:
    found = settings(target)
    assert (found["host"], str(found["port"])) == ("db.example.org", "6000")
    assert (found["user"], found["dbname"]) == ("me", "app")


def test_parameters_of_libpq_are_kept_beside_foreign_ones() -> None:
    dsn = "postgresql://me@h/app?schema=a&sslmode=verify-full&options=-c%20geqo%3Doff%20-c%20x.y%3D%26"
    found = settings(dsn)
    assert found["sslmode"] == "verify-full"
    assert found["options"] == "-c geqo=off -c x.y=&"


def test_the_environment_is_the_default() -> None:
    env = {"DATABASE_URL": "postgresql://me@h/app"}
    assert settings(None, env)["dbname"] == "app"
    assert settings("", env)["dbname"] == "app"
    assert settings("postgresql://me@h/other", env)["dbname"] == "other"
    assert "host" not in settings(None)


def test_limits_and_names_are_set_unless_the_person_did() -> None:
    found = settings("postgresql://h/app")
    assert (found["connect_timeout"], found["application_name"]) == ("10", "fixit-tui")
    assert "options" not in found
    assert settings("postgresql://h/app?connect_timeout=3")["connect_timeout"] == "3"
    assert "connect_timeout" not in settings("postgresql://h/app", {"PGCONNECT_TIMEOUT": "4"})


def test_hosted_databases_are_spoken_to_encrypted() -> None:
    host = "aws-0-eu-west-1.pooler.supabase.com"
    assert settings(f"postgresql://u@{host}:6543/postgres")["sslmode"] == "require"
    assert settings(f"postgresql://u@{host}/postgres?sslmode=disable")["sslmode"] == "disable"
    assert "sslmode" not in settings(f"postgresql://u@{host}/x", {"PGSSLMODE": "verify-full"})
    assert "sslmode" not in settings("postgresql://u@127.0.0.1/x")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("postgresql://u@h/x?sslmod=require", "sslmod"),
        ("hots=a", "hots"),
        ("https://abc.supabase.co/rest/v1/goals", "URL"),
        (f"postgresql://u:{SECRET}%zz@h/x", ""),
        (f"host password={SECRET}", ""),
        (f"postgresql://u:{SECRET}@[h/x", ""),
        (f"dbname=x password='{SECRET}", ""),
    ],
)
def test_what_is_no_target_is_said_without_repeating_it(target: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_dsn(target, {})
    told = caught.value.message + caught.value.hint
    assert named in told
    assert SECRET not in told
    assert caught.value.__cause__ is None


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert "fixit-tui" in resolve_dsn(text, {})


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_a_password_never_shows_in_where_it_leads(password: str) -> None:
    conninfo = make_conninfo("", host="h", user="u", dbname="d", password=password)
    assert masked(resolve_dsn(conninfo, {})).startswith("postgresql://u@h:")
    assert masked(resolve_dsn(conninfo, {})).endswith("/d")


def test_where_it_leads_reads_like_a_uri() -> None:
    dsn = resolve_dsn(f"postgresql://u:{SECRET}@h:6000/d", {})
    assert masked(dsn) == "postgresql://u@h:6000/d"


# Refusals --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalServer]:
    """A server with a password, a rejected role, a full role and a closed database."""
    with LocalServer.start(settings=FAST) as running:
        with psycopg.connect(running.dsn(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE locked LOGIN PASSWORD '{SECRET}'")
            connection.execute("CREATE ROLE barred LOGIN")
            connection.execute("CREATE ROLE full_up LOGIN CONNECTION LIMIT 0")
            connection.execute("CREATE ROLE no_login")
            connection.execute("CREATE DATABASE closed ALLOW_CONNECTIONS false")
            rules = running.data_dir / "pg_hba.conf"
            rules.write_text(
                "host all locked 127.0.0.1/32 scram-sha-256\n"
                "host all barred 127.0.0.1/32 reject\n" + rules.read_text()
            )
            connection.execute("SELECT pg_reload_conf()")
            end = time.monotonic() + 10
            while time.monotonic() < end:
                row = connection.execute(
                    "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'reject'"
                ).fetchone()
                if row == (1,):
                    break
        # The postmaster reads the rules on its own time.
        time.sleep(0.3)
        yield running


def refused(target: str) -> FixitError:
    with pytest.raises(FixitError) as caught:
        open_connection(resolve_dsn(target, {})).close()
    assert caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("database", "user", "words", "sqlstate"),
    [
        ("nowhere", "postgres", "no database of that name", "3D000"),
        ("postgres", "nobody here", "no role of that name", "28000"),
        ("postgres", "locked", "wants a password", "28P01"),
        ("postgres", f"locked:not{SECRET}", "refuses the password", "28P01"),
        ("postgres", "barred", "access rules", "28000"),
        ("postgres", "full_up", "no free connection", "53300"),
        ("postgres", "no_login", "may not log in", "28000"),
        ("closed", "postgres", "takes no connections", "55000"),
    ],
)
def test_each_refusal_says_what_is_wrong(
    guarded: LocalServer, database: str, user: str, words: str, sqlstate: str
) -> None:
    error = refused(guarded.dsn(database, user.replace(" ", "%20")))
    assert isinstance(error, ConnectError)
    assert words in error.message
    assert error.sqlstate == sqlstate


def test_a_server_without_ssl_says_so(guarded: LocalServer) -> None:
    assert "speaks no SSL" in refused(guarded.dsn() + "?sslmode=require").message


def test_the_right_password_is_let_in(guarded: LocalServer) -> None:
    dsn = resolve_dsn(guarded.dsn("postgres", f"locked:{SECRET}"), {})
    connection = open_connection(dsn)
    assert target_of(connection).role == "locked"
    connection.close()


def test_no_free_slot_is_told() -> None:
    few = {**FAST, "max_connections": "4", "superuser_reserved_connections": "1"}
    few["max_wal_senders"] = "0"
    with LocalServer.start(settings=few) as running:
        with psycopg.connect(running.dsn(), autocommit=True) as connection:
            connection.execute("CREATE ROLE plain LOGIN")
        held = []
        try:
            with pytest.raises(ConnectError) as caught:  # noqa: PT012
                for _ in range(8):
                    held.append(open_connection(resolve_dsn(running.dsn(user="plain"), {})))
        finally:
            for connection in held:
                connection.close()
    assert caught.value.sqlstate == "53300"
    assert "no free connection" in caught.value.message


@pytest.fixture
def listener() -> Iterator[Callable[[bytes | None], int]]:
    """Something that listens, says its piece (None: nothing) and is no PostgreSQL."""
    done = threading.Event()
    opened: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(listening: socket.socket, words: bytes | None) -> None:
        while not done.is_set():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                if words is None:
                    done.wait(30)
                else:
                    client.recv(1024)
                    client.sendall(words)

    def listen(words: bytes | None) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)
        threads.append(threading.Thread(target=serve, args=(listening, words)))
        threads[-1].start()
        port: int = listening.getsockname()[1]
        return port

    yield listen
    done.set()
    for one in opened:
        one.shutdown(socket.SHUT_RDWR)
        one.close()
    for thread in threads:
        thread.join(5)


@pytest.mark.parametrize(
    "words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"5.5.5-MariaDB\x00", b"-ERR unknown\r\n"]
)
def test_another_kind_of_server_is_recognised(
    listener: Callable[[bytes | None], int], words: bytes
) -> None:
    error = refused(f"postgresql://u@127.0.0.1:{listener(words)}/d")
    assert isinstance(error, ConnectError)
    assert "not PostgreSQL" in error.message


def test_a_listener_that_hangs_up_is_no_database(
    listener: Callable[[bytes | None], int],
) -> None:
    error = refused(f"postgresql://u@127.0.0.1:{listener(b'')}/d")
    assert "hung up" in error.message


def test_silence_ends_at_the_time_limit(listener: Callable[[bytes | None], int]) -> None:
    started = time.monotonic()
    error = refused(f"postgresql://u@127.0.0.1:{listener(None)}/d?connect_timeout=2")
    assert "no answer came in time" in error.message
    assert time.monotonic() - started < 6


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "nothing listens" in refused(f"postgresql://u@127.0.0.1:{port}/d").message


def test_an_unknown_host() -> None:
    error = refused(f"postgresql://u:{SECRET}@no-such-host.invalid/d")
    assert "host name is not known" in error.message


@pytest.mark.parametrize(
    "target",
    [
        "service=nowhere",
        "postgresql://127.0.0.1:99999/d",
        "host=127.0.0.1 port=abc",
        "host=::1 sslmode=x",
    ],
)
def test_a_wrong_request_is_a_usage_error(target: str) -> None:
    assert isinstance(refused(target), UsageError)


def test_a_host_that_cannot_be_a_name() -> None:
    assert isinstance(refused(f"host={'a' * 70}.example.org"), FixitError)
    assert isinstance(refused("host=a..b"), FixitError)


def test_a_target_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(UsageError):
        resolve_dsn("host=a\0b", {})
