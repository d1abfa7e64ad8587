"""Functions and methods of a project's own that send SQL: the place is where they are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.models import bases, class_behind
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source
from fixit_tui.code.sqltext import SQL_START

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_INSERT = re.compile(r"\s*INSERT\s+INTO\s+$", re.IGNORECASE)
_CLAUSE = re.compile(r"\bON\s+CONFLICT\b", re.IGNORECASE)
_SQL_NAME = re.compile(r"sql|query|stmt|statement|insert|upsert|update|delete", re.IGNORECASE)
_CONSTANT = re.compile(r"(?:\w+\.)*[A-Z][A-Z0-9_]{2,}")
_DEEPEST = 3
_INSERTS = re.compile(r"insert|create|add|save|put|store", re.IGNORECASE)
_SELVES = ("self", "cls")


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that hands a parameter on as SQL text, or makes an INSERT of a table and a row.

    All are names of parameters; `text` or `table` and `row` are "".
    """

    text: str = ""
    values: str = ""
    table: str = ""
    row: str = ""


def wrapped_call(
    project: Project, source: Source, call: ast.Call, sends: frozenset[str]
) -> tuple[Wrapper, dict[str, Ref]] | None:
    """What a call of a wrapper hands over, by parameter; None for any other call.

    `sends` are the methods of drivers that take SQL text.
    """
    return _handed(project, Ref(source, call), call, sends, 0) if _may_wrap(call) else None


def _handed(
    project: Project, here: Ref, call: ast.Call, sends: frozenset[str], depth: int
) -> tuple[Wrapper, dict[str, Ref]] | None:
    found = _function(project, here.at(call.func))
    if found is None or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    owner, function = found
    key = ("sql wrapper", owner.path, function.lineno, function.name)
    wrapper = project.remember(
        key,
        lambda: _wrapper(function, sends) or _handed_on(project, owner, function, sends, depth),
    )
    if wrapper is None:
        return None
    names = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
    if isinstance(call.func, ast.Attribute) and names[:1] and names[0] in _SELVES:
        names = names[1:]
    given = dict(zip(names, (here.at(a) for a in call.args), strict=False))
    given |= {k.arg: here.at(k.value) for k in call.keywords if k.arg is not None}
    return wrapper, given


def _may_wrap(call: ast.Call) -> bool:
    """Whether it is worth to look for the function: that may parse another file."""
    for given in call.args[:2]:
        start = given.values[0] if isinstance(given, ast.JoinedStr) and given.values else given
        while isinstance(start, ast.BinOp):
            start = start.left
        if isinstance(start, ast.Constant) and isinstance(start.value, str):
            if SQL_START.match(start.value + " x"):
                return True
        elif isinstance(start, (ast.Name, ast.Attribute)):
            name = ast.unparse(start)
            if _SQL_NAME.search(name) or _CONSTANT.fullmatch(name):
                return True
    first = call.args[0] if call.args and len(call.args) + len(call.keywords) > 1 else None
    named = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return named and bool(_INSERTS.search(method(call)))


def _function(project: Project, ref: Ref) -> tuple[Source, _Function] | None:
    node = ref.node
    if isinstance(node, ast.Name):
        source, name = project.imported(ref.source, node.id) or (ref.source, node.id)
        return _named(source, source.tree.body, name)
    if not isinstance(node, ast.Attribute):
        return None
    if isinstance(node.value, ast.Name):
        module = project.module(ref.source, node.value.id)
        found = None if module is None else _named(module, module.tree.body, node.attr)
        if found is not None:
            return found
    for source, owner in _classes(project, ref.at(node.value)):
        method_of = _named(source, owner.body, node.attr)
        if method_of is not None:
            return method_of
    return None


def _named(source: Source, body: list[ast.stmt], name: str) -> tuple[Source, _Function] | None:
    for one in body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.name == name:
            return source, one
    return None


def _classes(project: Project, owner: Ref) -> Iterator[tuple[Source, ast.ClassDef]]:
    """The class of an object and its bases: made here, declared by a parameter, or `self`."""
    node = owner.node
    if isinstance(node, ast.Name) and node.id in _SELVES:
        around = owner.source.ancestors(node)
        own = next((p for p in around if isinstance(p, ast.ClassDef)), None)
        if own is not None:
            yield from bases(project, (owner.source, own))
        return
    here = project.resolve(owner)
    if isinstance(here.node, ast.Attribute):
        held = project.member(here)
        here = here if held is None else project.resolve(held)
    kind: ast.expr | None = None
    if isinstance(here.node, ast.Call):
        kind = here.node.func
    elif isinstance(here.node, ast.Name):
        function = here.source.function(here.node)
        given = [] if function is None else [*function.args.args, *function.args.kwonlyargs]
        kind = next((a.annotation for a in given if a.arg == here.node.id), None)
    found = None if kind is None else class_behind(project, here.at(kind))
    if found is not None:
        yield from bases(project, found)


def _wrapper(function: _Function, sends: frozenset[str]) -> Wrapper | None:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = {a.arg for a in arguments} - set(_SELVES)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or method(node) not in sends or not node.args:
            continue
        text = _value(function, node.args[0])
        if isinstance(text, ast.Call) and len(text.args) == 1:  # text(sql)
            text = text.args[0]
        if isinstance(text, ast.Name) and text.id in names:
            later = node.args[1:2]
            bound = later[0].id if later and isinstance(later[0], ast.Name) else ""
            return Wrapper(text=text.id, values=bound if bound in names else "")
        if isinstance(text, ast.JoinedStr):
            return _insert(function, text, names)
    return None


def _handed_on(
    project: Project, owner: Source, function: _Function, sends: frozenset[str], depth: int
) -> Wrapper | None:
    """A function that gives its own parameter to another one that sends it."""
    names = {a.arg for a in [*function.args.args, *function.args.kwonlyargs]} - set(_SELVES)
    for node in ast.walk(function) if depth < _DEEPEST else ():
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if not isinstance(node, ast.Call) or not isinstance(first, ast.Name):
            continue
        if first.id not in names or method(node) == function.name:
            continue
        handed = _handed(project, Ref(owner, node), node, sends, depth + 1)
        if handed is not None and handed[0].text:
            inner, given = handed
            text, values = (_own(given.get(name), names) for name in (inner.text, inner.values))
            if text:
                return Wrapper(text=text, values=values)
    return None


def _own(given: Ref | None, names: set[str]) -> str:
    """The parameter that is handed on as it is."""
    node = None if given is None else given.node
    return node.id if isinstance(node, ast.Name) and node.id in names else ""


def _value(function: _Function, node: ast.expr) -> ast.expr:
    """What a local name holds that is assigned once."""
    if not isinstance(node, ast.Name):
        return node
    held = [
        one.value
        for one in ast.walk(function)
        if isinstance(one, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
    ]
    return held[0] if len(held) == 1 else node


def _insert(function: _Function, text: ast.JoinedStr, names: set[str]) -> Wrapper | None:
    """`f"INSERT INTO {table} (…) VALUES (…)"`, whose columns are the keys of a parameter."""
    if len(text.values) < 2 or not isinstance(text.values[1], ast.FormattedValue):
        return None
    lead, table = text.values[0], text.values[1].value
    written = [p.value for p in text.values if isinstance(p, ast.Constant)]
    clause = any(isinstance(p, str) and _CLAUSE.search(p) for p in written)
    starts = isinstance(lead, ast.Constant) and bool(_INSERT.match(str(lead.value)))
    if not starts or clause or not isinstance(table, ast.Name) or table.id not in names:
        return None
    rows = {name for node in ast.walk(function) for name in _keyed(node)} & (names - {table.id})
    return Wrapper(table=table.id, row=rows.pop()) if len(rows) == 1 else None


def _keyed(node: ast.AST) -> Iterator[str]:
    """Names of which the keys are taken: `row.keys()`, `", ".join(row)`, `list(row)`."""
    if not isinstance(node, ast.Call):
        return
    if method(node) == "keys" and isinstance(node.func, ast.Attribute):
        if isinstance(node.func.value, ast.Name):
            yield node.func.value.id
    elif method(node) in ("join", "list", "tuple", "sorted"):
        yield from (a.id for a in node.args if isinstance(a, ast.Name))
