"""Columns and placeholders that are made of the keys of a row: ``(${Object.keys(row).join()})``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fixit_tui.code.module import arguments, callee, method_name
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.sqltext import Piece
from fixit_tui.code.values import Ref, Values

_LIST_COMES = re.compile(r"\bINTO\s+[\w.\"]+\s*\(\s*$", re.IGNORECASE)
_VALUES_COME = re.compile(r"\bVALUES\s*\(\s*$", re.IGNORECASE)
_DEPTH = 8


def keyed_row(values: Values, ref: Ref) -> Ref | None:
    """The row whose keys or values an expression joins; None for any other expression."""
    here = ref
    for _ in range(_DEPTH):
        here = values.resolve(here)
        if here.node.kind() != "call_expression":
            return None
        function = callee(here.node)
        target = None if function is None else function.field("object")
        given = arguments(here.node)
        if target is None:
            return None
        if target.text() == "Object":
            known = method_name(here.node) in ("keys", "values", "entries") and given
            return values.resolve(here.at(given[0])) if known else None
        if method_name(here.node) not in ("join", "map"):
            return None
        here = here.at(target)
    return None


def with_columns(values: Values, pieces: list[Piece]) -> list[Piece]:
    """The pieces with the names and values of a known row in the place of what lists them."""
    found: list[Piece] = []
    text = ""
    for piece in pieces:
        ref = piece.hole if isinstance(piece.hole, Ref) else None
        row = None if ref is None else _row(values, ref)
        if row is not None and ref is not None and _LIST_COMES.search(text):
            names = ", ".join('"' + name.replace('"', '""') + '"' for name in row)
            found.append(Piece(names))
            text += names
        elif row is not None and ref is not None and _VALUES_COME.search(text):
            for number, source in enumerate(row.values()):
                found += [Piece(", ")] if number else []
                found.append(Piece(text=source, hole=ref))
        else:
            found.append(piece)
            text += piece.text if piece.hole is None else "?"
    return found


def _row(values: Values, ref: Ref) -> Mapping[str, str] | None:
    source = keyed_row(values, ref)
    payload = None if source is None else PayloadReader(values).read(source)
    return None if payload is None or payload.rows == "many" else payload.values or None
