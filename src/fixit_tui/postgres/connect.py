"""Which server a target word means, and a connection to it that leaves no trace."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import psycopg
from psycopg import conninfo as libpq
from psycopg import pq
from psycopg.types.string import TextLoader

from fixit_tui.errors import UsageError
from fixit_tui.postgres.refusal import refusal

APPLICATION = "fixit-tui"
CONNECT_TIMEOUT = 10
"""Seconds for each address, where neither the DSN nor PGCONNECT_TIMEOUT says otherwise."""

Connection = psycopg.Connection[tuple[Any, ...]]

# Seconds: a dead link is noticed within half a minute, also while a lock is awaited.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4}

# Parameters that client libraries put into a DSN for themselves; libpq would refuse them.
_FOREIGN = frozenset(
    {
        "schema", "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout",
        "statement_cache_size", "prepared_statements", "prepareThreshold", "prepare_threshold",
        "sslaccept", "supa", "uselibpqcompat", "pool_max_conns", "pool_mode",
    }
)  # fmt: skip
_URI = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_ENCRYPTED_HOSTS = (".supabase.co", ".supabase.com")


def resolve_dsn(target: str | None, env: Mapping[str, str]) -> str:
    """The conninfo for a target: a URI, key=value text, or (None or "") DATABASE_URL and libpq.

    What it leaves out comes from the PG* variables, the service file and ~/.pgpass when the
    connection is made. Raises UsageError, which never repeats what was given.
    """
    text = (target or env.get("DATABASE_URL") or "").strip()
    if "\0" in text:
        raise UsageError("the target holds a zero byte", hint="paste it again, as one line of text")
    settings = _parsed(text)
    if "connect_timeout" not in settings and "PGCONNECT_TIMEOUT" not in env:
        settings["connect_timeout"] = CONNECT_TIMEOUT
    if "sslmode" not in settings and "PGSSLMODE" not in env:
        hosts = str(settings.get("host") or env.get("PGHOST", "")).split(",")
        if any(host.endswith(_ENCRYPTED_HOSTS) for host in hosts):
            settings["sslmode"] = "require"
    settings = {**_KEEPALIVE, **settings}
    # No start-up `options` of ours: PgBouncer refuses them.
    settings |= {"application_name": APPLICATION, "client_encoding": "utf8"}
    return libpq.make_conninfo("", **settings)


def _parsed(text: str) -> dict[str, Any]:
    uri = _URI.match(text)
    try:
        if uri is not None:
            text = _own_parameters("postgresql://" + text[uri.end() :])
        elif "://" in text:
            raise UsageError(
                "the target is a URL, but not one of a PostgreSQL server",
                hint="such as postgresql://me@db.example.org:5432/app",
            )
        return dict(libpq.conninfo_to_dict(text))
    except (psycopg.ProgrammingError, ValueError) as error:
        raise UsageError(
            f"the target cannot be read as a connection string{_complaint(str(error))}",
            hint="such as postgresql://me@db.example.org/app or 'host=… dbname=…'; in a URI, "
            "special characters of a password are written as %xx, such as %40 for @",
        ) from None


def _own_parameters(uri: str) -> str:
    """The URI without the parameters that are meant for other libraries."""
    parts = urlsplit(uri)
    if not parts.query:
        return uri
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in given if k not in _FOREIGN]
    if len(kept) == len(given):
        return uri
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in kept)
    return urlunsplit(parts._replace(query=query))


def _complaint(text: str) -> str:
    """What libpq says about it, as far as that holds nothing but a parameter's name."""
    unknown = re.search(r'(?:invalid URI query parameter:|invalid connection option) "(\w+)"', text)
    return f": there is no parameter '{unknown.group(1)}'" if unknown else ""


def _effective(conninfo: str) -> dict[str, str]:
    """The parameters that libpq will use, as far as they are known before it connects."""
    known = {
        option.keyword.decode(): (option.val or b"").decode(errors="replace")
        for option in pq.Conninfo.get_defaults()
    }
    return known | {k: str(v) for k, v in libpq.conninfo_to_dict(conninfo).items() if v}


def masked(conninfo: str) -> str:
    """Where a conninfo leads, as a URI without password; a service by its name."""
    known = _effective(conninfo)
    if known.get("service") and "host" not in libpq.conninfo_to_dict(conninfo):
        return f"service {known['service']}"
    user = f"{known['user']}@" if known.get("user") else ""
    port = f":{known['port']}" if known.get("port") else ""
    host = known.get("host") or known.get("hostaddr") or ""
    return f"postgresql://{user}{host}{port}/{known.get('dbname', '')}"


def _secrets(conninfo: str) -> tuple[str, ...]:
    known = _effective(conninfo)
    found = [known.get("password", ""), known.get("sslpassword", "")]
    found.append(os.environ.get("PGPASSWORD", ""))
    return tuple(form for secret in found if secret for form in (secret, quote(secret, safe="")))


class _LenientText(TextLoader):
    """Text of a database without an encoding, where any bytes may stand."""

    def load(self, data: Any) -> str:
        return bytes(data).decode("utf-8", "replace")


def connect(conninfo: str) -> Connection:
    """An autocommit connection without prepared statements; raises ConnectError or UsageError.

    `conninfo` comes from `resolve_dsn`. A database in SQL_ASCII may hold bytes that are no text;
    they are read as U+FFFD.
    """
    connection = _open(conninfo)
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        # Such a server converts nothing, and refuses to send what is no UTF-8 as UTF-8.
        connection.close()
        connection = _open(libpq.make_conninfo(conninfo, client_encoding="sql_ascii"))
        for kind in ("text", "name", "varchar", "bpchar", '"char"'):
            connection.adapters.register_loader(kind, _LenientText)
    return connection


def _open(conninfo: str) -> Connection:
    try:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise refusal(error, masked(conninfo), _secrets(conninfo)) from None
    except UnicodeError:
        raise UsageError(
            f"cannot connect to {masked(conninfo)}: that is no host name",
            hint="in a URI, special characters of a password are written as %xx",
        ) from None
