"""One place that writes a row, as a value between the derivations and the `write` table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from fixit_tui.facts.base import Value


@dataclass(frozen=True, slots=True)
class Conflict:
    """An ON CONFLICT clause, or what PostgREST makes of a request.

    `ruled_predicate` is the predicate as the planner sees it, with parameters for variables.
    `action` is None when the request's options could not be read; then `target_kind` is None too.
    """

    action: str | None
    target_kind: str | None
    target: tuple[str, ...] = ()
    given: bool = True
    constraint: str | None = None
    predicate: str | None = None
    predicate_has_param: bool = False
    ruled_predicate: str | None = None
    update_columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A row of `write` before its verdict is known. Fields are named as the table's columns.

    `row_list` (the rows where they are written out), `distinct` (columns in which the rows of the
    statement's SELECT differ) and `distinct_by` (what takes repeats out in the code) are for
    `batch`.
    """

    id: int
    origin: str
    operation: str | None
    relation: int | None
    schema: str | None
    name: str | None
    call: int | None = None
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    routine: int | None = None
    routine_name: str | None = None
    routine_line: int | None = None
    columns: tuple[str, ...] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    rows: str = "unknown"
    row_list: tuple[Mapping[str, str], ...] | None = None
    distinct: tuple[str, ...] | None = None
    distinct_by: str | None = None
    conflict: Conflict | None = None
    schema_given: bool = False
    returns_rows: bool = False
    cardinality: str = "many"
    via: str = "sql"
    guards: tuple[str, ...] = ()
    told: bool = False
    conditional: bool = False
    conditions: tuple[str, ...] = ()
    looks_first: bool = False
    dynamic: bool = False
    statement: str | None = None

    def row(self, verdict: str | None, verdict_by: str | None) -> dict[str, Value]:
        """The fact row."""
        conflict = self.conflict
        return {
            "id": self.id,
            "origin": self.origin,
            "call": self.call,
            "path": self.path,
            "line": self.line,
            "end_line": self.end_line,
            "routine": self.routine,
            "routine_name": self.routine_name,
            "routine_line": self.routine_line,
            "relation": self.relation,
            "schema": self.schema,
            "name": self.name,
            "schema_given": int(self.schema_given),
            "operation": self.operation,
            "columns": _list(self.columns),
            "column_values": json.dumps(dict(self.values), ensure_ascii=False),
            "rows": self.rows,
            "has_conflict": int(conflict is not None),
            "action": conflict.action if conflict else None,
            "target_kind": conflict.target_kind if conflict else None,
            "target": _list(conflict.target) if conflict and conflict.target_kind else None,
            "target_given": int(conflict.given) if conflict else None,
            "target_constraint": conflict.constraint if conflict else None,
            "target_predicate": conflict.predicate if conflict else None,
            "predicate_has_param": int(conflict.predicate_has_param) if conflict else None,
            "update_columns": _list(conflict.update_columns) if conflict else None,
            "returns_rows": int(self.returns_rows),
            "cardinality": self.cardinality,
            "via": self.via,
            "guards": _list(self.guards),
            "told": int(self.told),
            "conditional": int(self.conditional),
            "conditions": _list(self.conditions),
            "looks_first": int(self.looks_first),
            "dynamic": int(self.dynamic),
            "statement": self.statement,
            "verdict": verdict,
            "verdict_by": verdict_by,
        }


def _list(items: tuple[str, ...] | None) -> str | None:
    return None if items is None else json.dumps(list(items), ensure_ascii=False)
