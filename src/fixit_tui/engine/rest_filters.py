"""Filters of a PostgREST request as SQL conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fixit_tui.errors import UsageError
from fixit_tui.sql.quote import ident, literal

NOT_FILTERS = frozenset({"select", "columns", "on_conflict", "order", "limit", "offset"})
_OPERATORS = {
    "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "LIKE",
    "ilike": "ILIKE", "match": "~", "imatch": "~*", "cs": "@>", "cd": "<@",
}  # fmt: skip
_STATES = {
    "null": "NULL", "not_null": "NOT NULL", "true": "TRUE", "false": "FALSE", "unknown": "UNKNOWN",
}  # fmt: skip
_FILTER = re.compile(r"(not\.)?([a-z]+)\.(.*)", re.DOTALL)
_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,]+)')


def conditions(
    parameters: Sequence[tuple[str, str]], table: str, columns: frozenset[str]
) -> tuple[str, ...]:
    """One condition for each filter, on columns qualified with `table` (SQL text).

    Raises UsageError for what is not among `columns` or an operator that is not replayed.
    """
    return tuple(
        _condition(name, value, table, columns)
        for name, value in parameters
        if name not in NOT_FILTERS
    )


def _condition(name: str, value: str, table: str, columns: frozenset[str]) -> str:
    found = _FILTER.fullmatch(value)
    if name not in columns or found is None:
        raise UsageError(
            f"the filter on '{name}' cannot be replayed",
            hint="filters on columns of the table are; give the SQL statement instead",
        )
    column = f"{table}.{ident(name)}"
    negated, operator, operand = found.groups()
    if operator == "is" and operand.lower() in _STATES:
        text = f"{column} IS {_STATES[operand.lower()]}"
    elif operator == "in" and operand[:1] == "(" and operand[-1:] == ")":
        items = [
            re.sub(r"\\(.)", r"\1", m[1]) if m[1] is not None else m[2]
            for m in _ELEMENT.finditer(operand[1:-1])
        ]
        text = f"{column} IN ({', '.join(map(literal, items))})" if items else "false"
    elif operator in _OPERATORS:
        if operator in ("like", "ilike"):
            operand = operand.replace("*", "%")
        text = f"{column} {_OPERATORS[operator]} {literal(operand)}"
    else:
        raise UsageError(
            f"the filter operator '{operator}' is not replayed",
            hint=f"known are {', '.join(_OPERATORS)}, in and is",
        )
    return f"NOT ({text})" if negated else text
