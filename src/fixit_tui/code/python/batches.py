"""Several rows in one statement: what takes repeats out of them before they are sent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.project import Ref
from fixit_tui.code.python.source import Source

_STEPS = 40
_SHOWN = 400
# Collections without repeats, and the usual names of functions that take repeats out.
_APART = re.compile(
    r"set|frozenset|fromkeys|drop_duplicates|groupby|unique\w*|uniq\w*|distinct\w*|dedup\w*"
    r"|\w*_dedup\w*|remove_dup\w*|without_dup\w*",
    re.IGNORECASE,
)
_KEYED = frozenset({"dict", "OrderedDict", "defaultdict"})


def distinct_by(rows: Ref) -> str | None:
    """Source text of what takes repeats out of the rows, or of what they are made from."""
    source = rows.source
    scope = source.function(rows.node) or source.tree
    pending: list[ast.AST] = [rows.node]
    seen: set[ast.AST] = set()
    while pending and len(seen) < _STEPS:
        here = pending.pop(0)
        if here in seen:
            continue
        seen.add(here)
        for node in ast.walk(here):
            if _takes_out(node, scope):
                return " ".join(source.source(_shown(source, node)).split())[:_SHOWN]
        pending += _made_from(source, here, scope)
    return None


def _takes_out(node: ast.AST, scope: ast.AST) -> bool:
    if isinstance(node, ast.SetComp):
        return True
    if isinstance(node, ast.Compare):
        # `if key not in seen`, and the guard `if key in seen: continue`.
        return any(isinstance(op, ast.NotIn) for op in node.ops) or _is_seen(node)
    if not isinstance(node, ast.Call):
        return False
    name = method(node)
    if name in ("values", "items") and isinstance(node.func, ast.Attribute) and not node.args:
        return _is_keyed(node.func.value, scope)
    return _APART.fullmatch(name) is not None


def _is_seen(node: ast.Compare) -> bool:
    held = node.comparators[0]
    return isinstance(node.ops[0], ast.In) and isinstance(held, ast.Name) and "seen" in held.id


def _is_keyed(node: ast.expr, scope: ast.AST) -> bool:
    """Is it a dictionary that this function builds, one entry for each key?"""
    if isinstance(node, ast.DictComp):
        return True
    if isinstance(node, ast.Name):
        return any(_is_keyed(value, scope) for value in _assigned(scope, node.id))
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, ast.Call) and method(node) in _KEYED


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            targets = [node.target]
        for target in targets:
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and target.id == name and value is not None:
                yield value


def _made_from(source: Source, here: ast.AST, scope: ast.AST) -> Iterator[ast.AST]:
    """What the names in an expression were given, the loops that fill them, functions called."""
    names = {n.id for n in ast.walk(here) if isinstance(n, ast.Name)}
    for name in sorted(names):
        yield from _assigned(scope, name)
    for node in ast.walk(scope):
        if isinstance(node, (ast.For, ast.AsyncFor)):
            if isinstance(node.target, ast.Name) and node.target.id in names:
                yield node.iter
            if names & set(_filled(node)):
                yield node
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in names:
            yield node


def _filled(loop: ast.AST) -> Iterator[str]:
    """The lists that a loop appends to."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and method(node) in ("append", "extend"):
            target = node.func.value if isinstance(node.func, ast.Attribute) else None
            if isinstance(target, ast.Name):
                yield target.id


def _shown(source: Source, node: ast.AST) -> ast.expr:
    """The expression to show: what a dictionary is keyed by says more than `.values()`."""
    assert isinstance(node, ast.expr)
    inner = (
        node.func.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        else None
    )
    if isinstance(inner, ast.Name):
        scope = source.function(node) or source.tree
        made = next((v for v in _assigned(scope, inner.id) if isinstance(v, ast.DictComp)), None)
        return made or node
    return node
