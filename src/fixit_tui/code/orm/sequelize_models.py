"""Models of Sequelize: define and Model.init."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.code.module import arguments, callee, method_name, operands, unwrap
from fixit_tui.code.orm.table import Table, snake
from fixit_tui.code.project import Project
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

_MARKS = (b"sequelize", b"Sequelize")
_GLOBAL = re.compile(r"\bdefine\s*:\s*\{[^}]*?\bunderscored\s*:\s*true")
_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women"}
_UNCHANGED = ("news", "sheep", "series", "species", "equipment", "information", "data", "media")
MADE_BY_LIBRARY = re.compile(r"\bUUIDV[14]\b|uuid\w*\(|nanoid\(|cuid", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Model:
    """One model: unique keys that attributes declare, unique indexes, those without a `where`."""

    name: str
    table: Table
    keys: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    whole_indexes: tuple[tuple[str, ...], ...] = ()

    def upsert_target(self, changed: tuple[str, ...]) -> tuple[str, ...]:
        """The target of upsert() where none is stated: a key with a changed column in it."""
        primary = self.table.primary
        every = (*self.keys, *self.indexes)
        chosen = next((key for c in changed for key in every if c in key), None)
        return primary if chosen is None or set(primary) & set(changed) else chosen

    def bulk_target(self) -> tuple[str, ...]:
        """The target of bulkCreate(): all whole unique indexes and the first key in one list."""
        together = [c for index in self.whole_indexes for c in index]
        together += [c for key in self.keys[:1] for c in key]
        return tuple(dict.fromkeys(together)) or self.table.primary


def defined_models(project: Project) -> dict[str, Model]:
    """Models by the name that code calls them; names of two different tables are left out."""
    return project.remember("sequelize models", lambda: _all(project))


def _all(project: Project) -> dict[str, Model]:
    found: dict[str, Model | None] = {}
    values = Values(project)
    for path in project.holding(*_MARKS):
        module = project.load(path)
        if module is None:
            continue
        for label in module.root.find_all(kind="property_identifier", regex="^(define|init)$"):
            member = label.parent()
            call = None if member is None else member.parent()
            if call is None or call.kind() != "call_expression":
                continue
            for name, model in _declared(values, Ref(module, call)):
                known = found.get(name, model)
                found[name] = model if known == model else None
    return {name: model for name, model in found.items() if model is not None}


def _declared(values: Values, call: Ref) -> Iterator[tuple[str, Model]]:
    """A model under its own name and under that of the variable that holds it."""
    given = [call.at(a) for a in arguments(call.node)]
    function = callee(call.node)
    owner = None if function is None else function.field("object")
    if owner is None or len(given) < 2:
        return
    if method_name(call.node) == "init":
        options = stated_options(values, given[1])[0]
        if "sequelize" not in options:
            return
        told = values.string(options["modelName"]) if "modelName" in options else None
        name, attributes = told or owner.text(), given[0]
        names = {name, owner.text()}
    else:
        text = values.string(given[0])
        if text is None:
            return
        name, attributes = text, given[1]
        options = stated_options(values, given[2])[0] if len(given) > 2 else {}
        names = {name, *_holder(call)}
    model = _model(values, name, attributes, options)
    if model is not None:
        for one in names - {"this", "super"}:
            yield one, model


def _holder(call: Ref) -> Iterator[str]:
    parent = call.node.parent()
    while parent is not None and parent.kind() in ("parenthesized_expression", "as_expression"):
        parent = parent.parent()
    if parent is not None and parent.kind() == "variable_declarator":
        name = parent.field("name")
        if name is not None and name.kind() == "identifier":
            yield name.text()


def flag(values: Values, options: dict[str, Ref], name: str) -> bool:
    """Whether an option is the constant true."""
    return name in options and values.resolve(options[name]).node.text() == "true"


def _model(values: Values, name: str, attributes: Ref, options: dict[str, Ref]) -> Model | None:
    underscored = flag(values, options, "underscored") or underscored_everywhere(values.project)
    told = values.string(options["tableName"]) if "tableName" in options else None
    if "tableName" in options and told is None:
        return None
    schema = values.string(options["schema"]) if "schema" in options else None
    default = name if flag(values, options, "freezeTableName") else plural(name)
    table = told or (snake(default) if underscored else default)
    reader = _Attributes(values, underscored)
    if not reader.read(attributes):
        return None
    indexes = list(unique_indexes(values, options))
    columns = reader.fields
    made = Table(
        table, schema, columns, False, reader.made,
        "snake" if underscored else "same", tuple(reader.primary) or ("id",),
    )  # fmt: skip
    whole = tuple(fields for fields, partial in indexes if not partial)
    every = tuple(fields for fields, _ in indexes)
    return Model(name, made, tuple(reader.unique()), every, whole)


def underscored_everywhere(project: Project) -> bool:
    """Whether the connection's options make every model underscored."""
    return project.remember("sequelize underscored", lambda: _told_everywhere(project))


def _told_everywhere(project: Project) -> bool:
    for path in project.holding(*_MARKS):
        module = project.load(path)
        if module is not None and _GLOBAL.search(module.text):
            return True
    return False


class _Attributes:
    """Columns of one model's attributes."""

    def __init__(self, values: Values, underscored: bool) -> None:
        self._values = values
        self._underscored = underscored
        self._shared: dict[str, list[str]] = {}
        self.fields: dict[str, str] = {}
        self.made: dict[str, str] = {}
        self.primary: list[str] = []

    def read(self, ref: Ref) -> bool:
        """Whether the attributes are an object in sight."""
        if self._values.resolve(ref).node.kind() != "object":
            return False
        for name, value in stated_options(self._values, ref)[0].items():
            self._attribute(name, value)
        return True

    def unique(self) -> Iterator[tuple[str, ...]]:
        """Columns of each unique key that attributes declare."""
        for columns in self._shared.values():
            yield tuple(columns)

    def _attribute(self, name: str, value: Ref) -> None:
        options = stated_options(self._values, value)[0]
        told = self._values.string(options["field"]) if "field" in options else None
        column = told or (snake(name) if self._underscored else name)
        self.fields[name] = column
        if flag(self._values, options, "primaryKey"):
            self.primary.append(column)
        if "defaultValue" in options and MADE_BY_LIBRARY.search(options["defaultValue"].text):
            self.made[column] = "uuid()"
        unique = options.get("unique")
        if unique is None:
            return
        here = self._values.resolve(unique)
        text = self._values.string(here)
        if here.node.text() == "true":
            self._shared[f"\x00{name}"] = [column]
        elif text is not None:
            self._shared.setdefault(text, []).append(column)


def unique_indexes(
    values: Values, options: dict[str, Ref]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Columns of each unique one of `indexes: [{ … }]`, and whether it is partial."""
    if "indexes" not in options:
        return
    here = values.resolve(options["indexes"])
    for node in operands(here.node) if here.node.kind() == "array" else []:
        index = stated_options(values, here.at(unwrap(node)))[0]
        fields = values.strings(index["fields"]) if "fields" in index else None
        if fields and flag(values, index, "unique"):
            yield fields, "where" in index


def plural(name: str) -> str:
    """The plural that names a model's table; regular nouns, and the usual irregular ones."""
    match = re.search(r"[A-Z]?[a-z]+$", name)
    head, last = (name[: match.start()], match[0]) if match else (name, "")
    lower = last.lower()
    if not lower or lower in _UNCHANGED:
        return name
    many = _IRREGULAR.get(lower)
    if many is None:
        many = _regular(lower)
    return head + (many[:1].upper() + many[1:] if last[:1].isupper() else many)


def _regular(word: str) -> str:
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("is"):
        return word[:-2] + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(?:s|x|z|ch|sh)$", word) else "s")
