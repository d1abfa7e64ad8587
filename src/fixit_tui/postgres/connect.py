"""Connecting: which server, how errors read, and the guards of a read-only connection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import conninfo as libpq

from fixit_tui.errors import ConnectError, UsageError
from fixit_tui.model.target import Environment, Platform, Target

APPLICATION = "fixit-tui"
CONNECT_TIMEOUT = 10
_LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})

_LIMITS = (
    "SET LOCAL lock_timeout = '300ms'",
    "SET LOCAL statement_timeout = '5s'",
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
)
Connection = psycopg.Connection[tuple[Any, ...]]


def resolve_dsn(target: str | None, env: Mapping[str, str]) -> str:
    """The conninfo for a target; without one, DATABASE_URL or the libpq settings.

    Raises UsageError for what is no conninfo, without repeating a password.
    """
    text = target or env.get("DATABASE_URL") or ""
    text = re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", text)
    try:
        parsed = libpq.conninfo_to_dict(text)
    except psycopg.ProgrammingError as error:
        raise UsageError(
            "the target is neither a DSN, a named target nor a saved capture",
            hint="such as postgresql://me@db.example.org/app, or set DATABASE_URL",
        ) from error
    settings: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, **parsed}
    settings |= {"application_name": APPLICATION, "client_encoding": "utf8"}
    settings |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    settings.pop("options", None)  # a pooler refuses start-up options
    return libpq.make_conninfo("", **settings)


def masked(conninfo: str) -> str:
    """The conninfo without its password, for people."""
    try:
        parsed = libpq.conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        return "(unreadable)"
    user = f"{parsed['user']}@" if parsed.get("user") else ""
    port = f":{parsed['port']}" if parsed.get("port") else ""
    return f"postgresql://{user}{parsed.get('host', '')}{port}/{parsed.get('dbname', '')}"


_HINTS: tuple[tuple[str, str, str], ...] = (
    ("password authentication failed", "the server refuses the password or the role",
     "check user and password; a Supabase pooler wants user postgres.<project>"),
    ("no password supplied", "the server wants a password",
     "put it into PGPASSWORD, ~/.pgpass, or: fixit-tui targets add"),
    ("does not exist", "the server knows no such database or role", "check the names in the DSN"),
    ("Connection refused", "nothing listens at that address", "check host and port"),
    ("timeout expired", "the server does not answer", "check host, port, VPN and firewall"),
    ("timed out", "the server does not answer", "check host, port, VPN and firewall"),
    ("could not translate host name", "that host is not known", "check the host name"),
    ("Name or service not known", "that host is not known", "check the host name"),
    ("failed to resolve host", "that host is not known", "check the host name"),
    ("received invalid response", "what answers there is not PostgreSQL", "check the port"),
    ("expected authentication request", "what answers there is not PostgreSQL", "check the port"),
    ("server closed the connection", "what answers there hung up: not PostgreSQL, or restarting",
     "check the port and the server's log"),
    ("no pg_hba.conf entry", "the server's access rules refuse this connection",
     "add sslmode=require, or ask for an entry in pg_hba.conf"),
    ("server does not support SSL", "the server speaks no SSL", "add sslmode=disable"),
    ("too many clients", "the server has no free connection slot",
     "close some connections, or connect as a role with reserved slots"),
    ("remaining connection slots", "the server has no free connection slot",
     "connect as a role with reserved slots"),
    ("starting up", "the server is starting up", "try again in a moment"),
    ("shutting down", "the server is shutting down", "try again when it is back"),
)  # fmt: skip


def connect_error(error: psycopg.Error, conninfo: str) -> ConnectError:
    """The error a person sees; never holds the password."""
    text = str(error)
    secret = libpq.conninfo_to_dict(conninfo).get("password")
    if secret:
        text = text.replace(str(secret), "…")
    where = masked(conninfo)
    for mark, meaning, hint in _HINTS:
        if mark in text:
            return ConnectError(
                f"cannot connect to {where}: {meaning}", hint=hint, sqlstate=error.sqlstate
            )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ConnectError(
        f"cannot connect to {where}: {lines[-1] if lines else type(error).__name__}",
        hint="check the DSN with psql",
        sqlstate=error.sqlstate,
    )


def connect(conninfo: str) -> Connection:
    """A connection without prepared statements. Raises ConnectError."""
    try:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise connect_error(error, conninfo) from error


@contextmanager
def read_only(connection: Connection) -> Iterator[Connection]:
    """One REPEATABLE READ READ ONLY transaction with limits that end with it."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        for limit in _LIMITS:
            connection.execute(limit)
        yield connection
    finally:
        if not connection.closed and not connection.broken:
            connection.execute("ROLLBACK")


_TARGET = """
SELECT current_database(), current_user::text, current_setting('server_version_num')::int,
       pg_is_in_recovery(), current_setting('is_superuser') = 'on',
       current_setting('default_transaction_read_only') = 'on',
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated')
         AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'auth'),
       pg_backend_pid(),
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
"""


def target_of(connection: Connection) -> Target:
    """What the server says about itself and this session."""
    info = connection.info
    with read_only(connection):
        row = connection.execute(_TARGET).fetchone()
    assert row is not None
    database, role, version, replica, superuser, defaults_read_only, supabase, pid, oid = row
    local = info.host in _LOCAL or info.host.startswith("/")
    return Target(
        host=info.host,
        port=info.port,
        database=database,
        role=role,
        server_version=version,
        platform=Platform.SUPABASE if supabase else Platform.POSTGRESQL,
        environment=Environment.LOCAL if local else Environment.UNKNOWN,
        read_only=bool(replica or defaults_read_only),
        replica=replica,
        superuser=superuser,
        pooled=pid != info.backend_pid,
        database_oid=oid,
    )
