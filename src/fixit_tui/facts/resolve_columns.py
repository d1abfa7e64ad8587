"""A key that an error tells by its columns alone, as Prisma's errors do."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Value

_UNIQUE = """
SELECT r.oid AS relation, r.name AS relation_name, i.constraint_oid AS con, i.oid AS idx,
       i.name AS name, i.columns AS columns
FROM rel_index i JOIN relation r ON r.oid = i.relation
WHERE i.is_unique = 1 AND i.parent_index IS NULL AND r.managed = 0
"""
_FOREIGN = """
SELECT r.oid AS relation, r.name AS relation_name, c.oid AS con, NULL AS idx, c.name AS name,
       c.columns AS columns
FROM rel_constraint c JOIN relation r ON r.oid = c.relation
WHERE c.kind = 'foreign' AND r.managed = 0 AND r.parent IS NULL
"""
_QUERIES = {"23505": _UNIQUE, "23503": _FOREIGN}
_WRITTEN = """
SELECT DISTINCT relation FROM write
WHERE origin IN ('code', 'pasted') AND relation IS NOT NULL AND (?1 IS NULL OR operation = ?1)
"""
_WRITES = {"upsert": "insert"}


@dataclass(frozen=True, slots=True)
class Key:
    """The only key that fits: its relation, name, and what the catalog knows it by."""

    relation: int
    name: str
    constraint: int | None
    index: int | None


def key_by_columns(
    facts: FactBase, symptom: Mapping[str, Value], named: Collection[int]
) -> Key | None:
    """The key over exactly the reported columns, None where several fit.

    Several are told apart by the relations that the error names, by the model that it names, and
    by what the code writes with the reported operation.
    """
    query = _QUERIES.get(str(symptom["sqlstate"]))
    columns = [c for c in json.loads(str(symptom["key_columns"] or "[]")) if c]
    if query is None or symptom["constraint_name"] is not None or not columns:
        return None
    wanted = frozenset(map(_plain, columns))
    found = [row for row in facts.query(query) if _columns(row) == wanted]
    models = {form for i in json.loads(str(symptom["identifiers"] or "[]")) for form in _forms(i)}
    found = _narrowed(found, [r for r in found if r["relation"] in named])
    found = _narrowed(found, [r for r in found if _plain(str(r["relation_name"])) in models])
    operation = symptom["operation"]
    written = {
        row["relation"] for row in facts.query(_WRITTEN, (_WRITES.get(str(operation), operation),))
    }
    found = _narrowed(found, [r for r in found if r["relation"] in written])
    if len({row["relation"] for row in found}) != 1 or (len(found) > 1 and query is _FOREIGN):
        return None
    row = found[0]
    return Key(
        int(row["relation"] or 0),
        str(row["name"]),
        None if row["con"] is None else int(row["con"]),
        None if row["idx"] is None else int(row["idx"]),
    )


def _narrowed(
    rows: list[dict[str, Value]], fewer: list[dict[str, Value]]
) -> list[dict[str, Value]]:
    return fewer or rows


def _columns(row: Mapping[str, Value]) -> frozenset[str]:
    return frozenset(_plain(c or "") for c in json.loads(str(row["columns"] or "[]")))


def _plain(name: str) -> str:
    """`providerAccountId` and `provider_account_id` are one name in two customs."""
    return name.replace("_", "").lower()


def _forms(model: str) -> set[str]:
    """A model's name as tables are called after it."""
    plain = _plain(model)
    plural = f"{plain[:-1]}ies" if plain.endswith("y") else f"{plain}s"
    return {plain, plural, f"{plain}es"}
