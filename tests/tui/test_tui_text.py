"""Rendering of foreign text, SQL, diffs, locks and themes, without a running app."""

from __future__ import annotations

import difflib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import EXPLAINS, PATCH
from textual.color import Color
from textual.content import Content
from textual.theme import Theme

from fixit_tui.model.finding import Lock
from fixit_tui.tui.glyphs import ASCII, UNICODE
from fixit_tui.tui.plain import cut, hanging, one_line, plain, visible
from fixit_tui.tui.theme import THEMES
from fixit_tui.tui.widgets.diff_view import SPLIT_FROM, change_count, diff_content
from fixit_tui.tui.widgets.finding_view import explanation
from fixit_tui.tui.widgets.fix_options import DoNothing, option_rows
from fixit_tui.tui.widgets.lock_table import is_heavy, lock_lines, mode_name, strongest_by_relation
from fixit_tui.tui.widgets.sql_view import sql_content

LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30), max_size=12
)


@given(st.text())
def test_visible_text_holds_no_control_character(text: str) -> None:
    shown = visible(text)
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f"
    )
    assert "\n" not in one_line(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_text_is_not_changed_and_never_markup(text: str) -> None:
    assert visible(text) == text
    assert plain(text).plain == text


@given(st.text(max_size=200), st.integers(10, 60))
def test_wrapping_loses_no_word_and_keeps_the_width(text: str, width: int) -> None:
    content = Content(one_line(text))
    wrapped = hanging(content, Content("* "), 2, width)
    assert "".join(wrapped.plain.split()) == "".join(("* " + content.plain).split())
    assert all(line.cell_length <= width for line in wrapped.split("\n"))
    assert cut(content, width, "~").cell_length <= width


@given(st.text(max_size=300))
def test_sql_is_shown_character_by_character(sql: str) -> None:
    assert sql_content(sql).plain.rstrip("\n") == visible(sql.strip("\n")).rstrip("\n")


@given(LINES, LINES)
def test_a_unified_diff_shows_every_line_with_its_sign(old: list[str], new: list[str]) -> None:
    patch = "\n".join(difflib.unified_diff(old, new, "a/src/x.ts", "b/src/x.ts", lineterm="", n=2))
    shown = diff_content(patch, SPLIT_FROM - 1).plain.split("\n")
    body = [line for line in patch.split("\n")[2:] if not line.startswith("@@")] if patch else []
    signed = [line[5:] for line in shown if not line.startswith(("file ", "@@"))] if patch else []
    assert [s[0] + visible(s[2:]) for s in signed] == [visible(line) for line in body]


def test_a_diff_is_split_when_wide_and_unified_when_narrow() -> None:
    narrow = diff_content(PATCH, 80).plain
    wide = diff_content(PATCH, 140).plain
    assert ".insert(" in narrow.split("\n")[4]
    assert " | " not in narrow
    changed = next(line for line in wide.split("\n") if ".insert(" in line)
    assert ".upsert(" in changed
    assert change_count(PATCH) == "1 file, 1 line added, 1 removed"


def test_options_are_ordered_recommended_first_nothing_last() -> None:
    rows = option_rows(EXPLAINS)
    assert rows[0] == EXPLAINS.recommended
    assert rows[-2] == EXPLAINS.writeup
    assert rows[-1] == DoNothing(EXPLAINS.do_nothing)


def test_an_explanation_answers_the_five_questions() -> None:
    text = explanation(EXPLAINS, UNICODE, 70).plain
    for part in (EXPLAINS.title, "public.purchases", "error", "proven", "Why", "Ruled out", "└─ "):
        assert part in text
    assert all(ord(c) < 127 or c == "…" for c in explanation(EXPLAINS, ASCII, 70).plain)


@pytest.mark.parametrize(
    ("mode", "name", "heavy"),
    [
        ("AccessExclusiveLock", "ACCESS EXCLUSIVE", True),
        ("access exclusive", "ACCESS EXCLUSIVE", True),
        ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE", False),
        ("SHARE", "SHARE", False),
        ("ExclusiveLock", "EXCLUSIVE", True),
        ("SomethingNewLock", "SOMETHING NEW", True),
    ],
)
def test_lock_modes(mode: str, name: str, heavy: bool) -> None:
    assert mode_name(mode) == name
    assert is_heavy(Lock("t", mode)) is heavy


def test_the_strongest_lock_of_each_relation_comes_first() -> None:
    locks = [Lock("a", "SHARE"), Lock("b", "AccessExclusiveLock"), Lock("a", "RowExclusiveLock")]
    assert strongest_by_relation(locks) == (locks[1], locks[0])
    assert lock_lines(locks).plain.index("b ") < lock_lines(locks).plain.index("a ")


@pytest.mark.parametrize("theme", [t for t in THEMES if not t.ansi], ids=lambda t: str(t.name))
def test_contrast_of_text_is_at_least_4_5(theme: Theme) -> None:
    colours = {**theme.to_color_system().generate(), **theme.variables}
    names = ["foreground", "primary"] + [
        n
        for n in theme.variables
        if n.startswith(("sev-", "code-")) or n in ("ok", "quiet", "key", "add", "del")
    ]
    for ground in ("background", "panel"):
        for name in names:
            assert _ratio(colours[name], colours[ground]) >= 4.5, (name, ground)
    for cursor in ("block-cursor", "block-cursor-blurred"):
        assert _ratio(colours[f"{cursor}-foreground"], colours[f"{cursor}-background"]) >= 4.5


def test_every_theme_defines_the_same_meanings() -> None:
    meanings = [
        {n for n in t.variables if n.startswith("sev-") or n in ("ok", "quiet")} for t in THEMES
    ]
    assert all(m == meanings[0] for m in meanings)


def _ratio(a: str, b: str) -> float:
    bright, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [c / 255 for c in Color.parse(colour).rgb]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
