"""Sequelize: create, bulkCreate, upsert, findOrCreate and the reads and deletes around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, method_name, unwrap, words
from fixit_tui.code.orm.members import assigned, member_type
from fixit_tui.code.orm.sequelize_classes import models
from fixit_tui.code.orm.sequelize_models import Model
from fixit_tui.code.orm.table import (
    begin,
    client_text,
    not_read,
    put_batch,
    put_row,
    quoted,
    receiver,
    short,
)
from fixit_tui.code.rows import Payload, PayloadReader
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

LIBRARY = "sequelize"
_READS = words("findOne findAll findByPk count findAndCountAll")
_TOLERANT = words("findOrCreate findCreateFind")
METHODS = _READS | _TOLERANT | words("create bulkCreate upsert update destroy save")
_TYPE_OF = re.compile(r"\b(?:typeof\s+|(?:ModelCtor|ModelStatic|Repository)\s*<\s*)(\w+)")
_OPTIONS_AT = {"create": 1, "bulkCreate": 1, "upsert": 1, "update": 1, "findByPk": 1}


def read(values: Values, chain: Chain) -> Iterator[Draft]:
    """The call that `Model.method(…)` sends."""
    name = method_name(chain.first.node)
    if name == "save":
        yield from _saved(values, chain)
        return
    model = model_of(values, chain)
    given = [chain.first.at(a) for a in arguments(chain.first.node)]
    if model is None or (not given and name not in _READS):
        return
    place = _OPTIONS_AT.get(name, 0)
    options = stated_options(values, given[place])[0] if len(given) > place else {}
    client = client_text(options["transaction"]) if "transaction" in options else "sequelize"
    if name in _READS:
        yield _looked(values, chain, client, model, options)
    elif name in ("update", "destroy"):
        yield _changed(values, chain, client, model, given, options)
    elif name in _TOLERANT:
        yield from _tolerant(values, chain, client, model, options)
    else:
        yield _written(values, chain, client, model, given, options)


def model_of(values: Values, chain: Chain) -> Model | None:
    """The model that a method is called on."""
    owner = receiver(chain.first)
    return None if owner is None else _model_behind(values, owner)


def _model_behind(values: Values, owner: Ref) -> Model | None:
    """`User`, `db.User`, `sequelize.models.User`, or what is declared as `typeof User`."""
    node = unwrap(owner.node)
    known = models(values.project)
    if node.kind() == "identifier":
        found = values.binding(owner)
        if found is None:
            return None
        if found[1].kind == "param":
            return _declared(known, found[1].annotation)
        path = found[1].path[-1:]
        exported = path[0] if found[1].kind == "import" and path else ""
        return known.get(exported if exported not in ("", "*", "default") else node.text())
    label = node.field("property") if node.kind() == "member_expression" else None
    if label is None:
        return None
    if node.text().startswith("this."):
        return _declared(known, member_type(node, label.text())) or known.get(label.text())
    return known.get(label.text())


def _declared(known: Mapping[str, Model], note: Node | None) -> Model | None:
    match = None if note is None else _TYPE_OF.search(note.text())
    return None if match is None else known.get(match[1])


def _saved(values: Values, chain: Chain) -> Iterator[Draft]:
    """`new User(row)` or `User.build(row)` and then `save()`."""
    owner = receiver(chain.first)
    here = None if owner is None else values.resolve(owner)
    if here is None or owner is None:
        return
    node, made = here.node, None
    if node.kind() == "new_expression":
        made = node.field("constructor")
    elif node.kind() == "call_expression" and method_name(node) == "build":
        inner = receiver(here)
        made = None if inner is None else inner.node
    model = None if made is None else _model_behind(values, here.at(made))
    if model is None:
        return
    given = arguments(node)
    row = PayloadReader(values).read(here.at(given[0])) if given else Payload({}, "one")
    if row.values is not None:
        row = Payload({**row.values, **assigned(owner)}, "one")
    draft = _draft(chain, "sequelize", "insert", model)
    put_row(draft, model.table, row, insert=True)
    yield draft


def _draft(chain: Chain, client: str, verb: str, model: Model) -> Draft:
    draft = begin(chain, LIBRARY, client, verb, model.table)
    draft.fields["selects"] = "*" if verb in ("insert", "select") else None
    return draft


def _written(
    values: Values,
    chain: Chain,
    client: str,
    model: Model,
    given: Sequence[Ref],
    options: Mapping[str, Ref],
) -> Draft:
    draft = _draft(chain, client, "insert", model)
    name = method_name(chain.first.node)
    put_row(draft, model.table, PayloadReader(values).read(given[0]), insert=True)
    put_batch(values, draft, model.table, given[0])
    if name == "upsert":
        _upsert(values, draft, model, options)
    elif name == "bulkCreate":
        _bulk(values, draft, model, options)
    return draft


def _columns(values: Values, model: Model, ref: Ref) -> tuple[str, ...] | None:
    names = values.strings(ref)
    return None if names is None else tuple(model.table.column(n) or n for n in names)


def _target(draft: Draft, target: tuple[str, ...] | None, stated: Ref | None) -> None:
    """The target that is stated, or the one that the library takes from the model."""
    draft.fields["ignore_duplicates"] = False
    draft.fields["on_conflict"] = target or ()
    if target is None and stated is not None:
        not_read(draft, "conflict target", stated)
    elif target is None:
        draft.fields["options_known"] = False


def _bulk(values: Values, draft: Draft, model: Model, options: Mapping[str, Ref]) -> None:
    fields = draft.fields
    fields["rows"] = "many"
    ignore = options.get("ignoreDuplicates")
    if ignore is not None and values.resolve(ignore).node.text() != "false":
        fields["on_conflict"], fields["ignore_duplicates"] = (), True
    elif "updateOnDuplicate" in options:
        fields["update_columns"] = _columns(values, model, options["updateOnDuplicate"])
        stated = options.get("conflictAttributes")
        told = model.bulk_target() if stated is None else _columns(values, model, stated)
        _target(draft, told, stated)


def _upsert(values: Values, draft: Draft, model: Model, options: Mapping[str, Ref]) -> None:
    if "fields" in options:
        draft.fields["update_columns"] = _columns(values, model, options["fields"])
    elif set(model.table.made) & set(draft.fields.get("columns") or ()):
        # What the library makes goes into a new row, and is not written over one that is there.
        given = draft.fields["column_values"].items()
        draft.fields["update_columns"] = tuple(
            c for c, text in given if model.table.made.get(c) != text
        )
    stated = options.get("conflictFields")
    changed = draft.fields.get("update_columns") or draft.fields.get("columns")
    if stated is not None:
        target = values.strings(stated)  # columns as they are, not attributes
    else:
        target = None if changed is None else model.upsert_target(changed)
    _target(draft, target, stated)
    where = options.get("conflictWhere")
    if where is None:
        return
    row, whole = stated_options(values, where)
    parts = [_equality(values, model, name, ref) for name, ref in row.items()]
    if not whole or None in parts:
        not_read(draft, "conflict predicate", where)
        return
    draft.fields["target_predicate"] = " AND ".join(str(part) for part in parts) or None


def _equality(values: Values, model: Model, name: str, ref: Ref) -> str | None:
    """One condition of `conflictWhere`: its values are written into the statement."""
    here = values.resolve(ref)
    column = quoted(model.table.column(name) or name)
    text = values.string(here) if here.node.kind() in ("string", "template_string") else None
    if text is not None:
        return f"{column} = '" + text.replace("'", "''") + "'"
    word = here.node.text()
    if word == "null":
        return f"{column} IS NULL"
    return f"{column} = {word}" if word in ("true", "false") or word.isdigit() else None


def _tolerant(
    values: Values, chain: Chain, client: str, model: Model, options: Mapping[str, Ref]
) -> Iterator[Draft]:
    """findOrCreate takes a duplicate for the row that it looks for."""
    if "where" not in options:
        return
    draft = _draft(chain, client, "insert", model)
    payload = PayloadReader(values).read(options["where"])
    if "defaults" in options:
        more = PayloadReader(values).read(options["defaults"])
        both = None
        if payload.values is not None and more.values is not None:
            both = {**more.values, **payload.values}
        payload = Payload(both, "one", payload.reason or more.reason)
    put_row(draft, model.table, payload, insert=True)
    draft.fields["on_conflict"], draft.fields["ignore_duplicates"] = (), True
    yield draft


def _looked(
    values: Values, chain: Chain, client: str, model: Model, options: Mapping[str, Ref]
) -> Draft:
    draft = _draft(chain, client, "select", model)
    name = method_name(chain.first.node)
    if name in ("findOne", "findByPk"):
        draft.fields["cardinality"] = "maybe_single"
    if name == "findByPk" and len(model.table.primary) == 1:
        value = arguments(chain.first.node)[0]
        text = chain.first.module.source(value)
        draft.fields["filters"] = (Filter(model.table.primary[0], "eq", text),)
    elif "where" in options:
        draft.fields["filters"] = tuple(_filters(values, model, options["where"]))
    return draft


def _filters(values: Values, model: Model, ref: Ref) -> Iterator[Filter]:
    row, whole = stated_options(values, ref)
    for name, value in row.items():
        kind = values.resolve(value).node.kind()
        op = "other" if kind in ("object", "array") else "eq"
        yield Filter(model.table.column(name), op, value.text)
    if not whole:
        yield Filter(None, "where", short(ref.text))


def _changed(
    values: Values,
    chain: Chain,
    client: str,
    model: Model,
    given: Sequence[Ref],
    options: Mapping[str, Ref],
) -> Draft:
    update = method_name(chain.first.node) == "update"
    draft = _draft(chain, client, "update" if update else "delete", model)
    if update:
        put_row(draft, model.table, PayloadReader(values).read(given[0]), insert=False)
    draft.fields["rows"] = "unknown"
    if "where" in options:
        draft.fields["filters"] = tuple(_filters(values, model, options["where"]))
    return draft
