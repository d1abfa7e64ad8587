"""Copying. A terminal may ignore the request without a word, so a file is written as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fixit_tui.errors import FixitError, UsageError

if TYPE_CHECKING:
    from fixit_tui.tui.app import FixitApp


def offer(app: FixitApp, text: str, name: str) -> None:
    """Offer text to the terminal's clipboard (OSC 52) and say where else it is."""
    try:
        path = write_copy(app.export_dir, name, text)
    except FixitError as error:
        app.show_error(error)
    else:
        app.say(f"Offered to the terminal's clipboard; certain: {path}")
    app.copy_to_clipboard(text)


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
