"""Edits of data layers that build their SQL themselves, by library and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fixit_tui.code.edits.drop_insert import drop_manual_insert
from fixit_tui.code.edits.orm import drizzle, prisma
from fixit_tui.code.edits.result import EditResult, Params
from fixit_tui.code.edits.site import Site

Edit = Callable[[Site, Params], EditResult]


def _drop_prisma(site: Site, params: Params) -> EditResult:
    return prisma.drop_nested(site) or drop_manual_insert(site, params)


BUILDER_EDITS: Mapping[str, Mapping[str, Edit]] = {
    "drizzle": {
        "insert-to-upsert": drizzle.insert_to_upsert,
        "set-conflict-target": drizzle.set_conflict_target,
        "add-conflict-predicate": drizzle.add_conflict_predicate,
    },
    "prisma": {
        "insert-to-upsert": prisma.insert_to_upsert,
        "set-conflict-target": prisma.set_conflict_target,
        "add-conflict-predicate": prisma.add_conflict_predicate,
        "drop-manual-insert": _drop_prisma,
    },
}
