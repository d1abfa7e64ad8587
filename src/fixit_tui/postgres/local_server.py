"""A private PostgreSQL on the loopback address: demo, shadow server and tests.

Where root starts it, it runs under an unprivileged account with a data folder of its own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from fixit_tui.errors import FixitError
from fixit_tui.postgres.server_binaries import find_bin_dir, reachable_bin_dir, server_account

_MODES = ("smart", "fast", "immediate")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for servers whose data may be lost: tests and shadows."""

# Stops a server whose owner is gone. It waits at the end of a pipe: however the owner dies, the
# kernel closes the other end.
_WATCH = """
import os, shutil, signal, sys, time
pid, file, temporary = int(sys.argv[1]), sys.argv[2], sys.argv[3]
if not sys.stdin.buffer.read():
    try:
        ours = open(file).readline().strip() == sys.argv[1]
    except OSError:
        ours = False
    if ours:
        # Immediate shutdown; Windows knows only the end of the process.
        os.kill(pid, getattr(signal, "SIGQUIT", signal.SIGTERM))
        for _ in range(100):
            if not os.path.exists(file):
                break
            time.sleep(0.05)
    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _first_process(data_dir: Path) -> tuple[int, int] | None:
    """Process id and port of the server that runs on a data folder, or None."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
        if os.name == "posix":
            os.kill(pid, 0)
    except PermissionError:
        # Another account's process: alive.
        return pid, port
    except (OSError, ValueError, IndexError):
        return None
    return pid, port


def _word(value: str) -> str:
    """A value as one word of pg_ctl's option string, which a shell splits."""
    if os.name == "posix":
        return shlex.quote(value)
    return '"' + value.replace('"', '\\"') + '"'


class LocalServer:
    """One running server; a context manager that stops it."""

    def __init__(
        self,
        data_dir: Path,
        bin_dir: Path,
        port: int,
        *,
        temporary: bool,
        superuser: str = "postgres",
    ) -> None:
        self.data_dir = data_dir
        self.bin_dir = bin_dir
        self.host = "127.0.0.1"
        self.port = port
        self.superuser = superuser
        self._temporary = temporary
        self._watcher: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        data_dir: Path | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        bin_dir: Path | None = None,
        keep: bool = False,
        superuser: str = "postgres",
    ) -> LocalServer:
        """Start a server, creating its data folder if needed; without one it is temporary.

        It ends with this process, however that ends, unless it is to `keep` running. Raises
        FixitError with the end of the server's log when it does not come up.
        """
        account = server_account()
        binaries = reachable_bin_dir(bin_dir or find_bin_dir(), account)
        temporary = data_dir is None
        folder = data_dir or Path(tempfile.mkdtemp(prefix="fixit-tui-")) / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if account:
            if temporary:
                folder.parent.chmod(0o755)
            os.chown(folder, account["user"], account["group"])
        folder.chmod(0o700)
        server = cls(folder, binaries, _free_port(), temporary=temporary, superuser=superuser)
        if not (folder / "PG_VERSION").exists():
            server._init()
        try:
            server._launch(settings or {})
        except FixitError:
            server._clean()
            raise
        if not keep:
            server._watch()
        return server

    def _init(self) -> None:
        options = ["--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._run("initdb", "-D", str(self.data_dir), "-U", self.superuser, *options)

    def _launch(self, settings: Mapping[str, str]) -> None:
        stated = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "logging_collector": "off",
            "lc_messages": "C",
            **settings,
        }
        words = " ".join(f"-c {k}={_word(v)}" for k, v in stated.items())
        log = str(self.data_dir / "log")
        where = ["-D", str(self.data_dir), "-w", "-t", "60", "-l", log]
        self._run("pg_ctl", *where, "-o", words, "start")

    @classmethod
    def attach(cls, data_dir: Path, bin_dir: Path | None = None) -> LocalServer | None:
        """The server that already runs on `data_dir`, or None."""
        found = _first_process(data_dir)
        if found is None:
            return None
        port = found[1]
        account = server_account()
        binaries = reachable_bin_dir(bin_dir or find_bin_dir(), account)
        server = cls(data_dir, binaries, port, temporary=False)
        return server if server._answers() else None

    def _answers(self) -> bool:
        for _ in range(50):
            try:
                psycopg.connect(self.dsn(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment |= {"LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(
            [str(self.bin_dir / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
            check=False,
            **server_account(),
        )
        if done.returncode != 0:
            raise FixitError(
                f"{program} failed: {self._last_words() or done.stderr.strip()[-400:]}",
                hint="look at the disk space and at the log in the data folder",
            )

    def _last_words(self) -> str:
        try:
            return (self.data_dir / "log").read_text(errors="replace").strip()[-400:]
        except OSError:
            return ""

    def dsn(self, database: str = "postgres", user: str | None = None) -> str:
        """A connection URI for a database of this server, as its superuser unless told."""
        return f"postgresql://{user or self.superuser}@{self.host}:{self.port}/{database}"

    @property
    def running(self) -> bool:
        """Whether this very server lives, not another that runs on the same data folder now."""
        found = _first_process(self.data_dir)
        return found is not None and found[1] == self.port

    @property
    def version(self) -> int:
        """server_version_num."""
        with psycopg.connect(self.dsn()) as connection:
            return connection.info.server_version

    def execute(self, statements: Sequence[sql.Composed]) -> None:
        """Run maintenance statements outside a transaction."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, from a template if given."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self.execute([statement])

    def drop_database(self, name: str) -> None:
        """Drop a database and end whoever is connected to it."""
        self.execute(
            [sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))]
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; a temporary one takes its data folder along."""
        if mode not in _MODES:
            raise ValueError(f"not a way to stop a server: {mode}")
        if self.running:
            try:
                self._run("pg_ctl", "-D", str(self.data_dir), "-w", "-m", mode, "stop")
            except FixitError:
                # One that was shutting down already may have gone before it was asked.
                if self.running:
                    raise
        watcher, self._watcher = self._watcher, None
        if watcher is not None and watcher.stdin is not None:
            watcher.stdin.write(b"stopped")
            watcher.stdin.close()
            watcher.wait()
        self._clean()

    def _clean(self) -> None:
        if self._temporary:
            shutil.rmtree(self.data_dir.parent, ignore_errors=True)

    def _watch(self) -> None:
        """Leave behind who stops the server when this process is gone without having done so."""
        found = _first_process(self.data_dir)
        if found is None:
            return
        temporary = str(self.data_dir.parent) if self._temporary else ""
        file = str(self.data_dir / "postmaster.pid")
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCH, str(found[0]), file, temporary],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
            start_new_session=True,
        )

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
