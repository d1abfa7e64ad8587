"""A function's own definition with some of its statements changed, and all else byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.foreign_text import UnfitError
from fixit_tui.sql.quote import column_list, ident
from fixit_tui.sql.repeats import keep_one_row
from fixit_tui.sql.rewrite import (
    replace_in_routine,
    set_conflict_arbiter,
    set_conflict_clause,
    set_conflict_predicate,
    set_conflict_target,
)
from fixit_tui.sql.variable_conflict import bare_names, columns_win


def _upsert_clause(upsert: Mapping[str, Any], statement: str) -> str:
    target, columns, added = upsert["target"], upsert["set"], upsert.get("add", [])
    head = f"ON CONFLICT ({column_list(target)})"
    if not columns and not added:
        return f"{head} DO NOTHING"
    table = ident(upsert["relation"][1])
    sums = [f"{ident(c)} = {table}.{ident(c)} + EXCLUDED.{ident(c)}" for c in added]
    assignments = ", ".join([*sums, *(f"{ident(c)} = EXCLUDED.{ident(c)}" for c in columns)])
    clause = f"{head} DO UPDATE SET {assignments}"
    compared = [] if added else upsert.get("compare", columns)
    # Under an alias the row goes by that name, which is not ours to guess.
    aliased = re.search(r"(?is)^\s*insert\s+into\s+[^(]*?\sas\s", statement)
    if aliased and added:
        raise UnfitError("the table goes by an alias in this statement")
    if aliased or not compared:
        return clause
    mine = ", ".join(f"{table}.{ident(c)}" for c in compared)
    theirs = ", ".join(f"EXCLUDED.{ident(c)}" for c in compared)
    if len(compared) > 1:
        mine, theirs = f"({mine})", f"({theirs})"
    return f"{clause} WHERE {mine} IS DISTINCT FROM {theirs}"


def _arbiter(wanted: Mapping[str, Any]) -> str:
    if "constraint" in wanted:
        return f"ON CONSTRAINT {ident(wanted['constraint'])}"
    target = wanted["expression"] if "expression" in wanted else column_list(wanted["columns"])
    predicate = wanted.get("predicate")
    return f"({target})" + (f" WHERE {predicate}" if predicate else "")


def _changed(change: Mapping[str, Any]) -> str:
    statement = str(change["statement"])
    if "upsert" in change:
        return set_conflict_clause(statement, _upsert_clause(change["upsert"], statement))
    if "predicate" in change:
        return set_conflict_predicate(statement, str(change["predicate"]))
    if "expression" in change:
        return set_conflict_target(statement, str(change["expression"]))
    if "arbiter" in change:
        return set_conflict_arbiter(statement, _arbiter(change["arbiter"]))
    if "distinct" in change:
        wanted = change["distinct"]
        return keep_one_row(statement, tuple(wanted["key"]), str(wanted["keep"]))
    kinds = "upsert, predicate, expression, arbiter, distinct"
    raise UsageError(f"a change of a function is one of {kinds}")


def _columns_named(change: Mapping[str, Any]) -> frozenset[str]:
    """Columns that the change names where PL/pgSQL would take a variable, too."""
    if "upsert" in change:
        return frozenset(change["upsert"]["target"])
    if "distinct" in change:
        return frozenset(change["distinct"]["key"])
    return bare_names(str(change.get("predicate") or change.get("expression") or ""))


def rewritten_definition(definition: str, body: str, changes: Sequence[Mapping[str, Any]]) -> str:
    """`definition` (pg_get_functiondef) with each change made; later lines first.

    Where a variable has the name of a column that a change names, the column wins. Raises
    UnfitError when a statement does not stand at its line exactly once.
    """
    for change in sorted(changes, key=lambda c: int(c["line"]), reverse=True):
        old, line = str(change["statement"]), int(change["line"])
        try:
            definition = replace_in_routine(definition, old, _changed(change), body=body, line=line)
        except ValueError as error:
            raise UnfitError(f"the function cannot be changed by text: {error}") from error
        body = _body_of(body, old, _changed(change))
    named = frozenset(column for change in changes for column in _columns_named(change))
    try:
        return columns_win(definition, body, named)
    except ValueError as error:
        raise UnfitError(f"the function cannot be changed by text: {error}") from error


def _body_of(body: str, old: str, new: str) -> str:
    at = body.rfind(old)
    return body[:at] + new + body[at + len(old) :] if at >= 0 else body
