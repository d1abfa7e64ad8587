"""Tables that SQLAlchemy, SQLModel and Django models declare, found across files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source, dotted

_COLUMNS = frozenset({"Column", "mapped_column", "Field"})
_SCHEMA_IN_NAME = re.compile(r'^"?([^"]+)"\."([^"]+)"?$')
_FIELDS = ("Field", "ForeignKey")
_DEPTH = 6
Class = tuple[Source, ast.ClassDef]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` maps an attribute to its column; an attribute that is missing has its own name."""

    name: str
    schema: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()

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
        for target, value in _attributes(node):
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


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
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


def _told(call: ast.Call, name: str) -> str:
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), "")


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


def django_table(project: Project, ref: Ref) -> Table | None:
    """The table of a Django model; None for a class that is none, or an abstract one."""
    found = class_behind(project, ref)
    if found is None:
        return None
    return project.remember(("django", found[1]), lambda: _django(project, found))


def _django(project: Project, found: Class) -> Table | None:
    family = list(bases(project, found))
    if not any(_is_model(source, node) for source, node in family):
        return None
    columns: dict[str, str] = {}
    key = "id"
    for source, node in reversed(family):
        for target, value in _attributes(node):
            if not isinstance(value, ast.Call) or not method(value).endswith(
                ("Field", "ForeignKey")
            ):
                continue
            given = {k.arg: k.value for k in value.keywords}
            own = project.string(Ref(source, given["db_column"])) if "db_column" in given else None
            is_link = method(value) in ("ForeignKey", "OneToOneField")
            columns[target] = own or (f"{target}_id" if is_link else target)
            if is_link:
                columns[f"{target}_id"] = columns[target]
            if _told(value, "primary_key") == "True":
                key = columns[target]
    columns["pk"] = key
    meta = _meta(project, found)
    if meta.get("abstract") == "True":
        return None
    name = meta.get("db_table") or f"{_app(found[0], meta)}_{found[1].name.lower()}"
    split = _SCHEMA_IN_NAME.match(name)
    if split:
        return Table(split[2], split[1], columns, (key,))
    return Table(name, None, columns, (key,)) if not name.startswith("_") else None


def _is_model(source: Source, node: ast.ClassDef) -> bool:
    names = {dotted(base) for base in node.bases}
    known = {"models.Model", "django.db.models.Model", "AbstractUser", "AbstractBaseUser"}
    return bool(names & known) or any(
        source.imports.get(n, "").startswith("django.db.models") for n in names
    )


def _meta(project: Project, found: Class) -> dict[str, str]:
    for statement in found[1].body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            return {
                target: project.string(Ref(found[0], value)) or ast.unparse(value)
                for target, value in _attributes(statement)
            }
    return {}


def _app(source: Source, meta: Mapping[str, str]) -> str:
    """The application's label: of the model, else the folder that has the models."""
    if "app_label" in meta:
        return meta["app_label"]
    folders = source.path.split("/")[:-1]
    if folders and folders[-1] == "models":
        folders.pop()
    return folders[-1] if folders else ""
