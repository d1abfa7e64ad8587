"""Functions that wrap the client: calls of them are database calls at the place of the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain, chain_from, chain_of
from fixit_tui.code.context import function_name
from fixit_tui.code.holders import Given, Helper, holder_names, is_holder
from fixit_tui.code.module import FUNCTIONS, Module, arguments, enclosing, unwrap, wrapped
from fixit_tui.code.project import Project
from fixit_tui.code.scopes import Binding
from fixit_tui.code.sqlcalls import METHODS
from fixit_tui.code.values import Key, Ref, Values, key_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DEPTH = 3


def helper_of(values: Values, chain: Chain, target: Ref) -> Helper | None:
    """The helper that a chain is the body of, when `target` is one of its parameters."""
    here = values.resolve(target)
    node = here.node
    while node.kind() == "member_expression" and node.field("object") is not None:
        inner = node.field("object")
        assert inner is not None
        node = unwrap(inner)
    if node.kind() not in ("identifier", "shorthand_property_identifier"):
        return None
    found = values.binding(here.at(node))
    if found is None or found[1].kind != "param":
        return None
    module, binding = found
    name = function_name(binding.owner)
    if not name:
        return None
    return Helper(module, binding.owner, name, chain, values.given)


def call_sites(
    project: Project, helper: Helper, importers: Callable[[str, str], Iterator[Module]]
) -> Iterator[tuple[Chain, Given]]:
    """Each call of the helper as the chain it amounts to, with what its parameters stand for."""
    if _is_getter(helper.function):
        yield from _readings(helper)
        return
    yield from _sites_in(project, helper, helper.module)
    seen = {helper.module.path}
    # Methods that are called as a driver's are read where they are called.
    holders = () if helper.name in METHODS else holder_names(project, helper)
    for name in (helper.name, *holders):
        for module in importers(name, helper.name):
            if module.path not in seen:
                seen.add(module.path)
                yield from _sites_in(project, helper, module)


def _sites_in(project: Project, helper: Helper, module: Module) -> Iterator[tuple[Chain, Given]]:
    own = module.path == helper.module.path
    for call, function, kind, name in module.calls:
        if name != helper.name and (own or kind != "identifier"):
            continue  # only an import can have given it another name
        if not _means(project, helper, module, function):
            continue
        site = chain_of(module, call)
        steps = helper.chain.steps + site.steps
        combined = replace(site, first=helper.chain.first, steps=steps)
        yield combined, {**helper.given, **_bound(project, helper, Ref(module, call))}


def _is_getter(function: Node) -> bool:
    return function.kind() == "method_definition" and any(
        part.kind() == "get" for part in function.children()
    )


def _readings(helper: Helper) -> Iterator[tuple[Chain, Given]]:
    """Each `this.name` of the getter's own class, with what is called on it."""
    body = enclosing(helper.function, frozenset({"class_body", "object"}))
    for name in () if body is None else body.find_all(kind="property_identifier"):
        member = name.parent()
        owner = None if member is None else member.field("object")
        if member is None or owner is None or name.text() != helper.name or owner.kind() != "this":
            continue
        if enclosing(name, frozenset({"class_body", "object"})) == body:
            site = chain_from(helper.module, member)
            steps = helper.chain.steps + site.steps
            yield replace(site, first=helper.chain.first, steps=steps), helper.given


def _means(project: Project, helper: Helper, module: Module, function: Node) -> bool:
    if function.kind() == "identifier":
        binding = project.scopes(module).lookup(function)
        if binding is None:
            return False
        target, found = project.follow(module, binding)
        return target.path == helper.module.path and _declares(found, helper.function)
    if function.kind() != "member_expression":
        return False
    owner = function.field("object")
    if owner is None or function.field("property") is None:
        return False
    if owner.kind() == "this":
        if module.path != helper.module.path:
            return False
        body = enclosing(helper.function, frozenset({"class_body", "object"}))
        return body is not None and enclosing(function, frozenset({body.kind()})) is not None
    return is_holder(project, helper, Ref(module, owner))


def _declares(binding: Binding, function: Node) -> bool:
    if binding.owner == function:
        return True
    value = None if binding.value is None else unwrap(binding.value)
    if value is None:
        return False
    if value == function:
        return True
    return value.kind() == "call_expression" and function in [unwrap(a) for a in arguments(value)]


def _bound(project: Project, helper: Helper, call: Ref) -> dict[Key, Ref]:
    given = arguments(call.node)
    found: dict[Key, Ref] = {}
    for binding in project.scopes(helper.module).declared(helper.function).values():
        if binding.kind == "param" and 0 <= binding.index < len(given):
            found[key_of(helper.module, binding)] = call.at(given[binding.index])
    return found


def builder_of(chain: Chain) -> Helper | None:
    """The function that gives a chain back unsent, so that methods on its result continue it."""
    outer = chain.outer
    up = wrapped(outer.node)
    parent = up.parent()
    if parent is None:
        return None
    function = enclosing(up, FUNCTIONS)
    returned = parent.kind() == "return_statement" or (
        parent.kind() == "arrow_function" and parent.field("body") == up
    )
    name = "" if function is None else function_name(function)
    if not returned or function is None or not name:
        return None
    return Helper(outer.module, function, name, chain)


def nested(depth: int) -> bool:
    """Whether helpers of helpers are still followed."""
    return depth < _DEPTH


def in_function(node: Node) -> bool:
    """Whether a node stands inside any function."""
    return enclosing(node, FUNCTIONS) is not None
