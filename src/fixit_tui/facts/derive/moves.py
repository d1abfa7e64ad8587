"""What it takes to move rows out of a table: who refers to them, which triggers would meddle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fixit_tui.facts.base import FactBase, Row, Value

# A trigger function that only sets fields of the row at hand: pausing it leaves nothing undone.
_REACHES_OUT = re.compile(
    r"\b(?:insert\s+into|delete\s+from|update\s+\w|perform|execute|call|select|notify|raise|merge"
    r"|copy|truncate|dblink|http)\b|\b(?:pg_notify|net\.)",
    re.IGNORECASE,
)
_WORDS_ONLY = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_TIMES = ("updated", "modified", "changed", "created", "inserted")
QUARANTINE = "fixit_quarantine"


def move_plans(facts: FactBase, relations: Sequence[int]) -> Iterator[Row]:
    """The rows of `move_plan` for these tables."""
    for oid in sorted(set(relations)):
        found = facts.query("SELECT * FROM relation WHERE oid = ? AND managed = 0", (oid,))
        if not found or found[0]["kind"] not in ("table", "partitioned"):
            continue
        plan = _Plan(facts, found[0])
        age, key = plan.age(), plan.primary_key(oid)
        children = list(plan.children())
        yield {
            "relation": oid,
            "params": json.dumps(plan.params(age, key, children), ensure_ascii=False),
            "has_age": int(age is not None),
            "has_key": int(bool(key)),
            "references": len(children),
        }


def _columns(names: Sequence[str]) -> dict[str, Any]:
    return {"columns": list(names)}


def _kept(column: str) -> dict[str, str]:
    """The quarantined row's note of what the row that stays has in a column."""
    return {"new_name": f"fixit_kept_{column}"}


class _Plan:
    def __init__(self, facts: FactBase, relation: Mapping[str, Value]) -> None:
        self._facts = facts
        self._oid = int(relation["oid"] or 0)
        self._name = (str(relation["schema"]), str(relation["name"]))

    def params(
        self, age: str | None, key: Sequence[str], children: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Typed values, see playbooks/README.md."""
        stored = self._facts.query(
            "SELECT name FROM attribute WHERE relation = ? AND generated = 0 ORDER BY number",
            (self._oid,),
        )
        events = ["insert", "delete", *(["update"] if any(c["itself"] for c in children) else [])]
        referenced = dict.fromkeys(c for child in children for c in child["ref_columns"]["columns"])
        return {
            "all_columns": _columns([str(r["name"]) for r in stored]),
            "pk": _columns(key) if key else None,
            "age": {"ident": age} if age else None,
            "quarantine": {"new_table": [QUARANTINE, "_".join(self._name)]},
            "kept": [{"column": {"ident": c}, "name": _kept(c)} for c in referenced],
            "paused": [{"ident": t} for t in self._paused(self._oid, events)],
            "children": list(children),
        }

    def age(self) -> str | None:
        """The column that tells older from newer: a maintained time stamp, else a creation time."""
        rows = self._facts.query(
            "SELECT name FROM attribute WHERE relation = ? AND type LIKE 'timestamp%'"
            " ORDER BY number",
            (self._oid,),
        )
        names = [str(r["name"]) for r in rows]

        def rank(name: str) -> int:
            low = name.lower()
            return next((i for i, w in enumerate(_TIMES) if low.startswith(w)), len(_TIMES))

        return min(names, key=rank, default=None)

    def primary_key(self, relation: int) -> list[str]:
        found = self._facts.query(
            "SELECT columns FROM rel_constraint WHERE relation = ? AND kind = 'primary'",
            (relation,),
        )
        return [str(c) for c in json.loads(str(found[0]["columns"]))] if found else []

    def children(self) -> Iterator[dict[str, Any]]:
        """Every foreign key that points here; a partition's copy of its parent's is none."""
        rows = self._facts.query(
            "SELECT c.*, r.schema AS rel_schema, r.name AS rel_name FROM rel_constraint c"
            " JOIN relation r ON r.oid = c.relation"
            " WHERE c.kind = 'foreign' AND c.ref_relation = ?1 AND NOT EXISTS ("
            "   SELECT 1 FROM rel_constraint p WHERE p.relation = r.parent AND p.kind = 'foreign'"
            "     AND p.ref_relation = ?1 AND p.columns = c.columns)"
            " ORDER BY r.schema, r.name, c.name",
            (self._oid,),
        )
        for number, row in enumerate(rows, 1):
            yield {"alias": {"ident": f"fixit_r{number}"}, **self._child(row)}

    def _child(self, row: Mapping[str, Value]) -> dict[str, Any]:
        table = [str(row["rel_schema"]), str(row["rel_name"])]
        own = [str(c) for c in json.loads(str(row["columns"]))]
        theirs = [str(c) for c in json.loads(str(row["ref_columns"]))]
        new = dict(zip(own, map(_kept, theirs), strict=True))
        relation = int(row["relation"] or 0)
        itself = relation == self._oid
        return {
            "label": f"{'.'.join(table)}, {row['name']}",
            "table": {"name": table},
            "itself": itself,
            "columns": _columns(own),
            "ref_columns": _columns(theirs),
            "pairs": [
                {
                    "column": {"ident": c},
                    "ref": ref,
                    "old": {"new_name": f"fixit_old_{c}"},
                    "kept": new[c],
                }
                for c, ref in zip(own, theirs, strict=True)
            ],
            "pk": [
                {"column": {"ident": c}, "key": {"new_name": f"fixit_key_{c}"}, "kept": new.get(c)}
                for c in self.primary_key(relation)
            ],
            "record": {
                "new_table": [QUARANTINE, "_".join(["repointed", *table, str(row["name"])])]
            },
            "lookup": None if self._indexed(relation, own) else self._lookup(table, row),
            "uniques": list(self._uniques(relation, own, new)),
            "paused": [{"ident": t} for t in self._paused(relation, ("update",))],
        }

    def _indexed(self, relation: int, columns: Sequence[str]) -> bool:
        """Can the server find the rows of a reference without reading the whole table?"""
        rows = self._facts.query(
            "SELECT columns FROM rel_index"
            " WHERE relation = ? AND is_valid = 1 AND predicate IS NULL",
            (relation,),
        )
        leading = (json.loads(str(row["columns"]))[: len(columns)] for row in rows)
        return any(set(found) == set(columns) for found in leading)

    def _lookup(self, table: Sequence[str], row: Mapping[str, Value]) -> dict[str, Any]:
        """An index for as long as the move takes: each deleted row is looked for in this table."""
        name = f"fixit_lookup_{table[1]}_{row['name']}"
        return {"name": {"new_name": name}, "qualified": {"new_table": [table[0], name]}}

    def _uniques(
        self, relation: int, own: Sequence[str], new: Mapping[str, Mapping[str, str]]
    ) -> Iterator[dict[str, Any]]:
        """Unique keys of a referencing table that hold a column of the reference."""
        rows = self._facts.query(
            "SELECT * FROM rel_index WHERE relation = ? AND is_unique = 1 AND is_valid = 1"
            " AND coalesce(predicate, 'none') <> '' ORDER BY name",
            (relation,),
        )
        for row in rows:
            columns = json.loads(str(row["columns"]))
            if None in columns or not set(columns) & set(own):
                continue
            yield {
                "name": str(row["name"]),
                "columns": [{"column": {"ident": c}, "kept": new.get(c)} for c in columns],
                "predicate": None if row["predicate"] is None else {"sql": str(row["predicate"])},
                "nulls_not_distinct": bool(row["nulls_not_distinct"]),
            }

    def _paused(self, relation: int, events: Sequence[str]) -> list[str]:
        """Triggers that only touch up the row at hand, such as one that sets `updated_at`."""
        rows = self._facts.query(
            "SELECT t.name, t.events, t.enabled, f.name AS function, f.language, f.body"
            " FROM rel_trigger t JOIN routine f ON f.oid = t.routine"
            " WHERE t.relation = ? AND t.timing = 'before' AND t.level = 'row' ORDER BY t.name",
            (relation,),
        )
        return [
            str(row["name"])
            for row in rows
            if row["enabled"] == "origin"
            and set(json.loads(str(row["events"]))) & set(events)
            and _harmless(row)
        ]


def _harmless(row: Mapping[str, Value]) -> bool:
    if row["language"] == "c":
        return row["function"] == "moddatetime"
    body = _WORDS_ONLY.sub(" ", str(row["body"] or ""))
    return row["language"] == "plpgsql" and bool(body.strip()) and not _REACHES_OUT.search(body)
