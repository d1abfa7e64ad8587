"""Dart expressions: chains of calls, names with one value, literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.module import Module, contains, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

FUNCTIONS = frozenset({"method_declaration", "function_declaration", "local_function_declaration"})
_DEFINITIONS = (
    "initialized_variable_definition",
    "static_final_declaration",
    "initialized_identifier",
)
_WRAPPERS = frozenset({"unary_expression", "await_expression", "parenthesized_expression"})
_BLOCK = "block"
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a chain: its name's node and its arguments."""

    call: Node
    label: Node
    given: tuple[Node, ...]
    named: dict[str, Node]

    @property
    def name(self) -> str:
        return self.label.text()


def named_children(node: Node) -> list[Node]:
    """Children that are no punctuation and no comment."""
    return [c for c in node.children() if c.is_named() and "comment" not in c.kind()]


def unwrap(node: Node) -> Node:
    """The expression within `await` and parentheses."""
    while node.kind() in _WRAPPERS:
        inner = named_children(node)
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def step_of(call: Node) -> Step | None:
    """A method call taken apart."""
    inner = named_children(call)
    if call.kind() != "call_expression" or len(inner) < 2 or inner[0].kind() != "member_expression":
        return None
    parts = named_children(inner[0])
    given: list[Node] = []
    named: dict[str, Node] = {}
    for item in named_children(inner[-1]):
        if item.kind() == "named_argument":
            label, *value = named_children(item)
            if value:
                named[label.text().rstrip(": ")] = value[-1]
        else:
            given.append(item)
    return Step(call, parts[-1], tuple(given), named)


def receiver(call: Node) -> Node:
    """What a method is called on."""
    return named_children(named_children(call)[0])[0]


def outer_steps(call: Node) -> Iterator[Step]:
    """The calls that hang on a call, in order."""
    node = call
    while (member := node.parent()) is not None and member.kind() == "member_expression":
        outer = member.parent()
        step = None if outer is None or named_children(member)[0] != node else step_of(outer)
        if outer is None or step is None:
            return
        yield step
        node = outer


def function_of(node: Node) -> Node | None:
    """The named function that the node stands in."""
    return next((p for p in node.ancestors() if p.kind() in FUNCTIONS), None)


def function_name(function: Node) -> str:
    """The name in a function's signature."""
    signature = function.find(kind="function_signature")
    names = (
        []
        if signature is None
        else [c for c in named_children(signature) if c.kind() == "identifier"]
    )
    return names[-1].text() if names else ""


def definitions(scope: Node, name: str) -> list[Node]:
    """Values that a name is given where it is declared."""
    found: list[Node] = []
    for kind in _DEFINITIONS:
        for item in scope.find_all(kind=kind):
            parts = named_children(item)
            names = [c.text() for c in parts[:-1] if c.kind() == "identifier"]
            if len(parts) >= 2 and names[-1:] == [name]:
                found.append(parts[-1])
    return found


def resolve(module: Module, node: Node, depth: int = 0) -> Node:
    """The one value of a name that is never given another, the node itself otherwise."""
    node = unwrap(node)
    if node.kind() != "identifier" or depth > _DEPTH:
        return node
    name = node.text()
    for scope in (*_blocks(node), function_of(node), module.root):
        if scope is None:
            continue
        found = definitions(scope, name)
        if scope.kind() == _BLOCK:
            found = [value for value in found if next(_blocks(value), None) == scope]
        if len(found) == 1 and not contains(found[0], node):
            return node if _changed(scope, name) else resolve(module, found[0], depth + 1)
        if found or re.search(rf"\s{re.escape(name)}\s*[,)}}\]=]", _parameters(scope)):
            return node
    return node


def _blocks(node: Node) -> Iterator[Node]:
    """The blocks around a node up to its function, the nearest first."""
    for parent in node.ancestors():
        if parent.kind() in FUNCTIONS:
            return
        if parent.kind() == _BLOCK:
            yield parent


def _changed(scope: Node, name: str) -> bool:
    """Whether what a name holds is replaced or changed after its declaration."""
    plain = re.escape(name)
    text = scope.text()
    given = re.findall(rf"\b{plain}\s*(?:\[[^\]]*\]\s*)?=[^=>]", text)
    changes = rf"\b{plain}\s*\.\s*(?:add|addAll|remove|putIfAbsent|insert|update)\("
    return len(given) > 1 or bool(re.search(changes, text))


def _parameters(scope: Node) -> str:
    held = scope.find(kind="formal_parameter_list") if scope.kind() in FUNCTIONS else None
    return "" if held is None else held.text()


def string(module: Module, node: Node) -> str | None:
    """The text of a plain string literal, or of a name for one."""
    here = resolve(module, node)
    if here.kind() != "string_literal" or here.find(kind="template_substitution") is not None:
        return None
    text = here.text()
    if len(text) < 2 or text[0] not in "'\"" or text[:3] in ("'''", '"""') or "\\" in text:
        return None
    return text[1:-1] if text.count(text[0]) == 2 else None


@dataclass(frozen=True, slots=True)
class Rows:
    """Column → source text, None where not known; one row, many, or unknown."""

    values: dict[str, str] | None = None
    rows: str = "unknown"
    row_list: tuple[dict[str, str], ...] | None = None
    reason: str = "the row is computed"


def rows_of(module: Module, node: Node, depth: int = 0) -> Rows:
    """The rows of a map literal, a list of them, or a name for either."""
    here = resolve(module, node)
    if depth > _DEPTH:
        return Rows()
    if here.kind() == "set_or_map_literal":
        return _map(module, here, depth)
    if here.kind() == "list_literal":
        items = [rows_of(module, item, depth + 1) for item in named_children(here)]
        count = "one" if len(items) == 1 and items[0].rows == "one" else "many"
        known = [i.values for i in items if i.values is not None]
        if not items or len(known) != len(items):
            return Rows(rows=count)
        merged = {c: t for row in reversed(known) for c, t in row.items()}
        return Rows(merged, count, tuple(known) if len(known) > 1 else None)
    return Rows()


def _map(module: Module, here: Node, depth: int) -> Rows:
    found: dict[str, str] = {}
    for item in named_children(here):
        if item.kind() == "spread_element":
            inner = rows_of(module, named_children(item)[-1], depth + 1)
            if inner.values is None:
                return Rows(rows="one")
            found |= inner.values
            continue
        if item.kind() == "if_element":  # it may be left out: the row's columns are not certain
            return Rows(rows="one", reason="a column depends on a condition")
        parts = named_children(item)
        name = string(module, parts[0]) if item.kind() == "pair" and len(parts) == 2 else None
        if name is None:
            if item.kind() in ("type_arguments",):
                continue
            return Rows(rows="one")
        found[name] = " ".join(module.source(parts[1]).split())
    return Rows(found, "one")


def line_end(module: Module, node: Node) -> int:
    """The 1-based line that a node ends on."""
    return module.line(max(span(node)[0], span(node)[1] - 1))
