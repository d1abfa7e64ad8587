"""The session that reads: what the server refuses it, what it leaves set, what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import resolve_dsn
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.read_only import read_only, target_of

Open = Callable[..., psycopg.Connection[Any]]


def test_the_server_itself_refuses_writing(database: str, connect: Open) -> None:
    connect(database).execute("CREATE TABLE t (a integer)")
    connection = open_connection(resolve_dsn(database, {}))
    for statement in ("INSERT INTO t VALUES (1)", "CREATE TABLE u (a integer)", "DROP TABLE t"):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), read_only(connection):
            connection.execute(statement)
    connection.close()
    assert connect(database).execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_nothing_stays_set_on_the_session(database: str) -> None:
    """Behind a transaction pooler the next client gets this session as we leave it."""
    names = (
        "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
        "search_path", "row_security", "transaction_read_only", "default_transaction_isolation",
    )  # fmt: skip

    def all_settings(connection: psycopg.Connection[Any]) -> list[Any]:
        return [connection.execute(f"SHOW {name}").fetchone() for name in names]

    connection = open_connection(resolve_dsn(database, {}))
    before = all_settings(connection)
    with read_only(connection):
        inside = all_settings(connection)
    with pytest.raises(psycopg.errors.DivisionByZero), read_only(connection):
        connection.execute("SELECT 1/0")
    assert all_settings(connection) == before
    assert inside[:3] == [("300ms",), ("5s",), ("1min",)]
    prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert prepared == (0,)
    connection.close()


def test_the_target_is_what_the_server_says(server: LocalServer, database: str) -> None:
    connection = open_connection(resolve_dsn(database, {}))
    target = target_of(connection)
    connection.close()
    assert (target.host, target.port) == ("127.0.0.1", server.port)
    assert target.database == database.rpartition("/")[2]
    assert (target.role, target.superuser) == ("postgres", True)
    assert target.server_version == server.version
    assert (target.replica, target.read_only, target.pooled) == (False, False, False)
    assert target.database_oid > 0


def test_a_session_that_is_read_only_by_default_is_told(database: str, connect: Open) -> None:
    name = database.rpartition("/")[2]
    connect(database).execute(
        f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode()
    )
    connection = open_connection(resolve_dsn(database, {}))
    assert target_of(connection).read_only is True
    connection.close()


def test_functions_of_others_are_not_called(database: str, connect: Open) -> None:
    """Somebody's own function that fits better than the server's must not run with our rights."""
    own = connect(database)
    own.execute(
        "CREATE FUNCTION public.pg_is_in_recovery() RETURNS boolean LANGUAGE plpgsql"
        " AS 'BEGIN RAISE ''called''; END'"
    )
    own.execute(
        "CREATE FUNCTION public.array_to_json(text[]) RETURNS json LANGUAGE plpgsql"
        " AS 'BEGIN RAISE ''called''; END'"
    )
    name = database.rpartition("/")[2]
    own.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog".encode())
    own.execute("CREATE TABLE t (a integer UNIQUE)")
    from fixit_tui.model.events import ignore_event
    from fixit_tui.postgres.reader import PgReader

    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = reader.capture(frozenset(), ignore_event, lambda: False)
    assert len(rows["relation"]) == 1
    reader.fingerprint(["table public.t", "function public.pg_is_in_recovery()"])
    reader.close()


def test_text_of_a_database_without_an_encoding_is_read(server: LocalServer, connect: Open) -> None:
    name = "ascii_only"
    connect(server.dsn()).execute(
        f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0".encode()
    )
    try:
        odd = psycopg.connect(server.dsn(name), autocommit=True, client_encoding="latin1")
        odd.execute('CREATE TABLE "caf\xe9" (a serial PRIMARY KEY)'.encode("latin1"))
        odd.close()
        from fixit_tui.model.events import ignore_event
        from fixit_tui.postgres.reader import PgReader

        reader = PgReader(open_connection(resolve_dsn(server.dsn(name), {})))
        rows = reader.capture(frozenset(), ignore_event, lambda: False)
        reader.close()
        assert [r["name"] for r in rows["relation"]] == ["caf\ufffd"]
    finally:
        server.drop_database(name)
