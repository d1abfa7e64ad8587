"""The locks of a whole script, and which measured ones it did not tell of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixit_tui.model.finding import Lock
from fixit_tui.sql.classify import classify
from fixit_tui.sql.grammar import parse
from fixit_tui.sql.locks import (
    ACCESS_EXCLUSIVE,
    LOCK_MODES,
    SHARE,
    SHARE_UPDATE_EXCLUSIVE,
    name_of,
)
from fixit_tui.sql.split import split

_STRENGTH = {mode: number for number, mode in LOCK_MODES.items()}
_HARMLESS = 3
"""ROW EXCLUSIVE: what writes take, also those of triggers, which no text shows."""
_TABLE_MODE = {"drop index": ACCESS_EXCLUSIVE, "reindex": SHARE}
"""What a statement that names only an index takes on its table, unless it runs concurrently."""


def foreseen_locks(text: str, relation: str | None) -> tuple[Lock, ...]:
    """Locks of every statement, each once, on what others can see.

    Dropping or rebuilding an index locks its table, too: the one on which the script made it, else
    `relation`.
    """
    found: dict[Lock, None] = {}
    tables: dict[str, str] = {}
    unseen: set[str] = set()
    for statement in split(text):
        told = classify(statement)
        unseen.add(told.made)
        found.update(dict.fromkeys(lock for lock in told.locks if lock.relation not in unseen))
        if told.kind == "create index":
            tables.update(_index_made(statement))
        elif told.kind in _TABLE_MODE:
            mode = _TABLE_MODE[told.kind] if told.transactional else SHARE_UPDATE_EXCLUSIVE
            owners = (tables.get(lock.relation, relation) for lock in told.locks)
            found.update({Lock(owner, mode): None for owner in owners if owner})
    return tuple(found)


def _index_made(statement: str) -> Iterator[tuple[str, str]]:
    """The name of an index that a statement makes, in its table's schema, and that table."""
    for item in parse(statement).stmts:
        node = item.stmt.index_stmt
        table = name_of(node.relation)
        yield ".".join(filter(None, (table.rpartition(".")[0], node.idxname))), table


def unforeseen(foreseen: Iterable[Lock], measured: Iterable[Lock]) -> tuple[Lock, ...]:
    """Measured locks that hinder writers and are stronger than any that was foreseen there."""
    strongest: dict[str, int] = {}
    for lock in foreseen:
        known = strongest.get(lock.relation, 0)
        strongest[lock.relation] = max(known, _STRENGTH.get(lock.mode, _HARMLESS))
    found = []
    for lock in dict.fromkeys(measured):
        names = (lock.relation, lock.relation.rpartition(".")[2], "unknown")
        expected = max(strongest.get(name, 0) for name in names)
        if _STRENGTH.get(lock.mode, 0) > max(expected, _HARMLESS):
            found.append(lock)
    return tuple(found)
