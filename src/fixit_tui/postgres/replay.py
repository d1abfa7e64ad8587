"""Run a statement as a role, see what the server says, and leave no trace of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from fixit_tui.model.outcome import ReplayResult
from fixit_tui.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, link_lost, sentence
from fixit_tui.symptoms.redact import without_values

_SAVEPOINT = "fixit_replay"


def replay(
    connection: psycopg.Connection[Any],
    statement: str,
    role: str,
    settings: Sequence[tuple[str, str]] = (),
) -> ReplayResult:
    """What the statement does now, in a savepoint that is rolled back.

    `settings` are names and values that hold for it alone, such as the claims of a request.

    Deferred constraints are checked at once, as COMMIT would. A role that cannot be taken is
    reported like an error of the statement. Lock and time limits, and a lost connection, say
    nothing about the statement and are raised as psycopg.Error.
    """
    connection.execute(f"SAVEPOINT {_SAVEPOINT}")
    try:
        for name, value in settings:
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        if role:
            connection.execute("SELECT set_config('role', %s, true)", (role,))
        # Binary results make the driver use the extended protocol: one statement, or an error.
        rows = connection.execute(statement, prepare=False, binary=True).rowcount
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        result = ReplayResult(statement=statement, sqlstate=None, rows=rows)
    except psycopg.Error as error:
        untold = error.sqlstate in (LOCK_NOT_AVAILABLE, QUERY_CANCELED, None)
        if untold or link_lost(error, connection):
            raise
        result = ReplayResult(
            statement=statement,
            sqlstate=error.sqlstate,
            message=sentence(error),
            constraint=error.diag.constraint_name,
            context=error.diag.context or "",
            detail=without_values(error.diag.message_detail or ""),
        )
    # Rolling back also gives the role back: its setting was local to the savepoint.
    connection.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
    connection.execute(f"RELEASE SAVEPOINT {_SAVEPOINT}")
    return result
