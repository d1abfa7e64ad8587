"""Models of sequelize-typescript: classes with @Table, their columns and keys as decorators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.module import words
from fixit_tui.code.orm.decorators import decorators
from fixit_tui.code.orm.sequelize_models import (
    MADE_BY_LIBRARY,
    Model,
    defined_models,
    flag,
    plural,
    underscored_everywhere,
    unique_indexes,
)
from fixit_tui.code.orm.table import Table, snake
from fixit_tui.code.project import Project
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_COLUMNS = words("Column CreatedAt UpdatedAt DeletedAt")
_MEMBERS = ("public_field_definition", "field_definition")


def models(project: Project) -> dict[str, Model]:
    """Models by the name that code calls them, decorated or defined; unclear names are left out."""
    return project.remember("sequelize classes", lambda: _all(project))


def _all(project: Project) -> dict[str, Model]:
    found: dict[str, Model | None] = dict(defined_models(project))
    values = Values(project)
    for path in project.holding(b"sequelize-typescript"):
        module = project.load(path)
        for node in [] if module is None else module.root.find_all(kind="class_declaration"):
            assert module is not None
            label, model = node.field("name"), _model(values, Ref(module, node))
            if label is not None and model is not None:
                name = label.text()
                found[name] = model if found.get(name, model) == model else None
    return {name: model for name, model in found.items() if model is not None}


def _marks(ref: Ref) -> dict[str, list[Node]]:
    """The decorators of a class or member: name → arguments."""
    return {name: given or [] for name, given in decorators(ref)}


def _model(values: Values, ref: Ref) -> Model | None:
    marks, label, body = _marks(ref), ref.node.field("name"), ref.node.field("body")
    if "Table" not in marks or label is None or body is None:
        return None
    given = marks["Table"]
    options, whole = stated_options(values, ref.at(given[0])) if given else ({}, True)
    told = values.string(options["tableName"]) if "tableName" in options else None
    if not whole or ("tableName" in options and told is None):
        return None
    underscored = flag(values, options, "underscored") or underscored_everywhere(values.project)
    schema = values.string(options["schema"]) if "schema" in options else None
    default = label.text() if flag(values, options, "freezeTableName") else plural(label.text())
    reader = _Reader(values, underscored)
    for member in body.named_children():
        if member.kind() in _MEMBERS:
            reader.read(ref.at(member))
    table = Table(
        told or (snake(default) if underscored else default), schema, reader.fields, False,
        reader.made, "snake" if underscored else "same", tuple(reader.primary) or ("id",),
    )  # fmt: skip
    indexes = [*reader.indexes(), *unique_indexes(values, options)]
    every = tuple(fields for fields, _ in indexes)
    whole_ones = tuple(fields for fields, partial in indexes if not partial)
    return Model(label.text(), table, tuple(reader.keys()), every, whole_ones)


class _Reader:
    """Columns, keys and unique indexes of one class."""

    def __init__(self, values: Values, underscored: bool) -> None:
        self._values = values
        self._underscored = underscored
        self._keys: dict[str, list[str]] = {}
        self._indexes: dict[str, list[str]] = {}
        self.fields: dict[str, str] = {}
        self.made: dict[str, str] = {}
        self.primary: list[str] = []

    def read(self, ref: Ref) -> None:
        """One member of the class."""
        marks = _marks(ref)
        label = ref.node.field("name") or ref.node.field("property")
        if label is None or not marks.keys() & _COLUMNS:
            return
        name = label.text()
        options = self._options(ref, marks.get("Column", []))
        told = self._values.string(options["field"]) if "field" in options else None
        column = self.fields[name] = told or (snake(name) if self._underscored else name)
        if "PrimaryKey" in marks or flag(self._values, options, "primaryKey"):
            self.primary.append(column)
        fresh = [ref.module.source(node) for node in marks.get("Default", [])]
        fresh += [options["defaultValue"].text] if "defaultValue" in options else []
        if any(MADE_BY_LIBRARY.search(text) for text in fresh):
            self.made[column] = "uuid()"
        if "Unique" in marks:
            self._unique(column, self._name(ref, marks["Unique"]))
        elif "unique" in options:
            text = self._values.string(options["unique"])
            if text is not None or flag(self._values, options, "unique"):
                self._unique(column, text or "")
        if "Index" in marks:
            given = self._options(ref, marks["Index"])
            if flag(self._values, given, "unique"):
                key = self._name(ref, marks["Index"]) or f"\x00{column}"
                self._indexes.setdefault(key, []).append(column)

    def keys(self) -> Iterator[tuple[str, ...]]:
        """The columns of each unique key."""
        for columns in self._keys.values():
            yield tuple(columns)

    def indexes(self) -> Iterator[tuple[tuple[str, ...], bool]]:
        """The columns of each unique index; none is partial."""
        for columns in self._indexes.values():
            yield tuple(columns), False

    def _unique(self, column: str, name: str) -> None:
        self._keys.setdefault(name or f"\x00{column}", []).append(column)

    def _options(self, ref: Ref, given: list[Node]) -> dict[str, Ref]:
        return stated_options(self._values, ref.at(given[0]))[0] if given else {}

    def _name(self, ref: Ref, given: list[Node]) -> str:
        """The name that a decorator is given, alone or among its options."""
        if not given:
            return ""
        text = self._values.string(ref.at(given[0]))
        options = self._options(ref, given)
        told = self._values.string(options["name"]) if "name" in options else None
        return text or told or ""
