"""Named code edits: pure functions from a source text to a new one, or a reasoned refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fixit_tui.code.edits.alone import CLAUSES, clause_edit
from fixit_tui.code.edits.brought_id import goes_on_with_id
from fixit_tui.code.edits.conflict_target import set_conflict_target
from fixit_tui.code.edits.dart import dart_edit
from fixit_tui.code.edits.distinct_rows import distinct_rows
from fixit_tui.code.edits.drop_insert import drop_delete, drop_manual_insert
from fixit_tui.code.edits.handle_conflict import handle_conflict
from fixit_tui.code.edits.idle import without_idle_names
from fixit_tui.code.edits.insert_to_upsert import insert_to_upsert
from fixit_tui.code.edits.orm import BUILDER_EDITS
from fixit_tui.code.edits.python.edits import NOT_FOUND, python_edit
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.single import single_to_maybe_single
from fixit_tui.code.edits.site import Site, broken_places, folder, locate
from fixit_tui.code.edits.sql_clause import add_conflict_predicate, set_sql_conflict_target
from fixit_tui.code.edits.transaction import (
    rollback_in_catch,
    savepoint_around_statement,
    savepoint_before_try,
)
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.project import Project
from fixit_tui.errors import UsageError

EDITS: Mapping[str, Callable[[Site, Params], EditResult]] = {
    "insert-to-upsert": insert_to_upsert,
    "set-conflict-target": set_conflict_target,
    "drop-manual-insert": drop_manual_insert,
    "drop-delete": drop_delete,
    "single-to-maybe-single": single_to_maybe_single,
    "add-conflict-predicate": add_conflict_predicate,
    "set-sql-conflict-target": set_sql_conflict_target,
    "savepoint-around-statement": savepoint_around_statement,
    "savepoint-before-try": savepoint_before_try,
    "rollback-in-catch": rollback_in_catch,
    "distinct-rows": distinct_rows,
    "handle-conflict": handle_conflict,
}


def edited_place(name: str, call: CodeCall) -> tuple[str, int, int]:
    """Path, line and first byte of what an edit changes: a statement's text may stand elsewhere."""
    if name in CLAUSES and call.statement_path is not None:
        line, start = call.statement_line or call.line, call.statement_start_byte or 0
        return call.statement_path, line, start
    return call.path, call.line, call.start_byte


def apply_edit(
    name: str,
    source: str,
    call: CodeCall,
    params: Mapping[str, object],
    around: Project | None = None,
) -> EditResult:
    """The text with one edit made at a call, everything else kept to the byte.

    `source` is the file that `edited_place` names, decoded with `surrogateescape`, line endings
    kept. Making an edit twice gives the same text. What would not parse afterwards is refused.
    Raises UsageError for an unknown edit or an unusable parameter. `around` gives the other files
    of the folder, with the declared types and models through which a call is understood.
    """
    edit = EDITS.get(name)
    if edit is None:
        raise UsageError(f"there is no code edit {name!r}", hint=f"known: {', '.join(EDITS)}")
    path, _, _ = edited_place(name, call)
    given = Params(name, params)
    here = source if path == call.path or around is None else around.text(call.path)
    if (kept := goes_on_with_id(here, call, given)) is not None:
        return kept
    if path != call.path or path.endswith(".sql"):
        return clause_edit(source, call, given)
    if call.path.endswith(".py"):
        result = python_edit(name, source, call, given)
        lost = isinstance(result, Refused) and result.reason == NOT_FOUND
        if lost and call.verb == "sql" and name in CLAUSES:
            return clause_edit(source, call, given)
        return result
    if call.path.endswith(".dart"):
        return dart_edit(name, source, call, given)
    site = locate(source, call, strict=name.startswith("drop-"), around=around)
    if site is None and call.verb == "sql" and name in CLAUSES:
        # A project's own function sends it: the text is there, or its clause is told.
        return clause_edit(source, call, given)
    if site is None:
        return Refused(
            "the call is not where it was found, or a helper function makes it",
            "Diagnose again if the file has changed; else change the helper by hand.",
        )
    if site.now.verb != "sql":
        edit = BUILDER_EDITS.get(call.library, {}).get(name, edit)
    result = edit(site, given)
    if isinstance(result, Refused):
        return result
    text = without_idle_names(site.module, result.text)
    if broken_places(site, text):
        return Refused("the edited text would not parse", "Make the change by hand.")
    return Edited(text)


__all__ = ["EDITS", "EditResult", "Edited", "Refused", "apply_edit", "edited_place", "folder"]
