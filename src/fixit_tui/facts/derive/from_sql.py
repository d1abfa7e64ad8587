"""Parsed SQL statements as parts of writes."""

from __future__ import annotations

from fixit_tui.facts.derive.write import Conflict
from fixit_tui.sql.dml import ParsedWrite
from fixit_tui.sql.lexer import tokens


def conflict_of(parsed: ParsedWrite, variables: frozenset[str] = frozenset()) -> Conflict | None:
    """The ON CONFLICT clause of a parsed write, if it has one.

    `variables` are the PL/pgSQL names in sight: to the planner they are parameters.
    """
    if not parsed.has_conflict:
        return None
    return Conflict(
        action=parsed.action,
        target_kind=parsed.target_kind,
        target=parsed.target,
        constraint=parsed.target_constraint,
        predicate=parsed.target_predicate,
        predicate_has_param=parsed.predicate_has_param,
        ruled_predicate=_with_parameters(parsed.target_predicate, variables),
        update_columns=parsed.update_columns if parsed.action == "update" else None,
    )


def values_of(parsed: ParsedWrite) -> dict[str, str]:
    """Column → expression text."""
    return dict(parsed.values)


def _with_parameters(predicate: str | None, variables: frozenset[str]) -> str | None:
    """The predicate with variables and NEW/OLD fields as $n, the form that the planner sees."""
    if predicate is None:
        return None
    items = tokens(predicate)
    parts: list[str] = []
    done = number = 0
    for position, token in enumerate(items):
        if token.start < done or token.kind not in ("word", "quoted"):
            continue
        end = token.end
        if token.word in ("new", "old") and items[position + 1 : position + 2]:
            if items[position + 1].text != "." or len(items) < position + 3:
                continue
            end = items[position + 2].end
        elif token.name not in variables:
            continue
        number += 1
        parts += [predicate[done : token.start], f"${number}"]
        done = end
    return "".join([*parts, predicate[done:]])
