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
        target=tuple(parsed.target or ()),
        constraint=parsed.target_constraint,
        predicate=parsed.target_predicate,
        predicate_has_param=bool(parsed.predicate_has_param),
        update_columns=None if parsed.update_columns is None else tuple(parsed.update_columns),
    )


def values_of(parsed: ParsedWrite) -> dict[str, str]:
    """Column → expression text."""
    return {str(k): str(v) for k, v in (parsed.values or {}).items()}
