"""Statements that build, rebuild or drop one index beside the traffic, in no transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.quote import qualified


@dataclass(frozen=True, slots=True)
class ConcurrentIndex:
    """One CREATE, REINDEX or DROP INDEX CONCURRENTLY.

    `name` is the index, SQL-quoted with its schema; `builds` says that it is sound in the end.
    `rests` are the indexes that an unfinished run may leave, quoted in the same way: the index
    itself, or the copies beside one that is rebuilt.
    """

    name: str
    builds: bool
    rests: tuple[str, ...]

    @property
    def rebuilds(self) -> bool:
        """Whether the index is there before, too."""
        return self.name not in self.rests

    @property
    def clean_up(self) -> str:
        """The statement that removes what an unfinished run left."""
        return removal(self.rests[0])


def removal(index: str) -> str:
    """The statement that removes an unfinished index; `index` is SQL-quoted with its schema."""
    return f"DROP INDEX CONCURRENTLY IF EXISTS {index}"


def concurrent_index(statement: str) -> ConcurrentIndex | None:
    """What the statement builds, rebuilds or drops; None for any other statement.

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
        return _on(made.relation.schemaname, made.idxname, builds=True)
    if node.HasField("reindex_stmt"):
        return _rebuilt(node.reindex_stmt)
    if node.HasField("drop_stmt") and node.drop_stmt.concurrent:
        objects = node.drop_stmt.objects
        parts = [part.string.sval for part in objects[0].list.items] if len(objects) == 1 else []
        return _on(parts[0], parts[1], builds=False) if len(parts) == 2 else None
    return None


def _on(schema: str, index: str, *, builds: bool) -> ConcurrentIndex | None:
    if not schema:
        return None
    name = qualified(schema, index)
    return ConcurrentIndex(name, builds, (name,))


def _rebuilt(node: Any) -> ConcurrentIndex | None:
    """One index by name, with no other option than CONCURRENTLY."""
    schema, index = node.relation.schemaname, node.relation.relname
    options = [param.def_elem.defname for param in node.params]
    if options != ["concurrently"] or node.kind != _REINDEX_INDEX or not schema:
        return None
    # The server builds a copy of the first name; the old index gets the other until it is gone.
    rests = tuple(qualified(schema, _with_label(index, label)) for label in ("ccnew", "ccold"))
    return ConcurrentIndex(qualified(schema, index), True, rests)


_REINDEX_INDEX = 1


def _with_label(name: str, label: str) -> str:
    """The name that the server makes of another and a label: cut to 63 bytes before it."""
    kept = name.encode()[: _NAME_BYTES - len(label) - 1].decode(errors="ignore")
    return f"{kept}_{label}"


_NAME_BYTES = 63


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
