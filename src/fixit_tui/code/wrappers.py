"""Functions that wrap the client: calls of them are database calls at the place of the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain, chain_from, chain_of
from fixit_tui.code.context import function_name
from fixit_tui.code.holders import Given, Wrapper, holder_names, is_holder
from fixit_tui.code.module import FUNCTIONS, Module, arguments, enclosing, unwrap, wrapped
from fixit_tui.code.project import Project
from fixit_tui.code.scopes import Binding
from fixit_tui.code.sqlcalls import METHODS
from fixit_tui.code.values import Key, Ref, Values, key_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DEPTH = 3


def wrapper_of(values: Values, chain: Chain, target: Ref) -> Wrapper | None:
    """The wrapper that a chain is the body of, when `target` is one of its parameters."""
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
    return Wrapper(module, binding.owner, name, chain, values.given)


def call_sites(
    project: Project, wrapper: Wrapper, importers: Callable[[str, str], Iterator[Module]]
) -> Iterator[tuple[Chain, Given]]:
    """Each call of the wrapper as the chain it amounts to, with what its parameters stand for."""
    if _is_getter(wrapper.function):
        yield from _readings(wrapper)
        return
    yield from _sites_in(project, wrapper, wrapper.module)
    seen = {wrapper.module.path}
    # Methods that are called as a driver's are read where they are called.
    holders = () if wrapper.name in METHODS else holder_names(project, wrapper)
    for name in (wrapper.name, *holders):
        for module in importers(name, wrapper.name):
            if module.path not in seen:
                seen.add(module.path)
                yield from _sites_in(project, wrapper, module)


def _sites_in(project: Project, wrapper: Wrapper, module: Module) -> Iterator[tuple[Chain, Given]]:
    own = module.path == wrapper.module.path
    for call, function, kind, name in module.calls:
        if name != wrapper.name and (own or kind != "identifier"):
            continue  # only an import can have given it another name
        if not _means(project, wrapper, module, function):
            continue
        site = chain_of(module, call)
        steps = wrapper.chain.steps + site.steps
        combined = replace(site, first=wrapper.chain.first, steps=steps)
        yield combined, {**wrapper.given, **_bound(project, wrapper, Ref(module, call))}


def _is_getter(function: Node) -> bool:
    return function.kind() == "method_definition" and any(
        part.kind() == "get" for part in function.children()
    )


def _readings(wrapper: Wrapper) -> Iterator[tuple[Chain, Given]]:
    """Each `this.name` of the getter's own class, with what is called on it."""
    body = enclosing(wrapper.function, frozenset({"class_body", "object"}))
    for name in () if body is None else body.find_all(kind="property_identifier"):
        member = name.parent()
        owner = None if member is None else member.field("object")
        if member is None or owner is None or name.text() != wrapper.name or owner.kind() != "this":
            continue
        if enclosing(name, frozenset({"class_body", "object"})) == body:
            site = chain_from(wrapper.module, member)
            steps = wrapper.chain.steps + site.steps
            yield replace(site, first=wrapper.chain.first, steps=steps), wrapper.given


def _means(project: Project, wrapper: Wrapper, module: Module, function: Node) -> bool:
    if function.kind() == "identifier":
        binding = project.scopes(module).lookup(function)
        if binding is None:
            return False
        target, found = project.follow(module, binding)
        return target.path == wrapper.module.path and _declares(found, wrapper.function)
    if function.kind() != "member_expression":
        return False
    owner = function.field("object")
    if owner is None or function.field("property") is None:
        return False
    if owner.kind() == "this":
        if module.path != wrapper.module.path:
            return False
        body = enclosing(wrapper.function, frozenset({"class_body", "object"}))
        return body is not None and enclosing(function, frozenset({body.kind()})) is not None
    return is_holder(project, wrapper, Ref(module, owner))


def _declares(binding: Binding, function: Node) -> bool:
    if binding.owner == function:
        return True
    value = None if binding.value is None else unwrap(binding.value)
    if value is None:
        return False
    if value == function:
        return True
    return value.kind() == "call_expression" and function in [unwrap(a) for a in arguments(value)]


def _bound(project: Project, wrapper: Wrapper, call: Ref) -> dict[Key, Ref]:
    given = arguments(call.node)
    found: dict[Key, Ref] = {}
    for binding in project.scopes(wrapper.module).declared(wrapper.function).values():
        if binding.kind == "param" and 0 <= binding.index < len(given):
            found[key_of(wrapper.module, binding)] = call.at(given[binding.index])
    return found


def builder_of(chain: Chain) -> Wrapper | None:
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
    return Wrapper(outer.module, function, name, chain)


def nested(depth: int) -> bool:
    """Whether wrappers of wrappers are still followed."""
    return depth < _DEPTH
