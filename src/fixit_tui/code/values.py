"""What an expression is worth, as far as the source alone can tell: constants and strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixit_tui.code.class_fields import field_value
from fixit_tui.code.module import Module, arguments, callee, method_name, operands, unwrap
from fixit_tui.code.project import Project
from fixit_tui.code.scopes import Binding

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DEPTH = 16
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Ref:
    """A node together with the module it stands in."""

    module: Module
    node: Node

    @property
    def text(self) -> str:
        return self.module.source(self.node)

    def at(self, node: Node) -> Ref:
        """Another node of the same module."""
        return Ref(self.module, node)


def key_of(module: Module, binding: Binding) -> Key:
    """What identifies a binding across modules."""
    return module.path, binding.start


@dataclass(frozen=True, slots=True)
class Values:
    """Reads constants. `given` says what parameters stand for while a helper is looked into."""

    project: Project
    given: Mapping[Key, Ref] = field(default_factory=dict)

    def binding(self, ref: Ref) -> tuple[Module, Binding] | None:
        """The declaration that an identifier means, through imports."""
        found = self.project.scopes(ref.module).lookup(ref.node)
        return None if found is None else self.project.follow(ref.module, found)

    def resolve(self, ref: Ref, depth: int = 0) -> Ref:
        """The expression that a name or a member of a constant object finally stands for.

        Names that are assigned again, parameters and globals are returned as they are.
        """
        here = ref.at(unwrap(ref.node))
        if depth > _DEPTH:
            return here
        kind = here.node.kind()
        if kind in ("identifier", "shorthand_property_identifier"):
            step = self._behind_name(here, depth)
        elif kind in ("member_expression", "subscript_expression"):
            step = self._behind_member(here, depth)
        elif kind == "call_expression" and method_name(here.node) == "freeze":
            given = arguments(here.node)
            step = here.at(given[0]) if given else None
        else:
            step = None
        return here if step is None else self.resolve(step, depth + 1)

    def _behind_name(self, ref: Ref, depth: int) -> Ref | None:
        found = self.binding(ref)
        if found is None:
            return None
        module, binding = found
        stand_in = self.given.get(key_of(module, binding))
        if stand_in is not None:
            for step in binding.path:
                member = self.member(self.resolve(stand_in, depth + 1), step, depth + 1)
                if member is None:
                    return None
                stand_in = member
            return stand_in
        if binding.kind not in ("const", "let") or binding.value is None:
            return None
        if binding.kind == "let" and reassigned(module, binding):
            return None
        value: Ref | None = Ref(module, binding.value)
        for step in binding.path:
            value = None if value is None else self.member(value, step, depth + 1)
        return value

    def _behind_member(self, ref: Ref, depth: int) -> Ref | None:
        target = ref.node.field("object")
        if target is None:
            return None
        name: str | None
        if ref.node.kind() == "member_expression":
            label = ref.node.field("property")
            name = None if label is None else label.text()
        else:
            index = ref.node.field("index")
            name = None if index is None else self.string(ref.at(index), depth + 1)
        if name is None:
            return None
        if target.kind() == "this":
            value = field_value(target, name)
            return None if value is None else ref.at(value)
        if target.kind() == "identifier":
            found = self.binding(ref.at(target))
            if found is not None and found[1].kind == "class":
                value = field_value(found[1].owner, name)
                return None if value is None else Ref(found[0], value)
            if found is not None and found[1].kind == "enum":
                return _enum_member(Ref(found[0], found[1].owner), name)
            if found is not None and found[1].path == ("*",):
                path = self.project.locate(found[0].path, found[1].origin)
                module = None if path is None else self.project.load(path)
                export = None if module is None else self.project.exported(module, name)
                if export is not None and export[1].value is not None and not export[1].path:
                    return Ref(export[0], export[1].value)
        return self.member(self.resolve(ref.at(target), depth + 1), name, depth + 1)

    def member(self, ref: Ref, name: str, depth: int = 0) -> Ref | None:
        """The value of a property of an object literal, or of an element of an array literal."""
        here = self.resolve(ref, depth + 1)
        if here.node.kind() == "array" and name.isdigit():
            items = operands(here.node)
            return here.at(items[int(name)]) if int(name) < len(items) else None
        if here.node.kind() != "object":
            return None
        for child in reversed(operands(here.node)):
            kind = child.kind()
            if kind == "spread_element":
                found = self.member(here.at(operands(child)[0]), name, depth + 1)
                if found is not None:
                    return found
                return None
            if kind == "shorthand_property_identifier" and child.text() == name:
                return here.at(child)
            if kind == "pair" and self.key(here, child) == name:
                value = child.field("value")
                return None if value is None else here.at(value)
        return None

    def key(self, holder: Ref, pair: Node) -> str | None:
        """The name of a property, None when it is computed from something unknown."""
        key = pair.field("key")
        if key is None:
            return None
        if key.kind() == "computed_property_name":
            return self.string(holder.at(operands(key)[0]))
        if key.kind() == "string":
            return self.string(holder.at(key))
        return key.text()

    def string(self, ref: Ref, depth: int = 0) -> str | None:
        """The text that an expression evaluates to, None when it depends on anything unknown."""
        here = self.resolve(ref, depth)
        node, kind = here.node, here.node.kind()
        if depth > _DEPTH:
            return None
        if kind in ("string", "template_string"):
            return self._pieces(here, depth)
        if kind == "number":
            return node.text()
        if kind == "binary_expression" and _operator(node) == "+":
            left, right = node.field("left"), node.field("right")
            if left is None or right is None:
                return None
            one = self.string(here.at(left), depth + 1)
            other = None if one is None else self.string(here.at(right), depth + 1)
            return None if one is None or other is None else one + other
        if kind == "call_expression":
            return self._called(here, depth)
        return None

    def _pieces(self, ref: Ref, depth: int) -> str | None:
        parts: list[str] = []
        for child in ref.node.named_children():
            kind = child.kind()
            if kind == "string_fragment":
                parts.append(ref.module.source(child))
            elif kind == "escape_sequence":
                parts.append(unescape(child.text()))
            elif kind == "template_substitution":
                value = self.string(ref.at(operands(child)[0]), depth + 1)
                if value is None:
                    return None
                parts.append(value)
        return "".join(parts)

    def _called(self, ref: Ref, depth: int) -> str | None:
        """`[…].join(',')`, `text.trim()` and `String.raw` apart, a call is not evaluated."""
        function, given = callee(ref.node), arguments(ref.node)
        target = None if function is None else function.field("object")
        name = method_name(ref.node)
        if target is None:
            return None
        if name == "trim":
            text = self.string(ref.at(target), depth + 1)
            return None if text is None else text.strip()
        if name == "join":
            items = self.strings(ref.at(target), depth + 1)
            glue = self.string(ref.at(given[0]), depth + 1) if given else ","
            return None if items is None or glue is None else glue.join(items)
        return None

    def strings(self, ref: Ref, depth: int = 0) -> tuple[str, ...] | None:
        """The texts of an array literal of known strings."""
        here = self.resolve(ref, depth)
        if here.node.kind() != "array":
            return None
        items: list[str] = []
        for child in operands(here.node):
            if child.kind() == "spread_element":
                more = self.strings(here.at(operands(child)[0]), depth + 1)
                if more is None:
                    return None
                items += more
                continue
            text = self.string(here.at(child), depth + 1)
            if text is None:
                return None
            items.append(text)
        return tuple(items)


def _operator(node: Node) -> str:
    operator = node.field("operator")
    return "" if operator is None else operator.text()


def _enum_member(enum: Ref, name: str) -> Ref | None:
    body = enum.node.field("body")
    for child in [] if body is None else body.named_children():
        label, value = child.field("name"), child.field("value")
        if label is not None and value is not None and label.text().strip("'\"") == name:
            return enum.at(value)
    return None


def unescape(sequence: str) -> str:
    """The character of one escape sequence of a JavaScript string."""
    body = sequence[1:]
    if body[:1] in _ESCAPES and len(body) == 1:
        return _ESCAPES[body]
    if body[:1] == "x" and len(body) == 3:
        return chr(int(body[1:], 16))
    if body[:1] == "u" and body[1:].strip("{}"):
        code = int(body[1:].strip("{}"), 16)
        return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else sequence
    if body in ("\n", "\r\n", "\r"):
        return ""
    return str(json.loads('"\\/"')) if body == "/" else body


def reassigned(module: Module, binding: Binding) -> bool:
    """Whether a variable gets another value than that of its declaration."""
    return binding.name in module.assigned
