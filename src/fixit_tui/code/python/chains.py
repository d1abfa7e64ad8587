"""Calls that hang on one another: `client.table("t").insert(row).execute()`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a chain, with its file: it may stand behind a variable."""

    source: Source
    call: ast.Call

    @property
    def name(self) -> str:
        return method(self.call)

    def given(self, index: int, *names: str) -> Ref | None:
        """A positional argument, or the keyword of one of these names."""
        for item in self.call.keywords:
            if item.arg in names:
                return Ref(self.source, item.value)
        plain = self.call.args[: index + 1]
        if any(isinstance(a, ast.Starred) for a in plain) or len(plain) <= index:
            return None
        return Ref(self.source, plain[index])

    def keyword(self, name: str) -> Ref | None:
        """The argument given by name."""
        return self.given(len(self.call.args), name)


def method(call: ast.Call) -> str:
    """The last name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def steps_to(project: Project, ref: Ref) -> tuple[list[Step], Ref]:
    """The calls that lead to an expression, in order, and what the first one is called on."""
    found: list[Step] = []
    here = ref
    for _ in range(60):
        here = project.resolve(here)
        if not isinstance(here.node, ast.Call):
            break
        if not isinstance(here.node.func, ast.Attribute):
            found.append(Step(here.source, here.node))
            break
        found.append(Step(here.source, here.node))
        here = here.at(here.node.func.value)
    return found[::-1], here


def steps_from(source: Source, call: ast.Call) -> Iterator[Step]:
    """The calls that hang on a call in the same expression, in order."""
    node: ast.AST = call
    while True:
        parent = source.parents.get(node)
        if isinstance(parent, ast.Await):
            node = parent
            continue
        outer = source.parents.get(parent) if isinstance(parent, ast.Attribute) else None
        if not isinstance(outer, ast.Call) or outer.func is not parent:
            return
        yield Step(source, outer)
        node = outer
