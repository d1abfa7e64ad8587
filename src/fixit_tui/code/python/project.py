"""The Python files of one folder, and what a name in one of them stands for."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from fixit_tui.code.python.class_fields import SELVES, field_value
from fixit_tui.code.python.source import Source, dotted, own_nodes

T = TypeVar("T")
_DEPTH = 8
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Ref:
    """An expression in its file."""

    source: Source
    node: ast.expr

    @property
    def text(self) -> str:
        return self.source.source(self.node)

    def at(self, node: ast.expr) -> Ref:
        return Ref(self.source, node)


@dataclass(frozen=True, slots=True)
class _Binding:
    """One place that gives a name a value; None where the value cannot be told."""

    statement: ast.stmt
    value: ast.expr | None
    element: bool = False


class Project:
    """Loads the files of a folder on demand, by path.

    `package` is the folder's own name: files of a package import one another by it. `raw` gives
    a file's bytes.
    """

    def __init__(
        self,
        paths: Iterable[str],
        load: Callable[[str], Source | None],
        package: str = "",
        raw: Callable[[str], bytes | None] = lambda _: None,
    ) -> None:
        self._raw = raw
        self._package = package
        self._known = frozenset(paths)
        self._modules: dict[str, list[str]] = {}
        for path in sorted(self._known):
            module = path.removesuffix("/__init__.py").removesuffix(".py")
            self._modules.setdefault(module.rpartition("/")[2], []).append(path)
        self._load = load
        self._sources: dict[str, Source | None] = {}
        self._bound: dict[tuple[str, ast.AST], Mapping[str, list[_Binding]]] = {}
        self._remembered: dict[object, object] = {}

    def source(self, path: str) -> Source | None:
        """The parsed file, None where it is not there or cannot be read."""
        if path not in self._sources:
            self._sources[path] = self._load(path) if path in self._known else None
        return self._sources[path]

    def holding(self, pattern: re.Pattern[bytes]) -> Sequence[str]:
        """The files whose text has the pattern; none of them is parsed for it."""
        return [p for p in sorted(self._known) if pattern.search(self._raw(p) or b"")]

    def put(self, source: Source) -> None:
        """Another text in the place of a file's."""
        self._sources[source.path] = source
        self._remembered.clear()

    def remember(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gave when it was first asked for under that key."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return cast("T", self._remembered[key])

    def origin(self, source: Source, node: ast.expr) -> str:
        """The dotted name that an expression comes from by its import: `sqlalchemy.insert`."""
        name = dotted(node)
        first, dot, rest = name.partition(".")
        return source.imports.get(first, "") + dot + rest if first in source.imports else ""

    def imported(self, source: Source, name: str) -> tuple[Source, str] | None:
        """File of the project and name there that an imported name comes from."""
        origin = source.imports.get(name)
        if origin is None:
            return None
        dots = len(origin) - len(origin.lstrip("."))
        module, _, label = origin[dots:].rpartition(".")
        folder = source.path.split("/")[:-dots] if dots else []
        tail = "/".join([*folder, *module.split(".")]) if module else "/".join(folder)
        for path in self._candidates(tail, bool(dots)):
            found = self.source(path)
            if found is not None:
                return found, label
        return None

    def _candidates(self, tail: str, relative: bool) -> Sequence[str]:
        if not tail:
            return [p for p in ("__init__.py",) if relative and p in self._known]
        endings = (f"{tail}.py", f"{tail}/__init__.py")
        if relative:
            return [p for p in endings if p in self._known]
        inner = tuple(f"/{e}" for e in endings)
        named = self._modules.get(tail.rpartition("/")[2], ())
        found = [path for path in named if path.endswith(inner) or path in endings]
        own = f"{self._package}/"
        if found or not self._package or not tail.startswith(own):
            return found
        return [p for p in (e.removeprefix(own) for e in endings) if p in self._known]

    def resolve(self, ref: Ref, depth: int = 0) -> Ref:
        """The expression behind a name, the expression itself where that is not in sight."""
        node = ref.node
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.resolve(ref.at(node.value), depth)
        if not isinstance(node, ast.Name) or depth > _DEPTH:
            return ref
        found = self.binding(ref.source, node)
        if found is not None and found.value is not None and not found.element:
            return self.resolve(ref.at(found.value), depth + 1)
        if found is not None:
            return ref
        elsewhere = self.imported(ref.source, node.id)
        if elsewhere is None:
            return ref
        source, label = elsewhere
        same = self._bindings(source, source.tree).get(label, [])
        if len(same) == 1 and same[0].value is not None and not same[0].element:
            return self.resolve(Ref(source, same[0].value), depth + 1)
        return ref

    def binding(self, source: Source, name: ast.Name) -> _Binding | None:
        """What a name surely holds where it is used: the last assignment that always ran."""
        scopes: Iterator[_Scope] = (
            p
            for p in source.ancestors(name)
            if isinstance(p, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef))
        )
        own = True
        for scope in scopes:
            given = self._bindings(source, scope).get(name.id, [])
            if given:
                return _reaching(source, given, name) if own else _only(given)
            own = False
        return None

    def _bindings(self, source: Source, scope: _Scope) -> Mapping[str, list[_Binding]]:
        key = (source.path, scope)
        if key not in self._bound:
            self._bound[key] = _bindings_of(scope)
        return self._bound[key]

    def string(self, ref: Ref) -> str | None:
        """The text of a constant expression."""
        here = self.resolve(ref)
        node = here.node
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            parts = [
                self.string(here.at(p.value if isinstance(p, ast.FormattedValue) else p))
                for p in node.values
            ]
            return "".join(p for p in parts if p) if None not in parts else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.string(here.at(node.left)), self.string(here.at(node.right))
            return None if left is None or right is None else left + right
        if isinstance(node, ast.Attribute):
            held = self.member(here)
            return None if held is None else self.string(held)
        return None

    def member(self, ref: Ref) -> Ref | None:
        """The constant behind `settings.TABLE`, `Tables.GOALS` (or its `.value`), `self.SQL`."""
        node = ref.node
        if not isinstance(node, ast.Attribute):
            return None
        if node.attr == "value" and isinstance(node.value, ast.Attribute):
            return self.member(ref.at(node.value))
        if not isinstance(node.value, ast.Name):
            return None
        if node.value.id in SELVES:
            held = field_value(ref.source, node)
            if held is not None:
                return ref.at(held)
            around = next(
                (p for p in ref.source.ancestors(node) if isinstance(p, ast.ClassDef)), None
            )
            return None if around is None else self._inherited(ref.source, around, node.attr, 0)
        found = self.class_of(ref.source, node.value.id)
        if found is not None:
            return _assigned(found[0], found[1].body, node.attr)
        module = self.module(ref.source, node.value.id)
        return None if module is None else _assigned(module, module.tree.body, node.attr)

    def _inherited(self, source: Source, owner: ast.ClassDef, name: str, depth: int) -> Ref | None:
        """What a class or its first base gives a name; None where a method may change it."""
        if any(
            isinstance(n, ast.Attribute)
            and n.attr == name
            and isinstance(n.ctx, (ast.Store, ast.Del))
            for n in source.nodes
        ):
            return None
        own = _assigned(source, owner.body, name)
        if own is not None or depth > _DEPTH:
            return own
        for given in owner.bases:
            base = given.value if isinstance(given, ast.Subscript) else given
            inner = self.class_of(source, base.id) if isinstance(base, ast.Name) else None
            found = None if inner is None else self._inherited(*inner, name, depth + 1)
            if found is not None:
                return found
        return None

    def module(self, source: Source, name: str) -> Source | None:
        """The file that an imported name stands for: `from app import settings`."""
        origin = source.imports.get(name)
        return None if origin is None else self._file(source, origin)

    def _file(self, source: Source, origin: str) -> Source | None:
        """The file of a dotted module name, seen from another file."""
        dots = len(origin) - len(origin.lstrip("."))
        folder = source.path.split("/")[:-dots] if dots else []
        tail = "/".join([*folder, *origin[dots:].split(".")])
        found = (self.source(path) for path in self._candidates(tail, bool(dots)))
        return next((one for one in found if one is not None), None)

    def class_of(
        self, source: Source, name: str, depth: int = 0
    ) -> tuple[Source, ast.ClassDef] | None:
        """The class that a name means in a file, through imports."""
        here = source.classes.get(name)
        if here is not None:
            return source, here
        if depth >= _DEPTH:
            return None
        elsewhere = self.imported(source, name)
        if elsewhere is not None:
            return self.class_of(*elsewhere, depth + 1)
        for origin in source.stars if name not in source.imports else ():
            module = self._file(source, origin)
            found = None if module is None else self.class_of(module, name, depth + 1)
            if found is not None:
                return found
        return None


def _assigned(source: Source, body: list[ast.stmt], name: str) -> Ref | None:
    """The value that the statements of a class or module give a name."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        if statement.value and any(isinstance(t, ast.Name) and t.id == name for t in targets):
            return Ref(source, statement.value)
    return None


def _bindings_of(scope: _Scope) -> Mapping[str, list[_Binding]]:
    found: dict[str, list[_Binding]] = {}

    def bind(target: ast.expr, statement: ast.stmt, value: ast.expr | None, each: bool) -> None:
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append(_Binding(statement, value, each))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                bind(item, statement, None, each)
        elif isinstance(target, ast.Starred):
            bind(target.value, statement, None, each)

    if not isinstance(scope, ast.Module):
        given = scope.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        for item in named:
            if item is not None:
                found.setdefault(item.arg, []).append(_Binding(scope, None))
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                bind(target, node, node.value, False)
        elif isinstance(node, ast.AnnAssign):
            bind(node.target, node, node.value, False)
        elif isinstance(node, ast.AugAssign):
            bind(node.target, node, None, False)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            bind(node.target, node, node.iter, True)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for held in node.items:
                if held.optional_vars is not None:
                    bind(held.optional_vars, node, held.context_expr, False)
    return found


def _only(given: list[_Binding]) -> _Binding:
    return given[0] if len(given) == 1 else _Binding(given[-1].statement, None)


def _reaching(source: Source, given: list[_Binding], name: ast.Name) -> _Binding:
    """The last binding before the use; without a value where it need not have run."""
    around = set(source.ancestors(name))
    before = [b for b in given if _precedes(b, name, around)]
    if not before:
        return _Binding(given[0].statement, None)
    last = before[-1]
    held = last.statement if last.statement in around else source.parents.get(last.statement)
    return (
        last if held in around or isinstance(held, ast.Module) else _Binding(last.statement, None)
    )


def _precedes(binding: _Binding, name: ast.Name, around: set[ast.AST]) -> bool:
    """`stmt = stmt.where(…)`: the name on the right is the one from before."""
    statement = binding.statement
    if statement in around:
        return not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign))
    return (statement.lineno, statement.col_offset) < (name.lineno, name.col_offset)
