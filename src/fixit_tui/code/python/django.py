"""Django's models: which rows their managers read and write."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import words
from fixit_tui.code.python.batches import distinct_by
from fixit_tui.code.python.chains import Step, method, steps_from, steps_to
from fixit_tui.code.python.django_models import django_table
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.models import Table
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.rows import Payload, keywords
from fixit_tui.code.python.source import Source

LIBRARY = "django"
CONNECTION = "connection"
_READS = words(
    "get first last exists count aget afirst aexists get_or_create aget_or_create update_or_create "
    "aupdate_or_create filter"
)
_WRITES = {"create": "insert", "bulk_create": "insert", "update": "update", "delete": "delete"}


def read(project: Project, source: Source) -> Iterator[PyDraft]:
    """Every call of a model's manager, and the saving of new objects."""
    for call in source.calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        name = method(call)
        if name == "save":
            draft = _saved(project, source, call)
        elif name in _READS or name.removeprefix("a") in _WRITES or name in _WRITES:
            draft = _managed(project, source, call)
        else:
            continue
        if draft is not None:
            yield draft


def _managed(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    steps, first = steps_to(project, Ref(source, call))
    if not steps or not isinstance(first.node, ast.Attribute):
        return None
    if first.node.attr not in ("objects", "_default_manager", "all_objects"):
        return None
    table = django_table(project, first.at(first.node.value))
    name = method(call)
    later = list(steps_from(source, call))
    if table is None or (name == "filter" and later):
        return None
    verb = _WRITES.get(name) or _WRITES.get(name.removeprefix("a")) or "select"
    draft = _draft(source, call, table, verb)
    if verb == "select":
        _look(draft, table, steps)
    elif name.endswith("bulk_create"):
        _bulk(project, Step(source, call), table, draft)
    elif verb == "delete":
        draft.fields["filters"] = tuple(_filters(table, steps))
    else:
        _fill(draft, table, keywords(project, Ref(source, call), call))
        draft.fields["filters"] = tuple(_filters(table, steps[:-1]))
    return draft


def _draft(source: Source, call: ast.Call, table: Table, verb: str) -> PyDraft:
    fields: dict[str, Any] = {
        "library": LIBRARY,
        "client": CONNECTION,
        "verb": verb,
        "schema": table.schema,
        "relation": table.name,
        "throws": True,
        "rows": "one" if verb == "insert" else "unknown",
    }
    return PyDraft(source, call, call, fields, connection=CONNECTION)


def _look(draft: PyDraft, table: Table, steps: Sequence[Step]) -> None:
    draft.fields["filters"] = tuple(_filters(table, steps))
    draft.fields["selects"] = "*"
    draft.fields["cardinality"] = "maybe_single"


def _filters(table: Table, steps: Sequence[Step]) -> Iterator[Filter]:
    for step in steps:
        for item in step.call.keywords if step.name != "using" else ():
            if item.arg is None or item.arg == "defaults":
                continue
            attribute, _, lookup = item.arg.partition("__")
            op = {"": "eq", "exact": "eq"}.get(lookup, lookup)
            yield Filter(table.column(attribute), op, step.source.source(item.value))


def _fill(draft: PyDraft, table: Table, payload: Payload) -> None:
    """The row, its attributes told as columns."""
    fields = draft.fields
    if payload.values is None:
        draft.unknowns.append(("row", payload.reason))
        return
    values = {
        table.column(a): text
        for a, text in payload.values.items()
        if not table.partial or a in table.columns
    }
    fields["columns"], fields["column_values"] = tuple(values), values


def _bulk(project: Project, step: Step, table: Table, draft: PyDraft) -> None:
    draft.fields["rows"] = "many"
    given = step.given(0, "objs")
    draft.fields["distinct_by"] = None if given is None else distinct_by(given)
    made = None if given is None else project.resolve(given)
    one = None if made is None else _element(project, made)
    if one is not None and isinstance(one.node, ast.Call):
        _fill(draft, table, keywords(project, one, one.node))
    else:
        draft.unknowns.append(("row", "the objects are made elsewhere"))
    ignore, update = step.keyword("ignore_conflicts"), step.keyword("update_conflicts")
    if ignore is not None and ignore.text == "True":
        draft.fields |= {"on_conflict": (), "ignore_duplicates": True}
    elif update is not None and update.text == "True":
        target = _columns(project, table, step.keyword("unique_fields"))
        if target is None:
            draft.fields["options_known"] = False
        draft.fields["on_conflict"] = target or ()
        draft.fields["update_columns"] = _columns(project, table, step.keyword("update_fields"))
    elif (ignore or update) is not None:
        draft.fields["options_known"] = False


def _element(project: Project, made: Ref) -> Ref | None:
    node = made.node
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return made.at(node.elt)
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        return project.resolve(made.at(node.elts[0]))
    return None


def _columns(project: Project, table: Table, given: Ref | None) -> tuple[str, ...] | None:
    node = None if given is None else project.resolve(given).node
    if given is None or not isinstance(node, (ast.List, ast.Tuple)):
        return None
    names = [project.string(given.at(item)) for item in node.elts]
    return None if None in names else tuple(table.column(str(n)) for n in names)


def _saved(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    """`Model(…)` and its `.save()`: a new row, unless it brings its key along."""
    assert isinstance(call.func, ast.Attribute)
    made = project.resolve(Ref(source, call.func.value))
    if not isinstance(made.node, ast.Call) or made.node.args:
        return None
    table = django_table(project, made.at(made.node.func))
    if table is None:
        return None
    payload = keywords(project, made, made.node)
    if payload.values is not None and {table.column(a) for a in payload.values} & set(table.key):
        return None
    draft = _draft(source, call, table, "insert")
    _fill(draft, table, payload)
    return draft
