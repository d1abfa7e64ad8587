"""Reads in code, and the write that follows on what they found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.catalog import Catalog
from fixit_tui.facts.derive.from_code import is_rest
from fixit_tui.facts.derive.write import Write

_EQUALITY = frozenset({"eq", "=", "==", "===", "is", "match", "equals", "where"})


def reads(facts: FactBase, catalog: Catalog, writes: Sequence[Write]) -> Iterator[dict[str, Value]]:
    """Rows of `reads`: one for each read, or for each insert that its result decides about."""
    calls = {int(c["id"] or 0): c for c in facts.query("SELECT * FROM code_call ORDER BY id")}
    in_code = [w for w in writes if w.call is not None]
    for number, call in calls.items():
        if call["verb"] != "select" or call["relation"] is None:
            continue
        schema = None if call["schema"] is None else str(call["schema"])
        resolve = naming.for_request if is_rest(str(call["library"])) else naming.for_statement
        relation = resolve(catalog, schema, str(call["relation"]))
        later = [
            w
            for w in in_code
            if relation is not None
            and w.relation == relation.oid
            and _follows(call, calls[w.call or 0])
        ]
        for write in _decided(number, later, calls) or later[:1] or [None]:
            guarded = write is not None and _guarded(number, write, calls)
            yield {
                "call": number,
                "path": call["path"],
                "line": call["line"],
                "relation": relation.oid if relation else None,
                "cardinality": call["cardinality"],
                "filter_columns": json.dumps(_compared(call), ensure_ascii=False),
                "followed_by": write.id if write else None,
                "guards_write": int(guarded) if write else None,
            }


def _follows(read: Mapping[str, Value], write: Mapping[str, Value]) -> bool:
    """Does the write stand behind the read in the same function of the same file?"""
    same = ("path", "function", "function_start")
    return all(read[k] == write[k] for k in same) and (
        int(write["start_byte"] or 0) > int(read["start_byte"] or 0)
    )


def _guarded(read: int, write: Write, calls: Mapping[int, Mapping[str, Value]]) -> bool:
    return calls[write.call or 0]["condition_on"] == read


def _decided(
    read: int, later: Sequence[Write], calls: Mapping[int, Mapping[str, Value]]
) -> list[Write]:
    """Writes under an `if` on the read's result: its inserts, or else all of them."""
    guarded = [w for w in later if _guarded(read, w, calls)]
    return [w for w in guarded if w.operation == "insert"] or guarded


def _compared(call: Mapping[str, Value]) -> list[str]:
    filters = json.loads(str(call["filters"] or "[]"))
    return [str(f["column"]) for f in filters if f.get("op") in _EQUALITY and f.get("column")]
