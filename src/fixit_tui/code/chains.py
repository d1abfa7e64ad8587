"""Method chains: `client.from('t').insert(row).select().single()` as one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fixit_tui.code.module import (
    FUNCTIONS,
    TRANSPARENT,
    Module,
    arguments,
    call_of,
    enclosing,
    method_name,
    operands,
    span,
    wrapped,
)
from fixit_tui.code.scopes import Scopes
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node


@dataclass(frozen=True, slots=True)
class Step:
    """One `.name(arguments)` of a chain."""

    name: str
    call: Ref

    @property
    def given(self) -> list[Ref]:
        return [self.call.at(a) for a in arguments(self.call.node)]


@dataclass(frozen=True, slots=True)
class Chain:
    """A call and the methods called on its result.

    `first` is the first call (`….from('t')`), `outer` the whole chain, `start` the character at
    which it begins. `sent` is true when an `await` was seen inside. `uses` are the places where
    a variable that holds the chain is used again.
    """

    first: Ref
    outer: Ref
    start: int
    steps: tuple[Step, ...] = ()
    sent: bool = False
    uses: tuple[Ref, ...] = field(default=())

    @property
    def end(self) -> int:
        return span(self.outer.node)[1]

    def step(self, *names: str) -> Step | None:
        """The first step of one of the names."""
        return next((s for s in self.steps if s.name in names), None)


def chain_of(module: Module, call: Node) -> Chain:
    """The whole chain that starts with `call`."""
    quirk = call.field("function")
    sent = quirk is not None and quirk.kind() == "await_expression"
    steps, outer, more = _climb(module, call)
    start = _beginning(outer)
    return Chain(Ref(module, call), Ref(module, outer), start, steps, sent or more)


def chain_from(module: Module, value: Node) -> Chain:
    """What is called on a value that is itself no call; `first` is the value."""
    steps, outer, sent = _climb(module, value)
    return Chain(Ref(module, value), Ref(module, outer), span(value)[0], steps, sent)


def _beginning(outer: Node) -> int:
    """Where a chain begins, without the `await` that the grammar can put inside of it."""
    start, node = span(outer)[0], outer
    while True:
        kind = node.kind()
        inner: Node | None = None
        if kind == "call_expression":
            inner = node.field("function")
            if inner is not None and inner.kind() == "await_expression":
                inner = operands(inner)[0]
                start = span(inner)[0]
        elif kind == "member_expression":
            inner = node.field("object")
        elif kind in TRANSPARENT:
            inner = operands(node)[0]
        if inner is None:
            return start
        node = inner


def _climb(module: Module, node: Node) -> tuple[tuple[Step, ...], Node, bool]:
    steps: list[Step] = []
    sent = False
    while True:
        up = wrapped(node)
        member = up.parent()
        if member is None or member.kind() != "member_expression" or member.field("object") != up:
            break
        call = call_of(member)
        if call is None:
            break
        function = call.field("function")
        sent = sent or (function is not None and function.kind() == "await_expression")
        steps.append(Step(method_name(call), Ref(module, call)))
        node = call
    return tuple(steps), node, sent


def continued(chain: Chain, scopes: Scopes) -> Chain:
    """The chain with the methods called later on the variable that holds it."""
    uses = tuple(_uses(chain, scopes))
    steps = list(chain.steps)
    sent = chain.sent
    for use in uses:
        more, _, awaited = _climb(use.module, use.node)
        steps += more
        sent = sent or awaited
    return replace(chain, steps=tuple(steps), sent=sent, uses=uses)


def split_by_use(chain: Chain, scopes: Scopes) -> Iterator[Chain]:
    """For `const t = client.from('x')`: one chain for each later `t.insert(…)`."""
    for use in _uses(chain, scopes):
        steps, outer, sent = _climb(use.module, use.node)
        if steps:
            start = span(use.node)[0]
            yield Chain(chain.first, Ref(use.module, outer), start, chain.steps + steps, sent)


def holder(node: Node) -> Node | None:
    """The identifier of the variable that a value is assigned to at its declaration."""
    up = wrapped(node)
    parent = up.parent()
    if parent is None or parent.kind() != "variable_declarator" or parent.field("value") != up:
        return None
    name = parent.field("name")
    return name if name is not None and name.kind() == "identifier" else None


def _uses(chain: Chain, scopes: Scopes) -> Iterator[Ref]:
    name = holder(chain.outer.node)
    if name is None:
        return
    declared = scopes.lookup(name)
    if declared is None:
        return
    module = chain.outer.module
    scope = enclosing(name, FUNCTIONS) or module.root
    pattern = f"^{name.text().replace('$', chr(92) + '$')}$"
    for use in scope.find_all(kind="identifier", regex=pattern):
        if use == name or _is_target(use):
            continue
        meant = scopes.lookup(use)
        if meant is not None and meant.start == declared.start:
            yield Ref(module, use)


def _is_target(node: Node) -> bool:
    parent = node.parent()
    return (
        parent is not None
        and parent.kind() == "assignment_expression"
        and parent.field("left") == node
    )
