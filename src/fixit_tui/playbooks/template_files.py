"""The files of a playbook: plain text, and templates with the parts that fixes share put in."""

from __future__ import annotations

import re
from pathlib import Path

from fixit_tui.errors import UsageError

_INCLUDE = re.compile(r'\{% include "([\w-]+)/([\w-]+)/([\w-]+\.sql)" %\}')


def read_text(path: Path) -> str:
    """The text of a file, '' where there is none. Raises UsageError for one that is unreadable."""
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def read_template(folder: Path, name: str, within: tuple[Path, ...] = ()) -> str:
    """The text of a template in a folder <playbook>/fixes/<folder>, '' where there is none.

    `{% include "playbook/folder/file.sql" %}` stands for the text of that file under that
    playbook's fixes/. Raises UsageError for a file that is unreadable, missing though included,
    or part of itself.
    """
    path = folder / name
    if path in within:
        raise UsageError(f"{path}: includes itself")

    def included(found: re.Match[str]) -> str:
        owner, part, file = found.groups()
        home = folder.parents[2] / owner / "fixes" / part
        if not (home / file).exists():
            raise UsageError(f"{path}: includes {owner}/{part}/{file}, which is not there")
        return read_template(home, file, (*within, path)).rstrip("\n")

    return _INCLUDE.sub(included, read_text(path))
