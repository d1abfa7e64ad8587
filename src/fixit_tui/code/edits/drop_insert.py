"""Take a write out that something else already does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.context import result_names
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import FUNCTIONS, contains, enclosing, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_DELETE_IDIOM = "Remove the delete and the check of its error; the upsert replaces the row."
_IDIOM = "Remove the insert and the check of its error; the trigger writes the row."
_NAMES = ("identifier", "shorthand_property_identifier")


def drop_manual_insert(site: Site, params: Params) -> EditResult:
    """Remove the statement of the call and the `if` statements that test only its error.

    Refused when the result is used for anything else, or when the call is not a statement of a
    block. Repeating the edit finds no call any more, so it refuses, too.
    """
    if site.now.verb not in ("insert", "upsert", "sql"):
        return Refused("the call is no insert", _IDIOM)
    return _drop(site, _IDIOM)


def drop_delete(site: Site, params: Params) -> EditResult:
    """Remove a delete whose row the next write replaces; refused as `drop_manual_insert` is."""
    if site.now.verb != "delete":
        return Refused("the call is no delete", _DELETE_IDIOM)
    return _drop(site, _DELETE_IDIOM)


def _drop(site: Site, idiom: str) -> EditResult:
    statement = site.statement
    if statement is None or _other_work(site, statement):
        return Refused("the call is part of a larger expression", idiom)
    data, error, whole = result_names(site.chain)
    checks: list[Node] = []
    for name in sorted(data | error | whole):
        found = _error_checks(site, statement, name, data)
        if found is None:
            return Refused(f"{name} is used elsewhere", idiom)
        checks += found
    nodes = {span(node): node for node in [statement, *checks]}
    return Edited(site.changed(_removals(site, list(nodes.values()))))


def _other_work(site: Site, statement: Node) -> bool:
    """Whether the statement does more than this one call: a second declarator, another await."""
    declarators = [c for c in statement.named_children() if c.kind() == "variable_declarator"]
    awaits = [
        a
        for a in statement.find_all(kind="await_expression")
        if not contains(site.chain.outer.node, a) and not contains(a, site.chain.outer.node)
    ]
    return len(declarators) > 1 or bool(awaits)


def _error_checks(
    site: Site, statement: Node, name: str, data: frozenset[str]
) -> list[Node] | None:
    """The `if` statements about a name; None when the name is used in another way as well."""
    scope = enclosing(statement, FUNCTIONS) or site.module.root
    meant = site.values.project.scopes(site.module)
    declared = next(
        (
            n
            for kind in (*_NAMES, "shorthand_property_identifier_pattern")
            for n in statement.find_all(kind=kind)
            if n.text() == name
        ),
        None,
    )
    home = None if declared is None else meant.lookup(declared)
    checks: list[Node] = []
    for kind in _NAMES:
        for use in scope.find_all(kind=kind):
            if use.text() != name or contains(statement, use):
                continue
            binding = meant.lookup(use)
            if home is not None and binding is not None and binding.start != home.start:
                continue
            if name in data:
                return None
            branch = _check_of(use, name, statement)
            if branch is None:
                return None
            checks.append(branch)
    return checks


def _check_of(use: Node, name: str, statement: Node) -> Node | None:
    """The `if` behind the statement whose condition asks about `name` and nothing else."""
    outermost = None
    block = statement.parent()
    for parent in use.ancestors():
        if parent.kind() == "if_statement" and parent.parent() == block:
            outermost = parent
            break
    if outermost is None or span(outermost)[0] < span(statement)[1]:
        return None
    condition = outermost.field("condition")
    if condition is None or outermost.field("alternative") is not None:
        return None
    asked = {n.text() for n in condition.find_all(kind="identifier")}
    if asked != {name} or condition.text().lstrip("( ").startswith("!"):
        return None
    return outermost if _only_reports(outermost) else None


def _only_reports(branch: Node) -> bool:
    """Whether the branch just throws, returns or logs: it goes with the error it is about."""
    body = branch.field("consequence")
    inner = [] if body is None else [body]
    if body is not None and body.kind() == "statement_block":
        inner = [c for c in body.named_children() if c.kind() != "comment"]
    for child in inner:
        kind = child.kind()
        if kind in ("throw_statement", "return_statement"):
            continue
        calls = child.find_all(kind="call_expression")
        logs = kind == "expression_statement" and not child.find_all(kind="await_expression")
        if not logs or not calls:
            return False
    return bool(inner)


def _removals(site: Site, nodes: list[Node]) -> list[Change]:
    text = site.text
    changes: list[Change] = []
    for node in sorted(nodes, key=lambda n: span(n)[0]):
        start, end = span(node)
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end + 1
        rest = text[end:line_end].strip()
        if text[line_start:start].strip() or (rest and rest != ";"):
            changes.append(Change(start, end, ""))
            continue
        changes.append(Change(line_start, line_end, ""))
    return _close_gap(text, changes)


def _close_gap(text: str, changes: list[Change]) -> list[Change]:
    """One blank line goes too, where two would meet."""
    merged: list[Change] = []
    for change in changes:
        if merged and merged[-1].end == change.start:
            merged[-1] = Change(merged[-1].start, change.end, "")
        else:
            merged.append(change)
    result: list[Change] = []
    for change in merged:
        before = text[: change.start]
        line = text[change.end : text.find("\n", change.end) + 1]
        blank_before = before.replace("\r", "").endswith(("\n\n", "{\n"))
        if blank_before and line and not line.strip() and (not before or before.endswith("\n")):
            change = Change(change.start, change.end + len(line), "")
        result.append(change)
    return result
