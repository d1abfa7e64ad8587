"""Knex: what `knex('table')…` sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, callee, method_name, words
from fixit_tui.code.orm.table import (
    Table,
    begin,
    by_its_name,
    client_text,
    columns_of,
    not_read,
    put_batch,
    put_row,
    receiver,
    short,
    steps_before,
)
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

LIBRARY = "knex"
_VERBS = {
    "insert": "insert",
    "batchInsert": "insert",  # (table, rows, size of a chunk), on the client itself
    "update": "update",
    "del": "delete",
    "delete": "delete",
    "first": "select",
    "select": "select",
}
METHODS = frozenset(_VERBS)
_CLIENT = re.compile(r"^(?:\w*knex|trx|transaction)$", re.IGNORECASE)
_PERHAPS = re.compile(r"^(?:db|database|conn(?:ection)?|tx|qb|pg|t)$", re.IGNORECASE)
_FILTERS = words("where andWhere whereNull whereIn orWhere whereNot whereRaw")
_BATCH = "batchInsert"
_TABLES = words("table from into batchInsert")
_RAW_TARGET = re.compile(r"^\s*\((.*)\)\s*(?:where\b\s*(.*?))?\s*$", re.IGNORECASE | re.DOTALL)


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that a chain with one of Knex's verbs sends, seen from that verb."""
    before = list(steps_before(chain.first))
    source = _source(values, before, chain)
    if source is None or any(name in _VERBS for name in (s.name for s in before)):
        return
    client, table = source
    verb = _VERBS[method_name(chain.first.node)]
    steps = [*before, Step(method_name(chain.first.node), chain.first), *chain.steps]
    if verb == "select" and any(_VERBS.get(s.name, "select") != "select" for s in chain.steps):
        return
    handed = next((s for s in steps if s.name == "transacting" and s.given), None)
    client = client_text(handed.given[0]) if handed is not None else client
    draft = begin(chain, LIBRARY, client, verb, table)
    if verb == "select" or any(s.name == "returning" for s in steps):
        draft.fields["selects"] = "*"
    if any(s.name == "first" for s in steps):
        draft.fields["cardinality"] = "maybe_single"
    given = arguments(chain.first.node)
    if method_name(chain.first.node) == _BATCH:
        given = given[1:2]
        draft.fields["rows"] = "many"
    if verb in ("insert", "update") and given:
        _row(values, draft, table, chain.first.at(given[0]), len(given))
    if verb == "insert":
        conflict(values, chain, draft, table)
    else:
        draft.fields["rows"] = "unknown"
        draft.fields["filters"] = tuple(filters(values, steps, table))
    yield draft


def _row(values: Values, draft: Draft, table: Table, row: Ref, count: int) -> None:
    name = values.string(row) if draft.fields["verb"] == "update" else None
    if name is not None and count == 2:
        column = table.column(name) or name
        draft.fields["columns"] = (column,)
        return
    payload = PayloadReader(values).read(row)
    inserts = draft.fields["verb"] == "insert"
    put_row(draft, table, payload, insert=inserts)
    if inserts:
        put_batch(values, draft, table, row)


def source_of(values: Values, chain: Chain) -> tuple[str, Table] | None:
    """Client and table of a chain that is seen from its verb."""
    return _source(values, list(steps_before(chain.first)), chain)


def _source(values: Values, before: list[Step], chain: Chain) -> tuple[str, Table] | None:
    """Client and table of the chain, when its root is a Knex client."""
    first = before[0] if before else Step(method_name(chain.first.node), chain.first)
    function = callee(first.call.node)
    if function is None:
        return None
    schema_step = next((s for s in before if s.name == "withSchema" and s.given), None)
    schema = None if schema_step is None else values.string(schema_step.given[0])
    root = first.call.at(function)
    named: Ref | None = None
    if function.kind() == "member_expression":
        label = function.field("property")
        owner = receiver(first.call)
        direct = _is_client(values, root)  # this.knex('table')
        if not direct and owner is not None and _is_client(values, owner):
            root = owner
            steps = (first,) if first.name == _BATCH else (*before, *chain.steps)
            step = next((s for s in steps if s.name in _TABLES and s.given), None)
            named = None if step is None else step.given[0]
        elif direct and label is not None and first.name not in _TABLES and first.given:
            named = first.given[0]
    elif _is_client(values, root) and first.given:
        named = first.given[0]
    name = None if named is None else values.string(named)
    if name is None:
        return None
    return client_text(root), by_its_name(name, schema, _snakes(values))


def _is_client(values: Values, ref: Ref) -> bool:
    last = ref.node.text().rpartition(".")[2]
    if _CLIENT.match(last):
        return True
    if _of_transaction(values, ref):
        return True
    if not _PERHAPS.match(last):
        return False
    made = values.resolve(ref)
    function = callee(made.node) if made.node.kind() == "call_expression" else None
    if function is not None:
        return "knex" in function.text().lower()
    return bool(values.project.holding(b"knex"))


def _of_transaction(values: Values, ref: Ref) -> bool:
    """Whether a name is the parameter of `knex.transaction(async (name) => …)`."""
    found = values.binding(ref) if ref.node.kind() == "identifier" else None
    if found is None or found[1].kind != "param":
        return False
    holder = found[1].owner.parent()
    call = None if holder is None else holder.parent()
    if call is None or call.kind() != "call_expression" or method_name(call) != "transaction":
        return False
    owner = receiver(Ref(found[0], call))
    return owner is not None and _is_client(values, owner)


def _snakes(values: Values) -> bool:
    return bool(values.project.holding(b"knexSnakeCaseMappers", b"snakeCaseMappers"))


def conflict(values: Values, chain: Chain, draft: Draft, table: Table) -> None:
    """Set what `onConflict(…).ignore()` or `.merge(…)` of a chain says."""
    step = chain.step("onConflict")
    ignoring, merging = chain.step("ignore"), chain.step("merge")
    if step is None or (ignoring is None and merging is None):
        return
    fields = draft.fields
    fields["ignore_duplicates"] = ignoring is not None
    fields["on_conflict"] = ()
    if step.given:
        target = _target(values, step.given[0], table)
        if target is None:
            not_read(draft, "conflict target", step.given[0])
        else:
            fields["on_conflict"], fields["target_predicate"] = target
    if merging is not None and merging.given:
        fields["update_columns"] = _merged(values, merging.given[0], table)


def _target(values: Values, ref: Ref, table: Table) -> tuple[tuple[str, ...], str | None] | None:
    here = values.resolve(ref)
    if here.node.kind() == "call_expression" and method_name(here.node) == "raw":
        given = arguments(here.node)
        text = values.string(here.at(given[0])) if len(given) == 1 else None
        match = None if text is None else _RAW_TARGET.match(text)
        if match is None:
            return None
        items = tuple(_unquoted(part) for part in _split(match[1]))
        return items, match[2] or None
    names = values.strings(here)
    one = values.string(here) if names is None else None
    listed = (one,) if one is not None else names
    return None if listed is None else (tuple(table.column(n) or n for n in listed), None)


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets."""
    depth, held = 0, ""
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            yield held.strip()
            held = ""
        else:
            held += char
    yield held.strip()


def _unquoted(part: str) -> str:
    return part[1:-1] if re.fullmatch(r'"[^"]+"', part) else part


def _merged(values: Values, ref: Ref, table: Table) -> tuple[str, ...] | None:
    names = values.strings(ref)
    one = values.string(ref) if names is None else None
    if one is not None:
        names = (one,)
    if names is not None:
        return tuple(table.column(n) or n for n in names)
    changed, _ = columns_of(table, PayloadReader(values).read(ref))
    return None if changed is None else tuple(changed)


def filters(values: Values, steps: list[Step], table: Table) -> Iterator[Filter]:
    """The conditions of a chain's steps."""
    for step in steps:
        if step.name not in _FILTERS or not step.given:
            continue
        given = step.given
        name = values.string(given[0])
        plain = step.name in ("where", "andWhere")
        if plain and name is not None and len(given) == 2:
            yield Filter(_column(table, name), "=", given[1].text)
        elif plain and name is not None and len(given) == 3:
            operator = values.string(given[1]) or "other"
            yield Filter(_column(table, name), operator, given[2].text)
        elif plain and name is None:
            row, whole = stated_options(values, given[0])
            for key, value in row.items():
                yield Filter(_column(table, key), "=", value.text)
            if not whole:
                yield Filter(None, step.name, short(given[0].text))
        else:
            column = _column(table, name) if name is not None else None
            yield Filter(column, step.name, short(given[0].text))


def _column(table: Table, name: str) -> str:
    last = name.rpartition(".")[2]
    return table.column(last) or last
