"""Typed values of templates: what may be printed into SQL, and how."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.sql.quote import column_list, ident, qualified
from fixit_tui.sql.quote import literal as quote_literal

_NAME_BYTES = 63


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its SQL form and its form for people. Empty text is false in conditions."""

    sql: str
    text: str
    bare: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


def _single_expression(text: str) -> str:
    """The text, if the server's parser reads it as one expression without subquery."""
    import postgast

    refused = UsageError(f"not a single SQL expression: {text[:80]}")
    if ";" in text or "--" in text or "/*" in text or "$" in text:
        raise refused
    try:
        tree = postgast.parse(f"SELECT * FROM t ORDER BY {text}")
    except postgast.PgQueryError as error:
        raise refused from error
    if len(tree.stmts) != 1:
        raise refused
    select = tree.stmts[0].stmt.select_stmt
    shape = str(tree)
    if not select.sort_clause or "sub_link" in shape or select.HasField("limit_count"):
        raise refused
    if select.locking_clause or select.HasField("limit_offset") or select.op != 1:
        raise refused
    return text


def _single_statement(text: str) -> str:
    from fixit_tui.sql.split import split

    if len(split(text)) != 1:
        raise UsageError(f"not a single SQL statement: {text[:80]}")
    return text


def _signature(facts: FactBase, oid: int) -> Typed:
    rows = facts.query("SELECT schema, name, argument_types FROM routine WHERE oid = ?", (oid,))
    if not rows:
        raise UsageError(f"there is no routine {oid} in the facts")
    schema, name = str(rows[0]["schema"]), str(rows[0]["name"])
    arguments = str(rows[0]["argument_types"] or "")
    return Typed(f"{qualified(schema, name)}({arguments})", f"{schema}.{name}({arguments})")


def _rewritten(facts: FactBase, spec: Mapping[str, Any]) -> Typed:
    from fixit_tui.playbooks.rewritten import rewritten_definition

    rows = facts.query(
        "SELECT definition, body FROM routine WHERE oid = ?", (int(spec["routine"]),)
    )
    if not rows or not rows[0]["definition"]:
        raise UsageError("the function's definition was not read")
    definition = rewritten_definition(
        str(rows[0]["definition"]), str(rows[0]["body"]), spec["changes"]
    )
    return Typed(definition.rstrip("\n"), "rewritten")


def new_name(name: str) -> Typed:
    """A name for something to be made: cut to what the server keeps, told apart by a hash."""
    if len(name.encode()) > _NAME_BYTES:
        mark = "_" + hashlib.sha256(name.encode()).hexdigest()[:8]
        name = name.encode()[: _NAME_BYTES - len(mark)].decode(errors="ignore") + mark
    return Typed(ident(name), name, (name,))


def _new_table(_: FactBase, parts: Any) -> Typed:
    table = new_name(parts[1])
    return Typed(
        f"{ident(parts[0])}.{table.sql}", f"{parts[0]}.{table.text}", (parts[0], table.text)
    )


_KINDS: dict[str, Callable[[FactBase, Any], Typed]] = {
    "ident": lambda _, v: Typed(ident(v), v, (v,)),
    "name": lambda _, v: Typed(qualified(v[0], v[1]), f"{v[0]}.{v[1]}", (v[0], v[1])),
    "new_name": lambda _, v: new_name(v),
    "new_table": _new_table,
    "columns": lambda _, v: Typed(column_list(v), ", ".join(v), tuple(v)),
    "literal": lambda _, v: Typed(quote_literal(v), str(v)),
    "sql": lambda _, v: Typed(v.rstrip("\n"), v),
    "expression": lambda _, v: Typed(_single_expression(v), v),
    "statement": lambda _, v: Typed(_single_statement(v), v),
    "routine": lambda facts, v: _signature(facts, int(v)),
    "rewritten": _rewritten,
}


def typed(facts: FactBase, value: object) -> object:
    """A param's template value: a one-key object of a known kind becomes Typed, at any depth.

    Raises UsageError for a typed value that is not what its kind says.
    """
    if isinstance(value, dict) and len(value) == 1:
        kind, inner = next(iter(value.items()))
        if kind in _KINDS:
            if inner is None:
                return None
            try:
                return _KINDS[kind](facts, inner)
            except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
                raise UsageError(f"a value of kind {kind} is malformed: {error}") from error
    if isinstance(value, dict):
        return {name: typed(facts, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [typed(facts, inner) for inner in value]
    return value
