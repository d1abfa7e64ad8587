"""Conflict clauses of Kysely inserts."""

from __future__ import annotations

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.options import merge_members
from fixit_tui.code.edits.orm.imports import importing
from fixit_tui.code.edits.orm.parts import (
    behind,
    fields_of,
    listed,
    literal,
    others,
    property_name,
    said,
    template,
)
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_clause import bare
from fixit_tui.code.module import callee, span
from fixit_tui.code.orm.kysely import built, conflict_steps, table_of

_TARGETS = frozenset({"column", "columns", "constraint", "expression"})


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`.values(row)` → `.values(row).onConflict((oc) => oc.columns(['a', 'b']).doNothing())`."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    already = said(site, columns, ignore)
    idiom = _idiom(site, columns, ignore)
    if already.same:
        return Edited(site.text)
    step, table = site.chain.step("values"), table_of(site.values, site.chain)
    if already.clause or step is None or table is None:
        return Refused("the insert has another conflict clause, or no values()", idiom)
    names = fields_of(table, columns)
    rest = others(site, table, (*columns, *params.columns("keep_columns", required=False)))
    if names is None or (rest is None and not ignore):
        return Refused("which columns the row has is not known here", idiom)
    action = "doNothing()"
    if not ignore:
        stored = fields_of(table, rest or columns) or names
        sets = ", ".join(
            f"{property_name(n)}: eb.ref({site.string(f'excluded.{n}')})" for n in stored
        )
        action = f"doUpdateSet((eb) => ({{ {sets} }}))"
    method = f"onConflict((oc) => oc.columns({listed(site, names)}).{action})"
    return Edited(site.changed([behind(site, step, method)]))


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Other columns in the callback; a surrogate key is taken out of what is set."""
    columns = params.columns("columns")
    dropped = set(params.columns("drop_columns", required=False))
    idiom = _idiom(site, columns, False)
    table, steps = table_of(site.values, site.chain), _steps(site)
    names = None if table is None else fields_of(table, columns)
    stated = [s for s in steps if s.name in _TARGETS]
    if table is None or names is None or len(stated) != 1:
        return Refused("the conflict clause is not written at the call", idiom)
    changes: list[Change] = []
    if not said(site, columns, None).same:
        held = stated[0].call.node
        function, given = callee(held), held.field("arguments")
        label = None if function is None else function.field("property")
        if label is None or given is None:
            return Refused("the conflict clause is not written at the call", idiom)
        changes.append(Change(span(label)[0], span(given)[1], f"columns({listed(site, names)})"))
    rewritten = sorted(dropped & set(site.now.update_columns or ()))
    if rewritten:
        sets = next((s for s in steps if s.name == "doUpdateSet" and s.given), None)
        row = None if sets is None else literal(built(site.values, sets.given[0]).node)
        gone = fields_of(table, rewritten)
        if row is None or gone is None:
            return Refused(f"the update would write {', '.join(rewritten)} anew", idiom)
        changes += merge_members(site, row, dict.fromkeys(gone))
    return Edited(site.changed(changes))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """`.where(sql`…`)` in front of do…: the predicate as text, nothing bound."""
    predicate = bare(params.text("predicate") or "")
    typed = "<boolean>" if site.module.typed else ""
    text = f"where(sql{typed}{template(predicate)})"
    idiom = f".{text} between the columns and doNothing() or doUpdateSet()"
    if site.now.target_predicate == predicate:
        return Edited(site.text)
    steps = _steps(site)
    wheres = [s for s in steps if s.name == "where"]
    action = next((s for s in steps if s.name.startswith("do")), None)
    before = [
        w for w in wheres if action is not None and span(w.call.node)[1] < span(action.call.node)[1]
    ]
    function = None if action is None else callee(action.call.node)
    owner = None if function is None else function.field("object")
    if not predicate or owner is None or len(before) > 1:
        return Refused("the conflict clause is not written at the call", idiom)
    if before:
        held = callee(before[0].call.node)
        label = None if held is None else held.field("property")
        given = before[0].call.node.field("arguments")
        if label is None or given is None:
            return Refused("the conflict clause is not written at the call", idiom)
        change = Change(span(label)[0], span(given)[1], text)
    else:
        change = Change(span(owner)[1], span(owner)[1], f".{text}")
    return importing(site, [change], "sql", "kysely")


def _steps(site: Site) -> list[Step]:
    step = site.chain.step("onConflict")
    if step is None or not step.given:
        return []
    found = list(conflict_steps(site.values, step.given[0]))
    return found if all(s.call.module is site.module for s in found) else []


def _idiom(site: Site, columns: tuple[str, ...], ignore: bool) -> str:
    action = "doNothing()" if ignore else "doUpdateSet({ … })"
    return f".onConflict((oc) => oc.columns({listed(site, columns)}).{action})"
