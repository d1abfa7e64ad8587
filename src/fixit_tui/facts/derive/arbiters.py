"""Which unique index can serve a conflict clause, by PostgreSQL's own rules.

The rules are those of the planner (the *set* of key columns and expressions must be the target's,
and the clause's WHERE must imply a partial index's predicate) and of the executor (no arbiter may
be deferrable). `confirm.py` lets the server overrule them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fixit_tui.facts.base import Value
from fixit_tui.facts.derive.catalog import Attribute, Catalog, Index, Relation
from fixit_tui.facts.derive.targets import Element, Match, compare_expressions, element
from fixit_tui.facts.derive.write import Conflict, Write
from fixit_tui.facts.resolve import split_name
from fixit_tui.sql.predicate import Implication, implies

_NO_ARBITER = "42P10"
_DEFERRABLE = "55000"
_NO_CONSTRAINT = "42704"
_WRONG_OBJECT = "42809"
_UNSUPPORTED = "0A000"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One index against one conflict clause. `usable` is None when only the server can tell."""

    index: Index
    usable: bool | None
    reason: str

    def row(self, write: int) -> dict[str, Value]:
        """The `arbiter` row."""
        usable = None if self.usable is None else int(self.usable)
        return {
            "write": write,
            "index_oid": self.index.oid,
            "usable": usable,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the server will say to a write's conflict clause: 'ok', an SQLSTATE or 'unknown'."""

    outcome: str
    judgements: tuple[Judgement, ...] = ()


def judge(catalog: Catalog, write: Write) -> Verdict | None:
    """Every index of the write's relation against its clause; None without a clause."""
    conflict = write.conflict
    if conflict is None:
        return None
    relation = catalog.relations.get(write.relation or 0)
    if relation is None or conflict.target_kind is None:
        return Verdict("unknown")
    storage = catalog.relations.get(catalog.storage_of(relation.oid, "insert"), relation)
    if relation.has_rules or storage.has_rules:
        return Verdict(_UNSUPPORTED, tuple(_each(catalog, relation, storage, conflict)))
    if relation.kind == "view" and storage.oid == relation.oid:
        return _judge_view(catalog, relation, conflict)
    judgements = tuple(_each(catalog, relation, storage, conflict))
    columns = catalog.attributes.get(relation.oid, {})
    if columns and conflict.target_kind == "columns" and not set(conflict.target) <= set(columns):
        # No such column (42703): the conflict clause is not even looked at.
        return Verdict("unknown", judgements)
    return Verdict(_outcome(catalog, storage, conflict, judgements), judgements)


def _judge_view(catalog: Catalog, view: Relation, conflict: Conflict) -> Verdict:
    """A view that passes nothing on: an INSTEAD OF trigger, or not updatable at all."""
    if not catalog.instead_of(view.oid, "insert"):
        return Verdict("unknown")
    base = catalog.base_of.get(view.oid)
    indexes = catalog.indexes.get(base, []) if base is not None else []
    judged = tuple(Judgement(i, False, "view") for i in indexes if i.unique or i.exclusion)
    if conflict.target_kind == "constraint":
        return Verdict(_NO_CONSTRAINT, judged)
    return Verdict("ok" if conflict.target_kind == "none" else _NO_ARBITER, judged)


def _each(
    catalog: Catalog, relation: Relation, storage: Relation, conflict: Conflict
) -> Iterator[Judgement]:
    columns = catalog.attributes.get(storage.oid, {})
    types = {a.name: a.type for a in columns.values()}
    target = tuple(element(text, conflict.target_kind, types) for text in conflict.target)
    renamed = relation.oid != storage.oid and not _same_names(catalog, relation, storage)
    for index in catalog.indexes.get(storage.oid, []):
        if conflict.target_kind == "constraint":
            judged = _by_name(catalog, storage, conflict, index)
        elif conflict.target_kind == "none":
            judged = _without_target(index)
        else:
            judged = _inferred(index, conflict, target, columns)
        if judged is None:
            continue
        # A view's columns may bear other names than the table's, so names prove nothing.
        yield Judgement(index, None, judged.reason or "view") if renamed else judged
    if conflict.target_kind in ("columns", "expressions"):
        for leaf in catalog.descendants(storage.oid):
            for index in catalog.indexes.get(leaf.oid, []):
                if index.unique and index.parent is None and _same_key(index, target, columns):
                    yield Judgement(index, False, "partition leaf")


def _same_names(catalog: Catalog, view: Relation, table: Relation) -> bool:
    return set(catalog.attributes.get(view.oid, {})) <= set(catalog.attributes.get(table.oid, {}))


def _by_name(
    catalog: Catalog, relation: Relation, conflict: Conflict, index: Index
) -> Judgement | None:
    if not (index.unique or index.exclusion):
        return None
    found = catalog.constraint_index.get((relation.oid, conflict.constraint or ""))
    if found is None or found[0] != index.oid:
        return Judgement(index, False, "other columns")
    if not index.valid:
        return Judgement(index, False, "invalid")
    if not index.immediate:
        return Judgement(index, False, "deferrable")
    if index.exclusion and conflict.action == "update":
        return Judgement(index, False, "exclusion")
    return Judgement(index, True, "")


def _without_target(index: Index) -> Judgement | None:
    """DO NOTHING without a target looks at every index that takes inserts, valid or not."""
    if not (index.unique or index.exclusion):
        return None
    if not index.ready:
        return Judgement(index, False, "not ready")
    if not index.immediate:
        return Judgement(index, False, "deferrable")
    return Judgement(index, True, "")


def _inferred(
    index: Index, conflict: Conflict, target: Sequence[Element], columns: Mapping[str, Attribute]
) -> Judgement | None:
    if not (index.unique or index.exclusion):
        same = _same_key(index, target, columns)
        return Judgement(index, False, "not unique") if same else None
    if index.exclusion:
        return Judgement(index, False, "exclusion")
    key = _compare_key(index, target, columns)
    if key[0] is False:
        return Judgement(index, False, key[1])
    if not index.ready:
        return Judgement(index, False, "not ready")
    if not index.valid:
        return Judgement(index, False, "invalid")
    implied = _implied(index, conflict, {a.name: a.type for a in columns.values()})
    if implied[0] is False:
        return Judgement(index, False, implied[1])
    if not index.immediate:
        return Judgement(index, False, "deferrable")
    if key[0] is None:
        return Judgement(index, None, key[1])
    return Judgement(index, *implied)


def _compare_key(
    index: Index, target: Sequence[Element], columns: Mapping[str, Attribute]
) -> tuple[bool | None, str]:
    """Is the index's key exactly the target's set of columns and expressions?"""
    named = frozenset(e.column for e in target if e.column is not None)
    wanted = [e for e in target if e.column is None]
    if index.columns != named or bool(index.expressions) != bool(wanted):
        return False, _difference(index, named, wanted)
    sure = True
    for mine, theirs in (
        (wanted, [element(e, "expressions", {}) for e in index.expressions]),
        ([element(e, "expressions", {}) for e in index.expressions], wanted),
    ):
        for one in mine:
            best = max((compare_expressions(one, other) for other in theirs), default=Match.NO)
            if best is Match.NO:
                return False, "expression"
            sure = sure and best is Match.YES
    if not sure:
        return None, "expression"
    return _compare_collations(index, target, columns)


def _compare_collations(
    index: Index, target: Sequence[Element], columns: Mapping[str, Attribute]
) -> tuple[bool | None, str]:
    """A written COLLATE must be the index's own; an unwritten one is free."""
    indexed = dict(zip(index.keys, index.collations, strict=False))
    for e in target:
        if e.operator_class is not None or (e.collation is not None and e.column is None):
            return None, "collation"
        if e.collation is None or e.column is None:
            continue
        own = columns[e.column].collation if e.column in columns else None
        collation = indexed.get(e.column) or own or "default"
        if split_name(collation)[-1].strip('"') != e.collation:
            return False, "collation"
    return True, ""


def _difference(index: Index, columns: frozenset[str], wanted: Sequence[Element]) -> str:
    if index.expressions or wanted:
        mentioned = frozenset().union(*(e.mentions for e in wanted)) | columns
        keys = [element(e, "expressions", {}) for e in index.expressions]
        indexed = frozenset().union(*(e.mentions for e in keys)) | index.columns
        return "expression" if mentioned & indexed else "other columns"
    if index.columns < columns:
        return "subset"
    if index.columns > columns:
        return "superset"
    return "other columns"


def _implied(index: Index, conflict: Conflict, types: Mapping[str, str]) -> tuple[bool | None, str]:
    if index.predicate is None:
        return True, ""
    if conflict.predicate is None:
        # Only a predicate that holds for every row is implied by nothing.
        always = implies("true", index.predicate, types) is Implication.YES
        return (True, "") if always else (False, "partial without predicate")
    answer = implies(conflict.ruled_predicate or conflict.predicate, index.predicate, types)
    if answer is Implication.YES:
        return True, ""
    if answer is Implication.PARAMETER:
        return True, "predicate parameter"
    return (None if answer is Implication.UNKNOWN else False), "predicate not implied"


def _same_key(index: Index, target: Sequence[Element], columns: Mapping[str, Attribute]) -> bool:
    return _compare_key(index, target, columns)[0] is not False


def _outcome(
    catalog: Catalog, relation: Relation, conflict: Conflict, judged: Sequence[Judgement]
) -> str:
    """What the server says, given every index's judgement."""
    if conflict.target_kind == "constraint":
        return _named_outcome(catalog, relation, conflict, judged)
    # All that match are arbiters together, so one deferrable index spoils the rest.
    if any(j.reason == "deferrable" for j in judged):
        return _DEFERRABLE
    if conflict.target_kind == "none":
        return "ok"
    if any(j.usable for j in judged):
        return "ok"
    return "unknown" if any(j.usable is None for j in judged) else _NO_ARBITER


def _named_outcome(
    catalog: Catalog, relation: Relation, conflict: Conflict, judged: Sequence[Judgement]
) -> str:
    found = catalog.constraint_index.get((relation.oid, conflict.constraint or ""))
    if found is None:
        return _NO_CONSTRAINT
    oid, kind = found
    if kind not in ("primary", "unique", "exclusion") or oid is None:
        return _WRONG_OBJECT
    if kind == "exclusion" and conflict.action == "update":
        return _WRONG_OBJECT
    reason = next((j.reason for j in judged if j.index.oid == oid), "")
    if reason == "deferrable":
        return _DEFERRABLE
    return _NO_ARBITER if reason == "invalid" else "ok"
