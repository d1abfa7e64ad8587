"""Functions that SQL files define: places for people, never findings. Migrations are history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r'(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")'
_DEFINES = re.compile(
    rf"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s+({_NAME}(?:\s*\.\s*{_NAME})?)\s*\(",
    re.IGNORECASE,
)
_PART = re.compile(_NAME)
_DOLLAR = re.compile(r"\$(?:[A-Za-z_]\w*)?\$")


@dataclass(frozen=True, slots=True)
class SqlDefinition:
    """A function as a file writes it; `body_line` is the file's line of the body's first line.

    `schema` is None where the file does not say; `body` is None where it is in no dollar quotes.
    """

    path: str
    line: int
    schema: str | None
    name: str
    body_line: int | None
    body: str | None

    def row(self) -> dict[str, str | int | None]:
        """The row for table `sql_definition`."""
        return {
            "path": self.path,
            "line": self.line,
            "schema": self.schema,
            "name": self.name,
            "body_line": self.body_line,
            "body": self.body,
        }


def read_definitions(path: str, text: str) -> Iterator[SqlDefinition]:
    """Every CREATE FUNCTION or PROCEDURE of an SQL file, in its order."""
    text = text.replace("\r\n", "\n")
    found = list(_DEFINES.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    line, at = 1, 0
    for match, end in zip(found, ends, strict=True):
        line, at = line + text.count("\n", at, match.start()), match.start()
        names = [_unquoted(part) for part in _PART.findall(match[1])]
        opening = _DOLLAR.search(text, match.end(), end)
        closing = -1 if opening is None else text.find(opening[0], opening.end())
        body = None if opening is None or closing < 0 else text[opening.end() : closing]
        yield SqlDefinition(
            path,
            line,
            names[0] if len(names) > 1 else None,
            names[-1],
            None if body is None or opening is None else line + text.count("\n", at, opening.end()),
            body,
        )


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
