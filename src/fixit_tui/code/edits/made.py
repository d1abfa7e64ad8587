"""Values that the code makes for a column, and who counts on them besides the write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.edits.site import Site
from fixit_tui.code.edits.uses import (
    is_logged,
    is_made,
    may_read,
    other_uses,
    own_binding,
    seen_outside,
    uses_of,
)
from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    call_of,
    enclosing,
    method_name,
    operands,
    unwrap,
)
from fixit_tui.code.scopes import Binding
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DEPTH = 6


@dataclass(frozen=True, slots=True)
class _Holder:
    """A variable on the way from the payload to the literal: one row, or an array of rows."""

    binding: Binding
    many: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """The value of a column where it is written down, and the variables that carry it."""

    value: Node
    holders: tuple[_Holder, ...]


def counted_on(site: Site, payload: Node, columns: tuple[str, ...]) -> str:
    """The name of a value that is made here for one of the columns and read elsewhere, or ""."""
    for source in _sources(site, payload, columns, ()):
        if not is_made(site, source.value):
            continue
        for holder in source.holders:
            if seen_outside(site, holder.binding):
                return holder.binding.name
            rest = other_uses(site, holder.binding, [payload])
            if any(may_read(site, u, columns, holder.many) and not is_logged(u) for u in rest):
                return holder.binding.name
        value = unwrap(source.value)
        binding = None
        if value.kind() in ("identifier", "shorthand_property_identifier"):
            binding = own_binding(site, value)
        if binding is not None:
            rest = other_uses(site, binding, [source.value])
            if not all(is_logged(use) for use in rest):
                return binding.name
    return ""


def _sources(
    site: Site, node: Node, columns: tuple[str, ...], holders: tuple[_Holder, ...]
) -> Iterator[_Source]:
    node = unwrap(node)
    kind = node.kind()
    if len(holders) > _DEPTH:
        return
    if kind == "object":
        for child in operands(node):
            if child.kind() == "spread_element":
                yield from _sources(site, operands(child)[0], columns, holders)
            elif child.kind() == "shorthand_property_identifier" and child.text() in columns:
                yield _Source(child, holders)
            elif child.kind() == "pair":
                value = child.field("value")
                if value is not None and site.values.key(Ref(site.module, node), child) in columns:
                    yield _Source(value, holders)
    elif kind == "array":
        for item in operands(node):
            inner = operands(item)[0] if item.kind() == "spread_element" else item
            yield from _sources(site, inner, columns, holders)
    elif kind == "call_expression" and method_name(node) in ("map", "flatMap"):
        made = mapped_object(node)
        if made is not None:
            yield from _sources(site, made, columns, holders)
    elif kind == "ternary_expression":
        for part in operands(node)[1:]:
            yield from _sources(site, part, columns, holders)
    elif kind in ("identifier", "shorthand_property_identifier"):
        yield from _behind_name(site, node, columns, holders)


def _behind_name(
    site: Site, name: Node, columns: tuple[str, ...], holders: tuple[_Holder, ...]
) -> Iterator[_Source]:
    binding = own_binding(site, name)
    if binding is None or binding.path or any(h.binding.start == binding.start for h in holders):
        return
    value = None if binding.value is None else unwrap(binding.value)
    if value is not None and binding.kind == "loop":
        carried = (*holders, _Holder(binding, False))
        yield from _sources(site, value, columns, carried)
        return
    many = value is not None and value.kind() in ("array", "call_expression")
    holders = (*holders, _Holder(binding, many))
    if value is not None:
        yield from _sources(site, value, columns, holders)
    for use in uses_of(site, binding):
        member = use.parent()
        if member is None or member.kind() != "member_expression" or member.field("object") != use:
            continue
        label, call = member.field("property"), call_of(member)
        name_of = "" if label is None else label.text()
        if call is not None and name_of == "push":
            for given in arguments(call):
                yield from _sources(site, given, columns, holders)
        outer = member.parent()
        if outer is not None and outer.kind() == "assignment_expression" and name_of in columns:
            right = outer.field("right")
            if right is not None and outer.field("left") == member:
                yield _Source(right, holders)


def mapped_object(call: Node) -> Node | None:
    """The object literal that `rows.map(row => ({…}))` makes."""
    given = arguments(call)
    body = given[0].field("body") if given and given[0].kind() in FUNCTIONS else None
    if body is None:
        return None
    if body.kind() != "statement_block":
        inner = unwrap(body)
        return inner if inner.kind() == "object" else None
    returns = [
        r for r in body.find_all(kind="return_statement") if enclosing(r, FUNCTIONS) == given[0]
    ]
    held = operands(returns[0]) if len(returns) == 1 else []
    made = unwrap(held[0]) if held else None
    return made if made is not None and made.kind() == "object" else None
