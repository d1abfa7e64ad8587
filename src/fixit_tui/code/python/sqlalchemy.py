"""SQLAlchemy: statements that are built from models or tables, and objects of a session."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import words
from fixit_tui.code.python.chains import Step, method, steps_from, steps_to
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.drivers import connection_of
from fixit_tui.code.python.models import Table, sqlalchemy_table
from fixit_tui.code.python.objects import made_objects
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.rows import Payload, keywords, read_rows
from fixit_tui.code.python.source import Source, own_nodes
from fixit_tui.code.python.sqlconditions import condition_sql, equalities

LIBRARY = "sqlalchemy"
_SENDS = words("execute scalar scalars scalar_one_or_none exec fetch_one fetch_all stream")
_ADDS = words("add add_all merge bulk_save_objects bulk_insert_mappings")
_FLUSHES = ("flush", "commit")
_CONFLICT = ("on_conflict_do_update", "on_conflict_do_nothing")


def read(project: Project, source: Source) -> Iterator[PyDraft]:
    """Every built statement that is sent, and every new object that a session gets."""
    for call in source.calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        name = method(call)
        if name in _ADDS:
            yield from _added(project, source, call)
            continue
        if name in _SENDS and call.args:
            draft = _sent(project, source, call)
        elif name == "query" and len(call.args) == 1:
            draft = _queried(project, source, call)
        else:
            continue
        if draft is not None:
            yield draft


def _sent(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    steps, root = steps_to(project, Ref(source, call.args[0]))
    if steps and steps[0].name == "Table":  # events = Table(…); events.insert()
        steps = steps[1:]
    if not steps:
        return None
    built = _verb_and_table(project, steps[0], root)
    if built is None:
        return None
    verb, table = built
    assert isinstance(call.func, ast.Attribute)
    client = connection_of(project, Ref(source, call.func.value))
    own = steps[-1]
    # Where the statement is built is what there is to see and to change.
    site = own.call if own.source is source else call
    draft = PyDraft(source, site, call, _fields(table, verb, client), connection=client)
    begun = steps[0].call
    if steps[0].source is source and begun.lineno < site.lineno:
        # Built in several statements: the first of them says what is written.
        draft.fields["statement_line"] = begun.lineno
        draft.fields["statement_end_line"] = begun.end_lineno
    draft.fields["filters"] = tuple(equalities(project, table, steps))
    if verb == "select":
        draft.fields["selects"] = "*"
    if verb in ("insert", "update"):
        _values(project, steps, Step(source, call), table, draft)
    if verb == "insert" and not _conflict(project, steps, table, draft):
        return None
    return draft


def _verb_and_table(project: Project, first: Step, root: Ref) -> tuple[str, Table] | None:
    """`insert(T)` of the package, or `T.__table__.insert()`, `table.insert()`."""
    function = first.call.func
    if isinstance(function, ast.Name):
        origin = project.origin(first.source, function)
        name = origin.rpartition(".")[2]
        if not origin.startswith(("sqlalchemy", "sqlmodel")) or not first.call.args:
            return None
        table = _table_in(project, Ref(first.source, first.call.args[0]))
    elif isinstance(function, ast.Attribute):
        name = function.attr
        origin = project.origin(first.source, function.value)
        if origin.startswith("sqlalchemy") and first.call.args:
            table = _table_in(project, Ref(first.source, first.call.args[0]))
        else:
            table = sqlalchemy_table(project, Ref(first.source, function.value))
    else:
        return None
    if table is None or name not in ("insert", "update", "delete", "select"):
        return None
    return name, table


def _table_in(project: Project, ref: Ref) -> Table | None:
    """The table of a model or table, or of one of its columns: `select(T.id)` is about T."""
    found = sqlalchemy_table(project, ref)
    if found is not None or not isinstance(ref.node, ast.Attribute):
        return found
    inner = ref.node.value
    if isinstance(inner, ast.Attribute) and inner.attr == "c":
        inner = inner.value
    return sqlalchemy_table(project, ref.at(inner))


def _fields(table: Table, verb: str, client: str) -> dict[str, Any]:
    return {
        "library": LIBRARY,
        "client": client,
        "verb": verb,
        "schema": table.schema,
        "relation": table.name,
        "throws": True,
    }


def _values(
    project: Project, steps: Sequence[Step], sender: Step, table: Table, draft: PyDraft
) -> None:
    step = next((s for s in steps if s.name == "values"), None)
    rows = sender.given(1, "params", "parameters")
    if step is not None and step.call.keywords and not step.call.args:
        payload = keywords(project, Ref(step.source, step.call), step.call)
    elif step is not None and step.call.args:
        payload = read_rows(project, Ref(step.source, step.call.args[0]))
    elif rows is not None:
        payload = read_rows(project, rows)
    else:
        payload = Payload(reason="the values are not in sight")
    fill(draft, table, payload)


def fill(draft: PyDraft, table: Table, payload: Payload) -> None:
    """The rows of a call, their attributes told as columns."""
    draft.fields |= payload.fields()
    if payload.values is None:
        draft.unknowns.append(("row", payload.reason))
        return
    values = {table.column(a): text for a, text in payload.values.items()}
    draft.fields["columns"], draft.fields["column_values"] = tuple(values), values
    if payload.row_list is not None:
        draft.fields["row_list"] = tuple(
            {table.column(a): text for a, text in row.items()} for row in payload.row_list
        )


def _conflict(project: Project, steps: Sequence[Step], table: Table, draft: PyDraft) -> bool:
    """Read the conflict clause; False where its target cannot be told."""
    step = next((s for s in steps if s.name in _CONFLICT), None)
    if step is None:
        return True
    fields = draft.fields
    fields["ignore_duplicates"] = step.name == "on_conflict_do_nothing"
    constraint = (
        step.given(0, "constraint") if not step.call.args or step.keyword("constraint") else None
    )
    elements = step.keyword("index_elements")
    if constraint is not None:
        name = project.string(constraint)
        if name is None:
            return False
        fields["target_constraint"], fields["on_conflict"] = name, ()
    else:
        target = () if elements is None else targets(project, table, elements)
        if target is None:
            return False
        fields["on_conflict"] = target
    where = step.keyword("index_where")
    if where is not None:
        fields["target_predicate"] = condition_sql(project, table, where)
        if fields["target_predicate"] is None:
            return False
    told = step.keyword("set_")
    if told is not None:
        row = read_rows(project, told).values
        fields["update_columns"] = None if row is None else tuple(table.column(a) for a in row)
    return True


def targets(project: Project, table: Table, given: Ref) -> tuple[str, ...] | None:
    """The columns of index_elements: names, or attributes of the model."""
    here = project.resolve(given)
    if not isinstance(here.node, (ast.List, ast.Tuple)):
        return None
    found: list[str] = []
    for item in here.node.elts:
        name = project.string(here.at(item))
        if name is not None:
            found.append(name)
        elif isinstance(item, ast.Attribute):
            found.append(table.column(item.attr))
        else:
            return None
    return tuple(found)


def _added(project: Project, source: Source, call: ast.Call) -> Iterator[PyDraft]:
    """`session.add(Model(…))`: a row for each new object, a call for each table."""
    assert isinstance(call.func, ast.Attribute)
    client = connection_of(project, Ref(source, call.func.value))
    name = method(call)
    if name == "bulk_insert_mappings" and len(call.args) == 2:
        table = sqlalchemy_table(project, Ref(source, call.args[0]))
        if table is not None:
            draft = PyDraft(source, call, call, _fields(table, "insert", client), connection=client)
            fill(draft, table, read_rows(project, Ref(source, call.args[1])))
            draft.fields["rows"] = "many"
            yield draft
        return
    seen: list[Table] = []
    for made in made_objects(project, Ref(source, call.args[0])) if call.args else ():
        if made.table in seen:
            continue
        # Rows of a second table have their place where they are made.
        site = made.made.node if seen and made.made.source is source else call
        seen.append(made.table)
        fields = _fields(made.table, "insert", client)
        draft = PyDraft(source, site, call, fields, connection=client)
        draft.refused = _flush(source, call)
        fill(draft, made.table, made.payload)
        fields["rows"] = "many" if made.many else "one"
        key = made.table.key
        if name == "merge" and key and set(key) <= set(fields.get("columns") or ()):
            # The session looks the key up, and changes the row that it finds.
            fields["on_conflict"], fields["ignore_duplicates"] = key, False
        yield draft


def _flush(source: Source, added: ast.Call) -> ast.Call | None:
    """Where the session sends the objects that it got: its next flush or commit in the function."""
    assert isinstance(added.func, ast.Attribute)
    session = ast.unparse(added.func.value)
    around = source.function(added) or source.tree
    later = (
        node
        for node in own_nodes(around)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and method(node) in _FLUSHES
        and (node.lineno, node.col_offset) > (added.lineno, added.col_offset)
        and ast.unparse(node.func.value) == session
    )
    return min(later, key=lambda node: (node.lineno, node.col_offset), default=None)


def _queried(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    assert isinstance(call.func, ast.Attribute)
    table = _table_in(project, Ref(source, call.args[0]))
    if table is None:
        return None
    later = list(steps_from(source, call))
    outer = later[-1].call if later else call
    client = connection_of(project, Ref(source, call.func.value))
    names = {s.name for s in later}
    verb = "delete" if "delete" in names else "update" if "update" in names else "select"
    draft = PyDraft(source, outer, outer, _fields(table, verb, client), connection=client)
    found: list[Filter] = list(equalities(project, table, later))
    draft.fields["filters"] = tuple(found)
    draft.fields["selects"] = "*" if verb == "select" else None
    draft.fields["cardinality"] = "maybe_single" if names & {"first", "one_or_none"} else "many"
    return draft
