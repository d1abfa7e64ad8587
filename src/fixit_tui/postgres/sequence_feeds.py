"""Which columns a sequence numbers: what the catalog says, and what BEFORE INSERT triggers do."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.sql.next_values import NumberedField, numbered_fields, stored_sequence

Named = Mapping[str, list[Record]]


def add_sequence_feeds(rows: Rows) -> None:
    """Complete rows["sequence_feed"]: only columns that store nextval() as it is, triggers too.

    A partition whose parent is numbered by the same sequence is left to the parent.
    """
    sequences = {s["oid"] for s in rows["sequence"]}
    named: dict[str, list[Record]] = defaultdict(list)
    for sequence in rows["sequence"]:
        named[sequence["name"]].append(sequence)
    called = list(_by_triggers(rows, named))
    near = {f["relation"] for f in (*rows["sequence_feed"], *called)}
    attributes = {
        (a["relation"], a["name"]): a
        for a in rows["attribute"]
        # Most columns have neither; only a trigger may fill one of those.
        if (a["default_expr"] or a["identity"] or called) and a["relation"] in near
    }
    found = {
        (f["sequence"], f["relation"], f["attribute"]): f
        for f in rows["sequence_feed"]
        if f["sequence"] in sequences and _stores(f, attributes, named)
    }
    for feed in called:
        if (feed["relation"], feed["attribute"]) in attributes:
            found.setdefault((feed["sequence"], feed["relation"], feed["attribute"]), feed)
    parents = {r["oid"]: r["parent"] for r in rows["relation"] if r["parent"]}
    rows["sequence_feed"] = [
        feed
        for (sequence, relation, attribute), feed in found.items()
        if not _is_above(sequence, parents.get(relation), attribute, parents, found)
    ]


def _is_above(
    sequence: int,
    parent: int | None,
    attribute: str,
    parents: Mapping[int, int],
    found: Mapping[tuple[int, int, str], Record],
) -> bool:
    while parent is not None:
        if (sequence, parent, attribute) in found:
            return True
        parent = parents.get(parent)
    return False


def _stores(feed: Record, attributes: Mapping[tuple[int, str], Record], named: Named) -> bool:
    """Does the column's default give the sequence's number, and nothing made from it?"""
    column = attributes.get((feed["relation"], feed["attribute"]))
    if column is None:
        return False
    if column["identity"]:
        return True
    parts = stored_sequence(column["default_expr"] or "")
    return bool(parts) and any(s["oid"] == feed["sequence"] for s in _called(parts, named))


def _called(parts: tuple[str, ...] | None, named: Named) -> list[Record]:
    """The sequences that a name may mean."""
    found = named.get(parts[-1], []) if parts else []
    if parts and len(parts) > 1:
        found = [s for s in found if s["schema"] == parts[-2]]
    return found


def _by_triggers(rows: Rows, named: Named) -> Iterator[Record]:
    routines = {r["oid"]: r for r in rows["routine"]}
    schemas = {r["oid"]: r["schema"] for r in rows["relation"]}
    fields: dict[int, tuple[NumberedField, ...]] = {}
    for trigger in rows["rel_trigger"]:
        routine = routines.get(trigger["routine"])
        if routine is None or not _numbers(trigger, routine):
            continue
        if routine["oid"] not in fields:
            fields[routine["oid"]] = numbered_fields(routine["body"])
        for field in fields[routine["oid"]]:
            sequence = _meant(_called(field.sequence, named), schemas.get(trigger["relation"]))
            if sequence is not None:
                yield {
                    "sequence": sequence["oid"],
                    "relation": trigger["relation"],
                    "attribute": field.column,
                    "how": "trigger",
                    "routine": routine["qualified"],
                    "partly": int(not field.alone or trigger["when_expr"] is not None),
                    "farthest": None,
                    "next_taken": None,
                }


def _numbers(trigger: Record, routine: Record) -> bool:
    return (
        trigger["timing"] == "before"
        and trigger["level"] == "row"
        and "insert" in json.loads(trigger["events"])
        and trigger["enabled"] in ("origin", "always")
        and routine["language"] == "plpgsql"
        and "nextval" in (routine["body"] or "").lower()
    )


def _meant(candidates: list[Record], schema: str | None) -> Record | None:
    """The one of the table's own schema, else the only one there is."""
    near = [s for s in candidates if s["schema"] == schema]
    chosen = near or candidates
    return chosen[0] if len(chosen) == 1 else None
