"""Fixtures of the command-line tests: the command itself, and incidents on a real server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, Incident, make_incident

from fixit_tui.postgres.local_server import LocalServer


@pytest.fixture
def fixit(tmp_path: Path) -> CommandLine:
    """The command line with an empty ledger."""
    return CommandLine(tmp_path / "state")


@pytest.fixture
def incident(server: LocalServer, tmp_path: Path) -> Iterator[Callable[[str], Incident]]:
    """Makes a document case that a test may change."""
    made: list[str] = []

    def make(name: str) -> Incident:
        database = f"cli_{uuid.uuid4().hex[:12]}"
        made.append(database)
        folder = tmp_path / database
        folder.mkdir()
        return make_incident(server, name, database, folder)

    yield make
    for database in made:
        server.drop_database(database)


@pytest.fixture(scope="session")
def readable(
    server: LocalServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Incident]]:
    """Document cases that tests only look at: each is made once."""
    made: dict[str, Incident] = {}

    def find(name: str) -> Incident:
        if name not in made:
            database = f"cli_{name.replace('-', '_')}"
            made[name] = make_incident(server, name, database, tmp_path_factory.mktemp(name))
        return made[name]

    yield find
    for found in made.values():
        server.drop_database(found.dsn.rpartition("/")[2])
