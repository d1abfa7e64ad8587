"""What the surroundings say of a name: the declared type of a field, what is assigned to a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.module import FUNCTIONS, enclosing, span, unwrap
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_KINDS = ("required_parameter", "optional_parameter", "public_field_definition")


def member_type(node: Node, name: str) -> Node | None:
    """The declared type of `this.name`: of a constructor's parameter or of a field."""
    body = enclosing(node, frozenset({"class_body"}))
    for member in () if body is None else _declared(body):
        label = member.field("pattern") or member.field("name")
        note = member.field("type")
        if label is not None and label.text() == name and note is not None:
            return note
    return None


def _declared(body: Node) -> Iterator[Node]:
    """The fields of a class and the parameters of its methods.

    Seen by walking: JavaScript's grammar refuses to be asked for kinds that only TypeScript has.
    """
    for member in body.children():
        if member.kind() in _KINDS:
            yield member
        given = member.field("parameters")
        if given is not None:
            yield from (one for one in given.children() if one.kind() in _KINDS)


def assigned(ref: Ref) -> dict[str, str]:
    """`row.field = value` in the same function, before the row is used here."""
    name = unwrap(ref.node)
    if name.kind() != "identifier":
        return {}
    scope = enclosing(name, FUNCTIONS) or ref.module.root
    found: dict[str, str] = {}
    for change in scope.find_all(kind="assignment_expression"):
        left, right = change.field("left"), change.field("right")
        if left is None or right is None or left.kind() != "member_expression":
            continue
        target, label = left.field("object"), left.field("property")
        if target is None or label is None or target.text() != name.text():
            continue
        if span(change)[0] < span(name)[0]:
            found[label.text()] = ref.module.source(right)
    return found
