"""A server of our own with the captured schema on it, where a plan can be tried for real."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
from psycopg import sql

from fixit_tui.errors import UsageError
from fixit_tui.facts.rebuild import Part
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.errors import sentence
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.server_binaries import bin_dir_of
from fixit_tui.postgres.synthetic import prepare
from fixit_tui.sql.split import split

_SUPERUSER = "fixit_shadow"
"""No role of the captured server is called so: it may have a 'postgres' that is no superuser."""
_DATABASE = "shadow"
# A quarantine that an undo has emptied may stay.
_TABLES = """
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND left(n.nspname, 3) <> 'pg_'
  AND n.nspname NOT IN ('information_schema', 'fixit_quarantine')
ORDER BY 1, 2
"""


class PgShadow:
    """The shadow database (port `Shadow`). `missing` says what could not be made, and why."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self.missing: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """server_version_num of the shadow."""
        return self._server.version

    def build(self, parts: Sequence[Part]) -> None:
        """Run every statement; one that fails costs only what it would have made."""
        missing: dict[str, str] = {}
        with self._connect() as connection:
            connection.execute("SET check_function_bodies = off")
            connection.execute("SET search_path = ''")
            for part in parts:
                try:
                    connection.execute(part.statement.encode())
                except psycopg.Error as error:
                    missing.setdefault(part.what, sentence(error))
        self.missing = tuple(f"{what}: {why}" for what, why in missing.items())

    def fill(self, script: str) -> None:
        """Run a person's INSERTs, all or none of them; no trigger fires, no foreign key is asked.

        Raises UsageError with the server's words.
        """
        try:
            with self._connect() as connection, connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")
                for statement in split(script):
                    connection.execute(statement.encode())
        except psycopg.Error as error:
            raise UsageError(
                f"the rows to rehearse with do not fit: {sentence(error)}",
                hint="INSERT statements, with every table's schema named",
                sqlstate=error.sqlstate,
            ) from error

    def prepare(self, statement: str, role: str, *, repeat: bool) -> tuple[str, ...]:
        """Make the rows that a statement refers to, and with `repeat` its own; says which."""
        with self._connect() as connection:
            return prepare(connection, statement, role, repeat=repeat)

    def content(self) -> str:
        """A digest of every row in the database, whatever their order."""
        digest = hashlib.sha256()
        with self._connect() as connection:
            for schema, name in connection.execute(_TABLES).fetchall():
                table = sql.Identifier(str(schema), str(name))
                query = sql.SQL("SELECT t::text FROM ONLY {} AS t").format(table)
                rows = sorted(str(row[0]) for row in connection.execute(query).fetchall())
                digest.update("\0".join((str(schema), str(name), *rows, "")).encode())
        return digest.hexdigest()

    @property
    def dsn(self) -> str:
        """The shadow database as its superuser sees it."""
        return self._server.dsn(_DATABASE)

    def database(self, role: str) -> PgDatabase:
        """The shadow as that role sees it."""
        return PgDatabase(self._server.dsn(_DATABASE, user=quote(role, safe="")))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.dsn, autocommit=True)


@contextmanager
def open_shadow(search_path: str, version: int = 0) -> Iterator[PgShadow]:
    """Start a shadow server and stop it again. Raises UsageError where there is no server to start.

    `search_path` is the one that sessions have on the target; a server of its `version`
    (server_version_num) is taken where this machine has one.
    """
    bin_dir = bin_dir_of(version // 10000) if version else None
    with LocalServer.start(settings=FAST, bin_dir=bin_dir, superuser=_SUPERUSER) as server:
        server.create_database(_DATABASE)
        path = sql.SQL("ALTER DATABASE {} SET search_path = {}")
        if search_path:
            server.execute([path.format(sql.Identifier(_DATABASE), sql.SQL(search_path))])
        yield PgShadow(server)
