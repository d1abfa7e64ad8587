"""Where a call stands: function, try, loop, effect; whether it is sent and its error looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.failures import caught_until
from fixit_tui.code.module import (
    FUNCTIONS,
    Module,
    arguments,
    callee,
    operands,
    span,
    words,
    wrapped,
)

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

EFFECTS = words(
    "useEffect useLayoutEffect useInsertionEffect useAsyncEffect useFocusEffect "
    "useUpdateEffect onMounted onBeforeMount onMount afterUpdate watchEffect watch "
    "createEffect createResource $effect effect"
)
_EFFECT_METHODS = frozenset(
    ["componentDidMount", "componentDidUpdate", "ngOnInit", "connectedCallback"]
)
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_EACH = words("map forEach flatMap reduce filter some every find reduceRight")
_CONTINUATIONS = frozenset({"then", "catch", "finally"})
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_KEEPS_VALUE = frozenset(
    {"ternary_expression", "binary_expression", "array", "pair", "arguments", "spread_element",
     "object", "yield_expression", "await_expression", "return_statement",
     "assignment_expression", "template_substitution"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """The function that a call belongs to: its node (None: module level) and its name."""

    node: Node | None
    name: str


class Surroundings:
    """Answers about one module that several calls share."""

    def __init__(self, module: Module) -> None:
        self.module = module

    @cached_property
    def called_in_effects(self) -> frozenset[str]:
        """Names of functions that an effect of this file calls."""
        names: set[str] = set()
        for call in self.module.root.find_all(kind="call_expression"):
            if _callee_name(call) not in EFFECTS:
                continue
            for callback in arguments(call)[:2]:
                names |= {
                    n.text()
                    for inner in callback.find_all(kind="call_expression")
                    if (n := inner.field("function")) is not None and n.kind() == "identifier"
                }
                if callback.kind() == "identifier":
                    names.add(callback.text())
        return frozenset(names)

    def fill(self, draft: Draft) -> None:
        """Set every field that the surroundings of the call decide."""
        node, fields = draft.site.node, draft.fields
        place = place_of(node)
        start, end = span(place.node or self.module.root)
        fields |= {
            "function": place.name,
            "function_start": self.module.line(start),
            "function_end": self.module.line(max(start, end - 1)),
            "in_try": _in_try(node),
            "in_catch": _in_catch(node),
            "caught_until": caught_until(draft.chain, self.module),
            "in_loop": _in_loop(node),
            "in_effect": self._in_effect(node, place),
            "awaited": is_sent(draft.chain) or fields["library"] == "node-postgres",
        }
        if fields["library"] == "supabase-js":
            fields["checks_error"] = _checks_error(draft.chain, place, self.module)

    def _in_effect(self, node: Node, place: Place) -> bool:
        for parent in node.ancestors():
            kind = parent.kind()
            if kind == "call_expression" and _callee_name(parent) in EFFECTS:
                return not contains_callee(parent, node)
            if kind == "method_definition":
                name = parent.field("name")
                return name is not None and name.text() in _EFFECT_METHODS
        return bool(place.name) and place.name in self.called_in_effects


def contains_callee(call: Node, node: Node) -> bool:
    """Whether the node stands in what is called, not in an argument."""
    function = call.field("function")
    if function is None:
        return False
    (start, end), (first, _) = span(function), span(node)
    return start <= first < end


def _callee_name(call: Node) -> str:
    function = callee(call)
    return "" if function is None else function.text().rpartition(".")[2]


def place_of(node: Node) -> Place:
    """The function whose steps the call is one of.

    Callbacks of loops and of promises belong to the function around them; other callbacks are
    functions of their own, named after the nearest named function.
    """
    found: Node | None = None
    for parent in node.ancestors():
        if parent.kind() not in FUNCTIONS:
            continue
        name = function_name(parent)
        if found is None and (name or not _is_continuation(parent)):
            found = parent
        if name:
            return Place(found, name)
    return Place(found, "" if found is None else "(anonymous)")


def function_name(function: Node) -> str:
    """The name under which a function is known, "" for a bare callback."""
    name = function.field("name")
    if name is not None:
        return name.text()
    holder = wrapped(function).parent()
    while holder is not None and holder.kind() in ("arguments", "call_expression"):
        # const save = useCallback(async () => …): the wrapper's variable names it.
        if holder.kind() == "call_expression":
            inner = callee(holder)
            if inner is None or inner.kind() != "identifier" or inner.text() in EFFECTS:
                return ""
        holder = holder.parent()
    if holder is None:
        return ""
    label: Node | None = None
    if holder.kind() in ("variable_declarator", "public_field_definition", "field_definition"):
        label = holder.field("name") or holder.field("property")
    elif holder.kind() == "pair":
        label = holder.field("key")
    elif holder.kind() == "assignment_expression":
        label = holder.field("left")
    return "" if label is None else label.text().rpartition(".")[2].strip("'\"")


def _is_continuation(function: Node) -> bool:
    holder = wrapped(function).parent()
    call = None if holder is None else holder.parent()
    if call is None:
        return False
    if call.kind() == "new_expression":
        return True
    return call.kind() == "call_expression" and _callee_name(call) in _EACH | _CONTINUATIONS


def _within_function(node: Node) -> Iterator[tuple[Node, Node]]:
    """(ancestor, its child on the way) up to the end of the function, through loop callbacks."""
    child = node
    for parent in node.ancestors():
        yield parent, child
        if parent.kind() in FUNCTIONS and not _is_continuation(parent):
            return
        child = parent


def _in_try(node: Node) -> bool:
    return any(
        p.kind() == "try_statement" and p.field("body") == c and p.field("handler") is not None
        for p, c in _within_function(node)
    )


def _in_catch(node: Node) -> bool:
    for parent, _ in _within_function(node):
        if parent.kind() == "catch_clause":
            return True
        if parent.kind() in FUNCTIONS:
            holder = wrapped(parent).parent()
            call = None if holder is None else holder.parent()
            if (
                call is not None
                and call.kind() == "call_expression"
                and _callee_name(call) == "catch"
            ):
                return True
    return False


def _in_loop(node: Node) -> bool:
    for parent, child in _within_function(node):
        if parent.kind() in _LOOPS and parent.field("body") == child:
            return True
        each = parent.kind() == "call_expression" and _callee_name(parent) in _EACH
        if each and not contains_callee(parent, node):
            return True
    return False


def is_sent(chain: Chain) -> bool:
    """Whether the request is awaited, returned, chained with then, or handed on."""
    if chain.sent or chain.step(*_CONTINUATIONS, "execute", "run", "toPromise") is not None:
        return True
    if _handed_on(chain.outer.node):
        return True
    return any(_use_is_sent(use.node) for use in chain.uses)


def _use_is_sent(use: Node) -> bool:
    node = use
    while True:
        up = wrapped(node)
        parent = up.parent()
        if parent is None:
            return False
        if parent.kind() == "member_expression" and parent.field("object") == up:
            call = parent.parent()
            if call is not None and call.kind() == "call_expression":
                node = call
                continue
            return False
        return _handed_on(node)


def _handed_on(node: Node) -> bool:
    up = wrapped(node)
    parent = up.parent()
    if parent is None:
        return False
    kind = parent.kind()
    if kind == "arrow_function":
        return parent.field("body") == up
    if kind == "assignment_expression":
        left = parent.field("left")
        return left is not None and left.kind() != "identifier"
    if kind in ("ternary_expression", "binary_expression"):
        return _handed_on(parent)
    if kind == "variable_declarator":
        return False
    return kind in _KEEPS_VALUE


def result_names(chain: Chain) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Names bound to a call's data, to its error and to its whole result."""
    data: set[str] = set()
    error: set[str] = set()
    whole: set[str] = set()
    for pattern in _patterns(chain):
        if pattern.kind() == "identifier":
            whole.add(pattern.text())
        elif pattern.kind() == "object_pattern":
            for child in operands(pattern):
                key, name = _bound(child)
                (error if key == "error" else data).update(name)
        elif pattern.kind() == "array_pattern":
            data |= {n.text() for n in pattern.find_all(kind="identifier")}
    return frozenset(data), frozenset(error), frozenset(whole)


def _bound(child: Node) -> tuple[str, set[str]]:
    if child.kind() == "shorthand_property_identifier_pattern":
        return child.text(), {child.text()}
    if child.kind() == "object_assignment_pattern":
        left = child.field("left")
        return ("", set()) if left is None else (left.text(), {left.text()})
    if child.kind() == "pair_pattern":
        key, value = child.field("key"), child.field("value")
        if key is None or value is None:
            return "", set()
        kinds = ("identifier", "shorthand_property_identifier_pattern")
        found = {value.text()} if value.kind() in kinds else set()
        for kind in kinds:
            found |= {n.text() for n in value.find_all(kind=kind)}
        return key.text().strip("'\""), found
    return "", set()


def _patterns(chain: Chain) -> Iterator[Node]:
    """Patterns that receive the result: a declaration, an assignment, a then callback."""
    nodes = [chain.outer.node, *(_outermost(use.node) for use in chain.uses)]
    for node in nodes:
        up = wrapped(node)
        parent = up.parent()
        while parent is not None and parent.kind() in ("await_expression", "ternary_expression"):
            up = wrapped(parent)
            parent = up.parent()
        if parent is None:
            continue
        field = {"variable_declarator": "name", "assignment_expression": "left"}.get(parent.kind())
        target = None if field is None else parent.field(field)
        if target is not None:
            yield target
    then = chain.step("then")
    if then is not None and then.given:
        yield from _callback_patterns(then)


def _callback_patterns(step: Step) -> Iterator[Node]:
    callback = step.given[0].node
    single = callback.field("parameter")
    if single is not None:
        yield single
    holder = callback.field("parameters")
    for parameter in [] if holder is None else operands(holder)[:1]:
        yield parameter.field("pattern") or parameter


def _outermost(use: Node) -> Node:
    node = use
    while True:
        member = wrapped(node).parent()
        call = None if member is None else member.parent()
        if member is None or member.kind() != "member_expression" or call is None:
            return node
        if call.kind() != "call_expression":
            return node
        node = call


def _checks_error(chain: Chain, place: Place, module: Module) -> bool:
    _, error, whole = result_names(chain)
    if error:
        return True
    member = wrapped(chain.outer.node).parent()
    while member is not None and member.kind() in ("await_expression", "parenthesized_expression"):
        member = member.parent()
    if member is not None and member.kind() == "member_expression":
        label = member.field("property")
        return label is not None and label.text() == "error"
    scope = place.node or module.root
    for node in scope.find_all(kind="member_expression"):
        label, target = node.field("property"), node.field("object")
        if label is None or target is None:
            continue
        if label.text() == "error" and target.text() in whole:
            return True
    return any(_takes_error(module, name, scope) for name in whole)


def _takes_error(module: Module, name: str, scope: Node) -> bool:
    """`const { error } = result` later on."""
    for declarator in scope.find_all(kind="variable_declarator"):
        pattern, value = declarator.field("name"), declarator.field("value")
        if pattern is None or value is None or value.text() != name:
            continue
        if any(_bound(child)[0] == "error" for child in operands(pattern)):
            return True
    return False
