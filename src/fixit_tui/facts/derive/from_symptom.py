"""The write that the pasted error names: its statement, or its request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.catalog import Catalog, strings
from fixit_tui.facts.derive.from_code import rest_conflict
from fixit_tui.facts.derive.from_sql import conflict_of, values_of
from fixit_tui.facts.derive.write import Write
from fixit_tui.sql.dml import UnreadableSql, parse_writes

_WRAPPED = re.compile(r"\bpgrst_source\b", re.IGNORECASE)
_METHODS = {"POST": "insert", "PUT": "insert", "PATCH": "update", "DELETE": "delete"}
_REST_TABLE = re.compile(r"(?:^|/)rest/v\d+/(?!rpc/)([^/?#]+)")


def pasted_writes(facts: FactBase, catalog: Catalog, known: Sequence[Write]) -> Iterator[Write]:
    """Writes of the symptom that no code and no routine in sight issues. Ids are 0."""
    for symptom in facts.query("SELECT * FROM symptom"):
        stated = list(_statement(catalog, symptom))
        for write in stated:
            if not any(_same(write, other) for other in known):
                yield write
        if not stated:
            for write in _request(catalog, symptom):
                if not any(_sends(other, write) for other in known):
                    yield write


def _statement(catalog: Catalog, symptom: Mapping[str, Value]) -> Iterator[Write]:
    if not symptom["statement"]:
        return
    text = str(symptom["statement"])
    try:
        parsed = parse_writes(text)
    except UnreadableSql:
        # What cannot be read is still shown as the symptom's statement.
        return
    for one in parsed:
        relation = naming.for_statement(catalog, one.schema, one.relation)
        yield Write(
            id=0,
            origin="pasted",
            operation=one.operation,
            relation=relation.oid if relation else None,
            schema=relation.schema if relation else one.schema,
            name=one.relation,
            schema_given=one.schema is not None,
            columns=one.columns,
            values=values_of(one),
            rows=one.rows,
            row_list=one.row_list,
            distinct=one.distinct,
            conflict=conflict_of(one),
            returns_rows=one.returns_rows,
            via="postgrest" if _WRAPPED.search(text) else "sql",
            statement=text,
        )


def _request(catalog: Catalog, symptom: Mapping[str, Value]) -> Iterator[Write]:
    match = _REST_TABLE.search(str(symptom["url_path"] or ""))
    operation = _METHODS.get(str(symptom["method"] or "").upper())
    if match is None or operation is None:
        return
    schema = None if symptom["schema"] is None else str(symptom["schema"])
    name = match.group(1)
    relation = naming.for_request(catalog, schema, name)
    columns = strings(symptom["columns"]) if symptom["columns"] is not None else None
    conflict = None
    resolution = str(symptom["resolution"] or "")
    # Without a resolution PostgREST ignores on_conflict; but a console line shows no headers.
    headless = symptom["source"] == "console-line" and symptom["on_conflict"] is not None
    upsert = bool(resolution) or symptom["operation"] == "upsert" or headless
    if operation == "insert" and (upsert or symptom["method"] == "PUT"):
        # PUT always targets the primary key.
        target = symptom["on_conflict"] if symptom["method"] != "PUT" else None
        conflict = rest_conflict(
            catalog,
            relation.oid if relation else None,
            columns,
            strings(target) if target is not None else None,
            ignore=resolution.startswith("ignore"),
        )
    yield Write(
        id=0,
        origin="pasted",
        operation=operation,
        relation=relation.oid if relation else None,
        schema=relation.schema if relation else schema,
        name=name,
        columns=columns,
        conflict=conflict,
        via="postgrest",
    )


def _sends(other: Write, request: Write) -> bool:
    """May the code's write be the one that sent the request, of which headers may be missing?"""
    if other.via != "postgrest" or other.operation != request.operation:
        return False
    if (other.relation, other.name) != (request.relation, request.name):
        return False
    if request.conflict is None or other.conflict is None:
        return request.conflict is None
    return frozenset(request.conflict.target) == frozenset(other.conflict.target)


def _same(one: Write, other: Write) -> bool:
    """Is it the same statement, as far as the conflict rules see it?"""
    if (one.relation, one.operation) != (other.relation, other.operation):
        return False
    if one.relation is None and one.name != other.name:
        return False
    a, b = one.conflict, other.conflict
    if a is None or b is None:
        return a is b
    return (a.action, a.target_kind, frozenset(a.target), a.constraint, a.predicate) == (
        b.action,
        b.target_kind,
        frozenset(b.target),
        b.constraint,
        b.predicate,
    )
