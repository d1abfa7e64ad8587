"""Transactions that the server itself keeps read-only, and what it says about itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from fixit_tui.model.target import Environment, Platform, Target
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import link_lost

LOCK_TIMEOUT_MS = 300
STATEMENT_TIMEOUT_MS = 5_000

# Local to the transaction: behind a transaction pooler a plain SET would reach strangers.
_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}",
    f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}",
    "SET LOCAL idle_in_transaction_session_timeout = 60000",
)


@contextmanager
def read_only(connection: Connection) -> Iterator[Connection]:
    """One REPEATABLE READ READ ONLY transaction whose limits end with it; always rolled back."""
    with connection.pipeline():
        for statement in _BEGIN:
            connection.execute(statement)
    try:
        yield connection
    finally:
        if not connection.closed and not connection.broken:
            connection.execute("ROLLBACK")


@contextmanager
def shielded(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A savepoint that is always rolled back: settings and failures inside leave no trace."""
    connection.execute("SAVEPOINT fixit_shield")
    try:
        yield
    except psycopg.Error as error:
        if not link_lost(error, connection):
            _leave(connection)
        raise
    except BaseException:
        _leave(connection)
        raise
    _leave(connection)


def _leave(connection: psycopg.Connection[Any]) -> None:
    connection.execute("ROLLBACK TO SAVEPOINT fixit_shield")
    connection.execute("RELEASE SAVEPOINT fixit_shield")


def use_catalog_names(connection: psycopg.Connection[Any]) -> None:
    """Until the transaction (or savepoint) ends, only the system's own names are found unqualified.

    Nobody's function then stands in for one of the server's, and the server prints every other
    name with its schema.
    """
    connection.execute("SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)")


_TARGET = """
SELECT pg_catalog.current_database(), current_user::pg_catalog.text,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('is_superuser') OPERATOR(pg_catalog.=) 'on',
       pg_catalog.current_setting('default_transaction_read_only') OPERATOR(pg_catalog.=) 'on',
       pg_catalog.pg_backend_pid(),
       (SELECT d.oid::pg_catalog.int8 FROM pg_catalog.pg_database AS d
        WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()),
       -- Roles belong to the whole server; only the schema tells the databases apart.
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_roles AS r
        WHERE r.rolname::pg_catalog.text OPERATOR(pg_catalog.=)
              ANY (ARRAY['anon', 'authenticated', 'service_role']))
         OPERATOR(pg_catalog.=) 3
       AND EXISTS (SELECT FROM pg_catalog.pg_namespace AS n
                   WHERE n.nspname OPERATOR(pg_catalog.=) 'auth'
                     AND (EXISTS (SELECT FROM pg_catalog.pg_class AS c
                                  WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid
                                    AND c.relname OPERATOR(pg_catalog.=) 'users')
                       OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p
                                  WHERE p.pronamespace OPERATOR(pg_catalog.=) n.oid
                                    AND p.proname OPERATOR(pg_catalog.=) 'uid')))
"""
_LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})


def target_of(connection: Connection) -> Target:
    """What the server says about itself and this session.

    A pooler hands out process ids of its own, so the one of the protocol is not the server's.
    """
    info = connection.info
    with read_only(connection):
        row = connection.execute(_TARGET).fetchone()
    assert row is not None
    database, role, version, replica, superuser, defaults_read_only, pid, oid, supabase = row
    # A socket's folder is no host name.
    host = "" if info.host.startswith(("/", "@")) else info.host
    return Target(
        host=host,
        port=info.port,
        database=database,
        role=role,
        server_version=version,
        platform=Platform.SUPABASE if supabase else Platform.POSTGRESQL,
        environment=Environment.LOCAL if host in _LOCAL else Environment.UNKNOWN,
        read_only=bool(replica or defaults_read_only),
        replica=replica,
        superuser=superuser,
        pooled=pid != info.backend_pid,
        database_oid=oid,
    )
