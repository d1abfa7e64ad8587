"""A unified diff as content: signs and words, emphasis within changed lines, split when wide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from textual.content import Content

from fixit_tui.tui.plain import cut, visible

SPLIT_FROM = 120
"""Cells from which old and new stand side by side."""

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_LONG_LINE = 400


@dataclass(frozen=True, slots=True)
class _Row:
    """One diff row. `kind` is ' ', '-', '+', 'file' or 'hunk'."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


@lru_cache(maxsize=64)
def diff_content(patch: str, width: int) -> Content:
    """The patch for a view of `width` cells."""
    rows = _rows(patch)
    lines = _split(rows, width) if width >= SPLIT_FROM else _unified(rows)
    return Content("\n").join(lines)


def change_count(patch: str) -> str:
    """'2 files, 3 lines added, 1 removed'."""
    rows = _rows(patch)
    files = sum(r.kind == "file" for r in rows)
    plus, minus = (sum(r.kind == kind for r in rows) for kind in "+-")
    return (
        f"{files} {'file' if files == 1 else 'files'}, "
        f"{plus} {'line' if plus == 1 else 'lines'} added, {minus} removed"
    )


def _rows(patch: str) -> list[_Row]:
    rows: list[_Row] = []
    old = new = old_left = new_left = 0
    # Only line feeds end a line of a patch; other separators belong to the file's text.
    for line in patch.split("\n"):
        sign, text = line[:1], line[1:]
        if old_left <= 0 and new_left <= 0:
            if match := _HUNK.match(line):
                old, new = int(match[1]), int(match[3])
                old_left, new_left = int(match[2] or 1), int(match[4] or 1)
                rows.append(_Row("hunk", line))
            elif line.startswith("+++ "):
                rows.append(_Row("file", line[4:].removeprefix("b/").split("\t")[0]))
        elif sign == "-":
            rows.append(_Row("-", text, old=old))
            old, old_left = old + 1, old_left - 1
        elif sign == "+":
            rows.append(_Row("+", text, new=new))
            new, new_left = new + 1, new_left - 1
        elif sign != "\\":
            rows.append(_Row(" ", text, old, new))
            old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1
    return rows


def _pairs(rows: list[_Row]) -> dict[int, int]:
    """Index of each removed row to the added row that replaces it."""
    pairs: dict[int, int] = {}
    at = 0
    while at < len(rows):
        minus = at
        while at < len(rows) and rows[at].kind == "-":
            at += 1
        plus = at
        while at < len(rows) and rows[at].kind == "+":
            at += 1
        pairs.update(zip(range(minus, plus), range(plus, at), strict=False))
        at += at == minus
    return pairs


def _emphasised(rows: list[_Row]) -> dict[int, Content]:
    """Changed rows with what differs from their partner in bold."""
    shown: dict[int, Content] = {}
    for left, right in _pairs(rows).items():
        before, after = visible(rows[left].text), visible(rows[right].text)
        if max(len(before), len(after)) > _LONG_LINE:
            continue
        match = SequenceMatcher(None, before, after, autojunk=False)
        if match.ratio() < 0.4:
            continue
        a, b = Content(before), Content(after)
        for tag, i1, i2, j1, j2 in match.get_opcodes():
            if tag != "equal":
                a, b = a.stylize("bold underline", i1, i2), b.stylize("bold underline", j1, j2)
        shown[left], shown[right] = a, b
    return shown


def _unified(rows: list[_Row]) -> list[Content]:
    emphasised = _emphasised(rows)
    lines: list[Content] = []
    for index, row in enumerate(rows):
        body = emphasised.get(index, Content(visible(row.text)))
        match row.kind:
            case "file":
                lines.append(Content.assemble(("file ", "$quiet"), (visible(row.text), "bold")))
            case "hunk":
                lines.append(Content.styled(visible(row.text), "$quiet"))
            case "-":
                lines.append(_line(row.old, "-", body, "$del"))
            case "+":
                lines.append(_line(row.new, "+", body, "$add"))
            case _:
                lines.append(_line(row.new, " ", body, ""))
    return lines


def _line(number: int | None, sign: str, body: Content, style: str) -> Content:
    head = Content.assemble((f"{number or '':>4} ", "$quiet"), (f"{sign} ", style))
    return head + (body.stylize_before(style) if style else body)


def _split(rows: list[_Row], width: int) -> list[Content]:
    half = (width - 3) // 2
    emphasised = _emphasised(rows)
    pairs = _pairs(rows)
    taken = set(pairs.values())
    gap = Content.styled(" | ", "$quiet")
    lines: list[Content] = []

    def side(index: int | None, sign: str, style: str) -> Content:
        if index is None:
            return Content(" " * half)
        row = rows[index]
        body = emphasised.get(index, Content(visible(row.text)))
        number = row.old if sign == "-" or (sign == " " and style == "old") else row.new
        line = _line(number, sign, body, style if style.startswith("$") else "")
        short = cut(line, half, ">")
        return short.pad_right(half - short.cell_length)

    for index, row in enumerate(rows):
        match row.kind:
            case "file":
                lines.append(Content.assemble(("file ", "$quiet"), (visible(row.text), "bold")))
            case "hunk":
                lines.append(Content.styled(visible(row.text), "$quiet"))
            case "-":
                lines.append(side(index, "-", "$del") + gap + side(pairs.get(index), "+", "$add"))
            case "+" if index not in taken:
                lines.append(side(None, " ", "") + gap + side(index, "+", "$add"))
            case " ":
                lines.append(side(index, " ", "old") + gap + side(index, " ", ""))
            case _:
                pass
    return lines
