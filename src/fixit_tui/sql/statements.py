"""Parsed statements, each with its own text and the way from the parser's offsets back to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.placeholders import Normalised, normalise


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` is what was parsed, `source` what was given; they differ in placeholders only."""

    node: Any
    text: str
    source: str
    _data: bytes
    _first_byte: int
    _first_char: int
    _whole: Normalised
    _given: str

    def offset(self, location: int) -> int:
        """Character offset in `text` of a location, which the grammar counts in bytes."""
        return len(self._data[: location - self._first_byte].decode("utf-8", "replace"))

    def original(self, start: int, end: int) -> str:
        """The source's own text for a range of `text`."""
        where = self._whole.original_offset
        return self._given[where(self._first_char + start) : where(self._first_char + end)]


def _read(sql: str) -> tuple[Any, Normalised]:
    """The tree of the text with its placeholders as $n; as it stands where that cannot be read."""
    normalised = normalise(sql)
    try:
        return parse(normalised.text), normalised
    except UnreadableSql as error:
        if normalised.text == sql:
            raise
        try:
            return parse(sql), Normalised(sql, ())
        except UnreadableSql:
            raise error from None


def parsed_statements(sql: str) -> Iterator[Statement]:
    """The statements of a text in order. Raises UnreadableSql."""
    tree, whole = _read(sql)
    data = whole.text.encode()
    byte = char = 0
    for raw in tree.stmts:
        end = raw.stmt_location + raw.stmt_len if raw.stmt_len else len(data)
        char += len(data[byte : raw.stmt_location].decode("utf-8", "replace"))
        piece = data[raw.stmt_location : end]
        text = piece.decode("utf-8", "replace")
        source = sql[whole.original_offset(char) : whole.original_offset(char + len(text))].strip()
        yield Statement(
            raw.stmt, text, source, piece, raw.stmt_location, char, whole, sql
        )  # fmt: skip
        byte, char = end, char + len(text)
