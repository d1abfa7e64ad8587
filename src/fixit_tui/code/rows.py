"""The row or rows that a write sends: their columns, the text of each value, one or many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fixit_tui.code.declared_types import rows_of_type
from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    callee,
    enclosing,
    method_name,
    operands,
    unwrap,
    words,
)
from fixit_tui.code.values import Ref, Values, reassigned

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DEPTH = 8
_MAPPING = frozenset({"map", "flatMap"})
_SAME_ROWS = frozenset({"filter", "slice", "sort", "toSorted", "reverse", "concat"})
_ARRAY_WORDS = words(
    "length map forEach filter push some every find reduce slice splice concat join flatMap at"
)
_EACH = _MAPPING | {"forEach", "filter", "some", "every", "find"}


@dataclass(frozen=True, slots=True)
class Payload:
    """What is written. `values` is None when the columns are not all known; `reason` says why.

    `rows` is 'one', 'many' or 'unknown'.
    """

    values: Mapping[str, str] | None = None
    rows: str = "unknown"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayloadReader:
    """Reads payload expressions with the constants that `values` knows."""

    values: Values
    depth: int = 0
    seen: frozenset[tuple[str, int]] = field(default_factory=frozenset)

    def read(self, ref: Ref) -> Payload:
        """The payload of an expression."""
        if self.depth > _DEPTH:
            return Payload(reason="the row is built too many steps away")
        named = self._mutated(ref)
        here = self.values.resolve(ref)
        kind = here.node.kind()
        if named is not None:
            found = self._deeper().read(here)
            return replace(found, values=None, reason=named) if found.values is not None else found
        if kind == "object":
            return self._object(here)
        if kind == "array":
            return self._array(here)
        if kind == "call_expression":
            return self._call(here)
        if kind == "ternary_expression":
            return self._either(here, ("consequence", "alternative"))
        if kind == "binary_expression":
            return self._either(here, ("left", "right"))
        if kind in ("identifier", "member_expression"):
            return self._variable(here)
        return Payload(reason=f"the row is computed: {_short(here)}")

    def _deeper(self) -> PayloadReader:
        return replace(self, depth=self.depth + 1)

    def _object(self, ref: Ref) -> Payload:
        found: dict[str, str] = {}
        reason = ""
        for child in operands(ref.node):
            kind = child.kind()
            if kind == "spread_element":
                inner = self._deeper().read(ref.at(operands(child)[0]))
                if inner.values is None:
                    reason = f"spread of {_short(ref.at(operands(child)[0]))}"
                else:
                    found |= inner.values
            elif kind == "shorthand_property_identifier":
                found[child.text()] = child.text()
            elif kind == "pair":
                key, value = self.values.key(ref, child), child.field("value")
                if key is None or value is None:
                    reason = "a column name is computed"
                elif unwrap(value).text() == "undefined":
                    found.pop(key, None)
                else:
                    found[key] = ref.module.source(value)
            elif kind == "method_definition":
                reason = "the row has a method"
        return Payload(None if reason else found, "one", reason)

    def _array(self, ref: Ref) -> Payload:
        items = operands(ref.node)
        found: dict[str, str] = {}
        reason, rows = "", "one" if len(items) == 1 else "many"
        for child in items:
            inner = child
            if child.kind() == "spread_element":
                inner, rows = operands(child)[0], "many"
            part = self._deeper().read(ref.at(inner))
            if part.values is None:
                reason = part.reason
            else:
                found |= part.values
        if not items:
            return self._filled_later(ref)
        return Payload(None if reason else found, rows, reason)

    def _filled_later(self, ref: Ref) -> Payload:
        """An empty array that is a variable: what is pushed to it."""
        holder = ref.node.parent()
        name = holder.field("name") if holder is not None else None
        if name is None or name.kind() != "identifier":
            return Payload(None, "many", "the array is empty here")
        scope = enclosing(ref.node, FUNCTIONS) or ref.module.root
        pushed = [
            call
            for call in scope.find_all(kind="call_expression")
            if method_name(call) == "push" and _object_text(call) == name.text()
        ]
        found: dict[str, str] = {}
        for call in pushed:
            for given in arguments(call):
                part = self._deeper().read(ref.at(given))
                if part.values is None:
                    return Payload(None, "many", part.reason)
                found |= part.values
        return Payload(found or None, "many", "" if found else "the array is filled elsewhere")

    def _call(self, ref: Ref) -> Payload:
        name, given = method_name(ref.node), arguments(ref.node)
        function = callee(ref.node)
        target = None if function is None else function.field("object")
        if name in _MAPPING and given:
            made = self._returned(ref.at(given[0]))
            return replace(made, rows="many") if made else Payload(None, "many", "computed rows")
        if name == "from" and len(given) == 2:
            made = self._returned(ref.at(given[1]))
            return replace(made, rows="many") if made else Payload(None, "many", "computed rows")
        if name in _SAME_ROWS and target is not None:
            return replace(self._deeper().read(ref.at(target)), rows="many")
        if function is not None and function.kind() == "identifier":
            made = self._returned(ref.at(function))
            if made is not None:
                return made
        return Payload(reason=f"the row is computed: {_short(ref)}")

    def _returned(self, ref: Ref) -> Payload | None:
        """The payload that a function in sight gives back, when it has one way to return."""
        function = self._function(ref)
        if function is None:
            return None
        body = function.node.field("body")
        if body is None:
            return None
        if body.kind() != "statement_block":
            return self._deeper().read(function.at(body))
        returns = [
            r
            for r in body.find_all(kind="return_statement")
            if enclosing(r, FUNCTIONS) == function.node and operands(r)
        ]
        if len(returns) != 1:
            return None
        return self._deeper().read(function.at(operands(returns[0])[0]))

    def _function(self, ref: Ref) -> Ref | None:
        node = unwrap(ref.node)
        if node.kind() in FUNCTIONS:
            return ref.at(node)
        if node.kind() != "identifier":
            return None
        found = self.values.binding(ref.at(node))
        if found is None:
            return None
        module, binding = found
        if binding.kind == "function":
            return Ref(module, binding.owner)
        value = None if binding.value is None else unwrap(binding.value)
        return Ref(module, value) if value is not None and value.kind() in FUNCTIONS else None

    def _either(self, ref: Ref, sides: tuple[str, str]) -> Payload:
        parts = []
        for side in sides:
            node = ref.node.field(side)
            if node is not None:
                parts.append(self._deeper().read(ref.at(node)))
        if len(parts) == 2 and parts[0].values is not None and parts[1].values is not None:
            one, other = parts[0].values, parts[1].values
            if set(one) == set(other) and parts[0].rows == parts[1].rows:
                same = {k: v if other[k] == v else f"{v} | {other[k]}" for k, v in one.items()}
                return Payload(same, parts[0].rows)
        rows = {p.rows for p in parts}
        reason = "the row depends on a condition"
        return Payload(None, rows.pop() if len(rows) == 1 else "unknown", reason)

    def _variable(self, ref: Ref) -> Payload:
        if ref.node.kind() != "identifier":
            rows = self._rows_of_member(ref)
            return Payload(None, rows, f"the row comes from {_short(ref)}")
        found = self.values.binding(ref)
        if found is None:
            return Payload(reason=f"{_short(ref)} is not declared in sight")
        module, binding = found
        if (module.path, binding.start) in self.seen:
            return Payload(reason="the row is built from itself")
        deeper = replace(self._deeper(), seen=self.seen | {(module.path, binding.start)})
        if binding.kind == "loop" and binding.value is not None and not binding.path:
            element = deeper.read(Ref(module, binding.value))
            return replace(element, rows="one")
        if binding.kind == "param":
            source = _iterated(binding.owner) if binding.index == 0 and not binding.path else None
            if source is not None:
                return replace(deeper.read(Ref(module, source)), rows="one")
        if binding.path[-1:] == ("...",):
            return Payload(None, "one", f"{_short(ref)} is what is left of another object")
        rows = "unknown"
        if binding.annotation is not None:
            rows = rows_of_type(self.values.project, module, binding.annotation, binding.path)
        rows = _rows_by_use(ref) if rows == "unknown" else rows
        return Payload(None, rows, f"the value of {_short(ref)} is not in sight")

    def _rows_of_member(self, ref: Ref) -> str:
        """What the declared type of `props.goals` says."""
        path: list[str] = []
        node = ref.node
        while node.kind() == "member_expression":
            label, inner = node.field("property"), node.field("object")
            if label is None or inner is None:
                return "unknown"
            path.append(label.text())
            node = unwrap(inner)
        found = self.values.binding(ref.at(node)) if node.kind() == "identifier" else None
        if found is None or found[1].annotation is None:
            return "unknown"
        module, binding = found
        steps = (*binding.path, *reversed(path))
        return rows_of_type(self.values.project, module, found[1].annotation, steps)

    def _mutated(self, ref: Ref) -> str | None:
        """Why the literal behind a name does not say everything: it is changed afterwards."""
        node = unwrap(ref.node)
        if node.kind() not in ("identifier", "shorthand_property_identifier"):
            return None
        found = self.values.binding(ref.at(node))
        if found is None or found[1].kind not in ("const", "let"):
            return None
        module, binding = found
        if binding.kind == "let" and reassigned(module, binding):
            return f"{binding.name} is assigned more than once"
        if binding.name in module.mutated:
            return f"{binding.name} is changed after it was made"
        return None


def _rows_by_use(ref: Ref) -> str:
    """One row or many, by what the function does with the variable besides sending it."""
    scope = enclosing(ref.node, FUNCTIONS) or ref.module.root
    name = ref.node.text()
    for loop in scope.find_all(kind="for_in_statement"):
        held = loop.field("right")
        if held is not None and held.text() == name:
            return "many"
    used: set[str] = set()
    for member in scope.find_all(kind="member_expression"):
        target, label = member.field("object"), member.field("property")
        if target is not None and label is not None and target.text() == name:
            used.add(label.text())
    if used & _ARRAY_WORDS:
        return "many"
    return "one" if used else "unknown"


def _iterated(function: Node) -> Node | None:
    """The array whose elements a callback gets, for `rows.map(row => …)` and its like."""
    holder = function.parent()
    call = None if holder is None else holder.parent()
    if call is None or call.kind() != "call_expression" or method_name(call) not in _EACH:
        return None
    target = callee(call)
    return None if target is None else target.field("object")


def _object_text(call: Node) -> str:
    function = callee(call)
    target = None if function is None else function.field("object")
    return "" if target is None else target.text()


def _short(ref: Ref) -> str:
    text = " ".join(ref.text.split())
    return text if len(text) <= 40 else text[:39] + "…"
