"""Writes in application code: REST requests as PostgREST turns them into SQL, and SQL strings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.catalog import Catalog, strings, texts
from fixit_tui.facts.derive.from_sql import conflict_of
from fixit_tui.facts.derive.write import Conflict, Write
from fixit_tui.sql.dml import UnreadableSql, parse_writes

_REST = ("supabase", "postgrest")
# These clients ask for the written rows unless told otherwise.
_RETURN_BY_DEFAULT = ("supabase-py", "postgrest-py", "supabase-swift", "supabase-v1")
_PLAIN = re.compile(r"^[^\W\d][\w$]*$")
_WHERE = re.compile(r"\s+where\s", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"^\(*\$(\d+)\)*(?:\s*::\s*[\w .\[\]()\"]+)?$")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An SQL string in code, or a routine's statement, that could not be read."""

    path: str | None
    routine: int | None
    line: int
    what: str
    reason: str

    def row(self) -> dict[str, Value]:
        """The `unknown` row."""
        area = "code" if self.routine is None else "routine"
        return {
            "area": area,
            "path": self.path,
            "routine": self.routine,
            "line": self.line,
            "what": self.what,
            "reason": self.reason,
        }


class _Site(TypedDict):
    call: int
    path: str
    line: int
    end_line: int
    rows: str
    cardinality: str
    conditional: bool


def is_rest(library: str) -> bool:
    """Does the library speak PostgREST?"""
    return library.startswith(_REST)


def code_writes(facts: FactBase, catalog: Catalog) -> Iterator[Write | Unreadable]:
    """Writes of every call, in source order. Ids are 0: the caller numbers them."""
    for call in facts.query("SELECT * FROM code_call ORDER BY id"):
        if call["verb"] in ("insert", "upsert", "update", "delete"):
            yield _request(catalog, call)
        elif call["verb"] == "sql" and call["statement"]:
            yield from _statement(catalog, call)


def _request(catalog: Catalog, call: Mapping[str, Value]) -> Write:
    rest = is_rest(str(call["library"]))
    schema, name = _opt(call["schema"]), _opt(call["relation"])
    if name is not None and schema is None and name.count(".") == 1 and not rest:
        schema, name = name.split(".")
    resolve = naming.for_request if rest else naming.for_statement
    relation = resolve(catalog, schema, name) if name is not None else None
    columns = strings(call["columns"]) if call["columns"] is not None else None
    verb = str(call["verb"])
    conflict = None
    if verb == "upsert":
        conflict = rest_conflict(
            catalog,
            relation.oid if relation else None,
            columns,
            strings(call["on_conflict"]) if call["on_conflict"] is not None else None,
            ignore=bool(call["ignore_duplicates"]),
            known=call["options_known"] != 0,
            rest=rest,
        )
    elif verb == "insert" and not rest:
        # Query builders state the clause on the insert itself.
        conflict = _stated(call, columns)
    return Write(
        id=0,
        origin="code",
        operation="insert" if verb == "upsert" else verb,
        relation=relation.oid if relation else None,
        schema=relation.schema if relation else schema,
        name=name,
        **_site(call),
        columns=columns,
        values=texts(call["column_values"]),
        row_list=_rows_of(call["row_list"]),
        distinct_by=_opt(call["distinct_by"]),
        conflict=conflict,
        returns_rows=call["selects"] is not None or call["library"] in _RETURN_BY_DEFAULT,
        via="postgrest" if rest else "sql",
    )


def rest_conflict(
    catalog: Catalog,
    relation: int | None,
    columns: tuple[str, ...] | None,
    on_conflict: tuple[str, ...] | None,
    *,
    ignore: bool,
    known: bool = True,
    rest: bool = True,
) -> Conflict | None:
    """The conflict clause that PostgREST adds to an insert with a `resolution`.

    None without target: a table that has no primary key makes it a plain INSERT. A merge sets
    every payload column, key and id included. Source: PostgREST's query builder.
    """
    on_conflict = _columns_only(on_conflict)
    action = "nothing" if ignore else "update"
    if not known:
        # The target alone decides whether an index serves, whatever the other options say.
        return Conflict(None, "columns" if on_conflict else None, on_conflict or ())
    update = columns if action == "update" else None
    if on_conflict:
        return Conflict(action, "columns", on_conflict, update_columns=update)
    if relation is None:
        return Conflict(action, None, given=False, update_columns=update)
    key = catalog.primary_key(relation)
    if not key:
        if rest:
            return None
        return Conflict(action, None, given=False, update_columns=update)
    return Conflict(action, "columns", key, given=False, update_columns=update)


def _columns_only(target: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The columns that a target means. A predicate behind them cannot be sent: it says nothing."""
    if target is None:
        return None
    for place, text in enumerate(target):
        found = _WHERE.search(text)
        if found:
            return (*target[:place], text[: found.start()].strip())
    return target


def _stated(call: Mapping[str, Value], columns: tuple[str, ...] | None) -> Conflict | None:
    """The clause that a query builder was told, None for a plain insert."""
    stated = call["on_conflict"]
    target = () if stated is None else strings(stated)
    constraint = _opt(call["target_constraint"])
    if stated is None and constraint is None:
        return None
    predicate = _opt(call["target_predicate"])
    plain = all(_PLAIN.match(one) for one in target)
    kind = "columns" if plain else "expressions"
    if constraint is not None or not target:
        kind = "none" if constraint is None else "constraint"
    if call["options_known"] == 0:
        return Conflict(None, kind if target else None, target)
    action = "nothing" if call["ignore_duplicates"] else "update"
    told = call["update_columns"]
    update = columns if told is None else strings(told)
    return Conflict(
        action,
        kind,
        target,
        constraint=constraint,
        predicate=predicate,
        predicate_has_param=predicate is not None and "$" in predicate,
        ruled_predicate=predicate,
        update_columns=update if action == "update" else None,
    )


def _statement(catalog: Catalog, call: Mapping[str, Value]) -> Iterator[Write | Unreadable]:
    text = str(call["statement"])
    try:
        parsed = parse_writes(text)
    except UnreadableSql as error:
        yield Unreadable(str(call["path"]), None, int(call["line"] or 0), "SQL", str(error))
        return
    params = [str(p) for p in json.loads(str(call["params"] or "[]"))]
    for one in parsed:
        relation = naming.for_statement(catalog, one.schema or _opt(call["schema"]), one.relation)
        yield Write(
            id=0,
            origin="code",
            operation=one.operation,
            relation=relation.oid if relation else None,
            schema=relation.schema if relation else one.schema,
            name=one.relation,
            schema_given=one.schema is not None,
            **_site(call),
            columns=one.columns,
            values=_bound(one.values, params),
            row_list=None
            if one.row_list is None
            else tuple(_bound(row, params) for row in one.row_list),
            distinct=one.distinct,
            distinct_by=_opt(call["distinct_by"]),
            conflict=conflict_of(one),
            returns_rows=one.returns_rows,
            statement=text,
        )


def _rows_of(value: Value) -> tuple[Mapping[str, str], ...] | None:
    return None if value is None else tuple(json.loads(str(value)))


def _bound(given: Mapping[str, str], params: list[str]) -> dict[str, str]:
    """Column values with a lone placeholder replaced by the source text that it is bound to."""
    values = dict(given)
    for column, text in values.items():
        match = _PLACEHOLDER.match(text)
        if match and 0 < int(match.group(1)) <= len(params):
            values[column] = params[int(match.group(1)) - 1]
    return values


def _site(call: Mapping[str, Value]) -> _Site:
    return {
        "call": int(call["id"] or 0),
        **_place(call),
        "rows": str(call["rows"] or "unknown"),
        "cardinality": str(call["cardinality"] or "many"),
        "conditional": call["condition_on"] is not None or bool(call["in_catch"]),
    }


class _Place(TypedDict):
    path: str
    line: int
    end_line: int


def _place(call: Mapping[str, Value]) -> _Place:
    """The call, or its SQL text where that stands in another file: there it is mended."""
    lead = "" if call["statement_path"] is None else "statement_"
    line = int(call[lead + "line"] or 0)
    return {
        "path": str(call[lead + "path"]),
        "line": line,
        "end_line": int(call[lead + "end_line"] or line),
    }


def _opt(value: Value) -> str | None:
    return None if value is None else str(value)
