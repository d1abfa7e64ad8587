"""Drizzle: inserts, upserts, updates, deletes and the reads before them."""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, method_name, operands
from fixit_tui.code.orm.drizzle_sql import Conditions, of_callback
from fixit_tui.code.orm.drizzle_tables import exported, table_of
from fixit_tui.code.orm.table import (
    Table,
    begin,
    client_text,
    columns_of,
    not_read,
    put_batch,
    put_row,
    receiver,
)
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

LIBRARY = "drizzle"
METHODS = frozenset({"insert", "update", "delete", "from", "findFirst", "findMany"})
_SELECTS = frozenset({"select", "selectDistinct", "selectDistinctOn"})


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that a chain sends, when it is about a table that Drizzle declares."""
    name = method_name(chain.first.node)
    if name in ("findFirst", "findMany"):
        yield from _query(values, chain, name)
        return
    given = arguments(chain.first.node)
    owner = receiver(chain.first)
    table = table_of(values, chain.first.at(given[0])) if given and owner is not None else None
    if table is None or owner is None:
        return
    if name == "from":
        if owner.node.kind() == "call_expression" and method_name(owner.node) in _SELECTS:
            yield _select(values, chain, table, _client(owner))
        return
    draft = begin(chain, LIBRARY, _client(owner), name, table)
    if chain.step("returning") is not None:
        draft.fields["selects"] = "*"
    if name == "insert":
        _insert(values, chain, draft, table)
    else:
        _change(values, chain, draft, table)
    yield draft


def _client(owner: Ref) -> str:
    """`db` of `db.select()` or `db.with(cte)`."""
    while owner.node.kind() == "call_expression":
        inner = receiver(owner)
        if inner is None:
            break
        owner = inner
    return client_text(owner)


def _select(values: Values, chain: Chain, table: Table, client: str) -> Draft:
    draft = begin(chain, LIBRARY, client, "select", table)
    draft.fields["selects"] = "*"
    where, limit = chain.step("where"), chain.step("limit")
    if where is not None and where.given:
        draft.fields["filters"] = Conditions(values).filters(where.given[0])
    if limit is not None and limit.given and limit.given[0].text == "1":
        draft.fields["cardinality"] = "maybe_single"
    return draft


def _query(values: Values, chain: Chain, name: str) -> Iterator[Draft]:
    """`db.query.profiles.findFirst({ where: … })`."""
    model = receiver(chain.first)
    group = None if model is None else model.node.field("object")
    label = None if model is None else model.node.field("property")
    place = None if group is None else group.field("property")
    client = None if group is None else group.field("object")
    if model is None or label is None or place is None or client is None:
        return
    table = exported(values.project).get(label.text()) if place.text() == "query" else None
    if table is None:
        return
    draft = begin(chain, LIBRARY, client_text(model.at(client)), "select", table)
    draft.fields["selects"] = "*"
    if name == "findFirst":
        draft.fields["cardinality"] = "maybe_single"
    given = arguments(chain.first.node)
    where = values.member(chain.first.at(given[0]), "where") if given else None
    if where is not None:
        draft.fields["filters"] = _where(values, where, table)
    yield draft


def _where(values: Values, where: Ref, table: Table) -> tuple[Filter, ...]:
    here = values.resolve(where)
    if here.node.kind() != "object":
        conditions, body = of_callback(values, here, table)
        return conditions.filters(body)
    row = PayloadReader(values).read(here)
    found: list[Filter] = []
    for name, text in (row.values or {}).items():
        column = table.column(name)
        equal = column is not None and not text.lstrip().startswith("{")
        found.append(Filter(column, "eq" if equal else "other", text))
    return tuple(found)


def _insert(values: Values, chain: Chain, draft: Draft, table: Table) -> None:
    row = chain.step("values")
    if row is None or not row.given:
        draft.fields["rows"] = "many"
        draft.unknowns.append(("row", "the rows come from a query"))
    else:
        put_row(draft, table, PayloadReader(values).read(row.given[0]), insert=True)
        put_batch(values, draft, table, row.given[0])
    ignoring, updating = chain.step("onConflictDoNothing"), chain.step("onConflictDoUpdate")
    step = ignoring or updating
    if step is None:
        return
    fields = draft.fields
    fields["ignore_duplicates"] = step is ignoring
    fields["on_conflict"] = ()
    if not step.given:
        return
    options, whole = stated_options(values, step.given[0])
    if not whole:
        not_read(draft, "conflict options", step.given[0])
        return
    if "target" in options:
        target = _target(values, options["target"])
        if target is None:
            not_read(draft, "conflict target", options["target"])
        else:
            fields["on_conflict"] = target
    where = options.get("where" if step is ignoring else "targetWhere")
    if where is not None:
        fields["target_predicate"] = Conditions(values).text(where)
        if fields["target_predicate"] is None:
            not_read(draft, "conflict predicate", where)
    if step is updating and "set" in options:
        changed, _ = columns_of(table, PayloadReader(values).read(options["set"]))
        fields["update_columns"] = tuple(changed or ())


def _target(values: Values, ref: Ref) -> tuple[str, ...] | None:
    here = values.resolve(ref)
    conditions = Conditions(values)
    items = [here.at(n) for n in operands(here.node)] if here.node.kind() == "array" else [here]
    found: list[str] = []
    for item in items:
        text = conditions.column(item) or conditions.text(item)
        if text is None:
            return None
        found.append(text)
    return tuple(found)


def _change(values: Values, chain: Chain, draft: Draft, table: Table) -> None:
    """UPDATE and DELETE: what is set, and which rows."""
    stated, where = chain.step("set"), chain.step("where")
    if draft.fields["verb"] == "update" and stated is not None and stated.given:
        put_row(draft, table, PayloadReader(values).read(stated.given[0]), insert=False)
    draft.fields["rows"] = "unknown"
    if where is not None and where.given:
        draft.fields["filters"] = Conditions(values).filters(where.given[0])
