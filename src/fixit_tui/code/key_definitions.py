"""Where files make unique keys: SQL of migrations in any language, and Alembic's calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r'(?:[A-Za-z_][\w$]*|\\?"(?:[^"\\]|"")+\\?")'
_TABLE = rf"(?:ONLY\s+)?(?P<table>{_NAME}(?:\s*\.\s*{_NAME})?)"
_MAKES = re.compile(
    rf"\bCREATE\s+UNIQUE\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<index>(?!ON\b){_NAME}\s+)?ON\s+{_TABLE}\s*(?:USING\s+\w+\s*)?\((?P<keys>[^;]*?)\)"
    rf"|\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE.replace('table', 'altered')}\s[^;]*?"
    rf"\bADD\s+(?:CONSTRAINT\s+(?P<constraint>{_NAME})\s+)?"
    rf"(?P<kind>UNIQUE|PRIMARY\s+KEY)\s*(?:NULLS\s+(?:NOT\s+)?DISTINCT\s*)?\((?P<columns>[^;)]*)\)"
    rf"|\bcreate_unique_constraint\(\s*(?:\w+\s*=\s*)?[\"'](?P<op_name>[^\"']+)[\"']\s*,"
    rf"\s*(?:\w+\s*=\s*)?[\"'](?P<op_table>[^\"']+)[\"'][^)]*\)"
    rf"|\bcreate_index\(\s*(?:\w+\s*=\s*)?[\"'](?P<ix_name>[^\"']+)[\"']\s*,"
    rf"\s*(?:\w+\s*=\s*)?[\"'](?P<ix_table>[^\"']+)[\"'][^)]*\bunique\s*=\s*True[^)]*\)",
    re.IGNORECASE,
)
_PART = re.compile(_NAME)
_HINT = re.compile(rb"unique|primary\s+key", re.IGNORECASE)
_COMMENT = re.compile(r"--|//|#|/\*")


@dataclass(frozen=True, slots=True)
class KeyDefinition:
    """A statement that makes a unique key. `name` is the server's own where the file gives none."""

    path: str
    line: int
    end_line: int
    schema: str | None
    relation: str
    name: str

    def row(self) -> dict[str, str | int | None]:
        """The row for table `key_definition`."""
        return {
            "path": self.path,
            "line": self.line,
            "end_line": self.end_line,
            "schema": self.schema,
            "relation": self.relation,
            "name": self.name,
        }


def may_define_key(raw: bytes) -> bool:
    """Whether a file's bytes are worth reading for keys."""
    return _HINT.search(raw) is not None


def read_keys(path: str, text: str) -> Iterator[KeyDefinition]:
    """Every unique key that a file makes, in its order; commented lines make none."""
    line, at = 1, 0
    for match in _MAKES.finditer(text):
        lead = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if _COMMENT.search(lead):
            continue
        line, at = line + text.count("\n", at, match.start()), match.start()
        names = [_unquoted(part) for part in _PART.findall(_table(match))]
        if names:
            end = line + match[0].count("\n")
            schema = names[0] if len(names) > 1 else None
            name = _name(match, names[-1])
            yield KeyDefinition(path, line, end, schema, names[-1], name)


def _table(match: re.Match[str]) -> str:
    return next(
        match[group] for group in ("table", "altered", "op_table", "ix_table") if match[group]
    )


def _name(match: re.Match[str], relation: str) -> str:
    given = next(
        (match[g] for g in ("index", "constraint", "op_name", "ix_name") if match[g]), None
    )
    if given is not None:
        quoted = match["index"] or match["constraint"]
        return _unquoted(given.strip()) if quoted else given
    if match["kind"] and match["kind"].lower() != "unique":
        return f"{relation}_pkey"
    columns = [_unquoted(c) for c in _PART.findall(match["columns"] or match["keys"] or "")]
    return "_".join([relation, *columns, "key" if match["kind"] else "idx"])


def _unquoted(name: str) -> str:
    name = name.replace('\\"', '"')
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
