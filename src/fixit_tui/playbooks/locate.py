"""Where playbooks are: in the wheel, in a checkout, in the user's folders."""

from __future__ import annotations

from pathlib import Path

from fixit_tui.errors import UsageError


def builtin_root() -> Path:
    """The folder of the shipped playbooks. Raises UsageError for a broken installation."""
    package = Path(__file__).parent.parent
    for folder in (package / "_playbooks", package.parent.parent / "playbooks"):
        if (folder / "README.md").exists():
            return folder
    raise UsageError("the shipped playbooks are missing", hint="install fixit-tui again")
