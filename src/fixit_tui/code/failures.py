"""What becomes of a statement's error: does the code go on as if nothing had happened?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain
from fixit_tui.code.module import (
    FUNCTIONS,
    Module,
    arguments,
    contains,
    method_name,
    operands,
    span,
    wrapped,
)

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_ENDS = frozenset({"return_statement", "throw_statement"})
_ROLLBACK = re.compile(r"\brollback\b", re.IGNORECASE)


def caught_until(chain: Chain, module: Module) -> int | None:
    """The last line of the try, or of the chain with `.catch()`, behind which the code goes on.

    None where an error of the call leaves the function, or its handler rolls back.
    """
    node = chain.outer.node
    step = chain.step("catch")
    if step is not None and step.given and step.given[0].node.kind() in FUNCTIONS:
        return module.line(chain.end - 1) if _goes_on(step.given[0].node) else None
    for parent in node.ancestors():
        handler = None
        if parent.kind() == "try_statement":
            body = parent.field("body")
            if body is not None and contains(body, node):
                handler = parent.field("handler")
        elif parent.kind() == "call_expression" and method_name(parent) == "catch":
            function = parent.field("function")
            if function is not None and contains(function, node):
                given = arguments(parent)
                handler = given[0] if given and given[0].kind() in FUNCTIONS else None
        elif parent.kind() in FUNCTIONS and not _is_argument(parent):
            return None
        if handler is not None:
            return module.line(span(parent)[1] - 1) if _goes_on(handler) else None
    return None


def _goes_on(handler: Node) -> bool:
    """Whether the end of a handler is reached for some error, without a ROLLBACK."""
    body = handler.field("body")
    if body is None:
        return True
    if _ROLLBACK.search(body.text()):
        return False
    if body.kind() != "statement_block":
        return "reject(" not in body.text()
    inner = operands(body)
    if not inner or inner[-1].kind() not in _ENDS:
        return True
    # What a promise's handler returns is only the value of the chain.
    return handler.kind() in FUNCTIONS and inner[-1].kind() == "return_statement"


def _is_argument(function: Node) -> bool:
    """A callback of a loop runs within the statement that is around it."""
    holder = wrapped(function).parent()
    call = None if holder is None else holder.parent()
    return (
        call is not None
        and call.kind() == "call_expression"
        and method_name(call) in ("map", "forEach", "flatMap", "reduce")
    )
