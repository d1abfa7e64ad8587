"""Ids and imports that an edit leaves without a use go with it, as compilers ask for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.edits.site import Change, changed
from fixit_tui.code.module import MARKUP, Module, arguments, callee, operands, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_NAMES = ("identifier", "shorthand_property_identifier")
_MAKES_ID = re.compile(
    r"(?:^|\.)(?:uuid|uuid_?v[1-7]|v[1-7]|randomUUID|nanoid|cuid|createId|ulid)$", re.IGNORECASE
)


def without_idle_names(old: Module, text: str) -> str:
    """The text without new ids and named imports that the old text used and this one does not."""
    if text == old.text or old.language in MARKUP:
        return text
    return _without_imports(old, _without_ids(old, text))


def _without_ids(old: Module, text: str) -> str:
    """Leave out `const id = uuid();` on a line of its own; making an id does nothing else."""
    new = Module(old.path, old.language, text)
    before, after = _counts(old), _counts(new)
    changes: list[Change] = []
    for statement in new.root.find_all(kind="lexical_declaration"):
        made = operands(statement)
        name, value = (made[0].field("name"), made[0].field("value")) if made else (None, None)
        if len(made) != 1 or name is None or value is None or name.kind() != "identifier":
            continue
        function = callee(value) if value.kind() == "call_expression" else None
        known = function is not None and _MAKES_ID.search(function.text()) is not None
        if not known or arguments(value) or not after[name.text()] <= 1 < before[name.text()]:
            continue
        start, end = span(statement)
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1
        if last and not text[first:start].strip() and not text[end:last].strip(" \t\r\n;"):
            changes.append(Change(first, last, ""))
    return changed(text, changes)


def _without_imports(old: Module, text: str) -> str:
    new = Module(old.path, old.language, text)
    before, after = _counts(old), _counts(new)
    idle = [
        (statement, item)
        for statement, item, name in _imported(new)
        if after[name] <= 1 < before[name]
    ]
    changes: list[Change] = []
    for statement in {span(s): s for s, _ in idle}.values():
        gone = [item for owner, item in idle if owner == statement]
        changes += _removed(new, statement, gone)
    return changed(text, changes)


def _counts(module: Module) -> Counter[str]:
    """How often each name stands in a module, its import included."""
    return Counter(
        node.text().partition(".")[0] for kind in _NAMES for node in module.root.find_all(kind=kind)
    )


def _imported(module: Module) -> Iterator[tuple[Node, Node, str]]:
    """Import statement, specifier and local name of every `import { a, b as c } from …`.

    An `as` mentions two names; the local one counts.
    """
    for statement in module.root.find_all(kind="import_statement"):
        for item in statement.find_all(kind="import_specifier"):
            local = item.field("alias") or item.field("name")
            if local is not None:
                yield statement, item, local.text()


def _removed(module: Module, statement: Node, gone: list[Node]) -> list[Change]:
    text = module.text
    items = list(statement.find_all(kind="import_specifier"))
    clause = statement.find(kind="import_clause")
    start, end = span(statement)
    if len(gone) == len(items) and clause is not None and len(operands(clause)) == 1:
        line = text.find("\n", end)
        rest = text[end:] if line < 0 else text[end:line]
        own = not rest.strip() and text[:start].rpartition("\n")[2] == ""
        return [Change(start, (len(text) if line < 0 else line + 1) if own else end, "")]
    if len(gone) == len(items):
        return []  # a default import stands beside it
    changes = []
    left = {span(item) for item in items} - {span(item) for item in gone}
    for item in gone:
        first, last = span(item)
        following = text.find(",", last)
        later = [place for place in left if place[0] > first]
        if later:
            behind = following + 1
            while text[behind] in " \t\r\n":
                behind += 1
            changes.append(Change(first, behind, ""))
        else:
            before = max(place[1] for place in left)
            changes.append(Change(before, last, ""))
    return _apart(changes)


def _apart(changes: list[Change]) -> list[Change]:
    """Changes that do not overlap: of two that begin together the longer one stays."""
    longest: dict[int, Change] = {}
    for change in changes:
        held = longest.get(change.start)
        if held is None or held.end < change.end:
            longest[change.start] = change
    return list(longest.values())
