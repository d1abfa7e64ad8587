"""Reads in code, and the write that follows on what they found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.catalog import Catalog, Relation
from fixit_tui.facts.derive.from_code import is_rest
from fixit_tui.facts.derive.write import Write
from fixit_tui.sql.dml import UnreadableSql, parse_reads

_EQUALITY = frozenset({"eq", "=", "==", "===", "is", "match", "equals", "where"})


def reads(facts: FactBase, catalog: Catalog, writes: Sequence[Write]) -> Iterator[dict[str, Value]]:
    """Rows of `reads`: one for each read, or for each insert that its result decides about."""
    calls = {int(c["id"] or 0): c for c in facts.query("SELECT * FROM code_call ORDER BY id")}
    in_code: dict[int, list[Write]] = {}
    for write in writes:
        if write.call is not None and write.relation is not None:
            in_code.setdefault(write.relation, []).append(write)
    for number, call in calls.items():
        for relation, compared in _read(catalog, call):
            yield from _rows(number, call, relation, compared, in_code, calls)


def _read(
    catalog: Catalog, call: Mapping[str, Value]
) -> Iterator[tuple[Relation | None, Sequence[str]]]:
    """What a call reads: relation (None: not captured) and the columns compared for equality."""
    schema = None if call["schema"] is None else str(call["schema"])
    if call["verb"] == "select" and call["relation"] is not None:
        resolve = naming.for_request if is_rest(str(call["library"])) else naming.for_statement
        yield resolve(catalog, schema, str(call["relation"])), _compared(call)
    elif call["verb"] == "sql" and call["statement"]:
        try:
            parsed = parse_reads(str(call["statement"]))
        except UnreadableSql:
            # Already listed as unknown where its writes were looked for.
            return
        for one in parsed:
            found = naming.for_statement(catalog, one.schema or schema, one.relation)
            yield found, one.equal_columns


def _rows(
    number: int,
    call: Mapping[str, Value],
    relation: Relation | None,
    compared: Sequence[str],
    in_code: Mapping[int, Sequence[Write]],
    calls: Mapping[int, Mapping[str, Value]],
) -> Iterator[dict[str, Value]]:
    same = in_code.get(relation.oid, ()) if relation else ()
    later = [w for w in same if _follows(call, calls[w.call or 0])]
    decided: Sequence[Write | None] = _decided(number, later, calls) or later[:1] or [None]
    for write in decided:
        guarded = write is not None and _guarded(number, write, calls)
        yield {
            "call": number,
            "path": call["path"],
            "line": call["line"],
            "relation": relation.oid if relation else None,
            "cardinality": call["cardinality"],
            "filter_columns": json.dumps(list(compared), ensure_ascii=False),
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
