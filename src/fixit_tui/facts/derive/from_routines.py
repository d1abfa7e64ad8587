"""Writes in the bodies of functions and procedures, and which routine calls which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.body_values import (
    call_arguments,
    fed_by,
    looks_first,
    parameter_names,
    stored,
    takes,
    takes_transition,
)
from fixit_tui.facts.derive.catalog import Catalog, Routine
from fixit_tui.facts.derive.effects import RoutineCall
from fixit_tui.facts.derive.from_code import Unreadable
from fixit_tui.facts.derive.from_sql import conflict_of
from fixit_tui.facts.derive.write import Write
from fixit_tui.facts.resolve import split_name
from fixit_tui.sql.dml import ParsedWrite, UnreadableSql, parse_writes
from fixit_tui.sql.plpgsql import RoutineBody, RoutineStatement, parse_routine
from fixit_tui.sql.plpgsql_values import substituted
from fixit_tui.sql.variable_conflict import prefers_columns

_LANGUAGES = ("plpgsql", "sql")
_OPAQUE = ("c", "internal")
# A body without any of these words neither writes nor calls something that does.
_INTERESTING = re.compile(r"\b(insert|update|delete|merge|execute|copy|truncate)\b|\(", re.I)
_CALL = re.compile(
    r'((?:(?:"(?:[^"]|"")+"|[\w$]+)\s*\.\s*)?(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*))\s*\('
)


@dataclass(slots=True)
class RoutineWrites:
    """What the bodies hold. `parsed` maps routine oid to None, or to why it was not read."""

    writes: list[Write] = field(default_factory=list)
    calls: list[RoutineCall] = field(default_factory=list)
    unknowns: list[Unreadable] = field(default_factory=list)
    parsed: dict[int, str | None] = field(default_factory=dict)


def routine_writes(catalog: Catalog) -> RoutineWrites:
    """Parse every body that may write. Ids of the writes are 0: the caller numbers them."""
    found = RoutineWrites()
    by_name: dict[str, list[Routine]] = {}
    for routine in catalog.routines.values():
        by_name.setdefault(routine.name, []).append(routine)
    for routine in catalog.routines.values():
        _read(catalog, routine, by_name, found)
    return found


def _read(
    catalog: Catalog, routine: Routine, by_name: dict[str, list[Routine]], found: RoutineWrites
) -> None:
    if routine.kind not in ("function", "procedure") or routine.language in _OPAQUE:
        return
    if routine.body is None:
        found.parsed[routine.oid] = "the body was not read"
        return
    if routine.language not in _LANGUAGES:
        found.parsed[routine.oid] = f"language {routine.language} is not read"
        found.unknowns.append(
            Unreadable(None, routine.oid, 1, "function body", f"language {routine.language}")
        )
        return
    found.parsed[routine.oid] = None
    if not _INTERESTING.search(routine.body):
        return
    names = tuple(name for name in parameter_names(routine.arguments) if name)
    body = parse_routine(routine.body, language=routine.language, arguments=names)
    if body.error:
        found.parsed[routine.oid] = body.error
        found.unknowns.append(Unreadable(None, routine.oid, 1, "function body", body.error))
    for statement in body.statements:
        found.calls.extend(_calls(catalog, routine, statement, by_name, body))
        for item in _statement(catalog, routine, statement, body):
            if isinstance(item, Write):
                found.writes.append(item)
            else:
                found.unknowns.append(item)


def _statement(
    catalog: Catalog, routine: Routine, statement: RoutineStatement, body: RoutineBody
) -> Iterator[Write | Unreadable]:
    if statement.kind == "dynamic":
        yield from _dynamic(routine, statement)
        return
    if statement.kind != "sql":
        return
    variables = frozenset(statement.variables)
    try:
        parsed = parse_writes(statement.text, variables=variables)
        if prefers_columns(routine.body or ""):
            variables -= _columns_of(catalog, routine, parsed)
            parsed = parse_writes(statement.text, variables=variables)
    except UnreadableSql as error:
        yield Unreadable(None, routine.oid, statement.line, "SQL", str(error))
        return
    for one in parsed:
        relation = naming.for_routine(catalog, routine, one.schema, one.relation)
        columns, values = stored(catalog, routine, one, relation, body)
        conditions = _conditions(statement)
        if not takes_transition(catalog, routine, one):
            conditions = (*conditions, *fed_by(one))
        yield Write(
            id=0,
            origin="routine",
            operation=one.operation,
            relation=relation.oid if relation else None,
            schema=relation.schema if relation else one.schema,
            name=one.relation,
            schema_given=one.schema is not None,
            routine=routine.oid,
            routine_name=routine.qualified,
            routine_line=statement.line,
            columns=columns,
            values=values,
            rows=one.rows,
            row_list=one.row_list,
            distinct=one.distinct,
            conflict=conflict_of(one, variables),
            returns_rows=one.returns_rows,
            guards=tuple(statement.guards),
            told=statement.told,
            conditional=bool(conditions),
            conditions=conditions,
            looks_first=looks_first(one.relation, conditions, statement, body),
            statement=statement.text,
        )


def _columns_of(
    catalog: Catalog, routine: Routine, parsed: Sequence[ParsedWrite]
) -> frozenset[str]:
    """The columns of the tables that a statement writes."""
    found: set[str] = set()
    for one in parsed:
        relation = naming.for_routine(catalog, routine, one.schema, one.relation)
        found |= set(catalog.attributes.get(relation.oid, {})) if relation else set()
    return frozenset(found)


def _conditions(statement: RoutineStatement) -> tuple[str, ...]:
    """What has to hold for a statement to be reached; an error of its own for a handler's."""
    return (*statement.conditions, *([""] if statement.handler else []))


def _dynamic(routine: Routine, statement: RoutineStatement) -> Iterator[Write | Unreadable]:
    yield Write(
        id=0,
        origin="routine",
        operation=None,
        relation=None,
        schema=None,
        name=None,
        routine=routine.oid,
        routine_name=routine.qualified,
        routine_line=statement.line,
        guards=tuple(statement.guards),
        conditional=bool(_conditions(statement)),
        conditions=_conditions(statement),
        dynamic=True,
        statement=statement.text,
    )
    yield Unreadable(
        None, routine.oid, statement.line, "dynamic SQL", "EXECUTE of a computed string"
    )


def _calls(
    catalog: Catalog,
    routine: Routine,
    statement: RoutineStatement,
    by_name: dict[str, list[Routine]],
    body: RoutineBody,
) -> Iterator[RoutineCall]:
    """Captured routines that a statement names as functions."""
    if statement.kind in ("dynamic", "raise"):
        return
    for match in _CALL.finditer(statement.text):
        parts = [_fold(part) for part in split_name(match.group(1))]
        callees = [r for r in by_name.get(parts[-1], []) if r.oid != routine.oid]
        if len(parts) > 1:
            callees = [r for r in callees if r.schema == parts[0]]
        else:
            callees = _visible(catalog, routine, callees)
        if len(callees) > 1:
            named = ((r, parameter_names(r.arguments)) for r in callees)
            callees = [r for r, names in named if takes(names, statement.text, match.end() - 1)]
        if len(callees) == 1 and not callees[0].returns_trigger:
            parameters = parameter_names(callees[0].arguments)
            given = call_arguments(statement.text, match.end() - 1, parameters)
            known = body.variables.values
            yield RoutineCall(
                routine.oid,
                callees[0].oid,
                statement.line,
                _conditions(statement),
                {name: substituted(text, known) for name, text in given.items()},
            )


def _visible(catalog: Catalog, routine: Routine, callees: list[Routine]) -> list[Routine]:
    """Namesakes in the first schema of the path that has one; all of them without a hit."""
    pinned = routine.search_path
    for schema in pinned if pinned is not None else (*catalog.session_path, routine.schema):
        here = [r for r in callees if r.schema == schema]
        if here:
            return here
    return [] if pinned is not None else callees


def _fold(part: str) -> str:
    part = part.strip()
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.lower()
