"""Typed values of templates: what may be printed into SQL, and how."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks import foreign_text
from fixit_tui.playbooks.foreign_text import NO_CALLS, Called, UnfitError
from fixit_tui.sql.quote import column_list, ident, qualified
from fixit_tui.sql.quote import literal as quote_literal

_NAME_BYTES = 63


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its SQL form and its form for people. Empty text is false in conditions.

    `called` is what running it may call, for text that somebody else wrote.
    """

    sql: str
    text: str
    bare: tuple[str, ...] = ()
    called: Called = NO_CALLS

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that people may read, but that cannot become SQL, and why."""

    text: str
    reason: str

    def __str__(self) -> str:
        return self.text


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
        raise UnfitError("the function's definition was not read")
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
    "expression": lambda _, v: Typed(foreign_text.expression(v), v, called=foreign_text.called(v)),
    "statement": lambda _, v: Typed(foreign_text.statement(v), v),
    "routine": lambda facts, v: _signature(facts, int(v)),
    "rewritten": _rewritten,
}


def typed(facts: FactBase, value: object, *, lenient: bool = False) -> object:
    """A param's template value: a one-key object of a known kind becomes Typed, at any depth.

    Raises UsageError for a value that its kind does not allow, and UnfitError for a text of the
    facts that cannot become SQL; with `lenient` such a text becomes Unusable instead.
    """
    if isinstance(value, dict) and len(value) == 1:
        kind, inner = next(iter(value.items()))
        if kind in _KINDS:
            return None if inner is None else _of_kind(facts, kind, inner, lenient)
    if isinstance(value, dict):
        return {name: typed(facts, inner, lenient=lenient) for name, inner in value.items()}
    if isinstance(value, list):
        return [typed(facts, inner, lenient=lenient) for inner in value]
    return value


def _of_kind(facts: FactBase, kind: str, inner: Any, lenient: bool) -> Typed | Unusable:
    try:
        return _KINDS[kind](facts, inner)
    except UnfitError as error:
        if not lenient:
            raise
        return Unusable(inner if isinstance(inner, str) else kind, error.message)
    except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
        raise UsageError(f"a value of kind {kind} is malformed: {error}") from error
