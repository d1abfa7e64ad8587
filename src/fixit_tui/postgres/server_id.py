"""Which server gave a transaction id: the number alone means another thing on another one."""

from __future__ import annotations

from typing import Any

import psycopg

_TOLD = """
SELECT bool_and(pg_catalog.has_function_privilege(f.name, 'EXECUTE'))
FROM (VALUES ('pg_catalog.pg_control_system()'), ('pg_catalog.pg_current_wal_lsn()'),
             ('pg_catalog.pg_walfile_name(pg_lsn)')) AS f(name)
"""
# Eight hexadecimal digits of timeline begin a WAL file's name. A promoted replica goes on with the
# same identifier, and may give a number that was lost to another transaction.
_ASKED = """
SELECT s.system_identifier::text || '/'
       || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
FROM pg_catalog.pg_control_system() AS s
"""


# A number that no flushed WAL record bears is given out again after a crash: to a stranger.
_FLUSH = """
SELECT pg_catalog.pg_logical_emit_message(false, 'fixit-tui', '', true)
WHERE pg_catalog.has_function_privilege(
  'pg_catalog.pg_logical_emit_message(boolean,text,text,boolean)', 'EXECUTE')
"""
FLUSHES_FROM = 170000


def keep_xid(connection: psycopg.Connection[Any]) -> None:
    """Make the open transaction's number survive a crash (PostgreSQL 17 or later).

    Needs the number to be assigned already. Raises psycopg.Error.
    """
    if connection.info.server_version >= FLUSHES_FROM:
        connection.execute(_FLUSH)


def server_id(connection: psycopg.Connection[Any]) -> str:
    """System identifier and timeline of a primary server; "" where this role may not ask.

    Raises psycopg.Error.
    """
    told = connection.execute(_TOLD).fetchone()
    if told is None or not told[0]:
        return ""
    row = connection.execute(_ASKED).fetchone()
    return str(row[0]) if row is not None else ""
