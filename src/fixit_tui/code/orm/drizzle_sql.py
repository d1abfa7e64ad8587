"""Conditions and `sql` templates of Drizzle: as filters of a call, and as SQL text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import FUNCTIONS, arguments, callee, method_name, operands, unwrap
from fixit_tui.code.orm.drizzle_tables import column_of, table_of
from fixit_tui.code.orm.table import Table, quoted
from fixit_tui.code.orm.template import Numbers, template_text
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
        return self._text(ref, Numbers())

    def _text(self, ref: Ref, numbers: Numbers) -> str | None:
        here = self.values.resolve(ref)
        column = self.column(here)
        if column is not None:
            return quoted(column)
        if tag_of(here.node) is not None:
            return template_text(here, numbers, lambda hole: self._name(hole, numbers))
        if here.node.kind() != "call_expression":
            return None
        name, given = _called(here), arguments(here.node)
        if method_name(here.node) == "raw" and given:
            return self.values.string(here.at(given[0]))
        if name in ("and", "or") and given:
            parts = [self._text(here.at(one), numbers) for one in given]
            whole = [f"({p})" for p in parts if p is not None]
            return f" {name.upper()} ".join(whole) if len(whole) == len(parts) else None
        left = self._text(here.at(given[0]), numbers) if given else None
        if left is None:
            return None
        if name in _TESTED:
            return f"{left} {_TESTED[name]}"
        if name in _COMPARED and len(given) == 2:
            right = self._text(here.at(given[1]), numbers)
            return f"{left} {_COMPARED[name]} {right or numbers.next()}"
        return None

    def _name(self, hole: Ref, numbers: Numbers) -> str | None:
        table = table_of(self.values, hole)
        return quoted(table.name) if table is not None else self._text(hole, numbers)


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
