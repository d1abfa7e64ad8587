"""Entities of TypeORM: classes with @Entity, their columns and primary keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixit_tui.code.module import words
from fixit_tui.code.orm.decorators import decorators
from fixit_tui.code.orm.table import Table, snake
from fixit_tui.code.orm.typeorm_schemas import is_schema, read_schema, schemas
from fixit_tui.code.project import Project
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_COLUMNS = words(
    "Column PrimaryColumn PrimaryGeneratedColumn CreateDateColumn UpdateDateColumn "
    "DeleteDateColumn VersionColumn ObjectIdColumn Generated"
)
_PRIMARY = frozenset({"PrimaryColumn", "PrimaryGeneratedColumn"})
_LINKS = frozenset({"ManyToOne", "OneToOne"})
_BASE = frozenset({"BaseEntity"})


@dataclass(frozen=True, slots=True)
class Entity:
    """A class that is a table. `links` maps a relation's property to its join column."""

    name: str
    table: Table
    links: Mapping[str, str] = field(default_factory=dict)

    def column(self, path: str) -> str | None:
        """The column of a property; for a relation its join column."""
        own, _, _ = path.partition(".")
        return self.links.get(own) or self.table.column(path)


def entities(project: Project) -> dict[str, Entity]:
    """Entities by the name of their class; names of two different tables are left out."""
    return project.remember("typeorm entities", lambda: _all(project))


def _all(project: Project) -> dict[str, Entity]:
    values = Values(project)
    declared: defaultdict[str, list[Ref]] = defaultdict(list)
    for path in project.holding(b"@Entity", b"Column"):
        module = project.load(path)
        # JavaScript's grammar has no abstract classes, and asking it for them is an error.
        typed = module is not None and module.language != "javascript"
        for kind in ("class_declaration", *(("abstract_class_declaration",) if typed else ())):
            for node in [] if module is None else module.root.find_all(kind=kind):
                label = node.field("name")
                if label is not None and module is not None:
                    declared[label.text()].append(Ref(module, node))
    classes = {name: refs[0] if len(refs) == 1 else None for name, refs in declared.items()}
    snakes = bool(project.holding(b"SnakeNamingStrategy"))
    found: dict[str, Entity] = {}
    for name, refs in declared.items():
        first, *others = (_entity(values, name, ref, classes, snakes) for ref in refs)
        if first is not None and all(other == first for other in others):
            found[name] = first
    described: defaultdict[str, list[Entity]] = defaultdict(list)
    for name, (own, table, links) in schemas(values, project, snakes):
        described[name].append(Entity(own, table, links))
    for name, them in described.items():
        if name not in found and all(other == them[0] for other in them):
            found[name] = them[0]
    return found


def described_by(values: Values, ref: Ref) -> Entity | None:
    """The entity of `new EntitySchema(…)`."""
    if not is_schema(ref):
        return None
    snakes = bool(values.project.holding(b"SnakeNamingStrategy"))
    read = read_schema(values, ref, snakes)
    return None if read is None else Entity(*read)


def _entity(
    values: Values, name: str, ref: Ref, classes: Mapping[str, Ref | None], snakes: bool
) -> Entity | None:
    given = _called(ref).get("Entity")
    if given is None:
        return None
    table, schema = _named(values, given, ref)
    if table == "?":
        return None
    reader = _Reader(values, snakes)
    whole = reader.read(ref, classes)
    primary = tuple(reader.primary)
    made = Table(table or snake(name), schema, reader.fields, whole, primary=primary)
    return Entity(name, made, reader.links)


def _called(ref: Ref) -> dict[str, list[Node]]:
    """The decorators of a class or property: name → arguments. TypeORM's are always called."""
    return {name: given for name, given in decorators(ref) if given is not None}


def _named(values: Values, given: list[Node], ref: Ref) -> tuple[str, str | None]:
    """Table and schema of @Entity('name', { schema }) or @Entity({ name, schema })."""
    name, schema = "", None
    for node in given:
        text = values.string(ref.at(node))
        if text is not None:
            name = text
            continue
        options, whole = stated_options(values, ref.at(node))
        if not whole:
            return "?", None
        if "name" in options:
            name = values.string(options["name"]) or "?"
        if "schema" in options:
            schema = values.string(options["schema"])
    return name, schema


class _Reader:
    """Columns of one class and of those that it extends."""

    def __init__(self, values: Values, snakes: bool) -> None:
        self._values = values
        self._snakes = snakes
        self.fields: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.primary: list[str] = []

    def read(self, ref: Ref, classes: Mapping[str, Ref | None], depth: int = 0) -> bool:
        """Whether all columns are known."""
        body = ref.node.field("body")
        whole = True
        for member in [] if body is None else body.named_children():
            if member.kind() in ("public_field_definition", "field_definition"):
                whole = self._member(ref.at(member)) and whole
        parent = _parent(ref.node)
        if not parent or parent in _BASE:
            return whole
        base = classes.get(parent)
        if base is None or depth > 4:
            return False
        return self.read(base, classes, depth + 1) and whole

    def _member(self, ref: Ref) -> bool:
        label = ref.node.field("name") or ref.node.field("property")
        marks = _called(ref)
        if label is None:
            return True
        name = label.text()
        if marks.keys() & _LINKS:
            if "JoinColumn" in marks or "ManyToOne" in marks:
                self.links[name] = self._join(name, marks.get("JoinColumn", []), ref)
            return True
        kind = next((m for m in marks if m in _COLUMNS and m != "Generated"), None)
        if kind is None:
            return True
        given = marks[kind]
        if given and given[0].kind() == "arrow_function":
            return False  # embedded: columns with a prefix
        column = self._column(name, given, ref)
        if column is None:
            return False
        self.fields[name] = column
        if kind in _PRIMARY:
            self.primary.append(column)
        return True

    def _column(self, name: str, given: list[Node], ref: Ref) -> str | None:
        for node in given:
            options = self._values.resolve(ref.at(node))
            if options.node.kind() == "object":
                told = self._values.member(options, "name")
                if told is not None:
                    return self._values.string(told)
        return snake(name) if self._snakes else name

    def _join(self, name: str, given: list[Node], ref: Ref) -> str:
        options = stated_options(self._values, ref.at(given[0]))[0] if given else {}
        told = self._values.string(options["name"]) if "name" in options else None
        other = options.get("referencedColumnName")
        key = (self._values.string(other) if other is not None else None) or "id"
        if told is not None:
            return told
        joined = f"{name}_{key}"
        return snake(joined) if self._snakes else name + key[:1].upper() + key[1:]


def _parent(node: Node) -> str:
    """The name of the class that is extended."""
    for child in node.children():
        if child.kind() == "class_heritage":
            for part in child.children():
                value = part.field("value") if part.kind() == "extends_clause" else None
                if value is not None:
                    return value.text()
    return ""
