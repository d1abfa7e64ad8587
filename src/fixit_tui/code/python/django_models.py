"""Tables that Django models declare, found across files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.django_registry import registered
from fixit_tui.code.python.models import Class, Table, attributes, bases, class_behind
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source, dotted

_SCHEMA_IN_NAME = re.compile(r'^"?([^"]+)"\."([^"]+)"?$')
_FIELDS = ("Field", "ForeignKey")
_MODELS = ("django.db.models", "django.contrib.gis.db.models")
_KNOWN = frozenset({"models.Model", "AbstractUser", "AbstractBaseUser"})


def django_table(project: Project, ref: Ref) -> Table | None:
    """The table of a Django model; None for a class that is none, or an abstract one."""
    found = class_behind(project, ref) or registered(
        project, project.resolve(ref), lambda one: _app(project, one[0], _meta(project, one))
    )
    if isinstance(found, str):
        return Table(found, None, {"pk": "id", "id": "id"}, ("id",))
    return None if found is None else _table(project, found)


def _table(project: Project, found: Class) -> Table | None:
    return project.remember(("django", found[1]), lambda: _declared(project, found))


def _declared(project: Project, found: Class) -> Table | None:
    family = list(bases(project, found))
    if not any(_is_model(project, source, node) for source, node in family):
        return None
    meta = _meta(project, found)
    if meta.get("abstract") == "True":
        return None
    parent = _parent(project, family)
    if meta.get("proxy") == "True":
        return None if parent is None else _table(project, parent)
    above = [] if parent is None else list(bases(project, parent))
    columns: dict[str, str] = {}
    key = "id" if parent is None else f"{parent[1].name.lower()}_ptr_id"
    for source, node in reversed([one for one in family if one not in above]):
        for target, value in attributes(node):
            if not isinstance(value, ast.Call) or not method(value).endswith(_FIELDS):
                continue
            given = {k.arg: k.value for k in value.keywords}
            own = project.string(Ref(source, given["db_column"])) if "db_column" in given else None
            is_link = method(value) in ("ForeignKey", "OneToOneField")
            columns[target] = own or (f"{target}_id" if is_link else target)
            if is_link:
                columns[f"{target}_id"] = columns[target]
            if "primary_key" in given and ast.unparse(given["primary_key"]) == "True":
                key = columns[target]
    columns["pk"] = key
    columns.setdefault(key, key)
    name = meta.get("db_table") or f"{_app(project, found[0], meta)}_{found[1].name.lower()}"
    split = _SCHEMA_IN_NAME.match(name)
    if split:
        return Table(split[2], split[1], columns, (key,), parent is not None)
    return None if name.startswith("_") else Table(name, None, columns, (key,), parent is not None)


def _parent(project: Project, family: list[Class]) -> Class | None:
    """The nearest class above that has a table of its own."""
    return next((one for one in family[1:] if _table(project, one) is not None), None)


def _is_model(project: Project, source: Source, node: ast.ClassDef) -> bool:
    """Whether a class says so by its base or, where that is a package's, by its fields."""
    names = {dotted(base) for base in node.bases}
    if names & _KNOWN or any(project.origin(source, b).startswith(_MODELS) for b in node.bases):
        return True
    return any(
        isinstance(value, ast.Call)
        and method(value).endswith(_FIELDS)
        and project.origin(source, value.func).startswith(_MODELS)
        for _, value in attributes(node)
    )


def _meta(project: Project, found: Class) -> dict[str, str]:
    for statement in found[1].body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            return {
                target: project.string(Ref(found[0], value)) or ast.unparse(value)
                for target, value in attributes(statement)
            }
    return {}


def _app(project: Project, source: Source, meta: Mapping[str, str]) -> str:
    """The application's label: of the model, of its AppConfig, else the folder's name.

    The application is the nearest folder with an `apps.py`, else the one that has the models.
    """
    if "app_label" in meta:
        return meta["app_label"]
    folders = source.path.split("/")[:-1]
    for depth in range(len(folders), 0, -1):
        around = "/".join(folders[:depth])
        package = project.source(f"{around}/__init__.py")
        config = project.source(f"{around}/apps.py")
        told = [label for one in (config, package) if one for label in _labels(project, one)]
        if config is not None or told:
            return (*told, folders[depth - 1])[0]
    if folders and folders[-1] == "models":
        folders.pop()
    return folders[-1] if folders else ""


def _labels(project: Project, config: Source) -> Iterator[str]:
    """The labels that the file's AppConfig classes give themselves."""
    for node in config.classes.values():
        for target, value in attributes(node):
            label = project.string(Ref(config, value)) if target == "label" else None
            if label:
                yield label
