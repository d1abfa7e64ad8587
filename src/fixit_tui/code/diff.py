"""File edits as one unified diff that `git apply` accepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from fixit_tui.model.finding import FileEdit

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"
_ESCAPES = {
    7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
}  # fmt: skip

Opcode = tuple[str, int, int, int, int]


def unified_diff(edits: Sequence[FileEdit]) -> str:
    """The edits as a patch with a/ and b/ prefixes; "" when nothing changes.

    Line endings are those of the files. Bytes that are no UTF-8 stay surrogates, so encode the
    patch with `surrogateescape`.
    """
    return "".join(part for edit in edits for part in _file(edit) if edit.before != edit.after)


def lines_of(text: str) -> list[str]:
    """Lines as git sees them: ended by a line feed and by nothing else."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


class _Prepared(SequenceMatcher[str]):
    """Groups opcodes that are known already into hunks."""

    def __init__(self, codes: list[Opcode]) -> None:
        super().__init__(None, "", "")
        self._codes = codes

    def get_opcodes(self) -> list[Opcode]:  # type: ignore[override]
        return self._codes


def _file(edit: FileEdit) -> Iterator[str]:
    old, new = _quoted("a/" + edit.path), _quoted("b/" + edit.path)
    yield f"diff --git {old} {new}\n"
    # A name with a blank needs a tab behind it, else a date could be meant.
    tab = "\t" if " " in edit.path and not old.startswith('"') else ""
    yield f"--- {old}{tab}\n+++ {new}{tab}\n"
    before, after = lines_of(edit.before), lines_of(edit.after)
    matcher = _Prepared(_opcodes(before, after))
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                yield from (_line(" ", line) for line in before[a1:a2])
                continue
            yield from (_line("-", line) for line in before[a1:a2])
            yield from (_line("+", line) for line in after[b1:b2])


def _opcodes(before: list[str], after: list[str]) -> list[Opcode]:
    """Like SequenceMatcher's, but the equal head and tail cost nothing."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(
        None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False
    )
    codes: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    codes += [(t, a + head, b + head, c + head, d + head) for t, a, b, c, d in middle.get_opcodes()]
    if tail:
        codes.append(("equal", len(before) - tail, len(before), len(after) - tail, len(after)))
    return codes


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n{_NO_NEWLINE}"


def _quoted(path: str) -> str:
    """A path as git writes it: C-quoted when it holds anything unusual."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(32 <= b < 127 and b not in (34, 92) for b in raw):
        return path
    return '"' + "".join(_ESCAPES.get(b) or _octal(b) for b in raw) + '"'


def _octal(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
