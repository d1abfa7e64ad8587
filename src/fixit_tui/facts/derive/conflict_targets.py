"""How ON CONFLICT names a unique index that has expressions among its keys."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fixit_tui.facts.base import FactBase, Row
from fixit_tui.sql.quote import ident


def index_keys(row: Row) -> list[str]:
    """Columns and expressions of a `rel_index` row in key order, as SQL; '' for one not read."""
    columns: list[str | None] = json.loads(str(row["columns"] or "[]"))
    expressions = iter(json.loads(str(row["expressions"] or "[]")))
    return [ident(c) if c is not None else str(next(expressions, "")) for c in columns]


def conflict_targets(facts: FactBase) -> Iterator[Row]:
    """The rows of `conflict_target`."""
    for row in facts.query(
        "SELECT * FROM rel_index WHERE is_unique = 1 AND json_array_length(expressions) > 0"
    ):
        keys = index_keys(row)
        if "" not in keys:
            yield {"index_oid": row["oid"], "text": ", ".join(keys)}
