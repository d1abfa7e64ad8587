"""Columns that PL/pgSQL takes for variables of the same name, and the directive that settles it."""

from __future__ import annotations

import re
from collections.abc import Collection

from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.plpgsql import parse_routine

_DIRECTIVE = re.compile(r"\s*#\s*variable_conflict\s+(\w+)", re.IGNORECASE)
_SETTING = "plpgsql.variable_conflict"


def bare_names(sql: str) -> frozenset[str]:
    """Identifiers of an expression or a list of columns that no table qualifies."""
    items = tokens(sql)
    found = set()
    for at, token in enumerate(items):
        before, after = items[at - 1] if at else None, items[at + 1 : at + 2]
        beside = (before.text if before else "", after[0].text if after else "")
        if token.kind in ("word", "quoted") and "." not in beside and beside[1] != "(":
            found.add(token.name)
    return frozenset(found)


def prefers_columns(body: str) -> bool:
    """Whether a PL/pgSQL body says that a column wins over a variable of its name."""
    directive = _DIRECTIVE.match(body)
    return directive is not None and directive[1].lower() == "use_column"


def columns_win(definition: str, body: str, columns: Collection[str]) -> str:
    """The definition, made to read `columns` as columns where a variable has the same name.

    PL/pgSQL refuses a conflict target such as `ON CONFLICT (id)` beside a parameter `id`
    (42702). `#variable_conflict use_column` settles it, and changes nothing that works: what is
    ambiguous elsewhere in the function is refused today. Raises ValueError where the function
    lets variables win.
    """
    header = definition.partition(body)[0]
    if re.search(r"(?im)^\s*LANGUAGE\s+plpgsql\b", header) is None:
        return definition
    parsed = parse_routine(body, language="plpgsql")
    variables = {name for statement in parsed.statements for name in statement.variables}
    variables |= {token.name for token in tokens(header) if token.kind in ("word", "quoted")}
    if not variables & set(columns):
        return definition
    directive = _DIRECTIVE.match(body)
    chosen = directive[1].lower() if directive is not None else ""
    if chosen == "use_variable" or _SETTING in header:
        raise ValueError("a variable has the name of a column, and the function lets it win")
    if directive is not None:
        new = body[: directive.start(1)] + "use_column" + body[directive.end(1) :]
    else:
        start = len(body) - len(body.lstrip())
        indent = body[:start].rpartition("\n")[2]
        new = f"{body[:start]}#variable_conflict use_column\n{indent}{body[start:]}"
    return definition.replace(body, new, 1)
