"""Parsed SQL statements as parts of writes."""

from __future__ import annotations

from fixit_tui.facts.derive.write import Conflict
from fixit_tui.sql.dml import ParsedWrite


def conflict_of(parsed: ParsedWrite) -> Conflict | None:
    """The ON CONFLICT clause of a parsed write, if it has one."""
    if not parsed.has_conflict:
        return None
    return Conflict(
        action=parsed.action,
        target_kind=parsed.target_kind,
        target=parsed.target,
        constraint=parsed.target_constraint,
        predicate=parsed.target_predicate,
        predicate_has_param=parsed.predicate_has_param,
        update_columns=parsed.update_columns if parsed.action == "update" else None,
    )


def values_of(parsed: ParsedWrite) -> dict[str, str]:
    """Column → expression text."""
    return dict(parsed.values)
