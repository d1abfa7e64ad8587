"""Columns that mark a row as deleted, by their names and types, and the condition of live rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fixit_tui.sql.quote import ident, literal

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GONE = _words(
    "deleted deletion delete removed removal trashed trash discarded archived destroyed erased"
    " tombstone tombstoned softdeleted purged"
)
# These end a row's life in some schemas, and are an ordinary state in others.
_ENDED = _words(
    "deactivated disabled cancelled canceled revoked retired closed hidden inactive left ended"
    " voided withdrawn obsolete terminated anonymized anonymised superseded"
)
_ALIVE = _words("active enabled live alive")
_MOMENT = _words("at on time date ts timestamp when soft")
_FLAG = _words("is was has been soft flag row record")
_STATES = _words("status state")
_STATE_HOLDER = _STATES | _words("row record entity account user lifecycle life cycle")
STATE_VALUES = ("deleted", "removed", "trashed", "soft_deleted", "soft-deleted", "softdeleted")
"""Values of a status column, in lower case, that say that the row is gone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A column that may mark deleted rows.

    `strength` is 'strong' (the name says deleted) or 'weak' (it says ended, or not active);
    `live` is the condition of rows that are there, '' for a status column, whose values decide.
    """

    column: str
    strength: str
    live: str


def mark_of(name: str, column_type: str, *, not_null: bool) -> Mark | None:
    """The mark that a column seems to be; None for any other column."""
    words = {w.lower() for w in _WORD.findall(name)}
    kind = column_type.lower()
    if kind.startswith(("timestamp", "date")):
        return _moment(name, words) if not not_null else None
    if kind == "boolean":
        return _flag(name, words, not_null)
    if words & _STATES and words <= _STATE_HOLDER and not kind.startswith(_OTHER_TYPES):
        return Mark(name, "strong", "")
    return None


_OTHER_TYPES = ("int", "bigint", "smallint", "numeric", "json", "uuid", "real", "double", "bytea")


def _moment(name: str, words: set[str]) -> Mark | None:
    for verbs, strength in ((_GONE, "strong"), (_ENDED, "weak")):
        if words & verbs and words <= verbs | _MOMENT:
            return Mark(name, strength, f"{ident(name)} IS NULL")
    return None


def _flag(name: str, words: set[str], not_null: bool) -> Mark | None:
    column = ident(name)
    for verbs, strength in ((_GONE, "strong"), (_ENDED, "weak")):
        if words & verbs and words <= verbs | _FLAG:
            return Mark(name, strength, f"NOT {column}" if not_null else f"{column} IS NOT TRUE")
    if words & _ALIVE and words <= _ALIVE | _FLAG:
        return Mark(name, "weak", column if not_null else f"{column} IS NOT FALSE")
    return None


def live_states(name: str, gone: list[str], *, not_null: bool) -> str:
    """The condition of live rows for a status column whose values `gone` mean deleted."""
    column, values = ident(name), [literal(value) for value in sorted(gone)]
    test = (
        f"{column} <> {values[0]}" if len(values) == 1 else f"{column} NOT IN ({', '.join(values)})"
    )
    return test if not_null else f"{column} IS NULL OR {test}"
