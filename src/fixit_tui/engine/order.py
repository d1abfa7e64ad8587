"""In which order the chosen fixes run, told from the first words of their statements."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum


class Rank(IntEnum):
    """What a statement makes; what others build on comes first."""

    TABLE = 0
    DATA = 1
    INDEX = 2
    CONSTRAINT = 3
    FUNCTION = 4
    TRIGGER = 5
    POLICY = 6


_NEUTRAL = re.compile(r"(LOCK|SET|RESET|COMMENT|ANALYZE|NOTIFY)\b", re.I)
_RULES: tuple[tuple[Rank, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(pattern, re.I | re.S))
    for rank, pattern in (
        (Rank.POLICY, r"(CREATE|ALTER|DROP)\s+POLICY\b|GRANT\b|REVOKE\b"),
        (Rank.POLICY, r"ALTER\s+TABLE\b.*\bROW\s+LEVEL\s+SECURITY\b"),
        (
            Rank.TRIGGER,
            r"(CREATE|ALTER|DROP)\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+|EVENT\s+)?TRIGGER\b",
        ),
        (Rank.TRIGGER, r"ALTER\s+TABLE\b.*\b(ENABLE|DISABLE)\s+(REPLICA\s+|ALWAYS\s+)?TRIGGER\b"),
        (
            Rank.FUNCTION,
            r"(CREATE|ALTER|DROP)\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)\b",
        ),
        (Rank.INDEX, r"(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?INDEX\b|REINDEX\b"),
        (
            Rank.CONSTRAINT,
            r"ALTER\s+TABLE\b.*\b(ADD|DROP|VALIDATE|ALTER)\s+"
            r"(CONSTRAINT|UNIQUE|PRIMARY|FOREIGN|CHECK|EXCLUDE)\b",
        ),
        (
            Rank.TABLE,
            r"CREATE\s+((GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|OR|REPLACE|MATERIALIZED|RECURSIVE)"
            r"\s+)*(SCHEMA|TABLE|TYPE|DOMAIN|SEQUENCE|EXTENSION|VIEW|COLLATION)\b",
        ),
        (Rank.TABLE, r"ALTER\s+TABLE\b"),
    )
)
_LEADING_COMMENT = re.compile(r"\s*(--[^\n]*(\n|$)|/\*.*?\*/)", re.S)


def bare(statement: str) -> str:
    """The statement without leading white space and comments."""
    text = statement
    while match := _LEADING_COMMENT.match(text):
        text = text[match.end() :]
    return text.lstrip()


def rank(statement: str) -> Rank | None:
    """What one statement makes; None for those that make nothing, such as LOCK."""
    text = bare(statement)
    if not text or _NEUTRAL.match(text):
        return None
    return next((r for r, pattern in _RULES if pattern.match(text)), Rank.DATA)


def position(statements: Iterable[str]) -> tuple[int, int]:
    """Sort key of a step: its earliest and its latest kind of statement."""
    ranks = [r for r in map(rank, statements) if r is not None] or [Rank.DATA]
    return min(ranks), max(ranks)


_ENDS = re.compile(
    r"(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)"
    r"\b",
    re.I,
)


def controls_transaction(statement: str) -> bool:
    """Whether the statement would begin or end a transaction, which no step may do."""
    return _ENDS.match(bare(statement)) is not None
