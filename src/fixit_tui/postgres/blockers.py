"""Sessions that hold others up, as lines for people; values of statements are left out."""

from __future__ import annotations

import re
from typing import Any, LiteralString

import psycopg

COLUMNS: LiteralString = """
SELECT a.pid, a.usename::text, a.application_name, a.state, a.backend_type,
       extract(epoch FROM now() - a.xact_start)::int, left(a.query, 400)
FROM pg_catalog.pg_stat_activity AS a
"""

# A direct wait (pg_blocking_pids) and, for sessions that stand in the queue before ours, who
# they are: enough to know whom to call.
BLOCKERS: LiteralString = (
    COLUMNS
    + """
WHERE a.pid IN (SELECT unnest(pg_catalog.pg_blocking_pids(w.pid))
                FROM unnest(%s::int[]) AS w(pid))
ORDER BY a.xact_start NULLS LAST, a.pid
"""
)

# A concurrent build waits for every snapshot that is older than it, in its own database, whatever
# table that transaction works on. Autovacuum does not count.
OLDER: LiteralString = (
    COLUMNS
    + """
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
  AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
  AND a.backend_type NOT IN ('autovacuum worker', 'walsender')
ORDER BY a.xact_start NULLS LAST, a.pid
"""
)

PREPARED_COLUMNS: LiteralString = """
SELECT p.gid, p.owner::text, extract(epoch FROM now() - p.prepared)::int
FROM pg_catalog.pg_prepared_xacts AS p
"""
PREPARED: LiteralString = (
    PREPARED_COLUMNS
    + """
WHERE p.database = pg_catalog.current_database()
ORDER BY p.prepared, p.gid
"""
)


def older_transactions(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """One line for each transaction of this database that a concurrent build would wait for."""
    running = connection.execute(OLDER).fetchall()
    prepared = connection.execute(PREPARED).fetchall()
    return (*(blocker_line(*r) for r in running), *(prepared_line(*r) for r in prepared))


def blocker_line(
    pid: int,
    user: str | None,
    application: str | None,
    state: str | None,
    kind: str | None,
    seconds: int | None,
    query: str | None,
) -> str:
    """One session: who it is, since when, and the head of its last statement."""
    who = application or (kind if kind and kind != "client backend" else "") or "unnamed session"
    parts = [f"{who} (pid {pid}" + (f", {user}" if user else "") + ")"]
    if state:
        parts.append(state)
    if seconds is not None:
        parts.append(f"in its transaction for {seconds} s")
    if query:
        parts.append(f"last: {query_head(query)}")
    return ", ".join(parts)


def prepared_line(gid: str, owner: str, seconds: int) -> str:
    """One prepared transaction, which no session holds and only its name can end."""
    return f"prepared transaction '{gid}' ({owner}), open for {seconds} s"


_VALUES = re.compile(
    r"\$(\w*)\$.*?(?:\$\1\$|\Z)|(?:\b[eEbBxXnN])?'(?:[^'\\]|''|\\.)*(?:'|\Z)|(?<![\w$])\d[\w.]*",
    re.S,
)


def query_head(query: str) -> str:
    """The beginning of a statement without the values in it, on one line."""
    line = " ".join(_VALUES.sub("?", query).split())
    return line if len(line) <= 80 else line[:79] + "…"
