"""Conflict clauses of Drizzle inserts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.options import merge_members
from fixit_tui.code.edits.orm.imports import importing
from fixit_tui.code.edits.orm.parts import (
    behind,
    fields_of,
    literal,
    members,
    others,
    property_name,
    said,
    template,
)
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Site
from fixit_tui.code.edits.sql_clause import bare
from fixit_tui.code.module import arguments
from fixit_tui.code.orm.drizzle_tables import table_of
from fixit_tui.code.orm.table import Table, quoted

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_PACKAGE = "drizzle-orm"
_CLAUSES = ("onConflictDoNothing", "onConflictDoUpdate")


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`.values(row)` → `.values(row).onConflictDoNothing({ target: [t.a, t.b] })`."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    already = said(site, columns, ignore)
    idiom = _idiom(columns, ignore)
    if already.same:
        return Edited(site.text)
    step, table = site.chain.step("values"), _table(site)
    if already.clause or step is None or table is None:
        return Refused("the insert has another conflict clause, or no values()", idiom)
    target = _target(site, table, columns)
    if target is None:
        return Refused("a column of the key has no property in the table's declaration", idiom)
    if ignore:
        return Edited(
            site.changed([behind(site, step, f"onConflictDoNothing({{ target: {target} }})")])
        )
    rest = others(site, table, (*columns, *params.columns("keep_columns", required=False)))
    if rest is None:
        return Refused("which columns the row has is not known here", idiom)
    names = fields_of(table, rest or columns)
    if names is None:
        return Refused("a column has no property in the table's declaration", idiom)
    stored = ", ".join(
        f"{property_name(name)}: sql{template(f'excluded.{quoted(column)}')}"
        for name, column in zip(names, rest or columns, strict=True)
    )
    method = f"onConflictDoUpdate({{ target: {target}, set: {{ {stored} }} }})"
    return importing(site, [behind(site, step, method)], "sql", _PACKAGE)


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Another `target`; a surrogate key is taken out of `set`, where it would be rewritten."""
    columns = params.columns("columns")
    dropped = params.columns("drop_columns", required=False)
    idiom = _idiom(columns, False)
    step, table = site.chain.step(*_CLAUSES), _table(site)
    options = _options(step)
    if step is None or options is None or table is None:
        return Refused("the conflict clause is not written at the call", idiom)
    target = _target(site, table, columns)
    if target is None:
        return Refused("a column of the key has no property in the table's declaration", idiom)
    changes = (
        [] if said(site, columns, None).same else merge_members(site, options, {"target": target})
    )
    rewritten = set(dropped) & set(site.now.update_columns or ())
    if rewritten:
        stored = literal((members(options) or {})["set"].field("value"))
        names = fields_of(table, sorted(rewritten))
        if stored is None or names is None:
            return Refused(f"`set` would write {', '.join(sorted(rewritten))} anew", idiom)
        changes += merge_members(site, stored, dict.fromkeys(names))
    return Edited(site.changed(changes))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """`targetWhere: sql`…`` (for DO NOTHING `where`): the predicate as text, nothing bound."""
    predicate = bare(params.text("predicate") or "")
    idiom = f"targetWhere: sql{template(predicate or '…')} beside `target`"
    step = site.chain.step(*_CLAUSES)
    options = _options(step)
    if not predicate or step is None or options is None or not site.now.on_conflict:
        return Refused("the conflict clause is not written at the call", idiom)
    key = "where" if step.name == "onConflictDoNothing" else "targetWhere"
    changes = merge_members(site, options, {key: "sql" + template(predicate)})
    return importing(site, [*changes], "sql", _PACKAGE)


def _table(site: Site) -> Table | None:
    given = arguments(site.chain.first.node)
    return table_of(site.values, site.chain.first.at(given[0])) if given else None


def _target(site: Site, table: Table, columns: tuple[str, ...]) -> str | None:
    names = fields_of(table, columns)
    if names is None:
        return None
    owner = site.module.source(arguments(site.chain.first.node)[0])
    items = [f"{owner}.{name}" for name in names]
    return items[0] if len(items) == 1 else f"[{', '.join(items)}]"


def _options(step: Step | None) -> Node | None:
    return literal(step.given[0].node) if step is not None and step.given else None


def _idiom(columns: tuple[str, ...], ignore: bool) -> str:
    target = ", ".join(f"table.{c}" for c in columns)
    if ignore:
        return f".onConflictDoNothing({{ target: [{target}] }})"
    return f".onConflictDoUpdate({{ target: [{target}], set: {{ … }} }})"
