"""`.single()` of supabase-flutter, which throws without a row, becomes `.maybeSingle()`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fixit_tui.code.dart.values import FUNCTIONS, Step, definitions, named_children
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, changed
from fixit_tui.code.module import Module, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

IDIOM = ".maybeSingle(), which gives null for no row"
_AWAITS = frozenset({"await_expression", "unary_expression", "parenthesized_expression"})
_LOOPS = frozenset({"for_statement", "while_statement", "do_statement"})
_NULL_AWARE = frozenset({"null_aware_index_expression", "if_null_expression"})
_LEAVES = re.compile(r"(?:return|throw|continue|break)\b[^;{}]*;\s*\}?\s*$|rethrow;\s*\}?\s*$")
_NOTHING = frozenset({"void", "Future<void>", "FutureOr<void>"})


def single_to_maybe_single(module: Module, last: Step | None, params: Params) -> EditResult:
    """No row becomes null where the types allow it; what needs the row is left before it.

    `last` is the chain's last call. A catch around the call stays: it may stand for "no row".
    """
    if last is not None and last.name == "maybeSingle":
        return Edited(module.text)
    found = "the call does not ask for a single row"
    if last is not None and last.name == "single":
        changes = _behind(module, last.call)
        if not isinstance(changes, str):
            return Edited(
                changed(module.text, [Change(*span(last.label), "maybeSingle"), *changes])
            )
        found = changes
    return Edited(module.text) if params.flag("optional") else Refused(found, IDIOM)


def _behind(module: Module, call: Node) -> list[Change] | str:
    """Changes behind the call besides its name, or why they cannot be told."""
    node = call
    while (parent := node.parent()) is not None and parent.kind() in _AWAITS:
        node = parent
    holder, around = node.parent(), list(node.ancestors())
    function = next((a for a in around if a.kind() in {*FUNCTIONS, "function_expression"}), None)
    if holder is None or function is None or function.kind() == "function_expression":
        return "the call stands in no function with a type of its own"
    within = around[: around.index(function)]
    if any(a.kind() == "try_statement" for a in within):
        return "a catch may stand for the row that is not there"
    given = _result_type(function)
    if holder.kind() in ("return_statement", "function_body"):
        return [] if given.endswith("?>") else "the function promises a row"
    if holder.kind() != "initialized_variable_definition" or node == call:
        return "the row is used where it is asked for"
    return _of_variable(module, node, function, given)


def _result_type(function: Node) -> str:
    signature = function.find(kind="function_signature")
    first = [] if signature is None else named_children(signature)
    return "".join(first[0].text().split()) if first and first[0].kind() == "type" else ""


def _of_variable(module: Module, node: Node, function: Node, given: str) -> list[Change] | str:
    holder = node.parent()
    assert holder is not None
    *lead, value = named_children(holder)
    statement, name = holder.parent(), lead[-1].text()
    block = None if statement is None else statement.parent()
    types = [part.text() for part in lead[:-1] if part.kind() == "type"]
    if value != node or statement is None or block is None or block.kind() != "block":
        return "the row is held by something else than a variable"
    if not all(text.endswith("?") or text == "dynamic" for text in types):
        return f"the type of {name} has no null"
    written = rf"\b{re.escape(name)}\s*(?:\?\?)?=[^=>]"
    if len(definitions(function, name)) != 1 or len(re.findall(written, function.text())) != 1:
        return f"{name} gets other values, too"
    end, last = span(statement)[1], span(block)[1]
    uses = [
        node
        for node in block.find_all(kind="identifier")
        if node.text() == name and span(node)[0] >= end
    ]
    safe = [use for use in uses if _bears_null(use, name, given)]
    all_uses = re.findall(rf"\b{re.escape(name)}\b", module.text[end:last])
    if len(safe) == len(all_uses) or _is_asked_next(block, statement, name):
        return []
    if any(a.kind() in _LOOPS for a in statement.ancestors()) or "*" in _mark(function):
        return "the row is needed further down"
    if given not in _NOTHING and not given.endswith("?>"):
        return "the row is needed further down, and the function promises a result"
    answer = "" if given in _NOTHING else " null"
    eol = "\r\n" if "\r\n" in module.text else "\n"
    start = span(statement)[0]
    line = module.text[module.text.rfind("\n", 0, start) + 1 : start]
    white = line[: len(line) - len(line.lstrip())]
    return [Change(end, end, f"{eol}{white}if ({name} == null) return{answer};")]


def _mark(function: Node) -> str:
    """`async`, `async*`, `sync*` or nothing."""
    body = function.find(kind="function_body")
    return "" if body is None else body.text().partition("{")[0]


def _bears_null(use: Node, name: str, given: str) -> bool:
    """Whether a use of the variable is as good with null."""
    parent = use.parent()
    if parent is None:
        return False
    first = named_children(parent)[0] == use
    if parent.kind() in _NULL_AWARE and first:
        return True
    if parent.kind() == "equality_expression" and "null" in parent.text().split():
        return True
    if parent.kind() == "return_statement":
        return given.endswith("?>")
    branch = use
    for outer in use.ancestors():
        if outer.kind() == "if_statement":
            condition, *branches = named_children(outer)
            if condition.text() == f"{name} != null" and branches[:1] == [branch]:
                return True
        branch = outer
    return False


def _is_asked_next(block: Node, statement: Node, name: str) -> bool:
    """Whether the next statement leaves where there is no row."""
    later = [s for s in named_children(block) if span(s)[0] >= span(statement)[1]]
    if not later or later[0].kind() != "if_statement":
        return False
    condition, *branches = named_children(later[0])
    asks = condition.text().split() in ([name, "==", "null"], ["null", "==", name])
    return asks and len(branches) == 1 and _LEAVES.search(branches[0].text()) is not None
