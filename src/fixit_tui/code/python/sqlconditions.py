"""Conditions of SQLAlchemy: as filters, and as SQL text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from fixit_tui.code.facts import Filter
from fixit_tui.code.python.chains import Step, method
from fixit_tui.code.python.models import Table
from fixit_tui.code.python.project import Project, Ref

_FILTERS = frozenset({"where", "filter", "filter_by"})


def equalities(project: Project, table: Table, steps: Sequence[Step]) -> Iterator[Filter]:
    """What the steps compare: `T.a == x` and keywords of filter_by."""
    for step in steps:
        if step.name not in _FILTERS:
            continue
        for item in step.call.keywords:
            if item.arg is not None:
                yield Filter(table.column(item.arg), "eq", step.source.source(item.value))
        for given in step.call.args:
            yield from _compared(table, Ref(step.source, given))


def _compared(table: Table, ref: Ref) -> Iterator[Filter]:
    node = ref.node
    if isinstance(node, ast.Call) and method(node) == "and_":
        for item in node.args:
            yield from _compared(table, ref.at(item))
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        for side in (node.left, node.right):
            yield from _compared(table, ref.at(side))
        return
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute):
        op = "eq" if isinstance(node.ops[0], ast.Eq) else "other"
        yield Filter(table.column(node.left.attr), op, ref.at(node.comparators[0]).text)
    else:
        yield Filter(None, "other", ref.text)


def condition_sql(project: Project, table: Table, ref: Ref) -> str | None:
    """A predicate as SQL; None where it is not one of the plain forms."""
    here = project.resolve(ref)
    node = here.node
    text = project.string(here)
    if text is not None:
        return text
    if isinstance(node, ast.Call) and method(node) == "text" and node.args:
        return project.string(here.at(node.args[0]))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        column, value = _column(table, node.func.value), ast.unparse(node.args[0])
        words = {"is_": "IS", "is_not": "IS NOT", "isnot": "IS NOT"}.get(node.func.attr)
        known = {"None": "NULL", "True": "TRUE", "False": "FALSE"}
        if column and words and value in known:
            return f"{column} {words} {known[value]}"
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _comparison(table, node)
    return None


def _comparison(table: Table, node: ast.Compare) -> str | None:
    column, right = _column(table, node.left), node.comparators[0]
    signs = {ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="}
    sign = signs.get(type(node.ops[0]))
    if column is None or sign is None or not isinstance(right, ast.Constant):
        return None
    if right.value is None:
        return f"{column} IS {'NOT ' if sign == '<>' else ''}NULL"
    if isinstance(right.value, bool):
        return f"{column} {sign} {str(right.value).lower()}"
    if isinstance(right.value, int):
        return f"{column} {sign} {right.value}"
    if isinstance(right.value, str):
        body = right.value.replace("'", "''")
        return f"{column} {sign} '{body}'"
    return None


def _column(table: Table, node: ast.expr) -> str | None:
    return table.column(node.attr) if isinstance(node, ast.Attribute) else None
