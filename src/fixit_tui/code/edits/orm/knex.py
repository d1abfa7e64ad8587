"""Conflict clauses of the inserts of Knex, and of Objection.js on top of it."""

from __future__ import annotations

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.orm.parts import behind, fields_of, listed, others, said
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_clause import bare
from fixit_tui.code.module import method_name, span
from fixit_tui.code.orm import objection
from fixit_tui.code.orm.knex import source_of
from fixit_tui.code.orm.table import Table, quoted


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`.insert(row)` → `.insert(row).onConflict(['a', 'b']).ignore()` or `.merge(['c'])`."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    already = said(site, columns, ignore)
    idiom = _idiom(site, columns, ignore)
    if already.same:
        return Edited(site.text)
    found = _source(site)
    names = None if found is None else _names(site, found[1], columns)
    if already.clause or found is None or names is None or site.chain.step("onConflict"):
        return Refused("the insert has another conflict clause", idiom)
    kept = params.columns("keep_columns", required=False)
    action = "ignore()" if ignore else _merge(site, found[1], columns, kept)
    if action is None:
        return Refused(f"merge() would set {', '.join(kept)} over what is there", idiom)
    method = f"onConflict({listed(site, names)}).{action}"
    step = site.chain.first
    if method_name(step.node) not in ("insert", "batchInsert"):
        return Refused("what the method does besides the insert is not told by its name", idiom)
    return Edited(site.changed([behind(site, Step("insert", step), method)]))


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Other columns in `onConflict`; a surrogate key is kept out of what is merged."""
    columns = params.columns("columns")
    dropped = set(params.columns("drop_columns", required=False))
    idiom = _idiom(site, columns, False)
    found = _source(site)
    names = None if found is None else _names(site, found[1], columns)
    step, merge = site.chain.step("onConflict"), site.chain.step("merge")
    if found is None or names is None or step is None or not step.given:
        return Refused("the conflict clause is not written at the call", idiom)
    changes: list[Change] = []
    if not said(site, columns, None).same:
        changes.append(Change(*span(step.given[0].node), listed(site, names)))
    written = site.now.update_columns
    if merge is not None and dropped & set(written or site.now.columns or ()):
        kept = [c for c in written or site.now.columns or () if c not in {*dropped, *columns}]
        stored = _names(site, found[1], tuple(kept) or columns)
        given = merge.call.node.field("arguments")
        if stored is None or given is None:
            return Refused("what is merged is not known here", idiom)
        changes.append(Change(*span(given), f"({listed(site, stored)})"))
    elif merge is not None and written is None and site.now.columns is None and dropped:
        return Refused("the row is not known here, and merge() may write its key anew", idiom)
    return Edited(site.changed(changes))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """`onConflict(knex.raw('(a, b) where …'))`: Knex has no other way to state the predicate."""
    predicate = bare(params.text("predicate") or "")
    step, found = site.chain.step("onConflict"), _source(site)
    target = ", ".join(quoted(c) for c in site.now.on_conflict or ())
    client = found[0] if found is not None else "knex"
    text = f"{client}.raw({site.string(f'({target}) where {predicate}')})"
    idiom = f".onConflict({text})"
    if site.now.target_predicate == predicate:
        return Edited(site.text)
    if not predicate or not target or step is None or not step.given or found is None:
        return Refused("the conflict clause is not written at the call", idiom)
    return Edited(site.changed([Change(*span(step.given[0].node), text)]))


def _source(site: Site) -> tuple[str, Table] | None:
    read = objection.source_of if site.now.library == objection.LIBRARY else source_of
    return read(site.values, site.chain)


def _names(site: Site, table: Table, columns: tuple[str, ...]) -> list[str] | None:
    """The names by which a clause has the columns: Objection maps those of rows alone."""
    if site.now.library == objection.LIBRARY:
        return list(columns)
    return fields_of(table, columns)


def _merge(site: Site, table: Table, columns: tuple[str, ...], kept: tuple[str, ...]) -> str | None:
    """`merge([…])` of what may be set; without names it would set all that is sent."""
    rest = others(site, table, (*columns, *kept))
    if rest == [] and kept:
        rest = list(columns)
    names = _names(site, table, tuple(rest)) if rest else None
    if names is None:
        return None if kept else "merge()"
    return f"merge({listed(site, names)})"


def _idiom(site: Site, columns: tuple[str, ...], ignore: bool) -> str:
    return f".onConflict({listed(site, columns)}).{'ignore()' if ignore else 'merge([…])'}"
