"""Objects of mapped classes that a session gets: which class, and what their attributes are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.models import Table, bases, class_behind, sqlalchemy_table
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.rows import Payload, keywords
from fixit_tui.code.python.source import Source, own_nodes

_FILLS = ("append", "add", "extend")


@dataclass(frozen=True, slots=True)
class Made:
    """A new object: where it is made, its table, its attributes, whether it is one of many."""

    made: Ref
    table: Table
    payload: Payload
    many: bool = False


def made_objects(project: Project, given: Ref) -> Iterator[Made]:
    """The new objects that an expression stands for: a call, a name, a list of them."""
    here = project.resolve(given)
    node = here.node
    if isinstance(node, ast.ListComp):
        for made in made_objects(project, here.at(node.elt)):
            yield Made(made.made, made.table, made.payload, True)
    elif isinstance(node, (ast.List, ast.Tuple)):
        items = [here.at(item) for item in node.elts] or list(_filled(given))
        for item in items:
            for made in made_objects(project, item):
                yield Made(made.made, made.table, made.payload, True)
    elif isinstance(node, ast.Call):
        table = sqlalchemy_table(project, here.at(node.func))
        if table is not None:
            yield Made(here, table, _attributes(project, given, here, node))


def _filled(name: Ref) -> Iterator[Ref]:
    """`rows.append(Row(…))` in the function that hands the list over."""
    if not isinstance(name.node, ast.Name):
        return
    for node in own_nodes(name.source.function(name.node) or name.source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        target = node.func.value
        own = isinstance(target, ast.Name) and target.id == name.node.id
        if own and method(node) in _FILLS and len(node.args) == 1:
            yield name.at(node.args[0])


def _attributes(project: Project, given: Ref, here: Ref, node: ast.Call) -> Payload:
    """The attributes of `Model(a=1)`, of its own constructor, and of assignments before the use."""
    payload = keywords(project, here, node)
    if payload.values is None:
        return payload
    stored = _constructor(project, here, node)
    values = {stored.get(name) or name: text for name, text in payload.values.items()}
    if node.args:
        taken = list(stored.values())[: len(node.args)]
        spread = any(isinstance(a, ast.Starred) for a in node.args)
        if spread or len(taken) < len(node.args) or "" in taken:
            return Payload(rows="one", reason="what the constructor makes of its arguments")
        values |= dict(zip(taken, (here.at(a).text for a in node.args), strict=True))
    values |= _assigned(given)
    return Payload(values, "one")


def _constructor(project: Project, here: Ref, node: ast.Call) -> dict[str, str]:
    """Parameter → attribute of the class's own constructor, `self.a = a`; "" for any other use."""
    found = class_behind(project, here.at(node.func))
    for _, owner in () if found is None else bases(project, found):
        for member in owner.body:
            if isinstance(member, ast.FunctionDef) and member.name == "__init__":
                stored = {text: own for own, text in _stored(member)}
                names = [a.arg for a in [*member.args.posonlyargs, *member.args.args][1:]]
                return {name: stored.get(name, "") for name in names}
    return {}


def _stored(constructor: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for statement in constructor.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                    yield target.attr, statement.value.id


def _assigned(given: Ref) -> dict[str, str]:
    """`row.field = value` between the making of a named object and its use, in one function."""
    if not isinstance(given.node, ast.Name):
        return {}
    source: Source = given.source
    found: dict[str, str] = {}
    for node in own_nodes(source.function(given.node) or source.tree):
        if not isinstance(node, ast.Assign) or node.lineno >= given.node.lineno:
            continue
        for target in node.targets:
            owner = target.value if isinstance(target, ast.Attribute) else None
            if isinstance(owner, ast.Name) and owner.id == given.node.id:
                assert isinstance(target, ast.Attribute)
                found[target.attr] = source.source(node.value)
    return found
