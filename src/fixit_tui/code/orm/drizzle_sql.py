"""Conditions and `sql` templates of Drizzle: as filters of a call, and as SQL text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import FUNCTIONS, arguments, callee, method_name, operands, unwrap
from fixit_tui.code.orm.drizzle_tables import column_of, table_of
from fixit_tui.code.orm.table import Table, quoted
from fixit_tui.code.sqlcalls import tag_of
from fixit_tui.code.values import Ref, Values

_COMPARED = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TESTED = {"isNull": "IS NULL", "isNotNull": "IS NOT NULL"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reads conditions; `aliases` are names that a callback gives to tables."""

    values: Values
    aliases: Mapping[str, Table] = field(default_factory=dict)

    def filters(self, ref: Ref) -> tuple[Filter, ...]:
        """What a condition compares; what cannot be told apart is one filter without column."""
        return tuple(self._filters(ref))

    def _filters(self, ref: Ref) -> Iterator[Filter]:
        here = self.values.resolve(ref)
        if here.node.kind() != "call_expression":
            return
        name, given = _called(here), arguments(here.node)
        if name == "and":
            for one in given:
                yield from self._filters(here.at(one))
        elif (name in _COMPARED or name in _TESTED) and given:
            column = self.column(here.at(given[0]))
            value = here.module.source(given[1]) if len(given) > 1 else "null"
            op = {"isNull": "is", "isNotNull": "not.is"}.get(name, name)
            yield Filter(column, op, value)
        else:
            yield Filter(None, name or "sql", here.text)

    def column(self, ref: Ref) -> str | None:
        """The column that an expression names."""
        found = column_of(self.values, ref, dict(self.aliases))
        return None if found is None else found[1]

    def text(self, ref: Ref) -> str | None:
        """A condition as SQL, with bound values as $1, $2, …; None where it cannot be told."""
        return self._text(ref, [0])

    def _text(self, ref: Ref, number: list[int]) -> str | None:
        here = self.values.resolve(ref)
        column = self.column(here)
        if column is not None:
            return quoted(column)
        if here.node.kind() != "call_expression":
            return None
        if tag_of(here.node) is not None:
            return self._template(here, number)
        name, given = _called(here), arguments(here.node)
        if method_name(here.node) == "raw" and given:
            return self.values.string(here.at(given[0]))
        if name in ("and", "or") and given:
            parts = [self._text(here.at(one), number) for one in given]
            whole = [f"({p})" for p in parts if p is not None]
            return f" {name.upper()} ".join(whole) if len(whole) == len(parts) else None
        left = self._text(here.at(given[0]), number) if given else None
        if left is None:
            return None
        if name in _TESTED:
            return f"{left} {_TESTED[name]}"
        if name in _COMPARED and len(given) == 2:
            right = self._text(here.at(given[1]), number)
            return f"{left} {_COMPARED[name]} {right or _next(number)}"
        return None

    def _template(self, here: Ref, number: list[int]) -> str | None:
        template = tag_of(here.node)
        parts: list[str] = []
        for child in [] if template is None else template.named_children():
            if child.kind() == "template_substitution":
                hole = here.at(operands(child)[0])
                table = table_of(self.values, hole)
                text = quoted(table.name) if table is not None else self._text(hole, number)
                parts.append(text or _next(number))
            else:
                parts.append(here.module.source(child))
        return "".join(parts).strip() or None


def of_callback(values: Values, ref: Ref, table: Table) -> tuple[Conditions, Ref]:
    """The conditions of `where: (t, { eq }) => eq(t.a, x)`, or of a plain condition."""
    here = values.resolve(ref)
    body = here.node.field("body") if here.node.kind() in FUNCTIONS else None
    if body is None:
        return Conditions(values), here
    holder = here.node.field("parameters")
    named = [] if holder is None else operands(holder)
    first = here.node.field("parameter") or (named[0] if named else None)
    if first is not None and first.kind() == "required_parameter":
        first = first.field("pattern")
    aliases = {first.text(): table} if first is not None and first.kind() == "identifier" else {}
    return Conditions(values, aliases), here.at(unwrap(body))


def _called(here: Ref) -> str:
    function = callee(here.node)
    return "" if function is None or tag_of(here.node) else function.text().rpartition(".")[2]


def _next(number: list[int]) -> str:
    number[0] += 1
    return f"${number[0]}"
