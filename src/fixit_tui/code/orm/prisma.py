"""Prisma Client: creates, upserts, updates, deletes and the reads before them.

An upsert is one INSERT … ON CONFLICT only under conditions (its `where` is one unique key whose
values the created row brings unchanged, the update sets something, no relation is involved);
otherwise the client looks first and then inserts or updates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import arguments, method_name, span, words
from fixit_tui.code.orm.prisma_data import Data, Nested, read_data, where_of
from fixit_tui.code.orm.prisma_schema import Model, models
from fixit_tui.code.orm.table import begin, client_text, put_batch, receiver
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

LIBRARY = "prisma"
_CREATES = words("create createMany createManyAndReturn")
_READS = words("findUnique findUniqueOrThrow findFirst findFirstOrThrow findMany count")
_UPDATES = words("update updateMany updateManyAndReturn")
_DELETES = words("delete deleteMany")
METHODS = _CREATES | _READS | _UPDATES | _DELETES | {"upsert"}


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The calls that `client.model.method({ … })` amounts to."""
    found = model_of(values, chain)
    given = arguments(chain.first.node)
    if found is None:
        return
    client, model = found
    name = method_name(chain.first.node)
    options, whole = stated_options(values, chain.first.at(given[0])) if given else ({}, True)
    if name in _CREATES and "data" in options:
        yield from _create(values, chain, client, model, options, whole)
    elif name == "upsert" and {"where", "create"} <= set(options):
        yield from _upsert(values, chain, client, model, options)
    elif name in _READS and (not given or options):
        yield _read(values, chain, client, model, options.get("where"))
    elif (name in _UPDATES and "data" in options) or (name in _DELETES and "where" in options):
        yield _change(values, chain, client, model, options)


def model_of(values: Values, chain: Chain) -> tuple[str, Model] | None:
    """The client's text and the model of `client.model.method(…)`."""
    target = receiver(chain.first)
    here = None if target is None else values.resolve(target)
    if here is None or here.node.kind() != "member_expression":
        return None
    label, owner = here.node.field("property"), here.node.field("object")
    if label is None or owner is None:
        return None
    model = models(values.project).get(label.text())
    return None if model is None else (client_text(here.at(owner)), model)


def _draft(chain: Chain, client: str, verb: str, model: Model) -> Draft:
    draft = begin(chain, LIBRARY, client, verb, model.table)
    if verb != "delete":
        draft.fields["selects"] = "*"
    return draft


def _put(draft: Draft, model: Model, data: Data, insert: bool = True) -> None:
    draft.fields["rows"] = data.rows
    if data.values is None:
        draft.unknowns.append(("row", data.reason or "the row is computed"))
        return
    found = dict(data.values)
    if insert:
        found |= {c: text for c, text in model.table.made.items() if c not in found}
    draft.fields["columns"] = tuple(found)
    draft.fields["column_values"] = found


def _create(
    values: Values, chain: Chain, client: str, model: Model, options: dict[str, Ref], whole: bool
) -> Iterator[Draft]:
    draft = _draft(chain, client, "insert", model)
    data = read_data(values, model, options["data"])
    _put(draft, model, data)
    put_batch(values, draft, model.table, options["data"])
    skip = options.get("skipDuplicates")
    word = "" if skip is None else values.resolve(skip).node.text()
    if word == "true":
        draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = (), True
    elif word not in ("", "false", "undefined") or not whole:
        draft.fields["options_known"] = whole
    yield draft
    yield from _nested(values, chain, client, model, data)


def _nested(values: Values, chain: Chain, client: str, model: Model, data: Data) -> Iterator[Draft]:
    for one in data.nested:
        child = next(
            (m for m in models(values.project).values() if m.name == one.relation.model), None
        )
        if child is not None and one.data.module is chain.outer.module:
            yield from _child(values, chain, client, model, child, data, one)


def _child(
    values: Values, chain: Chain, client: str, model: Model, child: Model, data: Data, one: Nested
) -> Iterator[Draft]:
    """The row of `profile: { create: { … } }`: its key is the outer row's."""
    start = span(one.data.node)[0]
    own = replace(chain, first=one.data, outer=one.data, start=start, steps=())
    draft = _draft(own, client, "insert", child)
    inner = read_data(values, child, one.data)
    back = next(
        (
            r
            for r in child.relations.values()
            if r.model == model.name and r.fields and r.name == one.relation.name
        ),
        None,
    )
    if inner.values is not None and back is not None:
        found = dict(inner.values)
        for mine, theirs in zip(back.fields, back.references, strict=False):
            column, key = child.table.column(mine), model.table.column(theirs)
            if column is not None and key is not None:
                found[column] = (data.values or {}).get(key, f"{_variable(model)}.{theirs}")
        inner = replace(inner, values=found)
    _put(draft, child, inner)
    draft.fields["awaited"] = True
    yield draft
    yield from _nested(values, chain, client, child, inner)


def _variable(model: Model) -> str:
    return model.name[:1].lower() + model.name[1:]


def _upsert(
    values: Values, chain: Chain, client: str, model: Model, options: dict[str, Ref]
) -> Iterator[Draft]:
    draft = _draft(chain, client, "insert", model)
    data = read_data(values, model, options["create"])
    equal, filters = where_of(values, model, options["where"])
    key = model.key_on(frozenset(equal))
    written = data.values or {}
    brings = data.values is None or all(written.get(c) == text for c, text in equal.items())
    changed = _update(values, model, options.get("update"))
    native = (
        key is not None
        and brings
        and len(filters) == len(equal)
        and changed.values != {}
        and not (data.related or changed.related or "include" in options)
    )
    if key is not None and (native or not brings):
        draft.fields["on_conflict"] = tuple(equal)
        draft.fields["ignore_duplicates"] = False
        draft.fields["update_columns"] = None if changed.values is None else tuple(changed.values)
    if not brings and data.values is not None:
        # The row that is looked for is told by `where`: that is the key that the upsert goes by.
        data = replace(data, values={**equal, **data.values})
    _put(draft, model, data)
    yield draft
    yield from _nested(values, chain, client, model, data)


def _update(values: Values, model: Model, ref: Ref | None) -> Data:
    return Data({}, "one") if ref is None else read_data(values, model, ref)


def _read(values: Values, chain: Chain, client: str, model: Model, where: Ref | None) -> Draft:
    draft = _draft(chain, client, "select", model)
    if method_name(chain.first.node) not in ("findMany", "count"):
        draft.fields["cardinality"] = "maybe_single"
    if where is not None:
        draft.fields["filters"] = where_of(values, model, where)[1]
    return draft


def _change(
    values: Values, chain: Chain, client: str, model: Model, options: dict[str, Ref]
) -> Draft:
    verb = "update" if method_name(chain.first.node) in _UPDATES else "delete"
    draft = _draft(chain, client, verb, model)
    if verb == "update":
        _put(draft, model, read_data(values, model, options["data"]), insert=False)
        draft.fields["rows"] = "unknown"
    if "where" in options:
        draft.fields["filters"] = where_of(values, model, options["where"])[1]
    return draft
