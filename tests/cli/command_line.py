"""The command line, called in this process, and incidents to call it on."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from tests.client_tools import client_tool

from fixit_tui.cli.root import main
from fixit_tui.playbooks.cases import Case, document_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.split import split
from fixit_tui.wiring import Wiring

PROGRAM = (sys.executable, "-m", "fixit_tui")
CASES: dict[str, Case] = {
    case.name: case for case in document_cases(load_all([("builtin", builtin_root())])[0])
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one call answered."""

    code: int
    out: str
    err: str


class CommandLine:
    """Calls the command with a ledger of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(self, *words: str | Path, stdin: bytes = b"") -> Said:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), _stdin(stdin):
            code = main(Wiring(state_dir=self.state), [str(w) for w in words])
        return Said(code, out.getvalue(), err.getvalue())


@contextmanager
def _stdin(content: bytes) -> Iterator[None]:
    former, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = former


@dataclass(frozen=True, slots=True)
class Incident:
    """A document case on a database of its own, with its code and the reported error."""

    case: Case
    server: LocalServer
    dsn: str
    code: Path
    symptom: Path

    @property
    def given(self) -> tuple[str | Path, ...]:
        """TARGET --code … --symptom …, as a person gives them."""
        return (self.dsn, "--code", self.code, "--symptom", self.symptom)

    def dump(self) -> str:
        """The schema as pg_dump prints it, without what is random in it."""
        done = subprocess.run(
            [client_tool(self.server, "pg_dump"), "--schema-only", "-d", self.dsn],
            capture_output=True,
            text=True,
            check=True,
        )
        return "\n".join(
            line for line in done.stdout.splitlines() if "restrict" not in line.split(" ")[0]
        )

    def sources(self) -> dict[str, bytes]:
        """Every file of the code folder."""
        return {
            str(p.relative_to(self.code)): p.read_bytes()
            for p in sorted(self.code.rglob("*"))
            if p.is_file()
        }

    def sqlstate_of(self, name: str) -> str | None:
        """What failing.sql or fixed.sql of the case ends with now; rolled back."""
        failing = self.case.failing
        with psycopg.connect(self.dsn) as connection:
            try:
                if failing is not None and failing.claims:
                    connection.execute(
                        "SELECT set_config('request.jwt.claims', %s, true)", (failing.claims,)
                    )
                if failing is not None and failing.role:
                    role = sql.Identifier(failing.role)
                    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
                for statement in split(self.case.text(name) or ""):
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                return error.sqlstate
            finally:
                connection.rollback()
        return None


def make_incident(server: LocalServer, name: str, database: str, folder: Path) -> Incident:
    """Set a document case up: database, code folder, and the error as it was reported."""
    case = CASES[name]
    server.create_database(database)
    with psycopg.connect(server.dsn(database), autocommit=True) as connection:
        for path in (builtin_root() / "platforms" / f"{case.platform}.sql", *case.setups):
            connection.execute(path.read_bytes())
    code = folder / "code"
    shutil.copytree(case.folder / "code", code)
    symptom = folder / "error.txt"
    shutil.copyfile(case.folder / "symptom.txt", symptom)
    return Incident(case, server, server.dsn(database), code, symptom)
