"""The demo: the playbooks' own document cases, in one database and one code folder.

One source: what the demo shows is what the playbooks are tested on.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import psycopg

from fixit_tui.errors import FixitError, UsageError
from fixit_tui.playbooks.cases import Case
from fixit_tui.postgres.local_server import LocalServer

DATABASE = "fixit_demo"
START_LIMIT = 120.0
"""Seconds to wait for another process that is starting or filling the demo."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is up: its DSN, its code folder, and the errors as users reported them."""

    dsn: str
    code: Path
    errors: Path
    data_dir: Path


def home() -> Path:
    """The demo's own folder; as root it has to be one that the server's account can reach."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path(tempfile.gettempdir()) / "fixit-tui-demo"
    return platformdirs.user_state_path("fixit-tui") / "demo"


class DemoDatabase:
    """Starts, fills, reuses and stops the demo server."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home()
        self._server: LocalServer | None = None
        self._ours = False

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def start(self, cases: Sequence[Case], platforms: Path, *, reset: bool) -> Demo:
        """Bring the demo up, filled; `reset` starts over. Raises FixitError if it cannot.

        A server that is up already is used and left alone; one started here ends with this
        process, however that ends.
        """
        if self.folder.is_symlink():
            raise UsageError(
                f"{self.folder} is a link; the demo does not follow it",
                hint="remove it, then run fixit-tui demo --reset",
            )
        with _alone(self.folder):
            if reset:
                self.stop(force=True)
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._server = LocalServer.attach(self.data_dir)
            if self._server is None:
                self._server = LocalServer.start(self.data_dir)
                self._ours = True
            try:
                if not self._is_filled():
                    self._fill(cases, platforms)
            except BaseException:
                self.stop()
                raise
        return Demo(
            self._server.dsn(DATABASE), self.folder / "code", self.folder / "errors", self.data_dir
        )

    def stop(self, *, force: bool = False) -> bool:
        """Stop the server if this process started it, or whoever did with `force`."""
        server = self._server
        if server is None and force:
            server = LocalServer.attach(self.data_dir)
        if server is None or not (self._ours or force):
            return False
        server.stop()
        self._server = None
        self._ours = False
        return True

    def _is_filled(self) -> bool:
        assert self._server is not None
        with psycopg.connect(self._server.dsn(), autocommit=True) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_catalog.pg_database WHERE datname = %s", (DATABASE,)
            ).fetchone()
        return bool(row and row[0]) and (self.folder / "complete").exists()

    def _fill(self, cases: Sequence[Case], platforms: Path) -> None:
        assert self._server is not None
        with psycopg.connect(self._server.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(self._server.dsn(DATABASE), autocommit=True) as connection:
            connection.execute((platforms / "supabase.sql").read_bytes())
            for case in cases:
                for path in case.setups:
                    connection.execute(path.read_bytes())
            connection.execute("ANALYZE")
        for name in ("code", "errors"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        for case in cases:
            if (case.folder / "code").is_dir():
                shutil.copytree(case.folder / "code", self.folder / "code", dirs_exist_ok=True)
            symptom = case.folder / "symptom.txt"
            if symptom.exists():
                shutil.copyfile(symptom, self.folder / "errors" / f"{case.folder.name}.txt")
        (self.folder / "complete").touch()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time makes, fills or resets the demo; the system frees a dead one's lock."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + START_LIMIT
        while not _locked(handle):
            if time.monotonic() > end:
                raise FixitError(
                    "another process has been making the demo for too long",
                    hint="end it, then run fixit-tui demo --reset",
                )
            time.sleep(0.1)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
