"""What edits of data layers share: places in a chain, literals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import callee, operands, span, unwrap
from fixit_tui.code.orm.table import Table

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_WIDTH = 100
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True, slots=True)
class Said:
    """What the call says about conflicts already, compared with what is wanted."""

    clause: bool
    same: bool


def said(site: Site, columns: Sequence[str], ignore: bool | None) -> Said:
    """Whether there is a conflict clause, and whether it is the wanted one."""
    now = site.now
    clause = now.on_conflict is not None or now.target_constraint is not None
    same = clause and set(now.on_conflict or ()) == set(columns)
    if ignore and clause and now.ignore_duplicates and not now.on_conflict:
        same = True  # no target at all: every duplicate is ignored
    if ignore is not None:
        same = same and bool(now.ignore_duplicates) == ignore
    return Said(clause, same)


def fields_of(table: Table, columns: Sequence[str]) -> list[str] | None:
    """The names in code of columns; None when one of them is not declared."""
    found = [table.field_of(column) for column in columns]
    return None if None in found else [str(name) for name in found]


def others(site: Site, table: Table, columns: Sequence[str]) -> list[str] | None:
    """Columns of the row apart from these and from those that the library makes by itself."""
    if site.now.columns is None:
        return None
    values = site.now.column_values or {}
    made = {c for c, text in table.made.items() if values.get(c) == text}
    return [c for c in site.now.columns if c not in columns and c not in made]


def behind(site: Site, step: Step, method: str) -> Change:
    """`.method(…)` behind a step of a chain, on a line of its own where the step has one."""
    place = span(step.call.node)[1]
    dot = dot_before(site, step)
    start, end = site.text.rfind("\n", 0, place) + 1, site.text.find("\n", place)
    line = site.text[start : end if end >= 0 else len(site.text)].rstrip()
    if dot == "." and len(line) + len(method) > _WIDTH:
        dot = site.eol + site.indent_at(place) + site.indent_step + "."
    return Change(place, place, dot + method)


def dot_before(site: Site, step: Step) -> str:
    """The dot of a method with the line break in front of it, if it has one."""
    function = callee(step.call.node)
    owner = None if function is None else function.field("object")
    label = None if function is None else function.field("property")
    if owner is None or label is None:
        return "."
    text = site.text[span(owner)[1] : span(label)[0]]
    return text if re.fullmatch(r"\s*\.\s*", text) else "."


def unused(site: Site) -> bool:
    """Whether nothing takes the call's result."""
    statement = site.statement
    return statement is not None and statement.kind() == "expression_statement"


def literal(node: Node | None) -> Node | None:
    """The object literal that is written at a place."""
    inner = None if node is None else unwrap(node)
    return inner if inner is not None and inner.kind() == "object" else None


def members(node: Node) -> dict[str, Node] | None:
    """Property → member of an object literal; None when something is spread or computed."""
    found: dict[str, Node] = {}
    for child in operands(node):
        key = child if child.kind() == "shorthand_property_identifier" else child.field("key")
        if key is None or key.kind() == "computed_property_name":
            return None
        found[key.text().strip("'\"")] = child
    return found


def value_text(site: Site, member: Node) -> str:
    """The source text of a member's value."""
    value = member.field("value")
    return site.module.source(member if value is None else value)


def pairs(given: Mapping[str, str]) -> str:
    """`{ a, b: x }`."""
    shown = [k if k == v else f"{property_name(k)}: {v}" for k, v in given.items()]
    return "{ " + ", ".join(shown) + " }" if shown else "{}"


def property_name(name: str) -> str:
    """A property's name, quoted where it is no identifier."""
    return name if _IDENTIFIER.fullmatch(name) else "'" + name.replace("'", "\\'") + "'"


def listed(site: Site, names: Sequence[str]) -> str:
    """`['a', 'b']` in the file's quotes."""
    return "[" + ", ".join(site.string(name) for name in names) + "]"


def template(text: str) -> str:
    """SQL text between backticks."""
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"
