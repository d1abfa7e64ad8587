"""Where a sequence numbers a column: the forms of nextval() that store its value unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.plpgsql import RoutineStatement, parse_routine

_NAME = r'(?:[a-z_][\w$]*|"(?:[^"]|"")+")'
# What the server prints for almost every serial column; thousands are read without a lexer.
_USUAL = re.compile(r"nextval\('([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)'::regclass\)")
_CAST = rf"(?: :: {_NAME})?"
_NEXT = (
    r"(?:pg_catalog \. )?nextval \( (?:\( )?(?P<literal>'(?:[^']|'')*')"
    rf"{_CAST}(?: \))?{_CAST} \)"
)
_STORED = re.compile(rf"(?:\( {_NEXT} \)|{_NEXT.replace('literal', 'bare')}){_CAST}", re.I)
_ASSIGNED = re.compile(
    rf"new \. (?P<column>{_NAME}) (?::=|: =|=) "
    rf"(?:coalesce \( new \. (?P=column) , (?P<inner>.+) \)|(?P<value>.+))",
    re.I | re.S,
)
_INTO = re.compile(rf"\binto\s+(?:strict\s+)?new\s*\.\s*({_NAME})", re.I)
_HARMLESS = re.compile(
    rf"new \. (?P<column>{_NAME}) is null|tg_op = 'INSERT'|coalesce \( new \. {_NAME} , 0 \) = 0",
    re.I,
)


@dataclass(frozen=True, slots=True)
class NumberedField:
    """A field of NEW that a trigger function fills from a sequence.

    `sequence` is the name's parts, unquoted; `alone` is false if it happens for some rows only.
    """

    column: str
    sequence: tuple[str, ...]
    alone: bool


def stored_sequence(expression: str) -> tuple[str, ...] | None:
    """The parts of the sequence's name, if the expression is nextval() of a constant, cast or not.

    nextval('shop.s'::regclass) → ('shop', 's'); anything done to the number → None.
    """
    usual = _USUAL.fullmatch(expression)
    if usual is not None:
        return tuple(usual[1].split("."))
    found = _STORED.fullmatch(_spaced(expression)) if "nextval" in expression.lower() else None
    if found is None:
        return None
    literal = found["literal"] or found["bare"]
    return _parts(literal[1:-1].replace("''", "'"))


def numbered_fields(body: str) -> tuple[NumberedField, ...]:
    """The fields of NEW that a PL/pgSQL trigger function's body fills from sequences."""
    read = parse_routine(body, language="plpgsql")
    return tuple(f for s in read.statements for f in _of_statement(s, body))


def _of_statement(statement: RoutineStatement, body: str) -> Iterator[NumberedField]:
    column, value = _assignment(statement, body)
    sequence = stored_sequence(value) if column else None
    if sequence:
        conditions = [_spaced(c) for c in statement.conditions]
        alone = all(_HARMLESS.fullmatch(c.strip("() ")) for c in conditions)
        yield NumberedField(_parts(column)[0], sequence, alone)


def _assignment(statement: RoutineStatement, body: str) -> tuple[str, str]:
    """Column and value of `NEW.column := value` and `SELECT value INTO NEW.column`."""
    if statement.kind == "assign":
        found = _ASSIGNED.fullmatch(_spaced(statement.text))
        return (found["column"], found["inner"] or found["value"]) if found else ("", "")
    items = tokens(statement.text)
    if statement.kind != "sql" or not items or items[0].word != "select":
        return "", ""
    rest = "\n".join(body.split("\n")[statement.line - 1 :]).partition(";")[0]
    into = _INTO.search(rest)
    value = re.sub(r"\s+from\s+dual\s*$", "", statement.text[items[0].end :], flags=re.I)
    return (into[1], value) if into else ("", "")


def _spaced(text: str) -> str:
    """The text's tokens with one blank between them, comments left out."""
    return " ".join(token.text for token in tokens(text))


def _parts(text: str) -> tuple[str, ...]:
    """The names of a dotted path, unquoted."""
    return tuple(token.name for token in tokens(text) if token.text != ".")
