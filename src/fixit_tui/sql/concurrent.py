"""Statements that build or drop one index beside the traffic, outside of any transaction."""

from __future__ import annotations

from dataclasses import dataclass

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.quote import qualified


@dataclass(frozen=True, slots=True)
class ConcurrentIndex:
    """One CREATE or DROP INDEX CONCURRENTLY. `name` is the index, SQL-quoted with its schema."""

    name: str
    builds: bool

    @property
    def clean_up(self) -> str:
        """The statement that removes what an unfinished build or drop left."""
        return f"DROP INDEX CONCURRENTLY IF EXISTS {self.name}"


def concurrent_index(statement: str) -> ConcurrentIndex | None:
    """What the statement builds or drops; None for any other statement.

    Also None where the index has no name of its own, its schema is not written, or IF NOT EXISTS
    leaves open whether anything was built: then its outcome could not be told afterwards.
    """
    try:
        statements = parse(statement).stmts
    except UnreadableSql:
        return None
    if len(statements) != 1:
        return None
    node = statements[0].stmt
    if node.HasField("index_stmt"):
        made = node.index_stmt
        if not made.concurrent or not made.idxname or made.if_not_exists:
            return None
        schema = made.relation.schemaname
        return ConcurrentIndex(qualified(schema, made.idxname), True) if schema else None
    if node.HasField("drop_stmt") and node.drop_stmt.concurrent:
        objects = node.drop_stmt.objects
        parts = [part.string.sval for part in objects[0].list.items] if len(objects) == 1 else []
        return ConcurrentIndex(qualified(parts[0], parts[1]), False) if len(parts) == 2 else None
    return None


def differs(build: str, definition: str) -> bool:
    """Whether an index of that definition is surely not the one that `build` makes.

    Compared are table, method, uniqueness, columns by name, and whether there is a predicate; the
    server prints expressions in words of its own.
    """
    try:
        one, other = (_outline(text) for text in (build, definition))
    except UnreadableSql:
        return False
    return one is not None and other is not None and one != other


def _outline(text: str) -> tuple[object, ...] | None:
    statements = parse(text).stmts
    if len(statements) != 1 or not statements[0].stmt.HasField("index_stmt"):
        return None
    made = statements[0].stmt.index_stmt
    return (
        made.relation.schemaname,
        made.relation.relname,
        made.access_method,
        made.unique,
        made.nulls_not_distinct,
        made.HasField("where_clause"),
        tuple(part.index_elem.name for part in made.index_params),
        tuple(part.index_elem.name for part in made.index_including_params),
    )
