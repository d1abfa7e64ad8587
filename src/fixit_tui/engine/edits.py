"""Code edits on disk: do they still fit, combine them, write them whole."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from fixit_tui.code.diff import lines_of
from fixit_tui.errors import RefusedError, StalePlanError, UsageError
from fixit_tui.model.finding import FileEdit


def sha256(text: str) -> str:
    """Hex digest of the text's UTF-8 bytes, which are the file's bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def locate(root: Path, path: str) -> Path:
    """The file of an edit; raises RefusedError when it leaves the code folder."""
    base = root.resolve()
    found = (base / path).resolve()
    if not found.is_relative_to(base):
        raise RefusedError(
            f"{path} lies outside the code folder {base}",
            hint="a link leads out of the folder; edit the file by hand from the patch",
        )
    return found


def digest_on_disk(root: Path, path: str) -> str:
    """SHA-256 of the file's bytes now; '' when it cannot be read."""
    try:
        return hashlib.sha256(locate(root, path).read_bytes()).hexdigest()
    except OSError:
        return ""


def changed_files(root: Path, edits: Iterable[FileEdit]) -> tuple[str, ...]:
    """Paths whose bytes are no longer those that the edit was made for."""
    return tuple(e.path for e in edits if digest_on_disk(root, e.path) != e.before_sha256)


def insist_unchanged(root: Path | None, edits: Sequence[FileEdit]) -> None:
    """Raise StalePlanError when a file was edited since, UsageError without a code folder."""
    if not edits:
        return
    if root is None:
        raise UsageError(
            "the plan edits code, but no code folder is known", hint="give it with --code"
        )
    stale = changed_files(root, edits)
    if stale:
        raise StalePlanError(
            f"changed since the plan was made: {', '.join(stale)}",
            hint="diagnose again, so that the edit is made for the present text",
        )


def write(root: Path, edits: Sequence[FileEdit]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write each edit whose file is still the expected one: (written paths, why others were not).

    Each file is replaced in one step, so that a reader sees the old or the new text, never half.
    """
    written, refused = [], []
    for edit in edits:
        if digest_on_disk(root, edit.path) != edit.before_sha256:
            refused.append(f"{edit.path} changed meanwhile and was left as it is")
            continue
        try:
            _replace(locate(root, edit.path), edit.after)
        except OSError as error:
            refused.append(f"{edit.path} could not be written: {error.strerror}")
        else:
            written.append(edit.path)
    return tuple(written), tuple(refused)


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".fixit-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def reverse(edit: FileEdit) -> FileEdit:
    """The edit that takes this one back."""
    return replace(edit, before_sha256=sha256(edit.after), before=edit.after, after=edit.before)


Hunk = tuple[int, int, tuple[str, ...]]


def _hunks(edit: FileEdit) -> list[Hunk]:
    old = lines_of(edit.before)
    new = lines_of(edit.after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return [
        (a1, a2, tuple(new[b1:b2]))
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def combine(first: FileEdit, second: FileEdit) -> FileEdit | None:
    """Both edits of one file as one, or None where they change the same or touching lines."""
    if first.before_sha256 != second.before_sha256:
        return None
    hunks = sorted(set(_hunks(first)) | set(_hunks(second)))
    for one, other in itertools.pairwise(hunks):
        if other[0] <= one[1]:
            return None
    lines = lines_of(first.before)
    for start, end, text in reversed(hunks):
        lines[start:end] = text
    return replace(first, after="".join(lines))
