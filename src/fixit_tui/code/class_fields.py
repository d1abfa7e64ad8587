"""Fields of classes that hold one value for good: `static readonly TABLE = 'goals'`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.module import enclosing

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_FIELDS = frozenset({"field_definition", "public_field_definition"})
_WRITES = ("assignment_expression", "augmented_assignment_expression", "update_expression")
_BODY = frozenset({"class_body"})


def field_value(owner: Node, name: str) -> Node | None:
    """What the field `name` holds in the class that `owner` declares, or stands in if it is `this`.

    None where there is no such field, or where some other value is assigned to it.
    """
    body = enclosing(owner, _BODY) if owner.kind() == "this" else owner.field("body")
    if body is None:
        return None
    values = [v for v in (_declared(field, name) for field in body.named_children()) if v]
    values += [v for v in (_assigned(node, owner, name) for node in _writes(body)) if v]
    return values[0] if len(values) == 1 else None


def _writes(body: Node) -> list[Node]:
    return [n for kind in _WRITES for n in body.find_all(kind=kind)]


def _declared(field: Node, name: str) -> Node | None:
    if field.kind() not in _FIELDS:
        return None
    label = field.field("name") or field.field("property")
    return field.field("value") if label is not None and label.text() == name else None


def _assigned(node: Node, owner: Node, name: str) -> Node | None:
    """The value that an assignment to the field gives it; the node itself where it is changed."""
    target = node.field("left") or node.field("argument")
    if target is None or target.kind() != "member_expression":
        return None
    label, holder = target.field("property"), target.field("object")
    if label is None or holder is None or label.text() != name:
        return None
    named = owner.field("name")
    if holder.kind() != "this" and (named is None or holder.text() != named.text()):
        return None
    return node.field("right") or node
