"""TypeORM: inserts that become upserts, other conflict paths, index predicates."""

from __future__ import annotations

from fixit_tui.code.edits.options import merge_members
from fixit_tui.code.edits.orm.parts import listed, literal, said, unused
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_clause import bare
from fixit_tui.code.module import arguments, callee, method_name, span, unwrap
from fixit_tui.code.orm.typeorm import entity_of
from fixit_tui.code.orm.typeorm_entities import Entity


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`insert(row)` → `upsert(row, ['a', 'b'])`, or the builder with `orIgnore()`."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    already = said(site, columns, ignore)
    idiom = _idiom(site, columns, ignore)
    if already.same:
        return Edited(site.text)
    call, entity = site.chain.first.node, entity_of(site.values, site.chain)
    name, given = method_name(call), arguments(call)
    paths = None if entity is None else _paths(entity, columns)
    whole = site.chain.outer.node == call and name in ("insert", "save") and bool(given)
    if entity is None or paths is None or not whole:
        return Refused("the call is no insert() or save() of one argument", idiom)
    if name == "save" and (not unused(site) or site.now.verb != "insert"):
        return Refused("the saved entity is used further on", idiom)
    function = callee(call)
    label = None if function is None else function.field("property")
    end = span(given[-1])[1]
    if label is None:
        return Refused("the call is no method", idiom)
    kept = params.columns("keep_columns", required=False)
    if not ignore and not kept:
        changes = [Change(*span(label), "upsert"), Change(end, end, f", {listed(site, paths)}")]
        return Edited(site.changed(changes))
    if not unused(site) or not _in_scope(site, entity.name):
        return Refused("the result is used further on, or the entity is not imported", idiom)
    action = "orIgnore()" if ignore else _or_update(site, columns, kept)
    if action is None:
        return Refused(f"upsert() would set {', '.join(kept)} over what is there", idiom)
    row = site.module.source(given[-1])
    text = f"createQueryBuilder().insert().into({entity.name}).values({row}).{action}.execute()"
    return Edited(site.changed([Change(span(label)[0], span(call)[1], text)]))


def _or_update(site: Site, columns: tuple[str, ...], kept: tuple[str, ...]) -> str | None:
    """What sets all columns that are sent but these; it names columns, not properties."""
    if site.now.columns is None:
        return None
    stored = [c for c in site.now.columns if c not in (*columns, *kept)] or columns[:1]
    return f"orUpdate({listed(site, stored)}, {listed(site, columns)})"


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Other conflict paths of an upsert."""
    columns = params.columns("columns")
    idiom = _idiom(site, columns, False)
    entity = entity_of(site.values, site.chain)
    paths = None if entity is None else _paths(entity, columns)
    given = arguments(site.chain.first.node)
    if said(site, columns, None).same:
        return Edited(site.text)
    if paths is None or method_name(site.chain.first.node) != "upsert" or len(given) < 2:
        return Refused("the call is no upsert() with its conflict paths", idiom)
    options = literal(given[-1])
    if options is not None:
        return Edited(
            site.changed(merge_members(site, options, {"conflictPaths": listed(site, paths)}))
        )
    if unwrap(given[-1]).kind() != "array":
        return Refused("the conflict paths are not written at the call", idiom)
    return Edited(site.changed([Change(*span(given[-1]), listed(site, paths))]))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """`upsert(row, { conflictPaths, indexPredicate: '…' })`."""
    predicate = bare(params.text("predicate") or "")
    value = site.string(predicate)
    idiom = f"upsert(row, {{ conflictPaths: […], indexPredicate: {value} }})"
    given = arguments(site.chain.first.node)
    if site.now.target_predicate == predicate:
        return Edited(site.text)
    if not predicate or method_name(site.chain.first.node) != "upsert" or len(given) < 2:
        return Refused("the call is no upsert() with its conflict paths", idiom)
    options = literal(given[-1])
    if options is not None:
        return Edited(site.changed(merge_members(site, options, {"indexPredicate": value})))
    paths = site.module.source(given[-1])
    text = f"{{ conflictPaths: {paths}, indexPredicate: {value} }}"
    return Edited(site.changed([Change(*span(given[-1]), text)]))


def _paths(entity: Entity, columns: tuple[str, ...]) -> list[str] | None:
    found: list[str] = []
    for column in columns:
        name = entity.table.field_of(column)
        links = [path for path, join in entity.links.items() if join == column]
        if name is None and len(links) != 1:
            return None
        found.append(name or links[0])
    return found


def _in_scope(site: Site, name: str) -> bool:
    return name in site.values.project.scopes(site.module).declared(site.module.root)


def _idiom(site: Site, columns: tuple[str, ...], ignore: bool) -> str:
    if ignore:
        return "createQueryBuilder().insert().into(Entity).values(row).orIgnore().execute()"
    return f"upsert(row, {listed(site, columns)})"
