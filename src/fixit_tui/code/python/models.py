"""Tables that SQLAlchemy and SQLModel models declare, found across files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source

_COLUMNS = frozenset({"Column", "mapped_column", "Field"})
_DEPTH = 6
Class = tuple[Source, ast.ClassDef]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` maps an attribute to its column; an attribute that is missing has its own name.

    `partial`: the row's other attributes go into the table of a parent model.
    """

    name: str
    schema: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    partial: bool = False

    def column(self, attribute: str) -> str:
        """The column of an attribute."""
        return self.columns.get(attribute, attribute)


def class_behind(project: Project, ref: Ref) -> Class | None:
    """The class that a name or `module.Name` means."""
    node = ref.node
    if isinstance(node, ast.Name):
        return project.class_of(ref.source, node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        module = project.module(ref.source, node.value.id)
        return None if module is None else project.class_of(module, node.attr)
    return None


def bases(project: Project, found: Class, depth: int = 0) -> Iterator[Class]:
    """The class and those of the project that it is made from, the nearest first."""
    yield found
    source, node = found
    for base in node.bases if depth < _DEPTH else ():
        inner = class_behind(project, Ref(source, base))
        if inner is not None and inner[1] is not node:
            yield from bases(project, inner, depth + 1)


def sqlalchemy_table(project: Project, ref: Ref) -> Table | None:
    """The table of a mapped class, of its `__table__`, or of a `Table(…)`."""
    node = ref.node
    if isinstance(node, ast.Attribute) and node.attr == "__table__":
        return sqlalchemy_table(project, ref.at(node.value))
    found = class_behind(project, ref)
    if found is not None:
        return _mapped(project, found)
    made = project.resolve(ref)
    if isinstance(made.node, ast.Attribute) and made.node is not node:
        return sqlalchemy_table(project, made)
    if isinstance(made.node, ast.Call) and method(made.node) == "Table" and made.node.args:
        name = project.string(made.at(made.node.args[0]))
        keywords = {k.arg: k.value for k in made.node.keywords}
        schema = project.string(made.at(keywords["schema"])) if "schema" in keywords else None
        return None if name is None else Table(name, schema)
    return None


def _mapped(project: Project, found: Class) -> Table | None:
    name: str | None = None
    schema: str | None = None
    columns: dict[str, str] = {}
    key: list[str] = []
    for source, node in reversed(list(bases(project, found))):
        for target, value in attributes(node):
            here = Ref(source, value)
            if target == "__tablename__":
                name = project.string(here)
            elif target == "__table_args__":
                schema = _schema(project, here) or schema
            elif isinstance(value, ast.Call) and method(value) in _COLUMNS:
                columns[target] = _column_name(project, here, value) or target
                if any(
                    k.arg == "primary_key" and ast.unparse(k.value) == "True"
                    for k in value.keywords
                ):
                    key.append(columns[target])
    if name is None:
        name = _default_name(found)
    return None if name is None else Table(name, schema, columns, tuple(key))


def attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """The names that a class's body gives a value."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif (
            isinstance(statement, ast.AnnAssign)
            and statement.value is not None
            and isinstance(statement.target, ast.Name)
        ):
            yield statement.target.id, statement.value


def _schema(project: Project, here: Ref) -> str | None:
    node = here.node
    if isinstance(node, ast.Tuple) and node.elts:
        node = node.elts[-1]
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and project.string(here.at(key)) == "schema":
                return project.string(here.at(value))
    return None


def _column_name(project: Project, here: Ref, call: ast.Call) -> str | None:
    for item in call.keywords:
        if item.arg == "name":
            return project.string(here.at(item.value))
    first = call.args[0] if call.args and method(call) != "Field" else None
    return project.string(here.at(first)) if isinstance(first, ast.Constant) else None


def _default_name(found: Class) -> str | None:
    """What Flask-SQLAlchemy and SQLModel call a table that is not named."""
    node = found[1]
    if any(ast.unparse(base) == "db.Model" for base in node.bases):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", node.name)
        return words.lower()
    if any(k.arg == "table" and ast.unparse(k.value) == "True" for k in node.keywords):
        return node.name.lower()
    return None
