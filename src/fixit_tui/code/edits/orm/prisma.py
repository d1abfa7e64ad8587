"""Prisma: creates that become upserts, and upserts by another unique key.

An upsert reaches the server as one INSERT … ON CONFLICT only when its `where` is one unique key
whose values the created row repeats, its `update` sets something, and no relation is involved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fixit_tui.code.edits.options import merge_members, remove_members
from fixit_tui.code.edits.orm.parts import literal, members, pairs, said, unused, value_text
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site, renamed
from fixit_tui.code.module import arguments, method_name, span
from fixit_tui.code.orm.prisma import model_of
from fixit_tui.code.orm.prisma_schema import Model
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_SCALAR = re.compile(r"^(?:await\s+)?[\w$.?!\[\]'\"]+$")


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`create({ data })` → an upsert by the unique key, or createMany with skipDuplicates."""
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    idiom = _idiom(columns, ignore)
    call = site.chain.first.node
    options = literal(arguments(call)[0]) if arguments(call) else None
    held = None if options is None else members(options)
    model = _model(site)
    if site.now.on_conflict is not None:
        same = said(site, columns, None).same or (ignore and bool(site.now.ignore_duplicates))
        return Edited(site.text) if same else Refused("the call upserts by another key", idiom)
    if options is None or held is None or model is None or site.chain.outer.node.kind() == "object":
        return Refused("the call's options are not written at the call", idiom)
    name = method_name(call)
    if name.startswith("createMany"):
        if not ignore:
            return Refused("many rows cannot be upserted by one call", idiom)
        return Edited(site.changed(merge_members(site, options, {"skipDuplicates": "true"})))
    row = literal(held["data"].field("value")) if "data" in held else None
    found = None if row is None else _scalars(site, model, row)
    if name != "create" or row is None or found is None or "include" in held:
        return Refused("the row is not one literal of plain values", idiom)
    values, changes = found
    if ignore and unused(site) and set(held) == {"data"}:
        rename = renamed(call, "createMany")
        end = span(held["data"])[1]
        extra = Change(end, end, _glue(site, held["data"]) + "skipDuplicates: true")
        return Edited(site.changed([rename, extra, *changes]))
    where = _where(model, columns, values)
    if where is None:
        return Refused("the model declares no unique key on these columns", idiom)
    key = model.keys[where[0]]
    kept = params.columns("keep_columns", required=False)
    stays = {k for k in values if k in key or model.table.column(k) in kept}
    rest = {k: v for k, v in values.items() if k not in stays}
    # An empty update would make the client look first; the key set to itself changes nothing.
    update = {key[-1]: values[key[-1]]} if ignore or not rest else rest
    return Edited(site.changed([*_split_data(site, held["data"], where[1], update), *changes]))


def _split_data(site: Site, data: Node, where: str, update: Mapping[str, str]) -> list[Change]:
    """`data` becomes `where`, `create` and `update` of an upsert."""
    start, end = span(data)
    glue = _glue(site, data)
    label = data.field("key")
    assert label is not None
    return [
        renamed(site.chain.first.node, "upsert"),
        Change(start, start, f"where: {where}{glue}"),
        Change(*span(label), "create"),
        Change(end, end, f"{glue}update: {pairs(update)}"),
    ]


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """`upsert({ where: … })` by another unique key, with the values that `create` brings."""
    columns = params.columns("columns")
    idiom = _idiom(columns, False)
    call, model = site.chain.first.node, _model(site)
    options = literal(arguments(call)[0]) if arguments(call) else None
    held = None if options is None else members(options)
    if options is None or held is None or model is None or method_name(call) != "upsert":
        return Refused("the call's options are not written at the call", idiom)
    if said(site, columns, None).same:
        return Edited(site.text)
    row = literal(held["create"].field("value")) if "create" in held else None
    found = None if row is None else _scalars(site, model, row)
    where = None if found is None else _where(model, columns, found[0])
    if found is None or where is None:
        return Refused("the key's values are not told by `create`, or the key is no key", idiom)
    changes = merge_members(site, options, {"where": where[1]})
    dropped = [c for c in params.columns("drop_columns", required=False) if c not in columns]
    for name in ("create", "update"):
        part = literal(held[name].field("value")) if name in held else None
        own = {} if part is None else members(part) or {}
        gone = [own[f] for f in own if model.table.column(f) in dropped]
        changes += remove_members(site, part, gone) if part is not None else []
    return Edited(site.changed([*changes, *found[1]]))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """Prisma's upsert cannot state a predicate."""
    predicate = params.text("predicate") or "…"
    return Refused(
        "Prisma's upsert cannot state the predicate of a partial index",
        "Send it as SQL: await prisma.$executeRaw`INSERT INTO … "
        f"ON CONFLICT (…) WHERE {predicate} DO UPDATE SET …`.",
    )


def drop_nested(site: Site) -> EditResult | None:
    """Take `profile: { create: … }` out of the row around it; None for a call of its own."""
    node = site.chain.outer.node
    if node.kind() != "object":
        return None
    made, member = node.parent(), None
    holder = None if made is None else made.parent()
    if made is not None and holder is not None and len(members(holder) or {}) == 1:
        member = holder.parent()
    owner = None if member is None else member.parent()
    if member is None or owner is None or member.kind() != "pair" or owner.kind() != "object":
        return Refused("the nested row is one of several", "Take the nested create out.")
    return Edited(site.changed(remove_members(site, owner, [member])))


def _model(site: Site) -> Model | None:
    found = model_of(site.values, site.chain)
    return None if found is None else found[1]


def _scalars(site: Site, model: Model, row: Node) -> tuple[dict[str, str], list[Change]] | None:
    """Field → source text of a row, and the changes that turn `connect` into plain keys."""
    held = members(row)
    if held is None:
        return None
    values: dict[str, str] = {}
    changes: list[Change] = []
    for name, member in held.items():
        relation = model.relations.get(name)
        if relation is None:
            values[name] = value_text(site, member)
            continue
        keys: dict[str, str] = {}
        for own, theirs in zip(relation.fields, relation.references, strict=False):
            link = site.values.member(Ref(site.module, row), name)
            connected = None if link is None else site.values.member(link, "connect")
            value = None if connected is None else site.values.member(connected, theirs)
            if value is None or value.module is not site.module:
                return None
            keys[own] = value.text
        if not keys:
            return None
        values |= keys
        plain = pairs(keys)[2:-2]
        changes.append(Change(*span(member), plain))
    return values, changes


def _where(
    model: Model, columns: tuple[str, ...], values: dict[str, str]
) -> tuple[str, str] | None:
    """The unique key's name and the text of `where`."""
    name = model.key_on(frozenset(columns))
    if name is None:
        return None
    fields = model.keys[name]
    if not set(fields) <= set(values) or not all(_SCALAR.match(values[f]) for f in fields):
        return None
    own = {f: values[f] for f in fields}
    return name, pairs(own) if len(fields) == 1 else "{ " + f"{name}: {pairs(own)}" + " }"


def _glue(site: Site, member: Node) -> str:
    """What separates the options: a comma, with the line break and indentation of this one."""
    start = span(member)[0]
    line = site.text[site.text.rfind("\n", 0, start) + 1 : start]
    return ", " if line.strip() else "," + site.eol + line


def _idiom(columns: tuple[str, ...], ignore: bool) -> str:
    if ignore:
        return "createMany({ data: [row], skipDuplicates: true })"
    key = columns[0] if len(columns) == 1 else "_".join(columns) + ": { … }"
    return f"upsert({{ where: {{ {key} }}, create: row, update: {{ … }} }})"
