"""Sequelize: creates that become upserts, and other conflict fields."""

from __future__ import annotations

from fixit_tui.code.edits.options import merge_members
from fixit_tui.code.edits.orm.parts import fields_of, listed, literal, others, said, unused
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site, renamed
from fixit_tui.code.module import arguments, method_name, span
from fixit_tui.code.orm.sequelize import model_of


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`create(row)` → `upsert(row, { conflictFields })`, or bulkCreate with ignoreDuplicates."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    already = said(site, columns, ignore)
    idiom = _idiom(site, columns, ignore)
    if already.same:
        return Edited(site.text)
    call, model = site.chain.first.node, model_of(site.values, site.chain)
    name, given = method_name(call), arguments(call)
    if already.clause or model is None or not given or name not in ("create", "bulkCreate"):
        return Refused("the call is no create() or bulkCreate()", idiom)
    if name == "create" and not unused(site):
        return Refused("the created instance is used further on", idiom)
    names = fields_of(model.table, columns)
    kept = params.columns("keep_columns", required=False)
    if kept and name == "create" and not ignore:
        return Refused(f"upsert() would set {', '.join(kept)} over what is there", idiom)
    rest = others(site, model.table, (*columns, *kept))
    stored = fields_of(model.table, rest or columns) if rest is not None else None
    if ignore:
        wanted = {"ignoreDuplicates": "true"}
    elif name == "create":
        wanted = {"conflictFields": _conflict_fields(site, columns, names)}
    elif names is None or stored is None:
        return Refused("which columns the rows have is not known here", idiom)
    else:
        wanted = {
            "updateOnDuplicate": listed(site, stored),
            "conflictAttributes": listed(site, names),
        }
    changes = _options(site, wanted)
    if changes is None:
        return Refused("the options are not written at the call", idiom)
    if name == "create":
        changes.append(renamed(site.chain.first.node, "bulkCreate" if ignore else "upsert"))
        if ignore:
            start, end = span(given[0])
            changes += [Change(start, start, "["), Change(end, end, "]")]
    return Edited(_ordered(site, changes))


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """`conflictFields` of an upsert, `conflictAttributes` of a bulkCreate."""
    columns = params.columns("columns")
    idiom = _idiom(site, columns, False)
    model = model_of(site.values, site.chain)
    name = method_name(site.chain.first.node)
    if said(site, columns, None).same:
        return Edited(site.text)
    names = None if model is None else fields_of(model.table, columns)
    if names is None or name not in ("upsert", "bulkCreate"):
        return Refused("the call is no upsert() or bulkCreate()", idiom)
    if name == "bulkCreate":
        wanted = {"conflictAttributes": listed(site, names)}
    else:
        wanted = {"conflictFields": _conflict_fields(site, columns, names)}
    changes = _options(site, wanted)
    if changes is None:
        return Refused("the options are not written at the call", idiom)
    return Edited(_ordered(site, changes))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """A predicate as text is nothing that Sequelize's upsert takes."""
    predicate = params.text("predicate") or "…"
    return Refused(
        "the predicate has to be told as a condition on attributes",
        f"upsert(row, {{ conflictFields, conflictWhere: {{ … }} }}) for WHERE {predicate}",
    )


def _conflict_fields(site: Site, columns: tuple[str, ...], names: list[str] | None) -> str:
    """The columns as upsert() wants them.

    It puts them into the statement as they are, while its types ask for attributes.
    """
    typed = site.chain.first.module.typed
    return listed(site, columns) + (" as never[]" if typed and names != list(columns) else "")


def _options(site: Site, wanted: dict[str, str]) -> list[Change] | None:
    """Changes that give the second argument these properties; None where it is computed."""
    given = arguments(site.chain.first.node)
    if len(given) == 1:
        end = span(given[0])[1]
        text = ", ".join(f"{k}: {v}" for k, v in wanted.items())
        return [Change(end, end, f", {{ {text} }}")]
    options = literal(given[1])
    return None if options is None else merge_members(site, options, wanted)


def _ordered(site: Site, changes: list[Change]) -> str:
    """The text with the changes made; of two at one place the bracket comes first."""
    joined: dict[tuple[int, int], str] = {}
    for change in sorted(changes, key=lambda c: c.text != "]"):
        place = (change.start, change.end)
        joined[place] = joined.get(place, "") + change.text
    return site.changed([Change(*place, text) for place, text in joined.items()])


def _idiom(site: Site, columns: tuple[str, ...], ignore: bool) -> str:
    if ignore:
        return "bulkCreate([row], { ignoreDuplicates: true })"
    return f"upsert(row, {{ conflictFields: {listed(site, columns)} }})"
