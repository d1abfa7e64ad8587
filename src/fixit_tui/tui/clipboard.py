"""The file behind every copy: a terminal may ignore the clipboard request without saying so."""

from __future__ import annotations

from pathlib import Path

from fixit_tui.errors import UsageError


def write_copy(folder: Path, name: str, text: str) -> Path:
    """Write the copied text to `folder`/copied-`name`, readable by its owner only."""
    path = folder / f"copied-{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    return path
