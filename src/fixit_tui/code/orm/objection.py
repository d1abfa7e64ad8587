"""Objection.js: what `Model.query()…` sends. Underneath it is Knex, with its conflict clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, method_name, operands, unwrap, words
from fixit_tui.code.orm.knex import conflict, filters
from fixit_tui.code.orm.table import (
    Table,
    begin,
    by_its_name,
    client_text,
    put_batch,
    put_row,
    receiver,
    steps_before,
)
from fixit_tui.code.project import Project
from fixit_tui.code.rows import Payload, PayloadReader
from fixit_tui.code.values import Ref, Values

LIBRARY = "objection"
_INSERTS = words("insert insertAndFetch insertGraph insertGraphAndFetch upsertGraph")
_UPDATES = words("patch update patchAndFetch updateAndFetch patchAndFetchById updateAndFetchById")
_DELETES = words("delete del deleteById")
_READS = words("findOne findById first select")
METHODS = _INSERTS | _UPDATES | _DELETES | _READS
_BY_ID = words("findById deleteById patchAndFetchById updateAndFetchById")
_STATIC = ("method_definition", "public_field_definition", "field_definition")


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that a chain with one of its verbs sends, seen from that verb."""
    before = list(steps_before(chain.first))
    found = _source(values, before)
    name = method_name(chain.first.node)
    # One call is seen once: from its write, else from its last read.
    others = [s.name for s in (*before[1:], *chain.steps)]
    writes = _INSERTS | _UPDATES | _DELETES
    if found is None or (name in _READS and (set(others) & writes or set(others[-1:]) & _READS)):
        return
    client, table = found
    verb = "insert" if name in _INSERTS else "update" if name in _UPDATES else "select"
    draft = begin(chain, LIBRARY, client, "delete" if name in _DELETES else verb, table)
    steps = [*before, Step(name, chain.first), *chain.steps]
    given = [chain.first.at(a) for a in arguments(chain.first.node)]
    row = given[1:2] if name.endswith("ById") else given[:1]
    if verb == "insert":
        draft.fields["selects"] = "*"
        _inserted(values, draft, table, name, row)
        conflict(values, chain, draft, table)
    else:
        draft.fields["rows"] = "unknown"
        named = filters(values, _as_where(steps), table)
        draft.fields["filters"] = (*named, *_by_key(steps, table))
        if verb == "update" and row:
            put_row(draft, table, PayloadReader(values).read(row[0]), insert=False)
        if verb == "select":
            draft.fields["selects"] = "*"
            draft.fields["cardinality"] = "many" if name == "select" else "maybe_single"
    yield draft


def _inserted(values: Values, draft: Draft, table: Table, name: str, row: list[Ref]) -> None:
    payload = PayloadReader(values).read(row[0]) if row else Payload({}, "one")
    if "Graph" in name and payload.values is not None:
        # What is nested goes into tables of its own.
        own = {c: text for c, text in payload.values.items() if text.lstrip()[:1] not in "[{"}
        payload = replace(payload, values=own)
    put_row(draft, table, payload, insert=True)
    if row:
        put_batch(values, draft, table, row[0])
    key = table.primary
    if name == "upsertGraph" and set(key) <= set(draft.fields.get("columns") or ()):
        # The graph is read by its keys first, and the rows that are there are changed.
        draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = key, False


def _as_where(steps: list[Step]) -> list[Step]:
    return [replace(s, name="where") if s.name == "findOne" else s for s in steps]


def _by_key(steps: list[Step], table: Table) -> Iterator[Filter]:
    for step in steps:
        if step.name in _BY_ID and step.given:
            column = table.primary[0] if len(table.primary) == 1 else None
            yield Filter(column, "=", step.given[0].text)


def source_of(values: Values, chain: Chain) -> tuple[str, Table] | None:
    """Client and table of a chain that is seen from its verb."""
    return _source(values, list(steps_before(chain.first)))


def _source(values: Values, before: list[Step]) -> tuple[str, Table] | None:
    if not before or before[0].name != "query":
        return None
    owner = receiver(before[0].call)
    label = None if owner is None else unwrap(owner.node)
    if label is None or label.kind() not in ("identifier", "member_expression"):
        return None
    name = label.text().rpartition(".")[2]
    table = tables(values.project).get(name)
    given = before[0].given
    return None if table is None else (client_text(given[0]) if given else name, table)


def tables(project: Project) -> dict[str, Table]:
    """Tables by the name of their model; names of two different tables are left out."""
    return project.remember("objection models", lambda: _all(project))


def _all(project: Project) -> dict[str, Table]:
    if not project.holding(b"objection"):
        return {}
    values = Values(project)
    snakes = bool(project.holding(b"knexSnakeCaseMappers", b"snakeCaseMappers"))
    found: dict[str, Table | None] = {}
    for path in project.holding(b"tableName"):
        module = project.load(path)
        for node in [] if module is None else module.root.find_all(kind="class_declaration"):
            assert module is not None
            label, table = node.field("name"), _table(values, Ref(module, node), snakes)
            if label is not None and table is not None:
                name = label.text()
                found[name] = table if found.get(name, table) == table else None
    return {name: table for name, table in found.items() if table is not None}


def _table(values: Values, ref: Ref, snakes: bool) -> Table | None:
    name = _static(values, ref, "tableName")
    text = None if name is None else values.string(name)
    if text is None:
        return None
    key = _static(values, ref, "idColumn")
    listed = () if key is None else values.strings(key) or ()
    one = None if key is None else values.string(key)
    primary = (one,) if one else listed or ("id",)
    return replace(by_its_name(text, None, snakes), primary=primary)


def _static(values: Values, ref: Ref, name: str) -> Ref | None:
    """The value of `static name = …` or of `static get name() { return …; }`."""
    body = ref.node.field("body")
    for member in [] if body is None else body.named_children():
        label = member.field("name") or member.field("property")
        fixed = any(child.kind() == "static" for child in member.children())
        if member.kind() not in _STATIC or label is None or label.text() != name or not fixed:
            continue
        value = member.field("value")
        if value is not None:
            return ref.at(value)
        block = member.field("body")
        back = None if block is None else block.find(kind="return_statement")
        given = [] if back is None else operands(back)
        return ref.at(given[0]) if given else None
    return None
