"""What this machine has of what the tool can use; part of the composition root."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from fixit_tui.errors import FixitError

Check = tuple[str, bool, str]
"""Label, whether it is all right, detail."""


def machine_checks(environ: Mapping[str, str]) -> list[Check]:
    """Python, terminal, folders, keyring and the server for the demo."""
    from fixit_tui.store.paths import config_dir, state_dir

    version = ".".join(str(n) for n in sys.version_info[:3])
    checks = [("python", sys.version_info >= (3, 11), version)]
    checks.append(("terminal", sys.stdout.isatty(), environ.get("TERM", "not set")))
    for label, folder in (("settings", config_dir()), ("ledger", state_dir())):
        checks.append((label, _writable(folder), str(folder)))
    return [*checks, _keyring_check(), _server_check()]


def _writable(folder: Path) -> bool:
    present = next(p for p in (folder, *folder.parents) if p.exists())
    return os.access(present, os.W_OK)


def _keyring_check() -> tuple[str, bool, str]:
    from fixit_tui.store import secrets

    try:
        secrets.read("fixit-tui-doctor")
    except FixitError as error:
        return "keyring", False, f"{error.message}; {error.hint}"
    return "keyring", True, "answers"


def _server_check() -> tuple[str, bool, str]:
    from fixit_tui.postgres.server_binaries import find_bin_dir

    try:
        return "server for the demo", True, str(find_bin_dir())
    except FixitError as error:
        return "server for the demo", False, error.message
