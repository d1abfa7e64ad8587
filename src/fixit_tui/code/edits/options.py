"""Set properties of an options object in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Step
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.uses import other_uses, own_binding, seen_outside
from fixit_tui.code.module import TRANSPARENT, operands, span, unwrap
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_SWITCHES = frozenset({"ignoreDuplicates"})
_LOOSE = frozenset({"ternary_expression", "binary_expression", "sequence_expression"})
Wanted = Mapping[str, str | None]
"""Property → source text of its value; None removes the property."""


def has_options(site: Site, columns: tuple[str, ...] | None, ignore: bool | None) -> bool:
    """Whether the call has this target and this choice already; None asks about neither.

    Options from another file are judged by what the scan of the whole folder read.
    """
    facts = site.now
    if not facts.options_known and site.scanned.options_known:
        facts = site.scanned
    if columns is not None and facts.on_conflict != columns:
        return False
    if ignore is None:
        return True
    stated = facts.options_known or facts.ignore_duplicates is not None
    return stated and bool(facts.ignore_duplicates) == ignore


def set_options(site: Site, step: Step, wanted: Wanted) -> list[Change]:
    """Changes that give the step's second argument these properties.

    An object literal is changed in place, also behind a constant that this call alone uses.
    What cannot be seen, or is shared, is spread: `{ ...options, onConflict: 'a,b' }`.
    """
    given = step.given
    asked = {k: v for k, v in wanted.items() if v is not None}
    if len(given) < 2:
        return [_append_options(site, step, asked)] if asked else []
    argument = given[1].node
    options = unwrap(argument)
    kind = options.kind()
    if kind in ("string", "template_string", "undefined", "null"):
        return [Change(*span(argument), _literal(asked))] if asked else []
    if kind == "object":
        return merge_members(site, options, wanted)
    behind = _own_literal(site, options, argument, wanted) if kind == "identifier" else None
    if behind is not None:
        return merge_members(site, behind, wanted)
    return _spread(site, argument, wanted)


def _spread(site: Site, argument: Node, wanted: Wanted) -> list[Change]:
    stated, complete = stated_options(site.values, Ref(site.module, argument))
    pairs: dict[str, str] = {}
    for key, value in wanted.items():
        if value is not None:
            pairs[key] = value
        elif key in _SWITCHES and (key in stated or not complete):
            pairs[key] = "false"
    if not pairs:
        return []
    inner = unwrap(argument)
    text = site.module.source(argument)
    if inner.kind() in _LOOSE and argument == inner:
        text = f"({text})"
    return [Change(*span(argument), f"{{ ...{text}, {_pairs(pairs)} }}")]


def _own_literal(site: Site, name: Node, argument: Node, wanted: Wanted) -> Node | None:
    """The object literal of a constant that nothing but this argument uses."""
    binding = own_binding(site, name)
    if binding is None or binding.kind not in ("const", "let") or binding.path:
        return None
    value = binding.value
    literal = None if value is None else _untyped(value)
    if literal is None or literal.kind() != "object" or seen_outside(site, binding):
        return None
    if binding.name in site.module.assigned or other_uses(site, binding, [argument]):
        return None
    # A written type need not have room for another property or another text.
    return literal if binding.annotation is None else None


def _untyped(value: Node) -> Node | None:
    """The expression inside parentheses and `as const`; None below any other type."""
    while value.kind() in TRANSPARENT:
        inner = operands(value)
        constant = value.kind() == "as_expression" and value.text().endswith("const")
        if not inner or not (constant or value.kind() == "parenthesized_expression"):
            return None
        value = inner[0]
    return value


def _pairs(wanted: Mapping[str, str]) -> str:
    return ", ".join(f"{k}: {v}" for k, v in wanted.items())


def _literal(wanted: Mapping[str, str]) -> str:
    return "{ " + _pairs(wanted) + " }"


def _append_options(site: Site, step: Step, wanted: Mapping[str, str]) -> Change:
    payload = step.given[0].node
    start, end = span(payload)
    before = site.text[:start].rpartition("(")[2]
    own_line = "\n" in before
    separator = "," + (site.eol + site.indent_at(start) if own_line else " ")
    return Change(end, end, separator + _literal(wanted))


def merge_members(site: Site, options: Node, wanted: Wanted) -> list[Change]:
    """Changes that give an object literal these properties."""
    changes: list[Change] = []
    members = operands(options)
    spreads = [i for i, child in enumerate(members) if child.kind() == "spread_element"]
    last = spreads[-1] if spreads else -1
    lasting = {_key(child): child for child in members[last + 1 :]}
    missing: dict[str, str] = {}
    removed: list[Node] = []
    for key, value in wanted.items():
        held = lasting.get(key)
        if value is None and key in _SWITCHES and _from_spreads(site, members[: last + 1], key):
            value = "false"
        removed += [m for m in members if _key(m) == key and (value is None or m != held)]
        if held is not None and value is not None:
            changes += _set_member(site, held, key, value)
        elif value is not None:
            missing[key] = value
    if missing and len(removed) == len(members):
        return [Change(*span(options), _literal(missing))]
    if missing:
        kept = [m for m in members if m not in removed]
        changes.append(_insert_members(site, kept, missing))
    return [*changes, *remove_members(site, options, removed)]


def _set_member(site: Site, member: Node, key: str, value: str) -> list[Change]:
    if member.kind() == "shorthand_property_identifier":
        return [Change(*span(member), f"{key}: {value}")]
    held = member.field("value")
    if held is None or site.module.source(held) == value:
        return []
    return [Change(*span(held), value)]


def _from_spreads(site: Site, members: list[Node], key: str) -> bool:
    """Whether something that is spread may bring a property along."""
    for child in members:
        if child.kind() == "spread_element":
            ref = Ref(site.module, operands(child)[0])
            stated, complete = stated_options(site.values, ref)
            if key in stated or not complete:
                return True
    return False


def _insert_members(site: Site, members: list[Node], added: Mapping[str, str]) -> Change:
    first, last = span(members[0])[0], span(members[-1])[1]
    line = site.text[site.text.rfind("\n", 0, first) + 1 : first]
    glue = ", " if line.strip() else "," + site.eol + line
    return Change(last, last, "".join(f"{glue}{k}: {v}" for k, v in added.items()))


def remove_members(site: Site, owner: Node, removed: list[Node]) -> list[Change]:
    """Take members of a literal, an array or a pattern out, with their commas and own lines."""
    if not removed:
        return []
    members = operands(owner)
    gone = {span(member) for member in removed}
    kept = [member for member in members if span(member) not in gone]
    if not kept:
        comma = re.match(r"\s*,", site.text[span(members[-1])[1] : span(owner)[1] - 1])
        end = span(members[-1])[1] + (0 if comma is None else comma.end())
        return [Change(span(members[0])[0], end, "")]
    end = span(kept[-1])[1]
    changes = [_remove_before_comma(site, m) for m in removed if span(m)[1] <= end]
    tail = [span(m)[1] for m in removed if span(m)[1] > end]
    return [*changes, Change(end, max(tail), "")] if tail else changes


def _remove_before_comma(site: Site, member: Node) -> Change:
    start, after = span(member)
    text = site.text
    while text[after] != ",":
        after += 1
    after += 1
    line_start = text.rfind("\n", 0, start) + 1
    rest = after
    while text[rest] in " \t":
        rest += 1
    if not text[line_start:start].strip() and text[rest : rest + 2].startswith(("\n", "\r\n")):
        return Change(line_start, text.index("\n", rest) + 1, "")
    return Change(start, rest, "")


def _key(child: Node) -> str:
    if child.kind() == "shorthand_property_identifier":
        return child.text()
    key = child.field("key")
    return "" if key is None else key.text().strip("'\"")
