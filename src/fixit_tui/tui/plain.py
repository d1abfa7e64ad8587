"""Foreign text made safe to draw: never markup, never a terminal escape.

Everything that comes from a database, a log or code passes through here before it is shown.
"""

from __future__ import annotations

import unicodedata

from textual.content import Content
from textual.style import Style

# Marks that reorder or hide neighbouring text, so that a name could look like another name.
_DECEPTIVE = frozenset(
    chr(code)
    for code in (
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        0x200B,
        0x200E,
        0x200F,
        0x061C,
        0xFEFF,
    )
)


def visible(text: str) -> str:
    """The text with control, deceptive and unpaired characters written as escapes.

    Newlines stay, tabs become four spaces; a carriage return before a newline is dropped.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_shown(char) for char in text)


def one_line(text: str) -> str:
    """Like `visible`, on one line: line breaks become single spaces."""
    return " ".join(visible(text).split())


def plain(text: str, style: Style | str = "") -> Content:
    """Foreign text as content, without markup."""
    shown = visible(text)
    return Content.styled(shown, style) if style else Content(shown)


def hanging(text: Content, first: Content, indent: int, width: int) -> Content:
    """`first`, then the text wrapped to `width` cells with continuation lines indented."""
    lines = text.wrap(max(8, width - indent))
    pad = " " * indent
    head = first + lines[0].rstrip() if lines else first
    return Content("\n").join([head, *(Content(pad) + line.rstrip() for line in lines[1:])])


def _shown(char: str) -> str:
    if char == "\n":
        return char
    if char in _DECEPTIVE or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return char


def cut(text: Content, width: int, ellipsis: str) -> Content:
    """The text on at most `width` cells, its loss marked by a one-cell `ellipsis`."""
    if text.cell_length <= width:
        return text
    return text.truncate(max(0, width - 1)).rstrip() + Content(ellipsis)
