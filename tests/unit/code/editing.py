"""Make an edit and hold it to everything that is true of all edits."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from tests.unit.code.scanning import scan_text

from fixit_tui.code.diff import unified_diff
from fixit_tui.code.edits import Edited, EditResult, Refused, apply_edit
from fixit_tui.code.facts import CodeCall
from fixit_tui.model.finding import FileEdit

LANGUAGES = {"ts": "typescript", "tsx": "tsx", "js": "javascript"}
DROP = "drop-manual-insert"


def call_in(
    text: str, relation: str | None = "t", path: str = "src/a.ts", verb: str = ""
) -> CodeCall:
    """The last call about a table."""
    calls = scan_text(path, text, LANGUAGES[path.rpartition(".")[2]]).calls
    fits = [c for c in calls if c.relation == relation and (not verb or c.verb == verb)]
    assert fits, calls
    return fits[-1]


def applied(name: str, text: str, params: dict[str, Any], relation: str | None = "t") -> EditResult:
    return apply_edit(name, text, call_in(text, relation), params)


def edited(
    name: str, text: str, params: dict[str, Any], relation: str | None = "t", wanted: str = ""
) -> str:
    """The new text; again gives the same, and so does a file in another style."""
    result = applied(name, text, params, relation)
    assert isinstance(result, Edited), result
    call = call_in(text, relation)
    again = apply_edit(name, result.text, call, params)
    assert isinstance(again, Refused) if name == DROP else again == result
    if wanted:
        assert result.text == wanted
    for change in (_crlf, _double, _bare):
        styled, expected = change(text), change(result.text)
        if styled != text and styled is not None:
            other = applied(name, styled, params, relation)
            assert isinstance(other, Edited), other
            assert other.text == expected
    return result.text


def edited_at(name: str, text: str, call: CodeCall, params: dict[str, Any]) -> str:
    """The new text of one call's edit; making it again changes nothing more."""
    result = apply_edit(name, text, call, params)
    assert isinstance(result, Edited), result
    again = apply_edit(name, result.text, call, params)
    if name == DROP:
        assert isinstance(again, Refused)
    else:
        assert again == result
    return result.text


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _double(text: str) -> str:
    """The text with double quotes; itself where that could mean something else."""
    return text if '"' in text or "`" in text or "\\" in text else text.replace("'", '"')


def _bare(text: str) -> str:
    """The text without semicolons at line ends; itself where they are needed."""
    if "`" in text or "for (;" in text:
        return text
    return "\n".join(line.removesuffix(";") for line in text.split("\n"))


def git_gives(folder: Path, before: str, after: str) -> None:
    """The patch of one edit, applied by git, gives exactly the new bytes."""
    raw = before.encode("utf-8", "surrogateescape")
    (folder / "a.ts").write_bytes(raw)
    patch = unified_diff([FileEdit("a.ts", hashlib.sha256(raw).hexdigest(), before, after)])
    if patch:
        subprocess.run(
            ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"],
            cwd=folder,
            input=patch.encode("utf-8", "surrogateescape"),
            check=True,
            capture_output=True,
        )
    assert (folder / "a.ts").read_bytes() == after.encode("utf-8", "surrogateescape")
