"""Where configuration and state live: the platform's own folders (XDG on Linux)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import platformdirs

from fixit_tui.errors import FixitError

APP = "fixit-tui"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def config_dir() -> Path:
    """Folder of config.toml and of a person's own playbooks; not created here."""
    return Path(platformdirs.user_config_dir(APP, appauthor=False))


def state_dir() -> Path:
    """Folder of the ledger; not created here."""
    return Path(platformdirs.user_state_dir(APP, appauthor=False))


def own_playbooks() -> Path:
    """Folder in which a person keeps their own playbooks."""
    return config_dir() / "playbooks"


def make_private(folder: Path) -> Path:
    """Create the folder for the owner alone (0700) and return it; raises FixitError."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise FixitError(
            f"cannot create the folder {folder}: {error.strerror}",
            hint="set XDG_STATE_HOME and XDG_CONFIG_HOME to folders that can be written",
        ) from error
    with contextlib.suppress(OSError):
        folder.chmod(PRIVATE_FOLDER)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone (0600); raises FixitError."""
    make_private(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise FixitError(f"cannot write {path}: {error.strerror}") from error
