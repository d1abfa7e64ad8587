"""Inserts of several rows against the unique keys of their table: can a key come twice?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.derive.catalog import Catalog, Index
from fixit_tui.facts.derive.write import Write

_LITERAL = re.compile(r"'(?:[^'\\]|'')*'|\"[^\"\\]*\"|-?\d+(?:\.\d+)?|true|false", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
# Collections by a key that is named in the text, other than a set of plain values.
_BY_KEY = re.compile(
    r"\bnew\s+Map\b|\b(?:uniq\w*By|uniqBy|keyBy|unionBy|groupBy|drop_duplicates)\b"
    r"|^\{(?=[^:]*:.*\bfor\b)"
)
_NAMED = re.compile(r"\.\s*[A-Za-z_]|['\"]\w+['\"]")
# Beyond this comparing every row with every other one would cost more than it tells.
_MANY_ROWS = 200


def batches(facts: FactBase, catalog: Catalog, writes: Sequence[Write]) -> Iterator[Row]:
    """The rows of `batch`."""
    fresh = _Fresh(facts, writes)
    for write in writes:
        if write.operation != "insert" or write.relation is None or write.rows == "one":
            continue
        for index in catalog.indexes.get(catalog.storage_of(write.relation, "insert"), []):
            if not (index.unique and index.valid) or index.parent is not None:
                continue
            if write.columns is not None and not index.columns <= set(write.columns):
                continue
            verdict, because = _verdict(write, index)
            yield {
                "write": write.id,
                "index_oid": index.oid,
                "verdict": verdict,
                "fresh": int(fresh.holds(write, index)),
                "because": because,
            }


def _verdict(write: Write, index: Index) -> tuple[str, str | None]:
    key = [k for k in index.keys if k is not None]
    whole = len(key) == len(index.keys)
    if write.row_list is not None and whole and index.predicate is None:
        return _listed(write.row_list, key)
    if write.distinct is not None and set(write.distinct) <= set(key):
        columns = ", ".join(write.distinct)
        return "apart", f"its SELECT gives one row for each {columns}" if columns else None
    if write.distinct_by is not None and _mentions(write, key):
        return "apart", write.distinct_by
    return "unknown", write.distinct_by


def _listed(rows: Sequence[Mapping[str, str]], key: Sequence[str]) -> tuple[str, str | None]:
    """Rows that are written out: equal texts are equal values, literals that differ are not."""
    keys = [tuple(row.get(column, "") for column in key) for row in rows[:_MANY_ROWS]]
    apart = len(rows) <= _MANY_ROWS
    for one, other in combinations(keys, 2):
        if one == other and all(t and not _may_differ(t) for t in one):
            return "same", f"two of the rows have {', '.join(key)} = {', '.join(one)}"
        apart = apart and any(_differ(a, b) for a, b in zip(one, other, strict=True))
    return ("apart", "the keys that are written out all differ") if apart else ("unknown", None)


def _may_differ(text: str) -> bool:
    """Whether the same text may give another value the second time; NULLs are never equal."""
    return "(" in text or text.lower() in ("null", "default", "undefined")


def _differ(one: str, other: str) -> bool:
    if not (_LITERAL.fullmatch(one) and _LITERAL.fullmatch(other)):
        return False
    return one.strip("'\"") != other.strip("'\"")


def _mentions(write: Write, key: Sequence[str]) -> bool:
    """Is what takes repeats out about this key? Where it names a key, it has to be this one."""
    text = write.distinct_by or ""
    match = _BY_KEY.search(text)
    if match is None or not _NAMED.search(text, match.end()):
        return True
    words = set(_WORD.findall(text))
    wanted = {w for c in key for w in _WORD.findall(write.values.get(c, ""))[-1:]} | set(key)
    return bool(words & wanted)


class _Fresh:
    """Keys that hold the id of a row which the same function has just inserted."""

    def __init__(self, facts: FactBase, writes: Sequence[Write]) -> None:
        self._calls = {int(r["id"] or 0): r for r in facts.query("SELECT * FROM code_call")}
        self._foreign: dict[int, list[Mapping[str, Value]]] = {}
        for row in facts.query(
            "SELECT c.relation, c.ref_relation, k.value AS name, p.value AS ref_name"
            " FROM rel_constraint c, json_each(c.columns) k, json_each(c.ref_columns) p"
            " WHERE c.kind = 'foreign' AND k.key = p.key AND json_array_length(c.columns) = 1"
        ):
            self._foreign.setdefault(int(row["relation"] or 0), []).append(row)
        self._parents = [
            w
            for w in writes
            if w.origin == "code"
            and w.operation == "insert"
            and w.conflict is None
            and w.rows == "one"
            and w.returns_rows
        ]

    def holds(self, write: Write, index: Index) -> bool:
        """Does a column of the key take its value from such a row?"""
        call = self._calls.get(write.call or 0)
        if call is None or write.relation is None or not call["function"]:
            return False
        for foreign in self._foreign.get(write.relation, []):
            if foreign["name"] not in index.columns:
                continue
            text = write.values.get(str(foreign["name"]), "")
            if not re.search(rf"[.\]]\s*{re.escape(str(foreign['ref_name']))}\W*$", text):
                continue
            if any(self._before(p, write, call, foreign) for p in self._parents):
                return True
        return False

    def _before(
        self, parent: Write, write: Write, call: Mapping[str, Value], foreign: Mapping[str, Value]
    ) -> bool:
        made = self._calls.get(parent.call or 0)
        return (
            made is not None
            and parent.relation == foreign["ref_relation"]
            and (made["path"], made["function_start"]) == (call["path"], call["function_start"])
            and int(made["start_byte"] or 0) < int(call["start_byte"] or 0)
            and parent.id != write.id
        )
