"""Real databases for cases, and what is compared before and after."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.client_tools import client_tool, server_programs

from fixit_tui.facts.base import FactBase
from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import Finding, Severity
from fixit_tui.playbooks.cases import Case, Failing, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.server_binaries import major_of
from fixit_tui.sql.split import split
from fixit_tui.wiring import open_session

_OF_THAT_TIME = sql.Literal(["fixit_moved_at", "fixit_added_at", "fixit_version"])


SERVER_VERSION = (major_of(server_programs()) or 0) * 10_000


def cases_here(playbook: Playbook) -> tuple[Case, ...]:
    """The cases of a playbook that are about the server of this run."""
    return tuple(case for case in load_cases(playbook) if case.fits(SERVER_VERSION))


def each_case(every: Sequence[Case], quick: Collection[Case]) -> pytest.MarkDecorator:
    """A test for every case; those that are not among the quick ones wait for `make faults`."""
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(
                case,
                id=f"{case.playbook}/{case.name}",
                marks=() if case in quick else pytest.mark.faults,
            )
            for case in every
        ],
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """A case set up on a server: its database and a copy of its code."""

    case: Case
    server: LocalServer
    database: str
    code: Path | None

    @property
    def dsn(self) -> str:
        return self.server.dsn(self.database)

    def diagnose(self, symptom: str | None = None, code: Path | None = None) -> Diagnosis:
        session = open_session(self.dsn, code=code or self.code, symptom_text=symptom)
        try:
            return session.diagnose(ignore_event, lambda: False)
        finally:
            session.close()

    def findings(self) -> tuple[Finding, ...]:
        """Findings above info of every playbook; with the symptom where the case needs it."""
        with self.looked_at(told=self.case.needs_symptom) as (diagnosis, _):
            return loud(diagnosis.findings)

    @contextmanager
    def looked_at(self, *, told: bool) -> Iterator[tuple[Diagnosis, FactBase]]:
        """The diagnosis, with or without the case's symptom, and the facts that it came from."""
        symptom = self.case.text("symptom.txt") if told else None
        assert symptom or not told, "the case needs symptom.txt"
        session = open_session(self.dsn, code=self.code, symptom_text=symptom)
        try:
            diagnosis = session.diagnose(ignore_event, lambda: False)
            broken = [run for run in diagnosis.runs if run.status is RunStatus.FAILED]
            assert not broken, broken
            assert session.facts is not None
            yield diagnosis, session.facts
        finally:
            session.close()

    def source(self, path: str) -> bytes:
        """A file of the code folder."""
        assert self.code is not None
        return (self.code / path).read_bytes()

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.dsn, autocommit=True)

    def schema(self) -> str:
        """The whole schema with grants, as pg_dump prints it."""
        done = subprocess.run(
            [client_tool(self.server, "pg_dump"), "--schema-only", "-d", self.dsn],
            capture_output=True,
            text=True,
            check=True,
        )
        return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout)

    def copy(self, database: str) -> Stage:
        """The same database under another name; nobody may be connected to this one."""
        self.server.create_database(database, self.database)
        return replace(self, database=database)

    def rows(self, *, timeless: bool = False) -> dict[str, tuple[int, str]]:
        """Table → number of rows and a hash over them, whatever their order.

        `timeless` leaves out when, and by which transaction, rows came to the quarantine.
        """
        found = {}
        with self.connect() as connection:
            tables = connection.execute(
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
            ).fetchall()
            for schema, name in tables:
                kept = timeless and schema == "fixit_quarantine"
                text = sql.SQL("to_jsonb(t) - {}::text[]" if kept else "t").format(_OF_THAT_TIME)
                query = sql.SQL("SELECT ({})::text FROM {} t").format(
                    text, sql.Identifier(str(schema), str(name))
                )
                texts = sorted(str(r[0]) for r in connection.execute(query).fetchall())
                digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
                found[f"{schema}.{name}"] = (len(texts), digest)
        return found


def loud(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those above info."""
    return tuple(f for f in findings if f.severity is not Severity.INFO)


BYSTANDERS = Path(__file__).parent / "bystanders"
"""A healthy application: schema and code that no playbook may have a word about."""


@contextmanager
def staged(
    server: LocalServer, case: Case, folder: Path, *, crowded: bool = False
) -> Iterator[Stage]:
    """A case's database and a copy of its code, until it is left; `crowded` adds the bystanders."""
    database = f"case_{uuid.uuid4().hex[:12]}"
    server.create_database(database)
    try:
        with psycopg.connect(server.dsn(database), autocommit=True) as connection:
            platform = builtin_root() / "platforms" / f"{case.platform}.sql"
            bystanders = [BYSTANDERS / "setup.sql"] if crowded else []
            for path in (platform, *case.setups, *bystanders):
                connection.execute(path.read_bytes())
        sources = [*([BYSTANDERS / "code"] if crowded else []), case.folder / "code"]
        code = [source for source in sources if source.is_dir()]
        for source in code:
            shutil.copytree(source, folder / "code", dirs_exist_ok=True)
        yield Stage(case, server, database, folder / "code" if code else None)
    finally:
        server.drop_database(database)


@contextmanager
def rolled_back(
    stage: Stage, failing: Failing | None
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A transaction as the request's role and claims, which leaves nothing behind."""
    connection = psycopg.connect(stage.dsn)
    try:
        if failing and failing.claims:
            connection.execute(
                "SELECT set_config('request.jwt.claims', %s, true)", (failing.claims,)
            )
        if failing and failing.role:
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(failing.role)))
        yield connection
    finally:
        connection.rollback()
        connection.close()


def run_script(stage: Stage, text: str) -> str | None:
    """Run statements in one rolled-back transaction: the SQLSTATE of the first that fails."""
    with rolled_back(stage, stage.case.failing) as connection:
        try:
            for statement in split(text):
                connection.execute(statement.encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return error.sqlstate
    return None
