"""Fixtures that every test may use: a real server, a fresh database, a neutral environment."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings

from fixit_tui.postgres.local_server import FAST, LocalServer
from tests.client_tools import server_programs


def pytest_configure() -> None:
    """No example is held to a time; programs under test heed signals, also where this run ignores them."""
    settings.register_profile("on any machine", deadline=None)
    settings.load_profile("on any machine")
    for number in (signal.SIGINT, getattr(signal, "SIGHUP", None)):
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            # A handler is not inherited: a child of this process gets the default.
            signal.signal(number, lambda *_: None)


@pytest.fixture(autouse=True)
def neutral_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No setting of this machine reaches a test, and no test leaves one behind."""
    home = tmp_path_factory.mktemp("home")
    for name in [n for n in os.environ if n.startswith("PG") or n in ("DATABASE_URL", "NO_COLOR")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    """A server of its own for this test process; FIXIT_TUI_TEST_SERVER names another's bin folder."""
    settings = {**FAST, "max_connections": "60"}
    with LocalServer.start(settings=settings, bin_dir=server_programs()) as running:
        yield running


@pytest.fixture
def database(server: LocalServer) -> Iterator[str]:
    """DSN of a fresh, empty database."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    server.create_database(name)
    yield server.dsn(name)
    server.drop_database(name)


@pytest.fixture
def connect() -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Opens autocommit connections that are closed when the test ends."""
    opened: list[psycopg.Connection[Any]] = []

    def open_one(dsn: str, **parameters: Any) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(dsn, autocommit=True, **parameters))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def repository() -> Path:
    """The root of this checkout."""
    return Path(__file__).parent.parent
