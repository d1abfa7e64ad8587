"""What a pasted statement does: operation, table, columns, conflict target."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fixit_tui.symptoms.messages import split_columns

_LONGEST = 100_000
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_PARENS = r"\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
_HIDE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_DML = re.compile(
    rf"\b(?:(INSERT)\s+INTO|(UPDATE)(?:\s+ONLY)?|(DELETE)\s+FROM(?:\s+ONLY)?|(MERGE)\s+INTO)\s+"
    rf"({_NAME})(?:\s*\.\s*({_NAME}))?",
    re.IGNORECASE,
)
# A log may cut the statement off right after its first words.
_CUT = re.compile(r"\b(INSERT(?=\s+INTO)|DELETE(?=\s+FROM))\b", re.IGNORECASE)
_COLUMNS = re.compile(rf"\s*(?:AS\s+{_NAME}\s*)?{_PARENS}", re.IGNORECASE)
_CONFLICT = re.compile(rf"\bON\s+CONFLICT\b\s*(?:{_PARENS})?", re.IGNORECASE)
_ACTION = re.compile(r"\bDO\s+(NOTHING|UPDATE)\b", re.IGNORECASE)
_SELECT = re.compile(r"\s*(?:SELECT|TABLE|VALUES|WITH)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What could be read; `operation` is None for anything but reads and writes of rows."""

    operation: str | None = None
    schema: str | None = None
    relation: str | None = None
    columns: tuple[str, ...] | None = None
    on_conflict: tuple[str, ...] | None = None
    resolution: str | None = None


def read_statement(text: str) -> Statement:
    """Read the first statement that writes rows, also inside WITH; else a SELECT."""
    visible = _HIDE.sub(lambda match: " " * len(match.group()), text[:_LONGEST])
    found = _DML.search(visible)
    if found is None:
        if cut := _CUT.search(visible):
            return Statement(operation=cut.group(1).lower())
        return Statement(operation="select") if _SELECT.match(visible) else Statement()
    first, second = _plain(found.group(5)), _plain(found.group(6))
    schema, relation = (first, second) if second else (None, first)
    if not found.group(1):
        operation = "update" if found.group(2) else "delete" if found.group(3) else "upsert"
        return Statement(operation, schema, relation)
    columns = _COLUMNS.match(visible, found.end())
    names = split_columns(columns.group(1)) if columns else ()
    folded = (
        tuple(name if f'"{name}"' in columns.group(1) else name.lower() for name in names)
        if columns
        else ()
    )
    conflict = _CONFLICT.search(visible, found.end())
    if conflict is None:
        return Statement("insert", schema, relation, folded or None)
    action = _ACTION.search(visible, conflict.end())
    resolution = None
    if action is not None:
        resolution = (
            "ignore-duplicates" if action.group(1).upper() == "NOTHING" else "merge-duplicates"
        )
    target = split_columns(conflict.group(1)) if conflict.group(1) else None
    return Statement("upsert", schema, relation, folded or None, target, resolution)


def _plain(name: str | None) -> str | None:
    """As the catalog stores it: unquoted names in lower case."""
    if not name:
        return None
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
