"""Kysely: what insertInto, updateTable, deleteFrom and selectFrom send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    callee,
    method_name,
    operands,
    unwrap,
)
from fixit_tui.code.orm.table import (
    Table,
    begin,
    by_its_name,
    client_text,
    columns_of,
    not_read,
    put_batch,
    put_row,
    quoted,
    receiver,
    short,
)
from fixit_tui.code.orm.template import Numbers, template_text
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.sqlcalls import tag_of
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

LIBRARY = "kysely"
_VERBS = {
    "insertInto": "insert",
    "updateTable": "update",
    "deleteFrom": "delete",
    "selectFrom": "select",
}
METHODS = frozenset(_VERBS)
_TAKES_ONE = frozenset({"executeTakeFirst", "executeTakeFirstOrThrow"})


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that `db.insertInto('table')…` and its like send."""
    owner, table = receiver(chain.first), table_of(values, chain)
    if table is None or owner is None:
        return
    verb = _VERBS[method_name(chain.first.node)]
    draft = begin(chain, LIBRARY, _client(values, owner)[0], verb, table)
    if verb == "select" or any(s.name.startswith("returning") for s in chain.steps):
        draft.fields["selects"] = "*"
    if verb == "select" and chain.step(*_TAKES_ONE) is not None:
        draft.fields["cardinality"] = "maybe_single"
    if verb == "insert":
        _insert(values, chain, draft, table)
    else:
        _rows(values, chain, draft, table)
    yield draft


def table_of(values: Values, chain: Chain) -> Table | None:
    """The table that a chain names first."""
    given = arguments(chain.first.node)
    owner = receiver(chain.first)
    name = values.string(chain.first.at(given[0])) if given else None
    if name is None or owner is None:
        return None
    return by_its_name(name, _client(values, owner)[1], _snakes(values))


def _snakes(values: Values) -> bool:
    return bool(values.project.holding(b"CamelCasePlugin"))


def _client(values: Values, owner: Ref) -> tuple[str, str | None]:
    """The client and the schema of `db.withSchema('app')`."""
    schema: str | None = None
    while owner.node.kind() == "call_expression":
        given = arguments(owner.node)
        if method_name(owner.node) == "withSchema" and given:
            schema = values.string(owner.at(given[0]))
        inner = receiver(owner)
        if inner is None:
            break
        owner = inner
    return client_text(owner), schema


def _insert(values: Values, chain: Chain, draft: Draft, table: Table) -> None:
    row = chain.step("values")
    if row is None or not row.given:
        draft.fields["rows"] = "many"
        draft.unknowns.append(("row", "the rows come from a query"))
    else:
        payload = PayloadReader(values).read(built(values, row.given[0]))
        put_row(draft, table, payload, insert=True)
        put_batch(values, draft, table, row.given[0])
    step = chain.step("onConflict")
    if step is not None and step.given:
        _conflict(values, step.given[0], draft, table)
    elif not any(s.name.startswith(("execute", "stream", "compile")) for s in chain.steps):
        # What gets the builder may add a clause to it.
        draft.fields["on_conflict"], draft.fields["options_known"] = (), False


def built(values: Values, ref: Ref) -> Ref:
    """The object that a callback `(eb) => ({ … })` builds."""
    here = values.resolve(ref)
    body = here.node.field("body") if here.node.kind() in FUNCTIONS else None
    return ref if body is None else here.at(unwrap(body))


def _conflict(values: Values, ref: Ref, draft: Draft, table: Table) -> None:
    """The builder of `onConflict((oc) => oc.columns([…]).where(…).doUpdateSet({ … }))`."""
    steps = list(conflict_steps(values, ref))
    fields = draft.fields
    fields["on_conflict"] = ()
    if not any(s.name.startswith("do") for s in steps):
        not_read(draft, "conflict clause", ref)
        return
    target: list[str] | None = []
    predicates: list[str] = []
    numbers = Numbers()
    for step in steps:
        given = step.given
        if step.name in ("column", "columns", "expression") and given:
            found = _named(values, step, table, numbers)
            target = None if found is None or target is None else [*target, *found]
        elif step.name == "constraint" and given:
            fields["target_constraint"] = values.string(given[0])
            target = None if fields["target_constraint"] is None else target
        elif step.name == "where" and given:
            text = _predicate(values, given, table, numbers)
            if text is None:
                not_read(draft, "conflict predicate", given[0])
            else:
                predicates.append(text)
        elif step.name == "doNothing":
            fields["ignore_duplicates"] = True
            break
        elif step.name == "doUpdateSet":
            fields["ignore_duplicates"] = False
            if given:
                row = PayloadReader(values).read(built(values, given[0]))
                changed, _ = columns_of(table, row)
                fields["update_columns"] = tuple(changed or ())
            break
        else:
            not_read(draft, "conflict clause", step.call)
    if target is None:
        not_read(draft, "conflict target", ref)
    else:
        fields["on_conflict"] = tuple(target)
    if predicates:
        joined = " AND ".join(f"({p})" for p in predicates)
        fields["target_predicate"] = predicates[0] if len(predicates) == 1 else joined


def conflict_steps(values: Values, ref: Ref) -> Iterator[Step]:
    """The calls on the callback's builder, first one first."""
    here = values.resolve(ref)
    body = here.node.field("body") if here.node.kind() in FUNCTIONS else None
    if body is not None and body.kind() == "statement_block":
        inner = operands(body)
        returned = operands(inner[0]) if len(inner) == 1 else []
        body = returned[0] if returned else None
    node = None if body is None else unwrap(body)
    found: list[Step] = []
    while node is not None and node.kind() == "call_expression":
        found.append(Step(method_name(node), here.at(node)))
        function = callee(node)
        owner = None if function is None else function.field("object")
        node = None if owner is None else unwrap(owner)
    yield from reversed(found)


def _named(values: Values, step: Step, table: Table, numbers: Numbers) -> list[str] | None:
    first = values.resolve(step.given[0])
    if step.name == "expression":
        text = _sql(values, first, numbers)
        return None if text is None else [text]
    names = values.strings(first)
    one = values.string(first) if names is None else None
    listed = [one] if one is not None else names
    return None if listed is None else [_column(table, name) for name in listed]


def _column(table: Table, name: str) -> str:
    """The column of 'name' or 'table.name'."""
    last = name.rpartition(".")[2]
    return table.column(last) or last


def _predicate(values: Values, given: list[Ref], table: Table, numbers: Numbers) -> str | None:
    if len(given) == 1:
        return _sql(values, values.resolve(given[0]), numbers)
    name, operator = values.string(given[0]), values.string(given[1])
    if name is None or operator is None or len(given) != 3:
        return None
    value = values.resolve(given[2])
    column = quoted(_column(table, name))
    if operator.lower() in ("is", "is not"):
        literal = value.node.text()
        return f"{column} {operator} {literal}" if literal in ("null", "true", "false") else None
    text = _sql(values, value, numbers)
    return f"{column} {operator} {text or numbers.next()}"


def _sql(values: Values, here: Ref, numbers: Numbers) -> str | None:
    if tag_of(here.node) is not None:
        return template_text(here, numbers, lambda hole: _hole(values, hole, numbers))
    return _hole(values, here, numbers)


def _hole(values: Values, hole: Ref, numbers: Numbers) -> str | None:
    """`sql.ref('a')`, `sql.raw('…')`, `sql.lit(true)` or a template in a template."""
    here = values.resolve(hole)
    node: Node = here.node
    if tag_of(node) is not None:
        return _sql(values, here, numbers)
    if node.kind() != "call_expression":
        return None
    given = arguments(node)
    text = values.string(here.at(given[0])) if given else None
    name = method_name(node)
    if name in ("ref", "id", "table"):
        return None if text is None else quoted(text.rpartition(".")[2])
    if name == "raw":
        return text
    if name in ("lit", "literal") and given:
        word = values.resolve(here.at(given[0])).node.text()
        if word in ("true", "false", "null") or word.isdigit():
            return word
        return None if text is None else "'" + text.replace("'", "''") + "'"
    return None


def _rows(values: Values, chain: Chain, draft: Draft, table: Table) -> None:
    """UPDATE, DELETE and SELECT: what is set, and which rows."""
    stated = chain.step("set")
    if draft.fields["verb"] == "update" and stated is not None and len(stated.given) == 1:
        payload = PayloadReader(values).read(built(values, stated.given[0]))
        put_row(draft, table, payload, insert=False)
    draft.fields["rows"] = "unknown"
    found: list[Filter] = []
    for step in chain.steps:
        if step.name != "where" or not step.given:
            continue
        name = values.string(step.given[0])
        operator = values.string(step.given[1]) if len(step.given) == 3 else None
        if name is None or operator is None:
            found.append(Filter(None, "where", short(step.given[0].text)))
        else:
            found.append(Filter(_column(table, name), operator, step.given[2].text))
    draft.fields["filters"] = tuple(found)
