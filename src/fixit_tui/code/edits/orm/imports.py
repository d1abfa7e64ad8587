"""A name of a package that an edit writes, made known in its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from fixit_tui.code.edits.result import Edited, EditResult, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import operands, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_NAMES = ("identifier", "shorthand_property_identifier_pattern")


def importing(site: Site, changes: Sequence[Change], name: str, package: str) -> EditResult:
    """The text with the changes made and the name imported, unless it means something else."""
    more = _imported(site, name, package)
    if more is None:
        return Refused(
            f"the name {name} means something else here, or cannot be imported",
            f"Write it with {name} of {package}.",
        )
    return Edited(site.changed([*changes, *more]))


def _imported(site: Site, name: str, package: str) -> list[Change] | None:
    """The change that imports a name, none when it is there; None when it is taken."""
    root = site.module.root
    statements = root.find_all(kind="import_statement")
    held: list[list[Node]] = []
    for statement in statements:
        source, named = statement.field("source"), statement.find(kind="named_imports")
        if source is None or source.text()[1:-1] != package or named is None:
            continue
        if re.match(r"import\s+type\b", statement.text()):
            continue
        held.append(operands(named))
    for pattern in root.find_all(kind="object_pattern"):
        if _is_required(pattern.parent(), package):
            held.append(operands(pattern))
    if any(_label(one) == name for names in held for one in names):
        return []
    if any(node.text() == name for kind in _NAMES for node in root.find_all(kind=kind)):
        return None
    names = next((names for names in held if names), None)
    if names is not None:
        end = span(names[-1])[1]
        return [Change(end, end, f", {name}")]
    return _added(site, statements, name, package)


def _label(one: Node) -> str:
    """The name by which an imported or required thing is known."""
    return (one.field("alias") or one.field("name") or one.field("value") or one).text()


def _is_required(declarator: Node | None, package: str) -> bool:
    """Whether a declaration is `… = require('package')`."""
    value = None if declarator is None else declarator.field("value")
    text = "" if value is None else value.text()
    return bool(re.fullmatch(rf"require\(\s*['\"]{re.escape(package)}['\"]\s*\)", text))


def _added(site: Site, statements: Sequence[Node], name: str, package: str) -> list[Change] | None:
    """A line of its own: behind the last import or the package's require, else in front of all."""
    for declarator in site.module.root.find_all(kind="variable_declarator"):
        statement = declarator.parent()
        if _is_required(declarator, package) and statement is not None:
            line = f"const {{ {name} }} = require({site.string(package)})"
            return [_behind(site, statement, line)]
    line = f"import {{ {name} }} from {site.string(package)}"
    earlier = [s for s in statements if span(s)[1] <= site.chain.start]
    if earlier:
        return [_behind(site, earlier[-1], line)]
    if re.search(r"\brequire\s*\(|\bmodule\.exports\b", site.text):
        return None
    nodes = site.module.root.named_children()
    directives = list(takewhile(_may_lead, nodes))
    while directives and directives[-1].kind() == "comment":
        directives.pop()
    if directives:
        return [_behind(site, directives[-1], line)]
    at = span(nodes[0])[0]
    return [Change(at, at, f"{line}{site.semicolon}{site.eol}{site.indent_at(at)}")]


def _may_lead(node: Node) -> bool:
    """Whether a node stands in front of imports: `#!…`, `'use client'`, a comment before these."""
    if node.kind() in ("hash_bang_line", "comment"):
        return True
    return node.kind() == "expression_statement" and [n.kind() for n in operands(node)] == [
        "string"
    ]


def _behind(site: Site, statement: Node, line: str) -> Change:
    text = statement.text().rstrip()
    start = span(statement)[0]
    end = start + len(text)  # a `#!…` line's node may hold half of its line end
    ended = ";" if text.endswith(";") else ""
    semicolon = site.semicolon if text.startswith("#!") else ended
    return Change(end, end, f"{site.eol}{site.indent_at(start)}{line}{semicolon}")
