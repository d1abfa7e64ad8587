"""Several rows in one call: written out one by one, or freed of repeats before they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fixit_tui.code.module import FUNCTIONS, enclosing, operands, unwrap
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.scopes import Binding
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_STEPS = 40
_SHOWN = 400
# Collections without repeats, and the usual names of functions that take repeats out.
_APART = re.compile(
    r"\bnew\s+(?:Map|Set)\b"
    r"|\b(?:uniq(?!ueId)\w*|dedup\w*|unionBy|unionWith|keyBy|groupBy|distinct\w*|remove\w*Dup\w*)\s*[(<]"
    r"|\bObject\s*\.\s*(?:values|entries|keys|groupBy)\s*\("
    r"|\.(?:has|findIndex|indexOf)\s*\("
    r"|!\s*[\w$.]+\.(?:includes|some|find)\s*\("
    r"|[\w$]\[[^\]\n]+\]\s*=\s*(?:true|1)\b",
    re.IGNORECASE,
)
_NAMES = ("identifier", "shorthand_property_identifier")
_LOOPS = frozenset({"for_in_statement", "for_statement", "while_statement", "call_expression"})


def listed_rows(values: Values, ref: Ref) -> tuple[Mapping[str, str], ...] | None:
    """Column → source text of each row of an array literal; None unless all are written out."""
    if PayloadReader(values).read(ref).values is None:
        return None
    here = values.resolve(ref)
    if here.node.kind() != "array":
        return None
    rows: list[Mapping[str, str]] = []
    for item in operands(here.node):
        found = PayloadReader(values).read(here.at(item))
        if item.kind() == "spread_element" or found.rows != "one" or found.values is None:
            return None
        rows.append(dict(found.values))
    return tuple(rows) if len(rows) > 1 else None


def distinct_by(values: Values, sent: Sequence[Ref]) -> str | None:
    """Source text of what takes repeats out of the expressions, or of what they are made from."""
    pending = list(sent)
    seen: set[tuple[str, int]] = set()
    while pending and len(seen) < _STEPS:
        here = pending.pop(0)
        place = (here.module.path, here.node.range().start.index)
        if place in seen:
            continue
        seen.add(place)
        text = here.text
        match = _APART.search(text)
        if match:
            start = max(0, match.start() - _SHOWN // 2)
            return " ".join(text[start : start + _SHOWN].split())
        pending += _made_from(values, here)
    return None


def _made_from(values: Values, ref: Ref) -> Iterator[Ref]:
    """The expressions behind the names in an expression, and the loops that fill its arrays."""
    nodes = [n for kind in _NAMES for n in ref.node.find_all(kind=kind)]
    own = unwrap(ref.node)
    for node in [own, *nodes] if own.kind() in _NAMES else nodes:
        found = values.binding(ref.at(node))
        if found is None:
            continue
        module, binding = found
        if binding.kind == "function":
            yield Ref(module, binding.owner)
        elif binding.kind in ("const", "let", "loop") and binding.value is not None:
            yield Ref(module, binding.value)
            for loop in _filling(binding):
                yield Ref(module, loop)


def _filling(binding: Binding) -> Iterator[Node]:
    """Loops with a `name.push(…)` in the function that declares an array."""
    if binding.value is None or unwrap(binding.value).kind() != "array":
        return
    scope = enclosing(binding.value, FUNCTIONS)
    for member in [] if scope is None else scope.find_all(kind="member_expression"):
        target, label = member.field("object"), member.field("property")
        if target is None or label is None:
            continue
        if (target.text(), label.text()) != (binding.name, "push"):
            continue
        outer = next((a for a in member.ancestors() if _is_loop(a, member)), None)
        if outer is not None:
            yield outer


def _is_loop(node: Node, member: Node) -> bool:
    # The call of push itself is no loop around it.
    return node.kind() in _LOOPS and node.field("function") != member
