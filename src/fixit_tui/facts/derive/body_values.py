"""What the statements of a routine's body say once its variables and arguments are followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fixit_tui.facts.derive.catalog import Catalog, Relation, Routine
from fixit_tui.sql.dml import ParsedWrite
from fixit_tui.sql.lexer import closing, depths, tokens
from fixit_tui.sql.plpgsql import RoutineBody, RoutineStatement
from fixit_tui.sql.plpgsql_values import substituted
from fixit_tui.sql.quote import ident

_MODES = {"in", "out", "inout", "variadic"}
_ASKS = re.compile(r"\b(?:exists|select|count)\b")
_FOUND = re.compile(r"\bfound\b")
_PLAIN = re.compile(r'^(?:\w+\.)?(\w+|"(?:[^"]|"")+")$')
# The end of a SELECT that takes every row of one source.
_FROM_ONE = re.compile(
    r"\bselect\b(?!.*\b(?:where|join|group|limit|distinct|union)\b).*\bfrom\s+(\w+)"
    r"(?:\s+(?:as\s+)?(?!on\b)\w+)?\s*(?:;|$|on\s+conflict\b)",
    re.I | re.S,
)
_ROW = re.compile(r"^(new|old)\s*\.\s*\*$", re.I)


def parameter_names(identity_args: str) -> tuple[str | None, ...]:
    """Input parameters of pg_get_function_identity_arguments in order; None for an unnamed one."""
    names: list[str | None] = []
    for argument in _split(identity_args):
        words = argument.split()
        if words and words[0].lower() in _MODES:
            if words[0].lower() == "out":
                continue
            words = words[1:]
        names.append(words[0].strip('"') if len(words) > 1 else None)
    return tuple(names)


def call_arguments(text: str, opening: int, parameters: Sequence[str | None]) -> dict[str, str]:
    """Parameter → expression of the call whose bracket stands at that offset of the text."""
    items = tokens(text)
    at = next((i for i, t in enumerate(items) if t.start == opening), None)
    if at is None or items[at].text != "(":
        return {}
    inside = text[items[at].end : items[closing(items, at)].start]
    found: dict[str, str] = {}
    for position, argument in enumerate(_split(inside)):
        named = re.match(r'\s*("?[\w$]+"?)\s*(?:=>|:=)\s*(.+)$', argument, re.S)
        if named:
            found[named.group(1).strip('"').lower()] = named.group(2).strip()
        elif position < len(parameters):
            found[f"${position + 1}"] = argument.strip()
            name = parameters[position]
            if name:
                found[name.lower()] = argument.strip()
    return found


def takes(parameters: Sequence[str | None], text: str, opening: int) -> bool:
    """Could the call at that bracket mean a routine of these parameters, by their number?"""
    items = tokens(text)
    at = next((i for i, t in enumerate(items) if t.start == opening), None)
    if at is None:
        return False
    inside = text[items[at].end : items[closing(items, at)].start]
    return len(list(_split(inside))) == len(parameters)


def _split(text: str) -> Iterator[str]:
    """Pieces between commas outside brackets."""
    items = tokens(text)
    levels = depths(items)
    begin = 0
    for token, level in zip(items, levels, strict=True):
        if token.text == "," and level == 0:
            yield text[begin : token.start]
            begin = token.end
    if text[begin:].strip():
        yield text[begin:]


def stored(
    catalog: Catalog,
    routine: Routine,
    one: ParsedWrite,
    relation: Relation | None,
    body: RoutineBody,
) -> tuple[tuple[str, ...] | None, Mapping[str, str]]:
    """Columns and values of a write, variables followed; an INSERT without a list is completed."""
    columns, values = one.columns, _of_transition(catalog, routine, one)
    if one.operation == "insert" and columns is None and relation is not None and one.positional:
        texts = [t for text in one.positional for t in _fields(catalog, routine, text)]
        names = list(catalog.attributes.get(relation.oid, {}))
        if 0 < len(texts) <= len(names):
            columns = tuple(names[: len(texts)])
            values = {c: t for c, t in zip(columns, texts, strict=True) if t.lower() != "default"}
    known = body.variables.values
    return columns, {c: substituted(v, known) for c, v in values.items()}


def _of_transition(catalog: Catalog, routine: Routine, one: ParsedWrite) -> dict[str, str]:
    """The values, where all rows of a trigger's transition table are taken as fields of NEW."""
    if not takes_transition(catalog, routine, one):
        return dict(one.values)
    return {c: _PLAIN.sub(r"NEW.\1", text.strip()) for c, text in one.values.items()}


def takes_transition(catalog: Catalog, routine: Routine, one: ParsedWrite) -> bool:
    """Is it an INSERT of one row for each row of the statement's transition table?"""
    found = _FROM_ONE.search(one.statement)
    held = [t for ts in catalog.triggers.values() for t in ts if t.routine == routine.oid]
    return (
        one.operation == "insert"
        and found is not None
        and bool(held)
        and all(t.new_table == found.group(1).lower() for t in held)
    )


def _fields(catalog: Catalog, routine: Routine, text: str) -> list[str]:
    """NEW.* as the fields of the one table whose triggers run the routine; else the text."""
    row = _ROW.match(text.strip())
    if row is None:
        return [text]
    tables = [
        oid for oid, held in catalog.triggers.items() if any(t.routine == routine.oid for t in held)
    ]
    shapes = {tuple(catalog.attributes.get(oid, {})) for oid in tables}
    if len(shapes) != 1:
        return [text]
    return [f"{row.group(1).upper()}.{ident(name)}" for name in shapes.pop()]


def fed_by(one: ParsedWrite) -> tuple[str, ...]:
    """The condition of an INSERT … SELECT that may find nothing; none for VALUES."""
    if one.operation != "insert":
        return ()
    words = [t.word for t in tokens(one.statement)]
    if "select" not in words or "values" in words:
        return ()
    if "where" in words:
        start = next(t.start for t in tokens(one.statement) if t.word == "where")
        return (one.statement[start:],)
    return ("",) if "from" in words else ()


def looks_first(
    relation: str, conditions: Sequence[str], statement: RoutineStatement, body: RoutineBody
) -> bool:
    """Do the conditions depend on what a read of the same relation has found?"""
    name = relation.lower()
    for condition in (c.lower() for c in conditions):
        if _ASKS.search(condition) and name in condition:
            return True
        if _FOUND.search(condition) and any(
            name in s.text.lower()
            for s in body.statements
            if s.line <= statement.line and s != statement
        ):
            return True
        words = {t.name for t in tokens(condition)}
        for variable, queries in body.variables.queried.items():
            if variable in words and any(name in query for query in queries):
                return True
    return False
