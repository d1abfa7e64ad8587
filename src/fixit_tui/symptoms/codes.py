"""Telling SQLSTATEs from the other codes that errors carry."""

from __future__ import annotations

import re

_SQLSTATE = re.compile(
    r"(?:0[1-9A-Z]|1[0-9]|2[0-9A-F]|3[0-9BDF]|4[0-4]|5[0-8]|72|F0|HV|XX|PT|P0)[0-9A-Z]{3}"
)
_PRISMA = {
    "P2002": "23505",
    "P2003": "23503",
    "P2004": None,
    "P2011": "23502",
    "P2014": "23503",
    "P2025": None,
    "P2028": None,
    "P2034": "40001",
    "P2010": None,
}
# Class names of psycopg, asyncpg, Ruby's pg and Rails, by the end of the name.
_CLASSES = {
    "UniqueViolation": "23505",
    "RecordNotUnique": "23505",
    "ForeignKeyViolation": "23503",
    "InvalidForeignKey": "23503",
    "RestrictViolation": "23001",
    "NotNullViolation": "23502",
    "CheckViolation": "23514",
    "ExclusionViolation": "23P01",
    "InvalidColumnReference": "42P10",
    "InFailedSqlTransaction": "25P02",
    "InFailedSQLTransaction": "25P02",
    "InsufficientPrivilege": "42501",
    "UndefinedTable": "42P01",
    "UndefinedColumn": "42703",
    "UndefinedObject": "42704",
    "CardinalityViolation": "21000",
    "SerializationFailure": "40001",
    "DeadlockDetected": "40P01",
    "LockNotAvailable": "55P03",
    "ObjectNotInPrerequisiteState": "55000",
    "GeneratedAlways": "428C9",
    "DivisionByZero": "22012",
    "NumericValueOutOfRange": "22003",
    "InvalidTextRepresentation": "22P02",
    "StringDataRightTruncation": "22001",
    "SequenceGeneratorLimitExceeded": "2200H",
    "ReadOnlySqlTransaction": "25006",
    "ReadOnlySQLTransaction": "25006",
    "AmbiguousColumn": "42702",
    "UndefinedFunction": "42883",
    "QueryCanceled": "57014",
    "TooManyConnections": "53300",
    "InvalidPassword": "28P01",
    "InvalidAuthorizationSpecification": "28000",
    "InvalidCatalogName": "3D000",
    "CannotConnectNow": "57P03",
    "AdminShutdown": "57P01",
    "IdleInTransactionSessionTimeout": "25P03",
    "RaiseException": "P0001",
    "RaiseError": "P0001",
}
# Classes of errors that end the connection or keep it from being made.
_LINK = ("08", "28", "3D", "53", "57P")
_CLASS = re.compile(r"(?:^|[.:\s(])(" + "|".join(_CLASSES) + r")(?:Error)?$")


def sqlstate(code: object) -> str | None:
    """The code when it is an SQLSTATE, as text; None for any other kind of code."""
    text = str(code).strip() if isinstance(code, str | int) and not isinstance(code, bool) else ""
    if _SQLSTATE.fullmatch(text) and any(c.isdigit() for c in text[1:]):
        return text
    return None


def postgrest(code: object) -> str | None:
    """The code when it is one of PostgREST's own."""
    text = code.strip() if isinstance(code, str) else ""
    return text if re.fullmatch(r"PGRST(?:\d{3}|X\d\d)", text) else None


_NOT_ONE_ROW = re.compile(
    r"JSON object requested, multiple \(or no\) rows returned"
    r"|Cannot coerce the result to a single JSON object",
    re.IGNORECASE,
)


def postgrest_said(message: str | None) -> str | None:
    """PostgREST's own code by its words, where whoever passes the message on leaves it out."""
    return "PGRST116" if message and _NOT_ONE_ROW.search(message) else None


def of_link(state: str | None) -> bool:
    """Is it an error of the connection, which says nothing of any statement?"""
    return state is not None and state.startswith(_LINK)


def is_prisma(code: object) -> bool:
    """Is it a code of Prisma's query engine?"""
    return isinstance(code, str) and re.fullmatch(r"P[12]\d{3}", code.strip()) is not None


def of_prisma(code: str) -> str | None:
    """The SQLSTATE behind one of Prisma's codes, where there is exactly one."""
    return _PRISMA.get(code.strip())


def names_class(text: str) -> bool:
    """Does the text hold the name of such a class anywhere?"""
    return any(name in text for name in _CLASSES)


def of_class(name: str) -> str | None:
    """The SQLSTATE that the name of an exception class stands for."""
    found = _CLASS.search(name)
    return _CLASSES[found.group(1)] if found else None
