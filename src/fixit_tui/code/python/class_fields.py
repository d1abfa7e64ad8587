"""Attributes of a class that hold one value for good: `table = "goals"`, `self.table = "goals"`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from fixit_tui.code.python.source import Source

SELVES = ("self", "cls")


def field_value(source: Source, node: ast.Attribute) -> ast.expr | None:
    """What `self.name` holds; None where its class does not say, or says several things."""
    around = source.ancestors(node)
    owner = next((one for one in around if isinstance(one, ast.ClassDef)), None)
    if owner is None:
        return None
    held = [
        statement.value
        for statement in _assignments(owner)
        if any(_names(target, statement in owner.body, node.attr) for target in _targets(statement))
    ]
    return held[0] if len(held) == 1 else None


def _assignments(owner: ast.ClassDef) -> Iterator[ast.Assign | ast.AnnAssign | ast.AugAssign]:
    for one in ast.walk(owner):
        if isinstance(one, ast.AnnAssign) and one.value is None:
            continue  # a declaration only
        if isinstance(one, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            yield one


def _targets(statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _names(target: ast.expr, in_body: bool, name: str) -> bool:
    if isinstance(target, ast.Name):
        return in_body and target.id == name
    return (
        isinstance(target, ast.Attribute)
        and target.attr == name
        and isinstance(target.value, ast.Name)
        and target.value.id in SELVES
    )
