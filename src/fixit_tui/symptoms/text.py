"""Cleaning of pasted text: terminal escapes, control characters, line ends."""

from __future__ import annotations

import re

LARGEST = 16_000_000
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]{0,4}[0-~]"
)
# Control, invisible, direction-changing and lone surrogate characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without escapes and control characters; lines end in a line feed.

    Only the first 16 million characters are read.
    """
    text = _ESCAPE.sub("", text[:LARGEST])
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text)


def one_line(text: str) -> str:
    """Cleaned text with every run of white space as one blank."""
    return _SPACE.sub(" ", clean(text)).strip()
