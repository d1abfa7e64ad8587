"""Code edits touch exactly the file they were made for, and nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_builders import edit
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.engine.edits import combine, insist_unchanged, reverse, write
from fixit_tui.errors import RefusedError, StalePlanError, UsageError

LINES = st.lists(st.sampled_from(["a\n", "b\r\n", "c\n", "\u2028x\n", "é\n"]), max_size=8)


def test_a_file_is_written_and_restored_byte_for_byte(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbfone\r\ntwo \xff\r\nlast"
    path = tmp_path / "a.ts"
    path.write_bytes(raw)
    path.chmod(0o640)
    text = raw.decode("utf-8", "surrogateescape")
    change = edit("a.ts", text, text.replace("two", "2"))
    assert write(tmp_path, [change]) == (("a.ts",), ())
    assert path.read_bytes() == raw.replace(b"two", b"2")
    assert path.stat().st_mode & 0o777 == 0o640
    assert write(tmp_path, [reverse(change)]) == (("a.ts",), ())
    assert path.read_bytes() == raw
    assert [p.name for p in tmp_path.iterdir()] == ["a.ts"]


def test_a_file_that_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_text("mine now")
    change = edit("a.ts", "before", "after")
    with pytest.raises(StalePlanError, match=r"a\.ts"):
        insist_unchanged(tmp_path, [change])
    written, refused = write(tmp_path, [change])
    assert written == ()
    assert "changed meanwhile" in refused[0]
    assert path.read_text() == "mine now"


@pytest.mark.parametrize("path", ["../out.ts", "/etc/passwd", "link/out.ts"])
def test_nothing_outside_the_folder_is_touched(tmp_path: Path, path: str) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "link").symlink_to(tmp_path)
    (tmp_path / "out.ts").write_text("x")
    with pytest.raises(RefusedError, match="outside"):
        write(tmp_path / "code", [edit(path, "x", "y")])
    assert (tmp_path / "out.ts").read_text() == "x"


def test_edits_need_a_folder() -> None:
    insist_unchanged(None, [])
    with pytest.raises(UsageError, match="no code folder"):
        insist_unchanged(None, [edit("a", "b", "c")])


@given(LINES, LINES, LINES)
def test_combining_is_symmetric_and_loses_neither_edit(
    before: list[str], one: list[str], two: list[str]
) -> None:
    base = "".join(before)
    first, second = edit("f", base, "".join(one)), edit("f", base, "".join(two))
    both = combine(first, second)
    assert both == combine(second, first) or (both is None and combine(second, first) is None)
    unchanged = edit("f", base, base)
    same = combine(first, unchanged)
    assert same is not None
    assert same.after == first.after
    again = combine(first, first)
    assert again is not None
    assert again.after == first.after


@given(st.integers(0, 9), st.integers(0, 9))
def test_edits_of_lines_apart_are_both_made(one: int, two: int) -> None:
    lines = [f"{n}\n" for n in range(10)]

    def changed(*numbers: int) -> str:
        return "".join(f"new {n}\n" if n in numbers else line for n, line in enumerate(lines))

    both = combine(edit("f", "".join(lines), changed(one)), edit("f", "".join(lines), changed(two)))
    if abs(one - two) == 1:
        assert both is None
    else:
        assert both is not None
        assert both.after == changed(one, two)
