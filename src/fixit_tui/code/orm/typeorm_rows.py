"""Rows that TypeORM code builds: literals, repository.create(…), new Entity() and assignments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    callee,
    enclosing,
    method_name,
    operands,
    span,
    unwrap,
)
from fixit_tui.code.orm.members import assigned
from fixit_tui.code.orm.table import columns_of
from fixit_tui.code.orm.typeorm_entities import Entity, described_by, entities
from fixit_tui.code.rows import Payload, PayloadReader
from fixit_tui.code.values import Ref, Values


@dataclass(frozen=True, slots=True)
class Built:
    """A row: `loaded` when it was read from the database before; `entity` where that is told."""

    payload: Payload
    loaded: bool = False
    entity: Entity | None = None


def class_of(values: Values, ref: Ref) -> Entity | None:
    """The entity that a class name or a schema's variable means."""
    node = unwrap(ref.node)
    if node.kind() != "identifier":
        return None
    found = values.binding(ref.at(node))
    if found is not None and found[1].kind == "const" and found[1].value is not None:
        return described_by(values, Ref(found[0], unwrap(found[1].value)))
    if found is None or found[1].kind not in ("import", "class"):
        return None
    kind, path = found[1].kind, found[1].path
    name = path[0] if kind == "import" and path and path[0] not in ("*", "default") else node.text()
    return entities(values.project).get(found[1].name if kind == "class" else name)


def build(values: Values, ref: Ref) -> Built:
    """What is saved, as far as the function that saves it tells."""
    here = values.resolve(_last_value(ref) or ref)
    node = here.node
    if node.kind() == "await_expression":
        inner = unwrap(operands(node)[0])
        method = method_name(inner) if inner.kind() == "call_expression" else ""
        if method.startswith(("find", "preload", "get")):
            changed = assigned(ref)
            return Built(Payload(changed or None, "one", "loaded before"), loaded=True)
    if node.kind() == "new_expression":
        made = node.field("constructor")
        entity = None if made is None else class_of(values, here.at(made))
        if entity is not None:
            return Built(Payload(assigned(ref), "one"), entity=entity)
    if node.kind() == "call_expression" and method_name(node) == "create":
        return _created(values, ref, here)
    return Built(PayloadReader(values).read(ref))


def _last_value(ref: Ref) -> Ref | None:
    """What was assigned last to a variable before this place, in a block around it."""
    name = unwrap(ref.node)
    if name.kind() != "identifier":
        return None
    scope = enclosing(name, FUNCTIONS) or ref.module.root
    blocks = {span(a) for a in name.ancestors() if a.kind() in ("statement_block", "program")}
    found: Ref | None = None
    for change in scope.find_all(kind="assignment_expression"):
        left, right = change.field("left"), change.field("right")
        statement = change.parent()
        block = None if statement is None else statement.parent()
        if left is None or right is None or left.text() != name.text() or block is None:
            continue
        if span(change)[0] < span(name)[0] and span(block) in blocks:
            found = ref.at(right)
    return found


def _created(values: Values, ref: Ref, here: Ref) -> Built:
    given = arguments(here.node)
    entity = class_of(values, here.at(given[0])) if given else None
    row = given[1:2] if entity is not None else given[:1]
    if entity is None:
        function = callee(here.node)
        owner = None if function is None else function.field("object")
        entity = None if owner is None else class_of(values, here.at(owner))
    payload = PayloadReader(values).read(here.at(row[0])) if row else Payload({}, "one")
    if payload.values is not None:
        payload = Payload({**payload.values, **assigned(ref)}, payload.rows)
    return Built(payload, entity=entity)


def entity_columns(entity: Entity, payload: Payload) -> tuple[dict[str, str] | None, str]:
    """Column → source text, relations through their join columns."""
    if payload.values is None:
        return None, payload.reason or "the row is computed"
    linked: dict[str, str] = {}
    plain: dict[str, str] = {}
    for name, text in payload.values.items():
        join = entity.links.get(name)
        if join is not None:
            linked[join] = _key_of(text)
        else:
            plain[name] = text
    found, reason = columns_of(entity.table, Payload(plain, payload.rows))
    return (None, reason) if found is None else ({**found, **linked}, "")


def _key_of(text: str) -> str:
    """The key of a related row: `{ id: x }` is x, `user` is user.id."""
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        name, colon, value = inner[1:-1].partition(":")
        return value.strip(" ,\n") if colon and "," not in value.rstrip(" ,\n") else name.strip()
    return f"{inner}.id"


def names_of(values: Values, ref: Ref) -> tuple[str, ...] | None:
    """Names of ['a', 'b'], 'a', or { a: true, b: true }."""
    here = values.resolve(ref)
    listed = values.strings(here)
    if listed is not None:
        return listed
    one = values.string(here)
    if one is not None:
        return (one,)
    keys: Mapping[str, str] | None = None
    if here.node.kind() == "object":
        keys = PayloadReader(values).read(here).values
    return None if keys is None else tuple(keys)
