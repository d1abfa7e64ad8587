"""The patch is what git takes: applied in a scratch repository, it gives exactly the new bytes."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixit_tui.code.diff import unified_diff
from fixit_tui.model.finding import FileEdit


def edit(path: str, before: str, after: str) -> FileEdit:
    raw = before.encode("utf-8", "surrogateescape")
    return FileEdit(path, hashlib.sha256(raw).hexdigest(), before, after)


def git(folder: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[bytes]:
    options = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]
    raw = text.encode("utf-8", "surrogateescape")
    return subprocess.run(
        ["git", *options, *words], cwd=folder, input=raw, capture_output=True, check=False
    )


def applied(folder: Path, edits: list[FileEdit]) -> dict[str, bytes]:
    for one in edits:
        target = folder / one.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(one.before.encode("utf-8", "surrogateescape"))
    patch = unified_diff(edits)
    if patch:
        for flags in (("--check",), ()):
            done = git(folder, "apply", "--whitespace=nowarn", *flags, text=patch)
            assert done.returncode == 0, done.stderr.decode() + patch
    return {one.path: (folder / one.path).read_bytes() for one in edits}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"),
        ("a\nb", "a\nc"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("a\r\nb", "a\r\nb\r\nc"),
        ("", "new\n"),
        ("one\n" * 50 + "x\n" + "two\n" * 50, "one\n" * 50 + "y\n" + "two\n" * 50),
        ("a\fb\u2028c\x0bd\n", "a\fb\u2028C\x0bd\n"),
        ("caf\udce9\n", "caf\udce9!\n"),
        ("\ufeffconst a = 1;\n", "\ufeffconst a = 2;\n"),
        ("lone\rcarriage\n", "lone\rreturn\n"),
        ("--- a\n+++ b\n", "--- c\n"),
    ],
)
def test_git_applies_it(tmp_path: Path, before: str, after: str) -> None:
    git(tmp_path, "init", "-q")
    result = applied(tmp_path, [edit("src/a.ts", before, after)])
    assert result["src/a.ts"] == after.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "path",
    ["with space.ts", "quo'te.ts", 'dou"ble.ts', "back\\slash.ts", "tab\there.ts", "ünïcode/日本.ts",
     "new\nline.ts", "a/(group)/[id]/page.tsx", "$money.ts", "-dash.ts"],
)  # fmt: skip
def test_odd_paths(tmp_path: Path, path: str) -> None:
    git(tmp_path, "init", "-q")
    result = applied(tmp_path, [edit(path, "old\n", "new\n")])
    assert result[path] == b"new\n"


def test_several_files_in_one_patch(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    edits = [edit("a.ts", "1\n", "2\n"), edit("b.ts", "1", "2"), edit("c.ts", "same", "same")]
    result = applied(tmp_path, edits)
    assert result == {"a.ts": b"2\n", "b.ts": b"2", "c.ts": b"same"}
    assert "c.ts" not in unified_diff(edits)


def test_nothing_to_do_is_no_patch() -> None:
    assert unified_diff([]) == ""
    assert unified_diff([edit("a.ts", "x\n", "x\n")]) == ""


line = st.text(st.sampled_from("ab \t-+@\\é\f\u2028\r"), max_size=5)
whole = st.builds(
    lambda lines, ending, last: ending.join(lines) + (ending if last else ""),
    st.lists(line, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=whole, after=whole)
def test_any_text(tmp_path: Path, before: str, after: str) -> None:
    if not (tmp_path / ".git").exists():
        git(tmp_path, "init", "-q")
    result = applied(tmp_path, [edit("any.ts", before, after)])
    if after:  # git removes nothing here: an emptied file stays, as an empty file
        assert result["any.ts"] == after.encode()
