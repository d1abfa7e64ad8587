"""The catalog facts as Python values, read once for all derivations."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive.row_changes import changed_columns


@dataclass(frozen=True, slots=True)
class Relation:
    oid: int
    schema: str
    name: str
    kind: str
    managed: bool
    parent: int | None
    has_rules: bool

    @property
    def label(self) -> str:
        """The name that a chain shows: schema only where it is not public."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    type: str
    default: str | None
    has_default: bool
    identity: str
    generated: bool
    collation: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """A unique, exclusion or plain index; `keys` holds None where the key is an expression."""

    oid: int
    relation: int
    name: str
    unique: bool
    primary: bool
    exclusion: bool
    valid: bool
    ready: bool
    immediate: bool
    keys: tuple[str | None, ...]
    expressions: tuple[str, ...]
    predicate: str | None
    collations: tuple[str | None, ...]
    parent: int | None

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(k for k in self.keys if k is not None)


@dataclass(frozen=True, slots=True)
class Trigger:
    oid: int
    relation: int
    name: str
    routine: int
    timing: str
    level: str
    events: frozenset[str]
    update_columns: tuple[str, ...]
    enabled: str
    when: str | None
    args: tuple[str, ...]
    deferred: bool
    new_table: str | None

    @property
    def has_when(self) -> bool:
        return self.when is not None


@dataclass(frozen=True, slots=True)
class Routine:
    oid: int
    schema: str
    name: str
    language: str
    kind: str
    definer: bool
    search_path: tuple[str, ...] | None
    body: str | None
    arguments: str
    returns_trigger: bool

    @property
    def label(self) -> str:
        name = self.name if self.schema == "public" else f"{self.schema}.{self.name}"
        return f"{name}()"

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    name: str
    relation: int
    ref_relation: int
    on_delete: str
    on_update: str


class Catalog:
    """Indexes over the captured rows. Immutable after construction."""

    def __init__(self, facts: FactBase) -> None:
        self.relations = {r.oid: r for r in map(_relation, facts.query("SELECT * FROM relation"))}
        self.by_name: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations.values():
            self.by_name[relation.name].append(relation)
        self.attributes: dict[int, dict[str, Attribute]] = defaultdict(dict)
        for row in facts.query("SELECT * FROM attribute ORDER BY relation, number"):
            attribute = _attribute(row)
            self.attributes[_int(row["relation"])][attribute.name] = attribute
        self.indexes: dict[int, list[Index]] = defaultdict(list)
        for index in map(_index, facts.query("SELECT * FROM rel_index ORDER BY name, oid")):
            self.indexes[index.relation].append(index)
        self.triggers: dict[int, list[Trigger]] = defaultdict(list)
        for trigger in map(_trigger, facts.query("SELECT * FROM rel_trigger ORDER BY name, oid")):
            self.triggers[trigger.relation].append(trigger)
        self.trigger_schemas: dict[int, list[str]] = defaultdict(list)
        for holder, triggers in self.triggers.items():
            for trigger in triggers:
                if holder in self.relations:
                    self.trigger_schemas[trigger.routine].append(self.relations[holder].schema)
        self.routines = {
            r.oid: r for r in map(_routine, facts.query("SELECT * FROM routine ORDER BY oid"))
        }
        self.children: dict[int, list[Relation]] = defaultdict(list)
        for relation in self.relations.values():
            if relation.parent is not None:
                self.children[relation.parent].append(relation)
        self.base_of = self._bases(facts)
        self.constraint_index = {
            (_int(row["relation"]), str(row["name"])): (_opt(row["index_oid"]), str(row["kind"]))
            for row in facts.query("SELECT * FROM rel_constraint")
        }
        self.referencing: dict[int, list[ForeignKey]] = defaultdict(list)
        for row in facts.query(
            "SELECT * FROM rel_constraint WHERE kind = 'foreign' AND ref_relation IS NOT NULL"
        ):
            self.referencing[_int(row["ref_relation"])].append(_foreign_key(row))
        found = facts.query("SELECT value FROM setting WHERE name = 'search_path'")
        self.session_path = parse_path(str(found[0]["value"])) if found else ("public",)

    def _bases(self, facts: FactBase) -> dict[int, int]:
        """Auto-updatable view → the one relation that it shows.

        Such a view may read others in its WHERE; then only the columns tell which is shown, and
        where they do not, the view is left out.
        """
        sources: dict[int, list[int]] = defaultdict(list)
        for row in facts.query("SELECT * FROM view_source WHERE auto_updatable = 1"):
            sources[_int(row["view"])].append(_int(row["relation"]))
        bases: dict[int, int] = {}
        for view, relations in sources.items():
            shown = set(self.attributes.get(view, {}))
            fitting = [r for r in relations if shown <= set(self.attributes.get(r, {}))]
            for only in (relations, fitting):
                if len(only) == 1:
                    bases[view] = only[0]
        return bases

    def find(self, schema: str | None, name: str, path: tuple[str, ...]) -> Relation | None:
        """The relation of that name: in `schema` if given, else the first hit along `path`."""
        candidates = self.by_name.get(name, [])
        for wanted in (schema,) if schema is not None else path:
            for relation in candidates:
                if relation.schema == wanted:
                    return relation
        return None

    def only(self, name: str) -> Relation | None:
        """The relation of that name when exactly one of the application's own schemas has it."""
        own = [r for r in self.by_name.get(name, []) if not r.managed and r.parent is None]
        return own[0] if len(own) == 1 else None

    def changed_before(self, oid: int, event: str) -> frozenset[str]:
        """Columns that BEFORE row triggers assign, '*' for the whole row."""
        found: set[str] = set()
        for trigger in self.triggers.get(oid, []):
            routine = self.routines.get(trigger.routine)
            fires = trigger.enabled in ("origin", "always") and event in trigger.events
            if fires and trigger.timing == "before" and trigger.level == "row":
                found |= changed_columns(routine.body) if routine and routine.body else set()
        return frozenset(found)

    def descendants(self, oid: int) -> list[Relation]:
        """Partitions below a relation, at any depth."""
        found: list[Relation] = []
        pending = [oid]
        while pending:
            below = self.children.get(pending.pop(), [])
            found += below
            pending += [r.oid for r in below]
        return found

    def instead_of(self, oid: int, event: str) -> bool:
        """Does an INSTEAD OF trigger take this event away from the view?"""
        return any(
            t.timing == "instead of" and event in t.events for t in self.triggers.get(oid, [])
        )

    def storage_of(self, oid: int, event: str) -> int:
        """The table that really takes the write: itself, or what an auto-updatable view shows."""
        seen = {oid}
        while oid in self.base_of and not self.instead_of(oid, event):
            oid = self.base_of[oid]
            if oid in seen:
                break
            seen.add(oid)
        return oid

    def primary_key(self, oid: int) -> tuple[str, ...]:
        """Columns of the primary key; empty when there is none."""
        for index in self.indexes.get(self.storage_of(oid, "insert"), []):
            if index.primary:
                return tuple(k for k in index.keys if k is not None)
        return ()


def parse_path(text: str) -> tuple[str, ...]:
    """Schemas of a search_path value; `"$user"` and pg_temp are left out, `''` is empty."""
    names: list[str] = []
    for quoted, bare in re.findall(r'"((?:[^"]|"")*)"|([^\s,"\']+)', text.removeprefix("=")):
        name = quoted.replace('""', '"') if quoted else bare.lower()
        if name and name not in ("$user", "pg_temp"):
            names.append(name)
    return tuple(names)


def strings(value: Value) -> tuple[str, ...]:
    """A JSON array of texts as a tuple; NULL is empty."""
    return tuple(str(v) for v in json.loads(str(value))) if value else ()


def texts(value: Value) -> Mapping[str, str]:
    """A JSON object of texts; NULL is empty."""
    return {str(k): str(v) for k, v in json.loads(str(value)).items()} if value else {}


def _int(value: Value) -> int:
    if value is None:
        raise ValueError("a captured row lacks an oid")
    return int(value)


def _opt(value: Value) -> int | None:
    return int(value) if value else None


def _flag(value: Value, default: bool = False) -> bool:
    return default if value is None else bool(value)


def _relation(row: Mapping[str, Value]) -> Relation:
    return Relation(
        oid=_int(row["oid"]),
        schema=str(row["schema"]),
        name=str(row["name"]),
        kind=str(row["kind"]),
        managed=_flag(row["managed"]),
        parent=_opt(row["parent"]),
        has_rules=_flag(row["has_rules"]),
    )


def _attribute(row: Mapping[str, Value]) -> Attribute:
    default = row["default_expr"]
    return Attribute(
        name=str(row["name"]),
        type=str(row["type"]),
        default=None if default is None else str(default),
        has_default=_flag(row["has_default"]) or default is not None,
        identity=str(row["identity"] or ""),
        generated=_flag(row["generated"]),
        collation=None if row["collation"] is None else str(row["collation"]),
    )


def _index(row: Mapping[str, Value]) -> Index:
    keys = tuple(None if k is None else str(k) for k in json.loads(str(row["columns"] or "[]")))
    collations = json.loads(str(row["collations"] or "[]"))
    predicate = row["predicate"]
    return Index(
        oid=_int(row["oid"]),
        relation=_int(row["relation"]),
        name=str(row["name"]),
        unique=_flag(row["is_unique"]),
        primary=_flag(row["is_primary"]),
        exclusion=_flag(row["is_exclusion"]),
        valid=_flag(row["is_valid"], default=True),
        ready=_flag(row["is_ready"], default=True),
        immediate=_flag(row["is_immediate"], default=True),
        keys=keys,
        expressions=strings(row["expressions"]),
        predicate=None if predicate is None else str(predicate),
        collations=tuple(None if c is None else str(c) for c in collations),
        parent=_opt(row["parent_index"]),
    )


def _trigger(row: Mapping[str, Value]) -> Trigger:
    return Trigger(
        oid=_int(row["oid"]),
        relation=_int(row["relation"]),
        name=str(row["name"]),
        routine=int(row["routine"] or 0),
        timing=str(row["timing"]),
        level=str(row["level"]),
        events=frozenset(strings(row["events"])),
        update_columns=strings(row["update_columns"]),
        enabled=str(row["enabled"]),
        when=None if row["when_expr"] is None else str(row["when_expr"]),
        args=strings(row["args"]),
        new_table=_new_table(str(row["definition"] or "")),
        deferred=" INITIALLY DEFERRED " in str(row["definition"] or ""),
    )


def _new_table(definition: str) -> str | None:
    """Name of the transition table of new rows in pg_get_triggerdef."""
    found = re.search(r" NEW TABLE AS (\w+) ", definition.partition(" EXECUTE ")[0] + " ")
    return found.group(1) if found else None


def _routine(row: Mapping[str, Value]) -> Routine:
    path, body = row["search_path"], row["body"]
    return Routine(
        oid=_int(row["oid"]),
        schema=str(row["schema"]),
        name=str(row["name"]),
        language=str(row["language"]),
        kind=str(row["kind"]),
        definer=_flag(row["security_definer"]),
        search_path=None if path is None else parse_path(str(path)),
        body=None if body is None else str(body),
        arguments=str(row["identity_args"] or ""),
        returns_trigger=_flag(row["returns_trigger"]),
    )


def _foreign_key(row: Mapping[str, Value]) -> ForeignKey:
    return ForeignKey(
        name=str(row["name"]),
        relation=_int(row["relation"]),
        ref_relation=_int(row["ref_relation"]),
        on_delete=str(row["on_delete"] or "no action"),
        on_update=str(row["on_update"] or "no action"),
    )
