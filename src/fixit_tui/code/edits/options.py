"""Set properties of an options object in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import operands, span, unwrap

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

Wanted = Mapping[str, str | None]
"""Property → source text of its value; None removes the property."""


def set_options(site: Site, step: Step, wanted: Wanted) -> list[Change] | None:
    """Changes that give the step's second argument these properties; None when it is unclear."""
    given = step.given
    if not given:
        return None
    if len(given) == 1:
        return [_append_options(site, step, wanted)]
    options = unwrap(given[1].node)
    if options.kind() in ("string", "template_string", "undefined", "null"):
        start, end = span(options)
        return [Change(start, end, _literal(wanted))]
    if options.kind() != "object":
        return None
    if any(c.kind() == "spread_element" for c in operands(options)):
        return None
    return _merge(site, options, wanted)


def _literal(wanted: Wanted) -> str:
    pairs = ", ".join(f"{k}: {v}" for k, v in wanted.items() if v is not None)
    return "{ " + pairs + " }"


def _append_options(site: Site, step: Step, wanted: Wanted) -> Change:
    payload = step.given[0].node
    start, end = span(payload)
    before = site.text[:start].rpartition("(")[2]
    own_line = "\n" in before
    separator = "," + (site.eol + site.indent_at(start) if own_line else " ")
    return Change(end, end, separator + _literal(wanted))


def _merge(site: Site, options: Node, wanted: Wanted) -> list[Change]:
    changes: list[Change] = []
    present: set[str] = set()
    members = operands(options)
    for child in members:
        key = _key(child)
        if key not in wanted:
            continue
        present.add(key)
        value = wanted[key]
        start, end = span(child)
        if value is None:
            changes.append(remove_member(site, options, child))
        elif child.kind() == "shorthand_property_identifier":
            changes.append(Change(start, end, f"{key}: {value}"))
        else:
            held = child.field("value")
            if held is not None and site.module.source(held) != value:
                changes.append(Change(*span(held), value))
    missing = [f"{k}: {v}" for k, v in wanted.items() if v is not None and k not in present]
    if missing:
        changes.append(_insert_members(site, options, members, missing))
    return changes


def _insert_members(site: Site, options: Node, members: list[Node], texts: list[str]) -> Change:
    start, end = span(options)
    if not members:
        return Change(start, end, "{ " + ", ".join(texts) + " }")
    first, last = span(members[0])[0], span(members[-1])[1]
    glue = "," + site.eol + site.indent_at(first) if "\n" in site.text[start:first] else ", "
    return Change(last, last, glue + glue.join(texts))


def remove_member(site: Site, owner: Node, member: Node) -> Change:
    """Take one property out, with its comma and, where it stands alone, its line."""
    start, end = span(member)
    text = site.text
    close = span(owner)[1] - 1
    after = end
    while after < close and text[after] in " \t":
        after += 1
    if after < close and text[after] == ",":
        after += 1
        line_start = text.rfind("\n", 0, start) + 1
        rest = after
        while rest < close and text[rest] in " \t":
            rest += 1
        if not text[line_start:start].strip() and text[rest : rest + 2].startswith(("\n", "\r\n")):
            return Change(line_start, text.index("\n", rest) + 1, "")
        return Change(start, rest, "")
    before = start
    while text[before - 1] in " \t\r\n":
        before -= 1
    if text[before - 1] == ",":
        return Change(before - 1, end, "")
    return Change(start, end, "")


def _key(child: Node) -> str:
    if child.kind() == "shorthand_property_identifier":
        return child.text()
    key = child.field("key")
    return "" if key is None else key.text().strip("'\"")
