"""What belongs to a few named objects: enough to explain an error, however large the catalog."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fixit_tui.postgres.bulk import Record, Rows

_HOPS = 2
"""How far foreign keys are followed from the named relations and what their triggers write."""

_WORD = re.compile(r"\w+")
_HANGING = (
    "attribute",
    "rel_constraint",
    "rel_index",
    "rel_trigger",
    "policy",
    "privilege",
    "sequence_feed",
    "publication_table",
)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Numbers of the relations and routines to keep, and the names it was asked for."""

    relations: frozenset[int]
    routines: frozenset[int]
    names: tuple[str, ...]


class _Graph:
    """Who is next to whom, from the raw rows."""

    def __init__(self, rows: Rows) -> None:
        self.names: dict[str, set[int]] = defaultdict(set)
        for relation in rows["relation"]:
            self.names[relation["name"].lower()].add(relation["oid"])
        self.odd_names = [name for name in self.names if not _WORD.fullmatch(name)]
        self.bodies = {r["oid"]: (r["body"] or r["definition"] or "") for r in rows["routine"]}
        self.calls: dict[int, set[int]] = defaultdict(set)
        for trigger in rows["rel_trigger"]:
            self.calls[trigger["relation"]].add(trigger["routine"])
        self.near: dict[int, set[int]] = defaultdict(set)
        links = [(r["oid"], r["parent"]) for r in rows["relation"] if r["parent"]]
        links += [(s["view"], s["relation"]) for s in rows["view_source"]]
        numbered: dict[int, int] = {}
        for feed in rows["sequence_feed"]:
            first = numbered.setdefault(feed["sequence"], feed["relation"])
            links.append((first, feed["relation"]))
        for one, other in links:
            self.near[one].add(other)
            self.near[other].add(one)
        self.keys: dict[int, set[int]] = defaultdict(set)
        for key in rows["rel_constraint"]:
            if key["ref_relation"]:
                self.keys[key["relation"]].add(key["ref_relation"])
                self.keys[key["ref_relation"]].add(key["relation"])
        self._mentions: dict[int, set[int]] = {}

    def mentioned(self, routine: int) -> set[int]:
        """Relations whose names stand in a routine's body, whatever for."""
        if routine not in self._mentions:
            body = self.bodies.get(routine, "").lower()
            words = set(_WORD.findall(body)) & self.names.keys()
            words |= {name for name in self.odd_names if name in body}
            self._mentions[routine] = {oid for word in words for oid in self.names[word]}
        return self._mentions[routine]

    def written_from(self, start: Iterable[int]) -> set[int]:
        """The relations, what triggers on them mention, and so on; with partitions and views."""
        found: set[int] = set()
        pending = list(start)
        while pending:
            oid = pending.pop()
            if oid in found:
                continue
            found.add(oid)
            pending += self.near.get(oid, ())
            for routine in self.calls.get(oid, ()):
                pending += self.mentioned(routine)
        return found


def neighbourhood(rows: Rows, names: frozenset[str]) -> Neighbourhood | None:
    """The relations around the named objects and the routines that touch those; None if unknown.

    A name may be a relation's, constraint's, index's, trigger's or routine's, with or without its
    schema. Foreign keys are followed two steps, triggers and what they mention to the end.
    """
    relations, routines = _seeds(rows, names)
    graph = _Graph(rows)
    for routine in routines:
        relations |= graph.mentioned(routine)
        relations |= {oid for oid, called in graph.calls.items() if routine in called}
    if not relations and not routines:
        return None
    core = graph.written_from(relations)
    found = set(core)
    for _ in range(_HOPS):
        found |= {near for oid in found for near in graph.keys.get(oid, ())}
    kept = set(routines)
    for oid in found:
        kept |= graph.calls.get(oid, set())
    kept |= {routine for routine in graph.bodies if graph.mentioned(routine) & core}
    return Neighbourhood(frozenset(found), frozenset(kept), tuple(sorted(names)))


def _seeds(rows: Rows, names: frozenset[str]) -> tuple[set[int], set[int]]:
    def named(record: Record) -> bool:
        schema = record.get("schema")
        return record["name"] in names or f"{schema}.{record['name']}" in names

    relations = {r["oid"] for r in rows["relation"] if named(r)}
    for table in ("rel_constraint", "rel_index", "rel_trigger"):
        relations |= {r["relation"] for r in rows[table] if named(r)}
    relations |= {
        c["ref_relation"] for c in rows["rel_constraint"] if named(c) and c["ref_relation"]
    }
    return relations, {r["oid"] for r in rows["routine"] if named(r)}


def only(rows: Rows, near: Neighbourhood | None) -> None:
    """Drop what is not in the neighbourhood, and say so in a gap; without one, keep everything."""
    if near is None or len(near.relations) == len(rows["relation"]):
        return
    rows["gap"].append(
        {
            "what": f"only what surrounds {', '.join(near.names)} was read",
            "costs": "faults elsewhere in the database are not looked for",
        }
    )
    rows["relation"] = [r for r in rows["relation"] if r["oid"] in near.relations]
    for table in _HANGING:
        rows[table] = [r for r in rows[table] if r["relation"] in near.relations]
    numbering = {f["sequence"] for f in rows["sequence_feed"]}
    rows["sequence"] = [
        s for s in rows["sequence"] if s["relation"] in near.relations or s["oid"] in numbering
    ]
    rows["view_source"] = [
        s
        for s in rows["view_source"]
        if s["view"] in near.relations and s["relation"] in near.relations
    ]
    rows["routine"] = [r for r in rows["routine"] if r["oid"] in near.routines]
