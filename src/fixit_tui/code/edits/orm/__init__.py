"""Edits of data layers that build their SQL themselves, by library and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fixit_tui.code.edits.drop_insert import drop_manual_insert
from fixit_tui.code.edits.orm import drizzle, knex, kysely, prisma, sequelize, typeorm
from fixit_tui.code.edits.orm.savepoint import nested_transaction
from fixit_tui.code.edits.result import EditResult, Params, Refused
from fixit_tui.code.edits.site import Site
from fixit_tui.code.module import method_name

Edit = Callable[[Site, Params], EditResult]
_CONFLICTS = {
    "drizzle": "error.cause?.code === '23505'",
    "kysely": "error.code === '23505'",
    "knex": "error.code === '23505'",
    "objection": "error instanceof UniqueViolationError",
    "prisma": "error.code === 'P2002'",
    "typeorm": "error.driverError?.code === '23505'",
    "sequelize": "error instanceof UniqueConstraintError",
}
_SAVEPOINTS = {
    "drizzle": "await tx.transaction(async (inner) => { … })",
    "kysely": "a controlled transaction with savepoint() and rollbackToSavepoint()",
    "knex": "await trx.transaction(async (inner) => { … })",
    "objection": "await trx.transaction(async (inner) => { … })",
    "prisma": "a statement of its own, in front of $transaction or behind it",
    "typeorm": "await manager.transaction(async (inner) => { … })",
    "sequelize": "await sequelize.transaction({ transaction: t }, async (inner) => { … })",
}
_NESTING = frozenset({"drizzle", "knex", "typeorm"})


def _drop_prisma(site: Site, params: Params) -> EditResult:
    return prisma.drop_nested(site) or drop_manual_insert(site, params)


def _drop_objection(site: Site, params: Params) -> EditResult:
    if "Graph" in method_name(site.chain.first.node):
        return Refused("the graph's other rows would go with it", "Take the one row out of it.")
    return drop_manual_insert(site, params)


def _by_hand(reason: str, idiom: str) -> Edit:
    return lambda _site, _params: Refused(reason, idiom)


def _common(library: str) -> dict[str, Edit]:
    """What is never generated for calls of a query builder."""
    within = f"Run the statement that may fail in a savepoint of its own: {_SAVEPOINTS[library]}."
    away = "Let the error leave the transaction's callback, and answer it outside."
    transaction = _by_hand("the library holds the transaction", f"{within} {away}")
    nested = nested_transaction if library in _NESTING else transaction
    return {
        "handle-conflict": _by_hand(
            "the error is thrown, not returned",
            f"catch (error) {{ if (!({_CONFLICTS[library]})) throw error }}",
        ),
        "savepoint-around-statement": nested,
        "savepoint-before-try": nested,
        "rollback-in-catch": transaction,
        "set-sql-conflict-target": _by_hand(
            "an expression as the target is not told by a list of columns",
            "State the expression of the index as raw SQL in the target.",
        ),
    }


_DROPS: Mapping[str, Edit] = {"prisma": _drop_prisma, "objection": _drop_objection}
BUILDER_EDITS: Mapping[str, Mapping[str, Edit]] = {
    library: _common(library)
    | {
        "insert-to-upsert": edits.insert_to_upsert,
        "set-conflict-target": edits.set_conflict_target,
        "add-conflict-predicate": edits.add_conflict_predicate,
        "drop-manual-insert": _DROPS.get(library, drop_manual_insert),
    }
    for library, edits in {
        "drizzle": drizzle,
        "knex": knex,
        "objection": knex,
        "kysely": kysely,
        "prisma": prisma,
        "sequelize": sequelize,
        "typeorm": typeorm,
    }.items()
}
"""Library → name of the edit → the edit of a builder's call; SQL text has the general ones."""
