"""Leave columns out of what a write sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.declared_types import lacks_property
from fixit_tui.code.edits.made import counted_on, mapped_object
from fixit_tui.code.edits.options import remove_members
from fixit_tui.code.edits.result import Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.uses import is_logged, may_read, other_uses, own_binding, seen_outside
from fixit_tui.code.module import (
    FUNCTIONS,
    TRANSPARENT,
    arguments,
    callee,
    contains,
    enclosing,
    method_name,
    operands,
    span,
    unwrap,
)
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.scopes import Binding
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_NAMES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


def drop_columns(
    site: Site, step: Step, columns: tuple[str, ...], idiom: str
) -> list[Change] | Refused:
    """Changes that leave the columns out of the step's payload, or why there are none.

    A literal is changed where it stands when nothing else could see the difference, otherwise
    the row is taken apart at the call. Refused where a value that the code makes for one of the
    columns is read elsewhere: without it the database chooses another one.
    """
    if not columns or not step.given:
        return []
    payload = unwrap(step.given[0].node)
    if _already_dropped(site, payload, columns):
        return []
    known = site.now.columns
    if known is not None and not set(columns) & set(known):
        return []
    name = counted_on(site, payload, columns)
    if name:
        return Refused(
            f"{name} is used elsewhere, and the database would choose another value",
            f"{idiom}; read the stored {columns[0]} back with "
            f".select({site.string(columns[0])}).single() and use that instead",
        )
    rows = site.now.rows if site.now.rows != "unknown" else site.scanned.rows
    if rows == "unknown" and site.chain.step("single", "maybeSingle") is not None:
        rows = "one"
    drop = _Drop(site, step.given[0].node, columns)
    changes = drop.leave_out(step.given[0].node, rows)
    return Refused(changes, idiom) if isinstance(changes, str) else changes


def _already_dropped(site: Site, node: Node, columns: tuple[str, ...]) -> bool:
    """Whether a destructuring with a rest (`{ id: _id, ...row }`) made this value."""
    pattern: Node | None = None
    if node.kind() == "identifier":
        found = site.values.binding(Ref(site.module, node))
        if found is None or found[1].path[-1:] != ("...",) or found[0] is not site.module:
            return False
        owner = found[1].owner
        pattern = owner.field("name")
        if pattern is None:  # a parameter of a function
            holder = owner.field("parameters")
            taken = [] if holder is None else operands(holder)
            place = found[1].index
            target = taken[place] if 0 <= place < len(taken) else None
            pattern = None if target is None else target.field("pattern") or target
    elif node.kind() == "call_expression":
        given, function = arguments(node), callee(node)
        callback = given[0] if given and method_name(node) == "map" else function
        held = None if callback is None else callback.field("parameters")
        inner = [] if held is None else operands(held)
        pattern = (inner[0].field("pattern") or inner[0]) if inner else None
    if pattern is None or pattern.kind() != "object_pattern":
        return False
    members = operands(pattern)
    keys = {(c.field("key") or c.field("left") or c).text().strip("'\"") for c in members}
    return bool(members) and members[-1].kind() == "rest_pattern" and set(columns) <= keys


@dataclass(slots=True)
class _Drop:
    """One removal of columns. `placed`: a destructuring stands before the statement already."""

    site: Site
    payload: Node
    columns: tuple[str, ...]
    placed: bool = False

    def leave_out(self, node: Node, rows: str) -> list[Change] | str:
        """The changes for an expression that gives one row or many."""
        inner = unwrap(node)
        kind = inner.kind()
        if _already_dropped(self.site, inner, self.columns):
            return []
        if _promised(node) and kind in ("object", "array"):
            return self._taken_apart(node, rows)
        if kind == "object":
            return self._object(inner)
        if kind == "array":
            return self._array(inner)
        if kind == "call_expression" and method_name(inner) == "map":
            made = _free_object(inner)
            if made is not None:
                return self._object(made)
        if kind == "identifier":
            literal = self._own_literal(inner)
            if literal is not None:
                return self.leave_out(literal, rows)
        return self._taken_apart(inner, rows)

    def _array(self, array: Node) -> list[Change] | str:
        changes: list[Change] = []
        for item in operands(array):
            spread = item.kind() == "spread_element"
            inner = operands(item)[0] if spread else item
            part = self.leave_out(inner, "many" if spread else "one")
            if isinstance(part, str):
                return part
            changes += part
        return changes

    def _object(self, node: Node) -> list[Change] | str:
        changes: list[Change] = []
        removed: list[Node] = []
        for child in operands(node):
            kind = child.kind()
            if kind == "spread_element":
                part = self._spread(operands(child)[0])
                if isinstance(part, str):
                    return part
                changes += part
            elif kind == "shorthand_property_identifier" and child.text() in self.columns:
                removed.append(child)
            elif kind == "pair":
                key = self.site.values.key(Ref(self.site.module, node), child)
                if key is None:
                    return "a column name of the payload is computed"
                if key in self.columns:
                    removed.append(child)
        return [*changes, *remove_members(self.site, node, removed)]

    def _spread(self, node: Node) -> list[Change] | str:
        if _already_dropped(self.site, unwrap(node), self.columns):
            return []
        read = PayloadReader(self.site.values).read(Ref(self.site.module, node))
        if read.values is not None and not set(read.values) & set(self.columns):
            return []
        inner = unwrap(node)
        if inner.kind() == "object":
            return self._object(inner)
        return self._taken_apart(inner, "one")

    def _own_literal(self, name: Node) -> Node | None:
        """What a variable is made of, when changing that there is seen by this call alone."""
        site = self.site
        binding = own_binding(site, name)
        if binding is None or binding.kind not in ("const", "let") or binding.path:
            return None
        value = binding.value
        if value is None or binding.annotation is not None or _promised(value):
            return None
        if binding.kind == "let" and binding.name in site.module.assigned:
            return None
        if enclosing(value, FUNCTIONS) != enclosing(name, FUNCTIONS) or seen_outside(site, binding):
            return None
        literal = unwrap(value)
        many = literal.kind() != "object"
        if literal.kind() not in ("object", "array") and _free_object(literal) is None:
            return None
        if many and not operands(literal):
            return None
        return None if self._seen_elsewhere(binding, many) else value

    def _seen_elsewhere(self, binding: Binding, many: bool) -> bool:
        for use in other_uses(self.site, binding, [self.payload]):
            parent = use.parent()
            if parent is not None and parent.kind() == "type_query":
                return True
            member = None if parent is None else parent.field("property")
            if member is not None and member.text() in (*self.columns, "push", "splice"):
                return True
            if is_logged(use) or may_read(self.site, use, self.columns, many):
                return True
        return False

    def _taken_apart(self, node: Node, rows: str) -> list[Change] | str:
        start, end = span(node)
        source = self.site.module.source(node)
        pattern, note = self._pattern(), self._note(node, rows)
        if rows == "many":
            simple = node.kind() in ("identifier", "member_expression", "call_expression", "array")
            target = source if simple else f"({source})"
            return [Change(start, end, f"{target}.map(({pattern}{note}) => row)")]
        if rows != "one":
            return "it is not clear whether the payload is one row or an array of rows"
        name = self._name_before(node)
        if name is None:
            return [Change(start, end, f"(({pattern}{note}) => row)({source})")]
        statement = self.site.statement
        assert statement is not None
        self.placed = True
        place = span(statement)[0]
        line = f"const {self._pattern(name)}{note} = {source}{self.site.semicolon}"
        return [
            Change(place, place, line + self.site.eol + self.site.indent_at(place)),
            Change(start, end, name),
        ]

    def _name_before(self, node: Node) -> str | None:
        """A free name for a declaration before the statement; None where it has to be inline."""
        statement = self.site.statement
        if self.placed or node.kind() != "identifier" or statement is None:
            return None
        outer = enclosing(statement, FUNCTIONS)
        if not contains(statement, node) or enclosing(node, FUNCTIONS) != outer:
            return None
        scope = outer or self.site.module.root
        taken = {n.text() for kind in _NAMES for n in scope.find_all(kind=kind)}
        if any(f"_{_name(c)}" in taken for c in self.columns):
            return None
        source = node.text()
        wanted = ("row", f"{source}Row", *(f"row{n}" for n in range(2, 1000)))
        return next(n for n in wanted if n not in taken)

    def _pattern(self, rest: str = "row") -> str:
        taken = ", ".join(f"{_property(c)}: _{_name(c)}" for c in self.columns)
        return "{ " + f"{taken}, ...{rest}" + " }"

    def _note(self, node: Node, rows: str) -> str:
        """A type for the pattern when the variable's own type has no such property."""
        site = self.site
        binding = own_binding(site, node) if node.kind() == "identifier" else None
        if binding is None or binding.annotation is None or binding.path:
            return ""
        if not site.module.typed:
            return ""
        project, module = site.values.project, site.module
        lacking = [
            c for c in self.columns if lacks_property(project, module, binding.annotation, c)
        ]
        if not lacking:
            return ""
        extra = "; ".join(f"{_property(c)}?: unknown" for c in lacking)
        own = f"typeof {binding.name}"
        own = f"({own})[number]" if rows == "many" else own
        return f": {own} & {{ {extra} }}"


def _property(column: str) -> str:
    return column if _name(column) == column else "'" + column.replace("'", "\\'") + "'"


def _name(column: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else "_" for c in column)


def _promised(node: Node) -> bool:
    """Whether a type stands on an expression that asks for every property of it."""
    while node.kind() in TRANSPARENT and operands(node):
        if node.kind() == "satisfies_expression":
            return True
        node = operands(node)[-1 if node.kind() == "type_assertion" else 0]
    return False


def _free_object(call: Node) -> Node | None:
    """The literal inside a `.map(…)` whose type nobody has written down."""
    made = mapped_object(call)
    if made is None or call.field("type_arguments") is not None:
        return None
    callback = arguments(call)[0]
    if callback.field("return_type") is not None:
        return None
    held = made.parent()
    while held is not None and held != callback:
        if held.kind() == "satisfies_expression":
            return None
        held = held.parent()
    return made
