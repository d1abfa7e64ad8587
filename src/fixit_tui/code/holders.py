"""What a wrapper function is called on: its module, an instance of its class, an object."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain
from fixit_tui.code.module import Module, enclosing, operands, unwrap
from fixit_tui.code.orm.members import member_type
from fixit_tui.code.project import Project
from fixit_tui.code.scopes import Binding
from fixit_tui.code.values import Key, Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

Given = Mapping[Key, Ref]


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that is called in place of its chain: its parameter decides what that addresses,
    or it gives the chain back, for its caller to go on."""

    module: Module
    function: Node
    name: str
    chain: Chain
    given: Given = field(default_factory=dict)


def holder_names(project: Project, wrapper: Wrapper) -> Iterator[str]:
    """Names under which other files may import what the wrapper is called on."""
    owner = _class_name(wrapper)
    top = project.scopes(wrapper.module).declared(wrapper.module.root)
    if owner:
        yield owner
    for name, binding in top.items():
        if binding.value is not None and _holds(project, wrapper, (wrapper.module, binding)):
            yield name
    # A default export has the name that the importer gives it: mostly the file's.
    stem = posixpath.basename(wrapper.module.path).partition(".")[0]
    yield stem if stem != "index" else posixpath.basename(posixpath.dirname(wrapper.module.path))


def is_holder(project: Project, wrapper: Wrapper, owner: Ref) -> bool:
    """Whether a wrapper is a method of what the expression stands for."""
    module, node = owner.module, unwrap(owner.node)
    if node.kind() == "member_expression" and node.text().startswith("this."):
        label = node.field("property")
        note = None if label is None else member_type(node, label.text())
        return _is_typed(project, wrapper, module, note)
    if node.kind() == "new_expression":
        return _makes(project, wrapper, Ref(module, node))
    if node.kind() != "identifier":
        return False
    binding = project.scopes(module).lookup(node)
    if binding is None:
        return False
    if binding.kind == "import" and binding.path == ("*",):
        return project.locate(module.path, binding.origin) == wrapper.module.path
    if _is_typed(project, wrapper, module, binding.annotation):
        return True
    return _holds(project, wrapper, project.follow(module, binding))


def _class_name(wrapper: Wrapper) -> str:
    body = enclosing(wrapper.function, frozenset({"class_body"}))
    owner = None if body is None else body.parent()
    label = None if owner is None else owner.field("name")
    return "" if label is None else label.text()


def _is_typed(project: Project, wrapper: Wrapper, module: Module, note: Node | None) -> bool:
    """Whether a declared type names the wrapper's own class, not another one of that name."""
    name = _class_name(wrapper)
    if not name or note is None or name not in re.findall(r"[\w$]+", note.text()):
        return False
    binding = project.scopes(module).declared(module.root).get(name)
    return binding is not None and project.follow(module, binding)[0].path == wrapper.module.path


def _makes(project: Project, wrapper: Wrapper, made: Ref) -> bool:
    """`new Db(…)` of the class that the wrapper is a method of."""
    name = made.node.field("constructor")
    if name is None or name.kind() != "identifier" or not _class_name(wrapper):
        return False
    binding = project.scopes(made.module).lookup(name)
    if binding is None:
        return False
    module, found = project.follow(made.module, binding)
    own = found.kind == "class" and found.name == _class_name(wrapper)
    return own and module.path == wrapper.module.path


def _holds(project: Project, wrapper: Wrapper, found: tuple[Module, Binding]) -> bool:
    """Whether a declared value is such an instance, or an object with the function in it."""
    module, binding = found
    if binding.value is None or binding.path:
        return False
    value = unwrap(binding.value)
    if value.kind() == "new_expression":
        return _makes(project, wrapper, Ref(module, value))
    if value.kind() != "object" or module.path != wrapper.module.path:
        return False
    for child in operands(value):
        if child == wrapper.function:
            return True
        held, key = child.field("value"), child.field("key")
        if child.kind() == "shorthand_property_identifier" and child.text() == wrapper.name:
            return True
        if held is not None and key is not None and key.text() == wrapper.name:
            return unwrap(held) == wrapper.function or held.text() == wrapper.name
    return False
