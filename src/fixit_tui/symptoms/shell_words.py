"""The words of one shell command in a text that goes on behind it."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"(?P<joined>\\\r?\n)"
    r"|\$'(?P<ansi>(?:[^'\\]|\\.)*)'"
    r"|'(?P<single>[^']*)'"
    r'|"(?P<double>(?:[^"\\]|\\.)*)"'
    r"|\\(?P<escaped>.)"
    r"|(?P<space>[ \t]+)"
    r"|(?P<end>[\n;|&])"
    r"|(?P<plain>[^\s'\"\\;|&]+|.)",
    re.DOTALL,
)
_ANSI = {"n": "\n", "t": "\t", "r": "\r"}


def shell_words(text: str, start: int = 0) -> list[str]:
    """Words up to the end of the command: a line end, `;`, `|` or `&` outside quotes.

    Variables are not replaced; a quote that is never closed stands for itself.
    """
    words: list[str] = []
    word: str | None = None
    for found in _PIECE.finditer(text, start):
        kind = found.lastgroup
        if kind == "end":
            break
        if kind in ("space", "joined"):
            if word is not None:
                words.append(word)
            word = None
            continue
        piece = found.group(str(kind))
        if kind == "double":
            piece = re.sub(r"\\([\"\\$`])", r"\1", piece)
        elif kind == "ansi":
            piece = re.sub(r"\\(.)", lambda m: _ANSI.get(m.group(1), m.group(1)), piece)
        word = (word or "") + piece
    return words if word is None else [*words, word]
