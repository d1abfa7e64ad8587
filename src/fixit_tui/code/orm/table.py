"""A table as code declares it, and the parts of a call that are the same for every data layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.batches import distinct_by, listed_rows
from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import callee, method_name, unwrap
from fixit_tui.code.rows import Payload
from fixit_tui.code.values import Ref, Values

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class Table:
    """Name and columns of a table.

    `fields` maps the name in code to the column. `whole` says that there are no other fields.
    `made` maps a column to the source text of the value that the library fills in by itself on
    an insert that leaves it out. `others` says what the column of any other name is: 'same',
    'snake', or '' where that is not known. `primary` holds the primary key's columns.
    """

    name: str
    schema: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    made: Mapping[str, str] = field(default_factory=dict)
    others: str = ""
    primary: tuple[str, ...] = ()

    def column(self, name: str) -> str | None:
        """The column behind a name in code; None when there is none or it is not known."""
        found = self.fields.get(name)
        if found is not None or not self.others:
            return found
        return snake(name) if self.others == "snake" else name

    def field_of(self, column: str) -> str | None:
        """The name in code of a column; None when none or several have it."""
        found = [name for name, own in self.fields.items() if own == column]
        if not found and self.others:
            return camel(column) if self.others == "snake" else column
        return found[0] if len(found) == 1 else None


def by_its_name(text: str, schema: str | None = None, snakes: bool = False) -> Table:
    """A table that code names by itself, such as 'app.seats' or 'seats as s'.

    `snakes`: the library writes the names in snake_case.
    """
    name = text.split()[0] if text.split() else text
    if schema is None and "." in name:
        schema, name = name.split(".", 1)
    if snakes:
        return Table(snake(name), schema, others="snake", whole=False)
    return Table(name, schema, others="same", whole=False)


def quoted(name: str) -> str:
    """An SQL identifier, in quotes only where it needs them."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def begin(chain: Chain, library: str, client: str, verb: str, table: Table) -> Draft:
    """A call on one table."""
    return Draft(
        chain,
        {
            "library": library,
            "client": client,
            "verb": verb,
            "schema": table.schema,
            "relation": table.name,
            "rows": "unknown",
        },
    )


def columns_of(table: Table, payload: Payload) -> tuple[dict[str, str] | None, str]:
    """Column → source text of what a payload writes, or None and the reason."""
    if payload.values is None:
        return None, payload.reason or "the row is computed"
    found: dict[str, str] = {}
    for name, text in payload.values.items():
        column = table.column(name)
        if column is not None:
            found[column] = text
        elif not table.whole:
            return None, f"the column of {name} is not known"
    return found, ""


def put_row(draft: Draft, table: Table, payload: Payload, insert: bool) -> None:
    """Set what is written; `insert` adds the values that the library makes."""
    draft.fields["rows"] = payload.rows
    found, reason = columns_of(table, payload)
    if found is None:
        draft.unknowns.append(("row", reason))
        return
    if insert:
        found |= {c: text for c, text in table.made.items() if c not in found}
    draft.fields["columns"] = tuple(found)
    draft.fields["column_values"] = found


def put_batch(values: Values, draft: Draft, table: Table, rows: Ref) -> None:
    """Set which rows are written out one by one, and what takes repeats out of them."""
    if draft.fields["rows"] == "one":
        return
    draft.fields["distinct_by"] = distinct_by(values, [rows])
    listed = listed_rows(values, rows)
    named = [columns_of(table, Payload(row, "one"))[0] for row in listed or ()]
    if named and None not in named:
        draft.fields["row_list"] = tuple(row for row in named if row is not None)


def not_read(draft: Draft, what: str, ref: Ref) -> None:
    """Say that the conflict clause could not be read."""
    draft.fields["options_known"] = False
    draft.unknowns.append((what, f"computed: {short(ref.text)}"))


def receiver(call: Ref) -> Ref | None:
    """What a method is called on."""
    function = callee(call.node)
    target = None if function is None else function.field("object")
    return None if target is None else call.at(unwrap(target))


def steps_before(call: Ref) -> Iterator[Step]:
    """The calls that stand before a method in its chain, the first one first."""
    found: list[Step] = []
    here = receiver(call)
    while here is not None and here.node.kind() == "call_expression":
        found.append(Step(method_name(here.node), here))
        function = callee(here.node)
        if function is not None and function.kind() != "member_expression":
            break
        here = receiver(here)
    yield from reversed(found)


def client_text(ref: Ref | None) -> str:
    """The text of a client expression."""
    return "" if ref is None else " ".join(ref.text.split())


def short(text: str) -> str:
    """One line of at most 60 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def snake(name: str) -> str:
    """camelCase as snake_case."""
    parts = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", parts).lower()


def camel(name: str) -> str:
    """snake_case as camelCase."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
