"""Statements that write rows in SQL files, such as seeds: places for a pasted error, no findings.

They are history or run by hand: only one that an error tells of is of any interest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.code.module import encode

_PARTS = re.compile(
    r"(?P<copy>^COPY\b[^;]*\bFROM\s+stdin\b[^;]*;.*?(?:^\\\.$|\Z))"
    r"|(?P<psql>^[ \t]*\\[A-Za-z!?][^\n]*)"
    r"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)"
    r"|'(?:[^']|'')*(?:'|\Z)"
    r'|"(?:[^"]|"")*(?:"|\Z)'
    r"|(?<![\w$])\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|(?P<end>;)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_WRITES = re.compile(r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|WITH)\b", re.IGNORECASE)
_LEAD = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """One statement of a file: its first and last line from 1, its bytes, its text without `;`."""

    path: str
    line: int
    end_line: int
    start_byte: int
    end_byte: int
    statement: str

    def row(self) -> dict[str, str | int | None]:
        """The row for table `sql_statement`."""
        return {
            "path": self.path,
            "line": self.line,
            "end_line": self.end_line,
            "start_byte": self.start_byte,
            "end_byte": self.end_byte,
            "statement": self.statement,
        }


def read_statements(path: str, text: str) -> Iterator[SqlStatement]:
    """Every INSERT, UPDATE, DELETE, MERGE and WITH of an SQL file outside of function bodies."""
    line, counted, byte, encoded = 1, 0, 0, 0
    for start, end in _spans(text):
        start = _LEAD.match(text, start, end).end()  # type: ignore[union-attr]
        end = start + len(text[start:end].rstrip())
        if not _WRITES.match(text, start, end):
            continue
        line, counted = line + text.count("\n", counted, start), start
        byte, encoded = byte + len(encode(text[encoded:start])), start
        statement = text[start:end]
        yield SqlStatement(
            path,
            line,
            line + statement.count("\n"),
            byte,
            byte + len(encode(statement)),
            statement,
        )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for part in _PARTS.finditer(text):
        if part["end"] or part["copy"] or part["psql"]:
            if part["end"]:
                yield start, part.start()
            start = part.end()
    yield start, len(text)
