"""Django models that code asks for by name: `get_user_model()`, `apps.get_model("shop.Order")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.models import Class
from fixit_tui.code.python.project import Project, Ref

_SETTINGS = re.compile(rb"^INSTALLED_APPS\b", re.MULTILINE)
_USER_SETTING = re.compile(rb"^AUTH_USER_MODEL\b", re.MULTILINE)
DEFAULT_USER = "auth_user"
"""The table of Django's own user model."""

AppOf = Callable[[Class], str]
"""The label of the application that a model belongs to."""


def registered(project: Project, ref: Ref, app_of: AppOf) -> Class | str | None:
    """The class behind a call that asks for a model, or the table of Django's own user model.

    What migrations ask for is an older state of a model, and stays out of sight.
    """
    node = ref.node
    if not isinstance(node, ast.Call) or "/migrations/" in f"/{ref.source.path}":
        return None
    if method(node) == "get_user_model" and not node.args:
        return project.remember("django user", lambda: _user(project, app_of))
    if method(node) == "get_model" and 1 <= len(node.args) <= 2 and not node.keywords:
        words = [project.string(ref.at(argument)) for argument in node.args]
        label, _, name = ".".join(word or "" for word in words).rpartition(".")
        key = ("django model", label.lower(), name)
        return project.remember(key, lambda: _named(project, label, name, app_of))
    return None


def _user(project: Project, app_of: AppOf) -> Class | str | None:
    """What the settings name; nothing is assumed where no settings are in the folder."""
    told = project.holding(_USER_SETTING)
    for path in told:
        source = project.source(path)
        for node in () if source is None else source.tree.body:
            if (
                not isinstance(node, ast.Assign)
                or ast.unparse(node.targets[0]) != "AUTH_USER_MODEL"
            ):
                continue
            assert source is not None
            label, _, name = (project.string(Ref(source, node.value)) or "").rpartition(".")
            return _named(project, label, name, app_of)
    return DEFAULT_USER if not told and project.holding(_SETTINGS) else None


def _named(project: Project, label: str, name: str, app_of: AppOf) -> Class | None:
    """The only class of that name in the application, also one that is defined in a branch."""
    if not label or not name.isidentifier():
        return None
    pattern = re.compile(rb"^[ \t]*class[ \t]+" + name.encode() + rb"\b", re.MULTILINE)
    found = [
        (source, node)
        for path in project.holding(pattern)
        if "/migrations/" not in f"/{path}" and (source := project.source(path)) is not None
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    own = [one for one in found if app_of(one).lower() == label.lower()]
    return own[0] if len(own) == 1 else None
