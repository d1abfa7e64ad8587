"""Whether the code behind a read can do with `null` where a row was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.edits.site import Site
from fixit_tui.code.edits.uses import is_logged, uses_of
from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    call_of,
    callee,
    contains,
    enclosing,
    operands,
    span,
    unwrap,
    wrapped,
)
from fixit_tui.code.scopes import Binding

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_ASKS = frozenset({"if_statement", "while_statement", "do_statement", "for_statement"})
_COMPARES = frozenset({"==", "===", "!=", "!=="})
_LEAVES = frozenset(
    {"return_statement", "throw_statement", "continue_statement", "break_statement"}
)
_SENDS = frozenset({"json", "stringify", "send", "Boolean", "String"})
_PARTS = frozenset({"pair", "object", "array", "spread_element"})
_NOTHING = ("null", "undefined", "void", "any", "unknown")
_DEPTH = 4


def needs_row(site: Site, use: Node, depth: int = 0) -> bool:
    """Whether a place fails, or no longer has its type, when the value is null there."""
    if depth > _DEPTH:
        return True
    node = wrapped(use)
    if "non_null_expression" in {a.kind() for a in _shell(use, node)}:
        return True
    if is_logged(use) or _guarded(use):
        return False
    return _place_needs(site, node, depth)


def _shell(inner: Node, outer: Node) -> list[Node]:
    found = []
    while inner != outer:
        parent = inner.parent()
        if parent is None:
            break
        inner = parent
        found.append(inner)
    return found


def _place_needs(site: Site, node: Node, depth: int) -> bool:
    parent = node.parent()
    if parent is None:
        return True
    kind = parent.kind()
    if kind in _ASKS or kind in ("expression_statement", "type_query", "jsx_expression"):
        return False
    if kind in ("member_expression", "subscript_expression"):
        optional = any(c.kind() == "optional_chain" for c in parent.children())
        return parent.field("object") == node and not optional
    if kind == "unary_expression":
        return not parent.text().startswith("!")
    if kind == "binary_expression":
        return _operand_needs(site, node, parent, depth)
    if kind == "ternary_expression":
        tested = parent.field("condition")
        return tested != node and needs_row(site, parent, depth + 1)
    if kind in _PARTS or node.kind() == "shorthand_property_identifier":
        return kind == "array" or needs_row(site, parent, depth + 1)
    if kind == "arguments":
        return _argument_needs(site, node, parent)
    if kind == "return_statement" or (kind == "arrow_function" and parent.field("body") == node):
        return not may_give_nothing(site, node)
    if kind == "variable_declarator":
        return _declared_needs(site, parent, depth)
    return True


def _operand_needs(site: Site, node: Node, parent: Node, depth: int) -> bool:
    sign = parent.field("operator")
    text = "" if sign is None else sign.text()
    if text in _COMPARES:
        return False
    if text in ("??", "||", "&&"):
        left = parent.field("left") == node
        asked = left and text in ("??", "||")
        return not asked and needs_row(site, parent, depth + 1)
    return True


def _argument_needs(site: Site, node: Node, holder: Node) -> bool:
    call = holder.parent()
    function = None if call is None else callee(call)
    if call is None or function is None:
        return True
    name = function.text().rpartition(".")[2]
    return name not in _SENDS and not _sets_nullable_state(site, function)


def _sets_nullable_state(site: Site, function: Node) -> bool:
    """`setGoal` of `const [goal, setGoal] = useState<Goal | null>(null)`."""
    if function.kind() != "identifier":
        return False
    for made in site.module.root.find_all(kind="call_expression"):
        target, holder = callee(made), wrapped(made).parent()
        if target is None or target.text().rpartition(".")[2] != "useState" or holder is None:
            continue
        pattern = holder.field("name") if holder.kind() == "variable_declarator" else None
        names = [] if pattern is None else operands(pattern)
        if len(names) != 2 or names[1].text() != function.text():
            continue
        written = made.field("type_arguments")
        given = arguments(made)
        if written is not None:
            return any(word in written.text() for word in _NOTHING) or not given
        # Without a written type, `useState(null)` takes nothing but null in TypeScript.
        return not site.module.typed or not given
    return False


def _declared_needs(site: Site, declarator: Node, depth: int) -> bool:
    name = declarator.field("name")
    if name is None or name.kind() != "identifier":
        return True
    if declarator.field("type") is not None:
        return True
    binding = site.values.project.scopes(site.module).lookup(name)
    return binding is None or any(needs_row(site, u, depth + 1) for u in uses_of(site, binding))


def may_give_nothing(site: Site, node: Node) -> bool:
    """Whether the function around a place may answer null, by its type or for want of one."""
    function = enclosing(node, FUNCTIONS)
    if function is None:
        return False
    promised = function.field("return_type")
    if promised is not None:
        return any(word in promised.text() for word in _NOTHING)
    return not _answer_used(site, function)


def _answer_used(site: Site, function: Node) -> bool:
    """Whether this file does something with what a function without a written type gives back."""
    name = function.field("name")
    holder = wrapped(function).parent()
    if name is None and holder is not None and holder.kind() == "variable_declarator":
        name = holder.field("name")
    if name is None or name.kind() != "identifier":
        return False
    binding: Binding | None = site.values.project.scopes(site.module).lookup(name)
    if binding is None:
        return True
    for use in uses_of(site, binding):
        call = call_of(use) if use.parent() is not None else None
        if call is None:
            continue
        outer = wrapped(call)
        parent = outer.parent()
        while parent is not None and parent.kind() in ("await_expression", "unary_expression"):
            outer = wrapped(parent)
            parent = outer.parent()
        if parent is not None and parent.kind() not in ("expression_statement", "arrow_function"):
            return True
    return False


def _guarded(use: Node) -> bool:
    """Whether the value was asked for before, so that this place is not reached without it."""
    name, inner = use.text(), use
    for parent in use.ancestors():
        kind = parent.kind()
        if kind in FUNCTIONS:
            return False
        condition = parent.field("condition")
        if kind in ("if_statement", "ternary_expression") and condition is not None:
            met, other = parent.field("consequence"), parent.field("alternative")
            if met is not None and contains(met, use) and asks_for(condition, name):
                return True
            if other is not None and contains(other, use) and asks_against(condition, name):
                return True
        if kind == "binary_expression":
            left, sign = parent.field("left"), parent.field("operator")
            if left is not None and sign is not None and not contains(left, use):
                asked = {"&&": asks_for, "||": asks_against}.get(sign.text())
                if asked is not None and asked(left, name):
                    return True
        if kind in ("statement_block", "program", "switch_case") and _left_before(
            parent, inner, name
        ):
            return True
        inner = parent
    return False


def _left_before(block: Node, statement: Node, name: str) -> bool:
    """Whether an earlier statement of the block leaves it when the value is missing."""
    for earlier in operands(block):
        if span(earlier)[0] >= span(statement)[0]:
            return False
        condition = earlier.field("condition") if earlier.kind() == "if_statement" else None
        if condition is not None and asks_against(condition, name) and leaves(earlier):
            return True
    return False


def leaves(branch: Node) -> bool:
    """Whether the first branch of an `if` ends with return, throw, continue or break."""
    body = branch.field("consequence")
    if body is None:
        return False
    inner = operands(body) if body.kind() == "statement_block" else [body]
    return bool(inner) and inner[-1].kind() in _LEAVES


def asks_for(condition: Node, name: str) -> bool:
    """Whether a condition holds only where the value is there."""
    node = unwrap(condition)
    if node.kind() == "binary_expression":
        left, right, sign = node.field("left"), node.field("right"), node.field("operator")
        if left is None or right is None or sign is None:
            return False
        if sign.text() == "&&":
            return asks_for(left, name) or asks_for(right, name)
        missing = right.text() in ("null", "undefined")
        return sign.text() in ("!=", "!==") and left.text() == name and missing
    return node.text() == name


def asks_against(condition: Node, name: str) -> bool:
    """Whether a condition holds wherever the value is missing."""
    node = unwrap(condition)
    if node.kind() == "binary_expression":
        left, right, sign = node.field("left"), node.field("right"), node.field("operator")
        if left is None or right is None or sign is None:
            return False
        if sign.text() == "||":
            return asks_against(left, name) or asks_against(right, name)
        missing = right.text() in ("null", "undefined")
        return sign.text() in ("==", "===") and left.text() == name and missing
    if node.kind() == "unary_expression" and node.text().startswith("!"):
        inner = operands(node)
        return bool(inner) and asks_for(inner[0], name)
    return False
