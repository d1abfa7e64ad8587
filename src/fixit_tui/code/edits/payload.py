"""Leave columns out of what a write sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.options import remove_member
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import (
    FUNCTIONS,
    arguments,
    callee,
    enclosing,
    method_name,
    operands,
    span,
    unwrap,
)
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node


def drop_columns(site: Site, step: Step, columns: tuple[str, ...]) -> list[Change] | str:
    """Changes that leave the columns out of the step's payload, or why there are none."""
    if not columns or not step.given:
        return []
    payload = unwrap(step.given[0].node)
    if _already_dropped(site, payload, columns):
        return []
    known = site.now.columns
    if known is not None and not set(columns) & set(known):
        return []
    return _from(site, payload, columns, site.now.rows)


def _already_dropped(site: Site, node: Node, columns: tuple[str, ...]) -> bool:
    """Whether a destructuring with a rest (`{ id: _id, ...row }`) made this value."""
    pattern: Node | None = None
    if node.kind() == "identifier":
        found = site.values.binding(Ref(site.module, node))
        if found is None or found[1].path[-1:] != ("...",) or found[0] is not site.module:
            return False
        pattern = found[1].owner.field("name")
    elif node.kind() == "call_expression":
        given, function = arguments(node), callee(node)
        callback = given[0] if given and method_name(node) == "map" else function
        held = None if callback is None else callback.field("parameters")
        inner = [] if held is None else operands(held)
        pattern = (inner[0].field("pattern") or inner[0]) if inner else None
    if pattern is None or pattern.kind() != "object_pattern":
        return False
    members = operands(pattern)
    keys = {(c.field("key") or c).text().strip("'\"") for c in members}
    return members[-1].kind() == "rest_pattern" and set(columns) <= keys


def _from(site: Site, node: Node, columns: tuple[str, ...], rows: str) -> list[Change] | str:
    kind = node.kind()
    if kind == "object":
        return _from_object(site, node, columns)
    if kind == "array":
        changes: list[Change] = []
        for item in operands(node):
            inner = operands(item)[0] if item.kind() == "spread_element" else item
            many = "many" if item.kind() == "spread_element" else "one"
            part = _from(site, unwrap(inner), columns, many)
            if isinstance(part, str):
                return part
            changes += part
        return changes
    if kind == "call_expression" and method_name(node) == "map":
        made = _mapped_object(node)
        if made is not None:
            return _from_object(site, made, columns)
    if rows == "many":
        start, end = span(node)
        pattern = _pattern(columns)
        return [Change(start, end, f"{_target(site, node)}.map(({pattern}) => row)")]
    if rows != "one":
        return "it is not clear whether the payload is one row or an array of rows"
    if kind == "identifier":
        literal = _own_literal(site, node)
        if literal is not None:
            return _from_object(site, literal, columns)
    return _destructured(site, node, columns)


def _target(site: Site, node: Node) -> str:
    text = site.module.source(node)
    simple = node.kind() in ("identifier", "member_expression", "call_expression")
    return text if simple else f"({text})"


def _pattern(columns: tuple[str, ...], rest: str = "row") -> str:
    taken = ", ".join(f"{_property(c)}: _{_name(c)}" for c in columns)
    return "{ " + f"{taken}, ...{rest}" + " }"


def _property(column: str) -> str:
    return column if _name(column) == column else "'" + column.replace("'", "\\'") + "'"


def _name(column: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else "_" for c in column)


def _from_object(site: Site, node: Node, columns: tuple[str, ...]) -> list[Change] | str:
    changes: list[Change] = []
    for child in operands(node):
        kind = child.kind()
        if kind == "spread_element":
            part = _from_spread(site, operands(child)[0], columns)
            if isinstance(part, str):
                return part
            changes += part
        elif kind == "shorthand_property_identifier" and child.text() in columns:
            changes.append(remove_member(site, node, child))
        elif kind == "pair":
            key = site.values.key(Ref(site.module, node), child)
            if key is None:
                return "a column name of the payload is computed"
            if key in columns:
                changes.append(remove_member(site, node, child))
    return _without_overlap(changes)


def _from_spread(site: Site, node: Node, columns: tuple[str, ...]) -> list[Change] | str:
    if _already_dropped(site, unwrap(node), columns):
        return []
    read = PayloadReader(site.values).read(Ref(site.module, node))
    if read.values is not None and not set(read.values) & set(columns):
        return []
    return _destructured(site, unwrap(node), columns)


def _without_overlap(changes: list[Change]) -> list[Change]:
    """Two neighbouring members share a comma: let the second one keep its own part only."""
    kept: list[Change] = []
    for change in sorted(changes, key=lambda c: c.start):
        if kept and change.start < kept[-1].end:
            change = Change(kept[-1].end, max(change.end, kept[-1].end), change.text)
        kept.append(change)
    return kept


def _mapped_object(call: Node) -> Node | None:
    """The object literal that `rows.map(row => ({…}))` makes."""
    given = arguments(call)
    body = given[0].field("body") if given and given[0].kind() in FUNCTIONS else None
    if body is None:
        return None
    if body.kind() != "statement_block":
        inner = unwrap(body)
        return inner if inner.kind() == "object" else None
    returns = [
        r for r in body.find_all(kind="return_statement") if enclosing(r, FUNCTIONS) == given[0]
    ]
    held = operands(returns[0]) if len(returns) == 1 else []
    made = unwrap(held[0]) if held else None
    return made if made is not None and made.kind() == "object" else None


def _own_literal(site: Site, name: Node) -> Node | None:
    """The object literal of a variable that is used by this call alone."""
    found = site.values.binding(Ref(site.module, name))
    if found is None or found[1].kind != "const" or found[1].value is None or found[1].path:
        return None
    literal = unwrap(found[1].value)
    if found[0] is not site.module or literal.kind() != "object":
        return None
    uses = [n for n in site.module.root.find_all(kind="identifier") if n.text() == name.text()]
    short = site.module.root.find_all(kind="shorthand_property_identifier")
    uses += [n for n in short if n.text() == name.text()]
    return literal if len(uses) == 2 else None


def _destructured(site: Site, node: Node, columns: tuple[str, ...]) -> list[Change] | str:
    """`const { id: _id, ...row } = goal;` before the statement, or the same inside the call."""
    start, end = span(node)
    source = site.module.source(node)
    statement = site.statement
    inner = enclosing(node, FUNCTIONS)
    outer = None if statement is None else enclosing(statement, FUNCTIONS)
    if node.kind() != "identifier" or statement is None or inner != outer:
        return [Change(start, end, f"(({_pattern(columns)}) => row)({source})")]
    scope = outer or site.module.root
    taken = {n.text() for kind in _NAMES for n in scope.find_all(kind=kind)}
    if any(f"_{_name(c)}" in taken for c in columns):
        return [Change(start, end, f"(({_pattern(columns)}) => row)({source})")]
    row = next(n for n in _row_names(source) if n not in taken)
    place = span(statement)[0]
    line = f"const {_pattern(columns, row)} = {source}{site.semicolon}"
    return [
        Change(place, place, line + site.eol + site.indent_at(place)),
        Change(start, end, row),
    ]


_NAMES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


def _row_names(source: str) -> list[str]:
    return ["row", f"{source}Row", *(f"row{n}" for n in range(2, 1000))]
