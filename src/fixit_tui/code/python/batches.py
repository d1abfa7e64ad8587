"""Several rows in one statement: what takes repeats out of them before they are sent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.project import Ref

_STEPS = 40
_SHOWN = 400
_DEEPEST = 6
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
    scope = _Scope(source.function(rows.node) or source.tree)
    pending: list[ast.AST] = [rows.node]
    seen: set[ast.AST] = set()
    while pending and len(seen) < _STEPS:
        here = pending.pop(0)
        if here in seen:
            continue
        seen.add(here)
        inside = list(ast.walk(here))
        for node in inside:
            if isinstance(node, ast.expr) and scope.takes_out(node):
                return " ".join(source.source(scope.shown(node)).split())[:_SHOWN]
        pending += scope.made_from(inside)
        called = {
            n.func.id for n in inside if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        pending += (
            f for f in source.tree.body if isinstance(f, ast.FunctionDef) and f.name in called
        )
    return None


class _Scope:
    """What the names of a function, or of a module, are given and filled with: one walk."""

    def __init__(self, scope: ast.AST) -> None:
        self._given: dict[str, list[ast.expr]] = {}
        self._loops: dict[str, list[ast.AST]] = {}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._give(target, node.value)
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
                self._give(node.target, node.value)
            elif isinstance(node, (ast.For, ast.AsyncFor)):
                self._give(node.target, node.iter)
                for name in _filled(node):
                    self._loops.setdefault(name, []).append(node)

    def _give(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name) and value is not None:
            self._given.setdefault(target.id, []).append(value)

    def made_from(self, inside: Sequence[ast.AST]) -> Iterator[ast.AST]:
        """What the names among the nodes were given, and the loops that fill them."""
        for name in dict.fromkeys(n.id for n in inside if isinstance(n, ast.Name)):
            yield from self._given.get(name, ())
            yield from self._loops.get(name, ())

    def takes_out(self, node: ast.expr) -> bool:
        """Does the expression leave one of several equals?"""
        if isinstance(node, ast.SetComp):
            return True
        if isinstance(node, ast.Compare):
            # `if key not in seen`, and the guard `if key in seen: continue`.
            return any(isinstance(op, ast.NotIn) for op in node.ops) or _is_seen(node)
        if not isinstance(node, ast.Call):
            return False
        name = method(node)
        if name in ("values", "items") and isinstance(node.func, ast.Attribute) and not node.args:
            return self._is_keyed(node.func.value)
        return _APART.fullmatch(name) is not None

    def _is_keyed(self, node: ast.expr, depth: int = 0) -> bool:
        """Is it a dictionary that this function builds, one entry for each key?"""
        if isinstance(node, ast.DictComp):
            return True
        if isinstance(node, ast.Name) and depth < _DEEPEST:
            return any(self._is_keyed(v, depth + 1) for v in self._given.get(node.id, ()))
        if isinstance(node, ast.Dict):
            return not node.keys
        return isinstance(node, ast.Call) and method(node) in _KEYED

    def shown(self, node: ast.expr) -> ast.expr:
        """What a dictionary is keyed by says more than `.values()`."""
        function = node.func if isinstance(node, ast.Call) else None
        held = function.value if isinstance(function, ast.Attribute) else None
        given = self._given.get(held.id, []) if isinstance(held, ast.Name) else []
        return next((v for v in given if isinstance(v, ast.DictComp)), node)


def _is_seen(node: ast.Compare) -> bool:
    held = node.comparators[0]
    return isinstance(node.ops[0], ast.In) and isinstance(held, ast.Name) and "seen" in held.id


def _filled(loop: ast.AST) -> Iterator[str]:
    """The lists that a loop appends to."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and method(node) in ("append", "extend"):
            target = node.func.value if isinstance(node.func, ast.Attribute) else None
            if isinstance(target, ast.Name):
                yield target.id
