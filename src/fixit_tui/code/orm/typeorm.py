"""TypeORM: repositories, entity managers, active records and the insert builder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, enclosing, method_name, words
from fixit_tui.code.orm.table import (
    begin,
    by_its_name,
    client_text,
    not_read,
    put_batch,
    receiver,
    short,
    steps_before,
)
from fixit_tui.code.orm.typeorm_entities import Entity, entities
from fixit_tui.code.orm.typeorm_rows import build, class_of, entity_columns, names_of
from fixit_tui.code.rows import Payload, PayloadReader
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

LIBRARY = "typeorm"
_READS = words(
    "find findBy findOne findOneBy findOneOrFail findOneByOrFail exist exists existsBy "
    "count countBy"
)
_CHANGES = words("update softDelete delete remove")
_RUNNER = {
    "startTransaction": "BEGIN",
    "commitTransaction": "COMMIT",
    "rollbackTransaction": "ROLLBACK",
}
METHODS = _READS | _CHANGES | _RUNNER.keys() | {"save", "insert", "upsert", "into"}
_REPOSITORY = re.compile(r"\bRepository\s*<\s*(\w+)\s*>")


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that a method of a repository, manager or entity sends."""
    name = method_name(chain.first.node)
    owner = receiver(chain.first)
    if owner is None or (name not in _RUNNER and not entities(values.project)):
        return
    if name in _RUNNER:
        # Sessions of other databases have methods of these names too.
        if not re.search(r"QueryRunner|typeorm", chain.first.module.text):
            return
        yield from _transaction(chain, owner, name)
        return
    if name == "into":
        yield from _builder(values, chain, owner)
        return
    given = [chain.first.at(a) for a in arguments(chain.first.node)]
    target = _target(values, owner, given, name)
    if target is None:
        return
    entity, client, rest = target
    if name in ("save", "insert", "upsert"):
        yield from _written(values, chain, client, entity, rest)
    elif name in _READS:
        yield _looked(values, chain, client, entity, rest)
    else:
        yield _changed(values, chain, client, entity, rest)


def _transaction(chain: Chain, owner: Ref, name: str) -> Iterator[Draft]:
    draft = begin(chain, LIBRARY, client_text(owner), "sql", by_its_name(""))
    draft.fields |= {"relation": None, "statement": _RUNNER[name], "params": ()}
    yield draft


def _target(
    values: Values, owner: Ref, given: Sequence[Ref], name: str
) -> tuple[Entity, str, list[Ref]] | None:
    """Entity, client and the other arguments of a call."""
    found = repository_of(values, owner)
    if found is not None:
        return found[0], found[1], list(given)
    active = class_of(values, owner)
    if active is not None:
        return active, "", list(given)
    first = class_of(values, given[0]) if given else None
    if first is not None:
        return first, _manager(owner), list(given[1:])
    if name == "save":
        row = given[0] if given else owner
        entity = build(values, row).entity
        if entity is not None:
            return entity, _manager(owner) if given else "", [row]
    return None


def entity_of(values: Values, chain: Chain) -> Entity | None:
    """The entity that a call is about."""
    owner = receiver(chain.first)
    given = [chain.first.at(a) for a in arguments(chain.first.node)]
    found = None
    if owner is not None:
        found = _target(values, owner, given, method_name(chain.first.node))
    return None if found is None else found[0]


def _manager(owner: Ref) -> str:
    return client_text(owner).removesuffix(".manager")


def repository_of(values: Values, ref: Ref) -> tuple[Entity, str] | None:
    """Entity and client text of an expression that is a repository."""
    here = values.resolve(ref)
    node = here.node
    known = entities(values.project)
    if node.kind() == "call_expression":
        given = arguments(node)
        owner = receiver(here)
        if method_name(node) not in ("getRepository", "getTreeRepository") or not given:
            return None
        entity = class_of(values, here.at(given[0]))
        if entity is None and given[0].kind() == "string":
            entity = known.get(given[0].text()[1:-1])
        return None if entity is None or owner is None else (entity, _manager(owner))
    note = ""
    if node.kind() == "identifier":
        found = values.binding(here)
        if found is not None and found[1].annotation is not None:
            note = found[1].annotation.text()
    elif node.kind() == "member_expression" and node.text().startswith("this."):
        return _of_class(values, here, known)
    match = _REPOSITORY.search(note)
    entity = None if match is None else known.get(match[1])
    return None if entity is None else (entity, client_text(here))


def _of_class(values: Values, here: Ref, known: dict[str, Entity]) -> tuple[Entity, str] | None:
    """`this.profiles`: a parameter of the constructor or a field, by its type or its value."""
    label = here.node.field("property")
    body = enclosing(here.node, frozenset({"class_body"}))
    if label is None or body is None:
        return None
    kinds: tuple[str, ...] = (
        "required_parameter",
        "optional_parameter",
        "public_field_definition",
    )
    if here.module.language == "javascript":
        kinds = ("field_definition",)
    for kind in kinds:
        for member in body.find_all(kind=kind):
            name = member.field("pattern") or member.field("name") or member.field("property")
            if name is None or name.text() != label.text():
                continue
            note = member.field("type")
            match = None if note is None else _REPOSITORY.search(note.text())
            if match is not None and match[1] in known:
                return known[match[1]], client_text(here)
            value = member.field("value")
            if value is not None and value.kind() == "call_expression":
                return repository_of(values, here.at(value))
    return None


def _put(draft: Draft, entity: Entity, payload: Payload) -> dict[str, str] | None:
    draft.fields["rows"] = payload.rows
    found, reason = entity_columns(entity, payload)
    if found is None:
        draft.unknowns.append(("row", reason))
        return None
    draft.fields["columns"] = tuple(found)
    draft.fields["column_values"] = found
    return found


def _written(
    values: Values, chain: Chain, client: str, entity: Entity, given: Sequence[Ref]
) -> Iterator[Draft]:
    if not given:
        return
    name = method_name(chain.first.node)
    built = build(values, given[0])
    draft = begin(
        chain,
        LIBRARY,
        client,
        "update" if built.loaded and name == "save" else "insert",
        entity.table,
    )
    draft.fields["selects"] = "*"
    found = _put(draft, entity, built.payload)
    put_batch(values, draft, entity.table, given[0])
    primary = entity.table.primary
    if name == "upsert" and len(given) > 1:
        _conflict(values, draft, entity, given[1])
    elif name == "save" and not built.loaded and primary and set(primary) <= set(found or ()):
        # save() looks the primary key up, and updates the row that it finds.
        draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = primary, False
    yield draft


def _conflict(values: Values, draft: Draft, entity: Entity, ref: Ref) -> None:
    """`upsert(row, ['a', 'b'])` or `upsert(row, { conflictPaths, indexPredicate })`."""
    options, whole = stated_options(values, ref)
    paths = options.get("conflictPaths", ref)
    draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = (), False
    names = names_of(values, paths)
    columns = [None] if names is None else [entity.column(n) for n in names]
    if None in columns or (options and not whole):
        not_read(draft, "conflict target", ref)
    else:
        draft.fields["on_conflict"] = tuple(str(c) for c in columns)
    if "indexPredicate" in options:
        draft.fields["target_predicate"] = values.string(options["indexPredicate"])
        if draft.fields["target_predicate"] is None:
            not_read(draft, "conflict predicate", options["indexPredicate"])


def _looked(
    values: Values, chain: Chain, client: str, entity: Entity, given: Sequence[Ref]
) -> Draft:
    draft = begin(chain, LIBRARY, client, "select", entity.table)
    draft.fields["selects"] = "*"
    name = method_name(chain.first.node)
    if name.startswith(("findOne", "exist")):
        draft.fields["cardinality"] = "maybe_single"
    if given:
        where = given[0] if name.endswith(("By", "ByOrFail")) else values.member(given[0], "where")
        if where is not None:
            draft.fields["filters"] = tuple(_filters(values, entity, where))
    return draft


def _filters(values: Values, entity: Entity, ref: Ref) -> Iterator[Filter]:
    here = values.resolve(ref)
    row = PayloadReader(values).read(here).values if here.node.kind() == "object" else None
    if row is None:
        yield Filter(None, "where", short(ref.text))
        return
    for name, text in row.items():
        nested = text.lstrip().startswith("{") and name not in entity.links
        operator = re.match(r"[A-Z]\w*\(", text)
        column = entity.column(name)
        op = "other" if nested or operator or column is None else "eq"
        yield Filter(column, op, text)


def _changed(
    values: Values, chain: Chain, client: str, entity: Entity, given: Sequence[Ref]
) -> Draft:
    name = method_name(chain.first.node)
    verb = "delete" if name in ("delete", "remove") else "update"
    draft = begin(chain, LIBRARY, client, verb, entity.table)
    if name == "update" and len(given) > 1:
        _put(draft, entity, PayloadReader(values).read(given[1]))
    draft.fields["rows"] = "unknown"
    if given and name != "remove":
        draft.fields["filters"] = tuple(_filters(values, entity, given[0]))
    return draft


def _builder(values: Values, chain: Chain, owner: Ref) -> Iterator[Draft]:
    """`….createQueryBuilder().insert().into(Entity).values({ … }).orUpdate([…], […])`."""
    given = [chain.first.at(a) for a in arguments(chain.first.node)]
    entity = class_of(values, given[0]) if given else None
    if entity is None or owner.node.kind() != "call_expression":
        return
    root = owner
    while root.node.kind() == "call_expression" and (inner := receiver(root)) is not None:
        root = inner
    owned = repository_of(values, root)
    client = _manager(root) if owned is None else owned[1]
    draft = begin(chain, LIBRARY, client, "insert", entity.table)
    steps = {s.name: s for s in (*steps_before(chain.first), *chain.steps)}
    if "values" in steps and steps["values"].given:
        _put(draft, entity, build(values, steps["values"].given[0]).payload)
        put_batch(values, draft, entity.table, steps["values"].given[0])
    if "returning" in steps:
        draft.fields["selects"] = "*"
    if "orIgnore" in steps:
        draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = (), True
    elif "orUpdate" in steps:
        _or_update(values, draft, steps["orUpdate"].given)
    elif "onConflict" in steps:
        draft.fields["on_conflict"] = ()
        not_read(draft, "conflict clause", chain.outer)
    yield draft


def _or_update(values: Values, draft: Draft, given: Sequence[Ref]) -> None:
    """`orUpdate(columns, target, options)`: a target that is a lone text names a constraint."""
    fields = draft.fields
    fields["on_conflict"], fields["ignore_duplicates"] = (), False
    options = stated_options(values, given[0])[0] if given else {}
    if "conflict_target" in options:  # the older form
        target = names_of(values, options["conflict_target"])
        changed = names_of(values, options["overwrite"]) if "overwrite" in options else None
    else:
        target = names_of(values, given[1]) if len(given) > 1 else None
        changed = names_of(values, given[0]) if given else None
    fields["update_columns"] = changed
    if target is None:
        not_read(draft, "conflict target", given[-1] if given else draft.site)
    elif not options and values.string(given[1]) is not None:
        fields["target_constraint"] = target[0]
    else:
        fields["on_conflict"] = target
    predicate = values.member(given[2], "indexPredicate") if len(given) > 2 else None
    if predicate is not None:
        fields["target_predicate"] = values.string(predicate)
