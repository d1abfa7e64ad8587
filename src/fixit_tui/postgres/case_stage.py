"""A playbook case as a database: platform and set-up run, its failing statement tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.cases import Case, Failing
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.split import split


class CaseStage:
    """The database of one case (port `Stage` of engine/case_laws)."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def sqlstate_of(self, script: str, failing: Failing | None) -> str | None:
        """SQLSTATE of the first statement that fails, None if none does; all rolled back.

        Deferred constraints are checked at the end, as COMMIT would.
        """
        with psycopg.connect(self.dsn) as connection:
            try:
                if failing is not None and failing.claims:
                    connection.execute(
                        "SELECT set_config('request.jwt.claims', %s, true)", (failing.claims,)
                    )
                if failing is not None and failing.role:
                    role = sql.Identifier(failing.role)
                    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
                for statement in split(script):
                    connection.execute(statement.encode())
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except psycopg.Error as error:
                return error.sqlstate or "no SQLSTATE"
            finally:
                connection.rollback()
        return None


@contextmanager
def case_stage(
    server: LocalServer, case: Case, platforms: Path, database: str
) -> Iterator[CaseStage]:
    """Make the case's database, and drop it afterwards. Raises UsageError for a bad setup.sql."""
    server.create_database(database)
    try:
        with psycopg.connect(server.dsn(database), autocommit=True) as connection:
            for path in (platforms / f"{case.platform}.sql", *case.setups):
                _run_file(connection, path)
        yield CaseStage(server.dsn(database))
    finally:
        server.drop_database(database)


def _run_file(connection: psycopg.Connection[tuple[object, ...]], path: Path) -> None:
    try:
        connection.execute(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except psycopg.Error as error:
        raise UsageError(f"{path}: {str(error).strip()}", sqlstate=error.sqlstate) from error
