"""What is written in front of a class or a property, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.module import arguments, callee, operands
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node


def decorators(ref: Ref) -> Iterator[tuple[str, list[Node] | None]]:
    """Each decorator's last name and arguments; None where it stands without a call."""
    holders = [ref.node]
    parent = ref.node.parent()
    if parent is not None and parent.kind() == "export_statement":
        holders.append(parent)
    for holder in holders:
        for child in holder.children():
            inner = operands(child) if child.kind() == "decorator" else []
            if inner and inner[0].kind() == "call_expression":
                function = callee(inner[0])
                if function is not None:
                    yield _last_name(function), arguments(inner[0])
            elif inner:
                yield _last_name(inner[0]), None


def _last_name(node: Node) -> str:
    return node.text().rpartition(".")[2]
