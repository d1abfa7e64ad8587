"""What is written: dictionaries, lists of them, and what they are made from."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fixit_tui.code.python.batches import distinct_by
from fixit_tui.code.python.chains import method
from fixit_tui.code.python.models import bases, class_behind
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source, own_nodes

_DEPTH = 8
_NAME = re.compile(r"[A-Za-z_]\w*")
_ONE_ROW = frozenset({"model_dump", "dict", "to_dict", "asdict", "_asdict", "jsonable_encoder"})


@dataclass(frozen=True, slots=True)
class Payload:
    """Column → source text, None where not known; `rows` is 'one', 'many' or 'unknown'."""

    values: Mapping[str, str] | None = None
    rows: str = "unknown"
    row_list: tuple[Mapping[str, str], ...] | None = None
    reason: str = ""
    distinct_by: str | None = None

    def fields(self) -> dict[str, object]:
        """The fields of a call that it decides."""
        return {
            "columns": None if self.values is None else tuple(self.values),
            "column_values": self.values,
            "rows": self.rows,
            "row_list": self.row_list,
            "distinct_by": self.distinct_by,
        }


def read_rows(project: Project, ref: Ref) -> Payload:
    """The rows of an expression: a dictionary, a list of them, or a name for either."""
    payload = _rows(project, ref)
    return payload if payload.rows == "one" else replace(payload, distinct_by=distinct_by(ref))


def _rows(project: Project, ref: Ref, depth: int = 0) -> Payload:
    here = project.resolve(ref)
    node = here.node
    if depth > _DEPTH:
        return Payload(reason="the row is built from itself")
    if here.node is not ref.node and (why := _changed(ref)):
        return Payload(rows=_rows(project, here, depth + 1).rows, reason=why)
    if isinstance(node, ast.Dict):
        return _dictionary(project, here, node, depth)
    if isinstance(node, (ast.List, ast.Tuple)):
        return _listed(project, here, node.elts, depth)
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        inner = _rows(project, here.at(node.elt), depth + 1)
        return Payload(inner.values, "many", None, inner.reason)
    if isinstance(node, ast.Call):
        return _made(project, here, node, depth)
    if isinstance(node, ast.Name):
        found = project.binding(here.source, node)
        if found is not None and found.element and found.value is not None:
            each = _rows(project, here.at(found.value), depth + 1)
            return Payload(each.values, "one", None, each.reason)
        return Payload(rows=_declared_rows(here, node), reason=f"{node.id} is not in sight")
    return Payload(reason=f"the row is computed: {here.text[:60]}")


def _dictionary(project: Project, here: Ref, node: ast.Dict, depth: int) -> Payload:
    found: dict[str, str] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = _rows(project, here.at(value), depth + 1)
            if inner.values is None:
                return Payload(rows="one", reason=f"**{here.at(value).text[:40]} is not in sight")
            found |= inner.values
            continue
        name = project.string(here.at(key))
        if name is None:
            return Payload(rows="one", reason=f"a column name is computed: {here.at(key).text}")
        found[name] = here.at(value).text
    return Payload(found, "one")


def _listed(project: Project, here: Ref, items: list[ast.expr], depth: int) -> Payload:
    rows = [
        Payload(reason="rows are spread in")
        if isinstance(item, ast.Starred)
        else _rows(project, here.at(item), depth + 1)
        for item in items
    ]
    if not rows:
        return Payload(rows="many", reason="the list is filled elsewhere")
    count = "one" if len(rows) == 1 and not isinstance(items[0], ast.Starred) else "many"
    merged: dict[str, str] = {}
    for row in rows:
        if row.values is None:
            return Payload(rows=count, reason=row.reason)
        merged = {**row.values, **merged}
    whole = tuple(row.values for row in rows if row.values is not None)
    return Payload(merged, count, whole if len(whole) > 1 else None)


def _made(project: Project, here: Ref, node: ast.Call, depth: int) -> Payload:
    name = method(node)
    if name == "dict" and isinstance(node.func, ast.Name) and not node.args:
        return keywords(project, here, node, depth)
    if name == "list" and len(node.args) == 1:
        return _rows(project, here.at(node.args[0]), depth + 1)
    if name == "to_dict" and "records" in here.text[len(here.at(node.func).text) :]:
        return Payload(rows="many", reason="the rows are those of a data frame")
    if name in _ONE_ROW:
        declared = _declared(project, here, node)
        if declared is not None:
            return Payload(declared, "one")
        return Payload(rows="one", reason=f"the row is computed: {here.text[:60]}")
    return _returned(project, here, node, depth)


def _returned(project: Project, here: Ref, node: ast.Call, depth: int) -> Payload:
    """The rows that a function of the project returns in its one return."""
    unknown = Payload(reason=f"the row is computed: {here.text[:60]}")
    found = _function(project, here, node)
    if found is None:
        return unknown
    source, function = found
    backs = [n for n in own_nodes(function) if isinstance(n, (ast.Return, ast.Yield))]
    value = backs[0].value if len(backs) == 1 and isinstance(backs[0], ast.Return) else None
    payload = unknown if value is None else _rows(project, Ref(source, value), depth + 1)
    rows = payload.rows if payload.rows != "unknown" else _rows_of(function.returns)
    if payload.values is None:
        return replace(unknown, rows=rows)
    given = _arguments(here, node, function)
    own = {n.id for n in own_nodes(function) if isinstance(n, ast.Name) and _is_stored(n)}

    def told(column: str, text: str) -> str:
        names = set(_NAME.findall(text))
        if text in given:
            return given[text]
        return f"{here.text}[{column!r}]" if names & {*given, *own} else text

    each = {column: told(column, text) for column, text in payload.values.items()}
    return Payload(each, rows)


def _function(project: Project, here: Ref, node: ast.Call) -> tuple[Source, ast.FunctionDef] | None:
    """The plain function that a call by its name runs."""
    if not isinstance(node.func, ast.Name):
        return None
    place = project.imported(here.source, node.func.id) or (here.source, node.func.id)
    source, name = place
    functions = (n for n in source.tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    found = list(functions)
    return (source, found[0]) if len(found) == 1 and not found[0].decorator_list else None


def _arguments(here: Ref, node: ast.Call, function: ast.FunctionDef) -> dict[str, str]:
    """Parameter → the text that the call gives it."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    found = {a.arg: f"{here.text}.{a.arg}" for a in function.args.kwonlyargs}
    found |= {name: f"{here.text}.{name}" for name in names}
    found |= {n: here.at(v).text for n, v in zip(names, node.args, strict=False)}
    return found | {k.arg: here.at(k.value).text for k in node.keywords if k.arg is not None}


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _declared(project: Project, here: Ref, node: ast.Call) -> dict[str, str] | None:
    """The fields that the declared class of a parameter has: `**data.model_dump()`."""
    held = node.args[0] if node.args else None
    if isinstance(node.func, ast.Attribute) and held is None:
        held = node.func.value
    if node.keywords or not isinstance(held, ast.Name):
        return None
    function = here.source.function(held)
    given = [] if function is None else [*function.args.args, *function.args.kwonlyargs]
    note = next((a.annotation for a in given if a.arg == held.id), None)
    found = None if note is None else class_behind(project, here.at(note))
    if found is None:
        return None
    owners = list(bases(project, found))
    fields = {
        item.target.id: f"{held.id}.{item.target.id}"
        for _, owner in reversed(owners)
        for item in owner.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        if not item.target.id.startswith(("_", "model_"))
        and "ClassVar" not in ast.unparse(item.annotation)
    }
    return fields or None


def keywords(project: Project, here: Ref, node: ast.Call, depth: int = 0) -> Payload:
    """The keyword arguments of a call as a row."""
    found: dict[str, str] = {}
    for item in node.keywords:
        if item.arg is not None:
            found[item.arg] = here.at(item.value).text
            continue
        inner = _rows(project, here.at(item.value), depth + 1)
        if inner.values is None:
            return Payload(rows="one", reason=f"**{here.at(item.value).text[:40]} is not in sight")
        found |= inner.values
    return Payload(found, "one")


def _changed(ref: Ref) -> str:
    """Why a literal behind a name does not say everything: it is changed afterwards."""
    if not isinstance(ref.node, ast.Name):
        return ""
    name = ref.node.id
    for node in ast.walk(ref.source.function(ref.node) or ref.source.tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target: ast.expr = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("update", "pop", "append", "extend", "setdefault", "insert"):
                continue
            target = node.func.value
        else:
            continue
        if isinstance(target, ast.Name) and target.id == name:
            return f"{name} is changed after it was made"
    return ""


def _declared_rows(here: Ref, node: ast.Name) -> str:
    """One row or many, by the declared type of a parameter."""
    function = here.source.function(node)
    if function is None:
        return "unknown"
    for item in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
        if item.arg == node.id and item.annotation is not None:
            return _rows_of(item.annotation)
    return "unknown"


def _rows_of(annotation: ast.expr | None) -> str:
    """One row or many, by a written type."""
    text = "" if annotation is None else ast.unparse(annotation).lower()
    if text.startswith(("list", "sequence", "iterable", "tuple", "typing.list")):
        return "many"
    return "one" if text.startswith(("dict", "mapping", "typing.dict")) else "unknown"
