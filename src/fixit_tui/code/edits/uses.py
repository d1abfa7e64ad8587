"""Who else uses a variable, and whether one of its properties could be read there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from fixit_tui.code.edits.site import Site
from fixit_tui.code.module import (
    FUNCTIONS,
    MARKUP,
    TRANSPARENT,
    arguments,
    callee,
    contains,
    method_name,
    operands,
    span,
    wrapped,
)
from fixit_tui.code.scopes import Binding
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_NAMES = ("identifier", "shorthand_property_identifier")
_EACH = frozenset({"map", "forEach", "some", "every", "flatMap"})
_SAME_ROWS = frozenset({"filter", "slice"})
_ONLY_ASKS = frozenset({"expression_statement", "type_query", "if_statement"})
_MAKERS = frozenset({"call_expression", "new_expression", "template_string", "binary_expression"})
_CONVERSIONS = frozenset({"Number", "String", "BigInt", "parseInt"})
Columns = Collection[str]


def own_binding(site: Site, name: Node) -> Binding | None:
    """The declaration of a name, None when it lies in another file or is a global."""
    found = site.values.binding(Ref(site.module, name))
    return found[1] if found is not None and found[0] is site.module else None


def declared_name(site: Site, binding: Binding) -> Node | None:
    """The identifier that declares a binding."""
    for kind in ("identifier", "shorthand_property_identifier_pattern"):
        for node in site.module.root.find_all(kind=kind):
            if span(node)[0] == binding.start and node.text() == binding.name:
                return node
    return None


def uses_of(site: Site, binding: Binding) -> list[Node]:
    """Every place of the file that means the binding, its declaration apart."""
    scopes = site.values.project.scopes(site.module)
    found: list[Node] = []
    for kind in _NAMES:
        for node in site.module.root.find_all(kind=kind):
            if node.text() != binding.name or span(node)[0] == binding.start:
                continue
            meant = scopes.lookup(node)
            if meant is not None and meant.start == binding.start:
                found.append(node)
    return found


def seen_outside(site: Site, binding: Binding) -> bool:
    """Whether other files or a template can use a binding without this script showing it."""
    node = binding.owner
    inner = any(a.kind() in FUNCTIONS for a in node.ancestors())
    if not inner and site.module.language in MARKUP:
        return True
    return any(a.kind() == "export_statement" for a in [node, *node.ancestors()][:3])


def other_uses(site: Site, binding: Binding, but: Sequence[Node]) -> list[Node]:
    """Uses that do not stand inside one of the nodes."""
    return [u for u in uses_of(site, binding) if not any(contains(n, u) for n in but)]


def is_logged(use: Node) -> bool:
    """Whether a value is only handed to `console.…`."""
    parent = wrapped(use).parent()
    call = None if parent is None else parent.parent()
    if parent is None or parent.kind() != "arguments" or call is None:
        return False
    function = callee(call)
    return function is not None and function.text().startswith("console.")


def may_read(site: Site, use: Node, columns: Columns, many: bool) -> bool:
    """Whether one of the columns of a row, or of an array of rows, could be read at a place.

    Where the whole value goes somewhere else, it could.
    """
    if use.kind() == "shorthand_property_identifier":
        return True
    node = wrapped(use)
    parent = node.parent()
    if parent is None:
        return True
    kind = parent.kind()
    if kind in _ONLY_ASKS or (kind == "unary_expression" and parent.text().startswith("!")):
        return False
    if kind == "for_in_statement":
        return many and _loop_reads(site, parent, columns)
    if kind == "subscript_expression" and parent.field("object") == node:
        index = parent.field("index")
        if many:
            return may_read(site, parent, columns, False)
        return index is None or index.kind() != "string" or index.text()[1:-1] in columns
    if kind == "variable_declarator" and parent.field("value") == node:
        name = parent.field("name")
        return name is None or many or _pattern_takes(name, columns)
    if kind == "member_expression" and parent.field("object") == node:
        label = parent.field("property")
        name_of = "" if label is None else label.text()
        if not many:
            return name_of in columns and not _only_set(parent)
        return _array_method_reads(site, parent, name_of, columns)
    return True


def _only_set(member: Node) -> bool:
    parent = member.parent()
    return (
        parent is not None
        and parent.kind() == "assignment_expression"
        and parent.field("left") == member
    )


def _pattern_takes(pattern: Node, columns: Columns) -> bool:
    if pattern.kind() != "object_pattern":
        return True
    for child in operands(pattern):
        if child.kind() == "rest_pattern":
            return True
        key = child.field("key") or child.field("left") or child
        if key.kind() == "computed_property_name" or key.text().strip("'\"") in columns:
            return True
    return False


def _loop_reads(site: Site, loop: Node, columns: Columns) -> bool:
    left = loop.field("left")
    return left is None or _element_read(site, left, loop, columns)


def _element_read(site: Site, pattern: Node, owner: Node, columns: Columns) -> bool:
    """Whether a loop variable or a callback's parameter is asked for one of the columns."""
    if pattern.kind() != "identifier":
        return _pattern_takes(pattern, columns)
    declared = site.values.project.scopes(site.module).declared(owner).get(pattern.text())
    if declared is None:
        return True
    return any(may_read(site, use, columns, False) for use in uses_of(site, declared))


def _array_method_reads(site: Site, member: Node, name: str, columns: Columns) -> bool:
    if name == "length":
        return False
    call = wrapped(member).parent()
    if call is None or call.kind() != "call_expression" or callee(call) != member:
        return True
    given = arguments(call)
    if name == "push":
        return not _unused(call)
    if name in _SAME_ROWS and may_read(site, call, columns, True):
        return True
    if name not in _EACH and name not in _SAME_ROWS:
        return True
    if name == "slice":
        return False
    if not given or given[0].kind() not in FUNCTIONS:
        return True
    single = given[0].field("parameter")
    holder = given[0].field("parameters")
    taken = [single] if single is not None else ([] if holder is None else operands(holder))
    if len(taken) > 2:
        return True
    return bool(taken) and _element_read(
        site, taken[0].field("pattern") or taken[0], given[0], columns
    )


def _unused(call: Node) -> bool:
    parent = wrapped(call).parent()
    return parent is not None and parent.kind() in ("expression_statement", "arrow_function")


def is_made(site: Site, value: Node, depth: int = 0) -> bool:
    """Whether a value is computed here, not just carried over from somewhere else."""
    kind = value.kind()
    if kind in TRANSPARENT or kind == "await_expression":
        return any(is_made(site, part, depth) for part in operands(value)[:1])
    if kind in _MAKERS:
        function = callee(value) if kind == "call_expression" else None
        converted = function is not None and function.text() in _CONVERSIONS
        return not converted and method_name(value) not in ("get", "parse", "toString")
    if kind == "ternary_expression":
        return any(is_made(site, part, depth) for part in operands(value)[1:])
    if kind in _NAMES and depth < 4:
        binding = own_binding(site, value)
        inner = None if binding is None or binding.path else binding.value
        return inner is not None and is_made(site, inner, depth + 1)
    return False
