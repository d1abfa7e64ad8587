"""A demo of a test's own: in a folder that the server's account can reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg


@dataclass(frozen=True, slots=True)
class DemoHome:
    """Where demos started with `env` keep their server."""

    folder: Path
    env: Mapping[str, str]

    def servers(self) -> list[int]:
        """Process ids of servers that run on a data folder in here."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"-D" in words and str(self.folder).encode() in b"\0".join(words):
                    found.append(int(entry.name))
        return found

    def gone(self, seconds: float = 15.0) -> bool:
        """Whether every server of this home ends within the time."""
        return until(lambda: not self.servers(), seconds)


def until(question: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def demo_home(program: str) -> Iterator[DemoHome]:
    """A home for demos; whatever still runs in it afterwards is stopped by `program demo --stop`."""
    folder = Path(tempfile.mkdtemp(prefix="fixit-demo-"))
    folder.chmod(0o755)
    env = {
        **os.environ,
        "TMPDIR": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "HOME": str(folder),
    }
    try:
        yield DemoHome(folder, env)
    finally:
        subprocess.run(
            [*program.split(), "demo", "--stop"], env=env, check=False, capture_output=True
        )
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Serving:
    """What `demo --serve` printed."""

    process: subprocess.Popen[str]
    dsn: str
    code: Path
    errors: Path

    def answers(self) -> bool:
        try:
            psycopg.connect(self.dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def serving(home: DemoHome, *words: str, program: str) -> Iterator[Serving]:
    """`demo --serve` once it has said where it is."""
    process = subprocess.Popen(
        [*program.split(), "demo", "--serve", *words],
        env=dict(home.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        told = dict(process.stdout.readline().rstrip("\n").split(": ", 1) for _ in range(3))
        assert list(told) == ["dsn", "code", "errors"]
        yield Serving(process, told["dsn"], Path(told["code"]), Path(told["errors"]))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
