"""Which server gave a transaction id, and what it says of one now."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg

from fixit_tui.model.aftermath import ServerIdentity, XactReport, XactStatus
from fixit_tui.postgres.blockers import COLUMNS, PREPARED_COLUMNS, blocker_line, prepared_line

_TOLD = """
SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(f.name, 'EXECUTE'))
FROM pg_catalog.unnest(%s::pg_catalog.text[]) AS f(name)
"""
_LINE_FUNCTIONS = [
    "pg_catalog.pg_control_system()",
    "pg_catalog.pg_current_wal_lsn()",
    "pg_catalog.pg_walfile_name(pg_lsn)",
]
# Eight hexadecimal digits of timeline begin a WAL file's name. A promoted replica goes on with the
# same identifier, and may give a number that was lost to another transaction.
_LINE: LiteralString = """
SELECT s.system_identifier::text || '/'
       || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
FROM pg_catalog.pg_control_system() AS s
"""
# A replica writes no WAL of its own, so it names no timeline.
_SYSTEM: LiteralString = """
SELECT s.system_identifier::text || '/' FROM pg_catalog.pg_control_system() AS s
"""
_RUN_FUNCTIONS = [
    "pg_catalog.pg_postmaster_start_time()",
    "pg_catalog.pg_stat_get_bgwriter_stat_reset_time()",
]
# The first process outlives the crash of another one; statistics do not, they begin anew.
_RUN: LiteralString = """
SELECT pg_catalog.to_char(pg_catalog.pg_postmaster_start_time() AT TIME ZONE 'UTC', f.form) || '/'
       || pg_catalog.to_char(
            pg_catalog.pg_stat_get_bgwriter_stat_reset_time() AT TIME ZONE 'UTC', f.form)
FROM (VALUES ('YYYYMMDDHH24MISSUS')) AS f(form)
"""

# A number that no flushed WAL record bears is given out again after a crash: to a stranger.
_FLUSH = """
SELECT pg_catalog.pg_logical_emit_message(false, 'fixit-tui', '', true)
WHERE pg_catalog.has_function_privilege(
  'pg_catalog.pg_logical_emit_message(boolean,text,text,boolean)', 'EXECUTE')
"""
FLUSHES_FROM = 170000

_HOLDERS: LiteralString = COLUMNS + " WHERE a.backend_xid = %s::xid8::xid"
_PREPARED: LiteralString = PREPARED_COLUMNS + " WHERE p.transaction = %s::xid8::xid"


def keep_xid(connection: psycopg.Connection[Any]) -> bool:
    """Make the open transaction's number survive a crash, if it can (PostgreSQL 17 or later).

    Needs the number to be assigned already. Raises psycopg.Error.
    """
    if connection.info.server_version < FLUSHES_FROM:
        return False
    return connection.execute(_FLUSH).fetchone() is not None


def identify(connection: psycopg.Connection[Any], *, replica: bool = False) -> ServerIdentity:
    """Who the server is, as far as this role may ask. Raises psycopg.Error."""
    if replica:
        return ServerIdentity(_asked(connection, _LINE_FUNCTIONS[:1], _SYSTEM))
    return ServerIdentity(
        _asked(connection, _LINE_FUNCTIONS, _LINE), _asked(connection, _RUN_FUNCTIONS, _RUN)
    )


def _asked(connection: psycopg.Connection[Any], functions: list[str], query: LiteralString) -> str:
    told = connection.execute(_TOLD, (functions,)).fetchone()
    if told is None or not told[0]:
        return ""
    row = connection.execute(query).fetchone()
    return str(row[0]) if row is not None and row[0] is not None else ""


def report_on(connection: psycopg.Connection[Any], xid: str) -> XactReport:
    """What the server says of a transaction id, on an autocommit connection.

    A replica is not asked: it may know less than its primary. Raises psycopg.Error.
    """
    row = connection.execute(
        "SELECT pg_catalog.pg_is_in_recovery(), d.oid::bigint FROM pg_catalog.pg_database AS d"
        " WHERE d.datname = pg_catalog.current_database()"
    ).fetchone()
    assert row is not None
    oid = int(row[1])
    if row[0]:
        server = identify(connection, replica=True)
        return XactReport(XactStatus.UNKNOWN, server, oid, replica=True)
    status = _status(connection, xid)
    holders = _holders(connection, xid) if status is XactStatus.IN_PROGRESS else ()
    return XactReport(status, identify(connection), oid, holders=holders)


def _status(connection: psycopg.Connection[Any], xid: str) -> XactStatus:
    try:
        row = connection.execute("SELECT pg_catalog.pg_xact_status(%s::xid8)", (xid,)).fetchone()
    except psycopg.errors.InvalidParameterValue:
        return XactStatus.FUTURE
    except psycopg.DataError:
        return XactStatus.UNKNOWN
    return XactStatus(row[0]) if row is not None and row[0] is not None else XactStatus.UNKNOWN


def _holders(connection: psycopg.Connection[Any], xid: str) -> tuple[str, ...]:
    sessions = connection.execute(_HOLDERS, (xid,)).fetchall()
    prepared = connection.execute(_PREPARED, (xid,)).fetchall()
    return (*(blocker_line(*r) for r in sessions), *(prepared_line(*r) for r in prepared))
