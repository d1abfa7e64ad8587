"""Python: the call found again, and the edit made where it is safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fixit_tui.code.edits.alone import CLAUSE_EDITS
from fixit_tui.code.edits.python import builders, sqlalchemy, statements
from fixit_tui.code.edits.python.idioms import idiom
from fixit_tui.code.edits.python.site import Change, PySite, find
from fixit_tui.code.edits.python.sql_text import text_site
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.python.source import Source

NOT_FOUND = "the call is not where it was found"
Edit = Callable[[PySite, Params], list[Change] | None]
_STATEMENTS: Mapping[str, Edit] = {
    "drop-manual-insert": statements.drop,
    "drop-delete": statements.drop,
    "savepoint-before-try": statements.savepoint,
    "savepoint-around-statement": statements.savepoint,
    "rollback-in-catch": statements.rollback,
}
_SUPABASE: Mapping[str, Edit] = {
    "insert-to-upsert": builders.upsert,
    "set-conflict-target": builders.upsert,
    "distinct-rows": builders.distinct_rows,
}
_BY_LIBRARY: Mapping[str, Mapping[str, Edit]] = {
    "supabase-py": _SUPABASE,
    "supabase-py-minimal": _SUPABASE,
    "sqlalchemy": {
        "insert-to-upsert": sqlalchemy.add_clause,
        "set-conflict-target": sqlalchemy.set_target,
        "set-sql-conflict-target": sqlalchemy.set_arbiter,
        "add-conflict-predicate": sqlalchemy.index_where,
    },
    "django": {"insert-to-upsert": builders.get_or_create},
}


def python_edit(name: str, source: str, call: CodeCall, params: Params) -> EditResult:
    """The text with the edit made, else what this library writes in its place."""
    if name == "single-to-maybe-single" and params.flag("optional"):
        return Edited(source)
    told = idiom(name, call, params)
    if call.verb == "sql" and name in CLAUSE_EDITS:
        return _clause(source, call, params, told)
    own = {} if call.verb == "sql" else _BY_LIBRARY.get(call.library, {})
    edit = _STATEMENTS.get(name) or own.get(name)
    if edit is None:
        return Refused("this call is changed by hand", told)
    site = find(source, call, strict=edit in _STATEMENTS.values())
    if site is None:
        return Refused(NOT_FOUND, told)
    changes = edit(site, params)
    if changes is None:
        return Refused("the call cannot be changed safely as it is written", told)
    text = site.changed(changes)
    if Source(call.path, text).problem is not None:
        return Refused("the edited text would not parse", told)
    return Edited(text)


def _clause(source: str, call: CodeCall, params: Params, told: str) -> EditResult:
    """SQL text of the call's own file with another conflict clause."""
    site = find(source, call, strict=False)
    if site is None:
        return Refused(NOT_FOUND, told)
    result = CLAUSE_EDITS[params.edit](text_site(site), params)
    if isinstance(result, Refused):
        return Refused(result.reason, told)
    if Source(call.path, result.text).problem is not None:
        return Refused("the edited text would not parse", told)
    return result
