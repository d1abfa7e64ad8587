"""Lexical scopes: which declaration an identifier means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fixit_tui.code.module import FUNCTIONS, operands, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_SCOPES = FUNCTIONS | {
    "program",
    "statement_block",
    "for_in_statement",
    "for_statement",
    "catch_clause",
    "switch_body",
}
_NAMED = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "enum_declaration": "enum",
}


@dataclass(frozen=True, slots=True)
class Binding:
    """One declared name.

    `kind` is const, let, param, function, class, enum, import, loop or catch. `value` is the
    initialiser, and `path` the properties taken from it by destructuring. For an import,
    `origin` is the module's specifier and `path` holds the exported name. `index` is a
    parameter's position, `owner` the function, loop or declaration it belongs to.
    """

    name: str
    kind: str
    start: int
    owner: Node
    value: Node | None = None
    path: tuple[str, ...] = ()
    origin: str = ""
    index: int = -1
    annotation: Node | None = None


class Scopes:
    """Names declared in one tree, read scope by scope when first needed."""

    def __init__(self) -> None:
        self._declared: dict[Node, dict[str, Binding]] = {}

    def lookup(self, identifier: Node) -> Binding | None:
        """The binding that an identifier refers to, None for a global."""
        name = identifier.text()
        for scope in identifier.ancestors():
            if scope.kind() in _SCOPES:
                found = self.declared(scope).get(name)
                if found is not None:
                    return found
        return None

    def declared(self, scope: Node) -> dict[str, Binding]:
        """Bindings that belong to one scope node."""
        known = self._declared.get(scope)
        if known is None:
            known = {}
            for binding in _declarations(scope):
                known.setdefault(binding.name, binding)
            self._declared[scope] = known
        return known


def _declarations(scope: Node) -> Iterator[Binding]:
    kind = scope.kind()
    if kind in FUNCTIONS:
        yield from _parameters(scope)
    elif kind == "for_in_statement":
        left, right = scope.field("left"), scope.field("right")
        if left is not None:
            yield from _pattern(left, "loop", scope, right, ())
    elif kind == "catch_clause":
        parameter = scope.field("parameter")
        if parameter is not None:
            yield from _pattern(parameter, "catch", scope, None, ())
    elif kind == "switch_body":
        for case in scope.named_children():
            for child in case.named_children():
                yield from _statement(child)
    else:
        for child in scope.named_children():
            yield from _statement(child)


def _statement(node: Node) -> Iterator[Binding]:
    kind = node.kind()
    if kind == "export_statement":
        inner = node.field("declaration")
        if inner is not None:
            yield from _statement(inner)
    elif kind in ("lexical_declaration", "variable_declaration"):
        constant = node.text().startswith("const")
        for declarator in node.named_children():
            if declarator.kind() == "variable_declarator":
                name = declarator.field("name")
                if name is not None:
                    word = "const" if constant else "let"
                    value, note = declarator.field("value"), declarator.field("type")
                    origin = _required(value)
                    for binding in _pattern(name, word, declarator, value, (), note):
                        yield _as_import(binding, origin) if origin else binding
    elif kind in _NAMED:
        name = node.field("name")
        if name is not None:
            yield Binding(name.text(), _NAMED[kind], span(name)[0], node)
    elif kind == "import_statement":
        yield from _imports(node)


def _required(value: Node | None) -> str:
    """The specifier of `require('…')`, "" for any other value."""
    if value is not None and value.kind() == "await_expression":
        value = operands(value)[0]
    function = None if value is None else value.field("function")
    given = None if value is None else value.field("arguments")
    if function is None or given is None or function.text() not in ("require", "import"):
        return ""
    inner = operands(given)
    return inner[0].text()[1:-1] if inner and inner[0].kind() == "string" else ""


def _as_import(binding: Binding, origin: str) -> Binding:
    path = binding.path or ("*",)
    return replace(binding, kind="import", origin=origin, path=path, value=None)


def _imports(node: Node) -> Iterator[Binding]:
    origin = node.field("source")
    module = "" if origin is None else origin.text()[1:-1]
    for clause in node.named_children():
        if clause.kind() != "import_clause":
            continue
        for part in clause.named_children():
            if part.kind() == "identifier":
                yield _imported(part, "default", module, node)
            elif part.kind() == "namespace_import":
                name = part.named_children()[-1]
                yield _imported(name, "*", module, node)
            elif part.kind() == "named_imports":
                for item in part.named_children():
                    exported, alias = item.field("name"), item.field("alias")
                    if exported is not None:
                        yield _imported(alias or exported, exported.text(), module, node)


def _imported(name: Node, exported: str, module: str, node: Node) -> Binding:
    return Binding(name.text(), "import", span(name)[0], node, path=(exported,), origin=module)


def _parameters(function: Node) -> Iterator[Binding]:
    single = function.field("parameter")
    if single is not None:
        yield from _pattern(single, "param", function, None, (), None, 0)
    holder = function.field("parameters")
    if holder is None:
        return
    for index, parameter in enumerate(operands(holder)):
        target, note = parameter, None
        if parameter.kind() in ("required_parameter", "optional_parameter"):
            target = parameter.field("pattern") or parameter
            note = parameter.field("type")
        yield from _pattern(target, "param", function, None, (), note, index)


def _pattern(
    node: Node,
    kind: str,
    owner: Node,
    value: Node | None,
    path: tuple[str, ...],
    note: Node | None = None,
    index: int = -1,
) -> Iterator[Binding]:
    """Every name that a declaration pattern binds, with the property path it takes."""
    shape = node.kind()
    if shape in ("identifier", "shorthand_property_identifier_pattern"):
        whole = path if shape == "identifier" else (*path, node.text())
        yield Binding(node.text(), kind, span(node)[0], owner, value, whole, "", index, note)
    elif shape == "object_pattern":
        for child in operands(node):
            yield from _pattern(child, kind, owner, value, path, note, index)
    elif shape == "pair_pattern":
        key, target = node.field("key"), node.field("value")
        if key is not None and target is not None:
            step = key.text().strip("'\"")
            yield from _pattern(target, kind, owner, value, (*path, step), note, index)
    elif shape in ("assignment_pattern", "object_assignment_pattern"):
        left = node.field("left")
        if left is not None:
            yield from _pattern(left, kind, owner, value, path, note, index)
    elif shape == "array_pattern":
        for place, child in enumerate(operands(node)):
            yield from _pattern(child, kind, owner, value, (*path, str(place)), note, index)
    elif shape == "rest_pattern":
        for child in operands(node):
            yield from _pattern(child, kind, owner, value, (*path, "..."), note, index)
