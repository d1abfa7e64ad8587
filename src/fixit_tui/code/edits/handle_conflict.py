"""A conflict that means "already there" is not an error to the caller."""

from __future__ import annotations

from fixit_tui.code.context import place_of, result_names
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.single import row_is_needed
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import span, unwrap


def handle_conflict(site: Site, params: Params) -> EditResult:
    """`if (error)` → `if (error && error.code !== '23505')` right behind the call.

    Parameter: sqlstate (default 23505).
    """
    code = params.text("sqlstate") or "23505"
    idiom = f"if (error && error.code !== {site.string(code)}) throw error"
    if code in site.now.handles_sqlstate:
        return Edited(site.text)
    _, errors, _ = result_names(site.chain)
    if row_is_needed(site):
        return Refused("the code goes on with the row, and a duplicate gives none back", idiom)
    if len(errors) != 1:
        return Refused("the result's error is not bound to one variable", idiom)
    name = next(iter(errors))
    scope = place_of(site.chain.outer.node).node or site.module.root
    for branch in scope.find_all(kind="if_statement"):
        condition = branch.field("condition")
        if condition is None or span(branch)[0] < site.chain.end:
            continue
        inner = unwrap(condition)
        if inner.text() == name:
            text = f"{name} && {name}.code !== {site.string(code)}"
            return Edited(site.changed([Change(*span(inner), text)]))
    return Refused("no `if` tests just this error", idiom)
