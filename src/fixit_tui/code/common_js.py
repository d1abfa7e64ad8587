"""What a CommonJS module exports without a name of its own: `exports.query = (text) => …`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.module import operands, span
from fixit_tui.code.scopes import Binding

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_EXPORTS = ("exports", "module.exports")


def assigned_export(root: Node, name: str) -> Binding | None:
    """What is assigned to this export; None where nothing or more than one thing is."""
    found = [b for node in root.named_children() for b in _assigned(node) if b.name == name]
    return found[0] if len(found) == 1 else None


def _assigned(statement: Node) -> Iterator[Binding]:
    inner = operands(statement) if statement.kind() == "expression_statement" else []
    if len(inner) != 1 or inner[0].kind() != "assignment_expression":
        return
    target, value = inner[0].field("left"), inner[0].field("right")
    if target is None or value is None:
        return
    holder, label = target.field("object"), target.field("property")
    if label is not None and holder is not None and holder.text() in _EXPORTS:
        yield _const(label.text(), value)
    elif target.text() == "module.exports" and value.kind() == "object":
        for member in operands(value):
            yield from _member(member)


def _member(member: Node) -> Iterator[Binding]:
    name, key, value = member.field("name"), member.field("key"), member.field("value")
    if member.kind() == "method_definition" and name is not None:
        yield Binding(name.text(), "function", span(member)[0], member)
    elif member.kind() == "pair" and key is not None and value is not None:
        yield _const(key.text(), value)


def _const(name: str, value: Node) -> Binding:
    return Binding(name, "const", span(value)[0], value, value)
