"""What a Prisma call writes and compares: rows with connected and nested ones, `where`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import operands
from fixit_tui.code.orm.prisma_schema import Model, Relation
from fixit_tui.code.orm.table import columns_of, short
from fixit_tui.code.rows import Payload, PayloadReader
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

_OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Nested:
    """A row that is made together with the outer one: the relation's field and the data."""

    relation: Relation
    data: Ref


@dataclass(frozen=True, slots=True)
class Data:
    """Columns of a row (None: not all known) with their source texts, and rows made with it."""

    values: Mapping[str, str] | None
    rows: str
    reason: str = ""
    related: bool = False
    nested: tuple[Nested, ...] = ()


def read_data(values: Values, model: Model, ref: Ref) -> Data:
    """The row of `data: { … }`, or rows that are alike."""
    payload = PayloadReader(values).read(ref)
    if payload.values is None:
        return Data(None, payload.rows, payload.reason)
    links = [name for name in payload.values if name in model.relations]
    plain = {k: v for k, v in payload.values.items() if k not in links}
    found, reason = columns_of(model.table, Payload(plain, payload.rows))
    nested: list[Nested] = []
    for name in links:
        link = values.member(ref, name)
        relation = model.relations[name]
        if found is not None:
            found |= _linked(values, model, relation, link)
        if link is not None:
            nested += _made_with(values, relation, link)
    return Data(found, payload.rows, reason, bool(links), tuple(nested))


def _linked(values: Values, model: Model, relation: Relation, link: Ref | None) -> dict[str, str]:
    """Foreign key columns that `connect` fills; another row's key where it is not told."""
    found: dict[str, str] = {}
    connected = None if link is None else values.member(link, "connect")
    for own, theirs in zip(relation.fields, relation.references, strict=False):
        column = model.table.column(own)
        if column is None:
            continue
        value = None if connected is None else values.member(connected, theirs)
        known = connected or link
        text = value.text if value is not None else ("" if known is None else known.text)
        found[column] = text
    return found


def _made_with(values: Values, relation: Relation, link: Ref) -> Iterator[Nested]:
    if relation.fields:
        return  # the other row comes first there, and its key is not this row's
    made = values.member(link, "create")
    if made is None:
        many = values.member(link, "createMany")
        made = None if many is None else values.member(many, "data")
    if made is not None:
        yield Nested(relation, values.resolve(made))


def where_of(values: Values, model: Model, ref: Ref) -> tuple[dict[str, str], tuple[Filter, ...]]:
    """Columns that `where` compares for equality with their texts, and all its filters."""
    equal: dict[str, str] = {}
    filters: list[Filter] = []
    for name, value in _conditions(values, model, ref):
        column = model.table.column(name)
        same = _equal(values, value)
        if column is None or same is None:
            filters.append(Filter(column, "other", short(value.text)))
        else:
            equal[column] = same
            filters.append(Filter(column, "eq", same))
    return equal, tuple(filters)


def _conditions(values: Values, model: Model, ref: Ref) -> Iterator[tuple[str, Ref]]:
    stated, _ = stated_options(values, ref)
    for name, value in stated.items():
        if name == "AND":
            here = values.resolve(value)
            parts = operands(here.node) if here.node.kind() == "array" else [here.node]
            for part in parts:
                yield from _conditions(values, model, here.at(part))
        elif len(model.keys.get(name, ())) > 1:
            yield from stated_options(values, value)[0].items()
        else:
            yield name, value


def _equal(values: Values, ref: Ref) -> str | None:
    """The text that a column has to equal, None for any other comparison."""
    here = values.resolve(ref)
    if here.node.kind() != "object":
        return ref.text
    stated, whole = stated_options(values, here)
    if whole and set(stated) <= {"equals", "mode"} and "equals" in stated:
        return stated["equals"].text
    return None
