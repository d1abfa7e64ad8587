"""Functions that foreign text in a precondition would run, and whether they only compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixit_tui.playbooks.values import Typed
from fixit_tui.sql.quote import literal


def question(scope: Mapping[str, object]) -> str:
    """A check that no function which the values' texts name does more than compute; '' if none.

    By name, of whatever schema: one of them has to be immutable, as an index demands it anyway,
    and none volatile. A field may be a function of its row, so it must be no such name.
    """
    found = [value.called for value in _typed(scope)]
    functions = {name for called in found for name in called.functions}
    fields = {name for called in found for name in called.fields} - functions
    if not functions and not fields:
        return ""
    return (
        "SELECT 'only immutable functions would be run to count', count(*) = 0,"
        " 'not counted: ' || string_agg(name || '() is not known to be one', ', ' ORDER BY name)"
        f" FROM (SELECT unnest({_array(functions)}), true"
        f" UNION ALL SELECT unnest({_array(fields)}), false) AS called (name, surely)"
        " WHERE CASE WHEN surely THEN NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS p"
        " WHERE p.proname = name AND p.provolatile = 'i') ELSE false END"
        " OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p"
        " WHERE p.proname = name AND p.provolatile = 'v')"
    )


def _array(names: set[str]) -> str:
    return f"ARRAY[{', '.join(literal(name) for name in sorted(names))}]::text[]"


def _typed(value: object) -> Iterator[Typed]:
    if isinstance(value, Typed):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _typed(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _typed(inner)
