"""Texts that only the server can print: expressions, predicates, conditions, definitions.

Each query opens relations, so it leaves out those that another session holds, and a wait that runs into
the lock timeout all the same costs a gap, never a hang.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import psycopg

from fixit_tui.postgres.connect import Connection

Rows = dict[str, list[dict[str, Any]]]
_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE (?:FUNCTION|PROCEDURE) ", re.S)
_MANY_RELATIONS = 3000

_DEFAULTS = """
SELECT d.adrelid::bigint, d.adnum::int, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attrdef d WHERE d.adrelid = ANY (%(relations)s)
"""
_INDEXES = """
SELECT i.indexrelid::bigint, pg_get_expr(i.indpred, i.indrelid),
       CASE WHEN i.indexprs IS NOT NULL THEN
         array_to_json(ARRAY(SELECT pg_get_indexdef(i.indexrelid, p + 1, false)
                             FROM generate_series(0, i.indnkeyatts - 1) p WHERE i.indkey[p] = 0 ORDER BY p))::text END,
       CASE WHEN i.indisunique OR i.indpred IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END
FROM pg_index i
WHERE i.indrelid = ANY (%(relations)s) AND (%(all)s OR i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
  AND (i.indisunique OR i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
"""
_CONSTRAINTS = """
SELECT k.oid::bigint, pg_get_constraintdef(k.oid) FROM pg_constraint k
WHERE k.conrelid = ANY (%(relations)s) AND k.contype IN ('p', 'u', 'x', 'f')
  AND (k.confrelid = 0 OR k.confrelid = ANY (%(relations)s)) AND (%(all)s OR k.contype = 'x')
"""
_TRIGGERS = """
SELECT t.oid::bigint, pg_get_triggerdef(t.oid) FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid = ANY (%(relations)s)
"""
_POLICIES = """
SELECT p.polrelid::bigint, p.polname, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = ANY (%(relations)s)
"""
_VIEWS = """
SELECT DISTINCT w.ev_class::bigint, d.refobjid::bigint, (pg_relation_is_updatable(w.ev_class, false) & 8 = 8)::int
FROM pg_rewrite w
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'
WHERE w.ev_class = ANY (%(relations)s) AND d.refobjid = ANY (%(relations)s)
"""


class _Phase:
    """Runs the queries of the second phase over the relations that nobody holds."""

    def __init__(
        self, connection: Connection, rows: Rows, locked: frozenset[int], gaps: list[dict[str, str]]
    ) -> None:
        self.connection = connection
        self.rows = rows
        self.gaps = gaps
        free = [r["oid"] for r in rows["relation"] if r["oid"] not in locked]
        self.parameters = {"relations": free, "all": len(free) <= _MANY_RELATIONS}

    def each(self, text: str, costs: str, take: Callable[[tuple[Any, ...]], None]) -> None:
        try:
            with self.connection.transaction():
                found = self.connection.execute(text.encode(), self.parameters).fetchall()
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise
            self.gaps.append({"what": f"definitions ({error.sqlstate})", "costs": costs})
            return
        for row in found:
            take(row)


def definitions(
    connection: Connection, rows: Rows, locked: frozenset[int], gaps: list[dict[str, str]]
) -> None:
    """Fill the texts into the rows of the first phase; adds `view_source`."""
    phase = _Phase(connection, rows, locked, gaps)
    _columns(phase)
    _indexes(phase)
    _constraints(phase)
    _triggers(phase)
    _policies(phase)
    rows["view_source"] = []
    phase.each(
        _VIEWS,
        "writes through views are not followed",
        lambda r: rows["view_source"].append(
            {"view": r[0], "relation": r[1], "auto_updatable": r[2]}
        ),
    )


def _columns(phase: _Phase) -> None:
    columns = {(a["relation"], a["number"]): a for a in phase.rows["attribute"] if a["has_default"]}

    def take(row: tuple[Any, ...]) -> None:
        column = columns.get((row[0], row[1]))
        if column is not None and not column["generated"]:
            column["default_expr"] = row[2]

    phase.each(_DEFAULTS, "column defaults are not known", take)


def _indexes(phase: _Phase) -> None:
    indexes = {i["oid"]: i for i in phase.rows["rel_index"]}
    for index in indexes.values():
        index.update(predicate=None, expressions=None, definition=None)

    def take(row: tuple[Any, ...]) -> None:
        indexes[row[0]].update(predicate=row[1], expressions=row[2], definition=row[3])

    phase.each(_INDEXES, "partial and expression indexes cannot be judged", take)
    for index in indexes.values():
        if index["expressions"] is None and index["has_expressions"]:
            index["expressions"] = json.dumps([])


def _constraints(phase: _Phase) -> None:
    constraints = {c["oid"]: c for c in phase.rows["rel_constraint"]}
    phase.each(
        _CONSTRAINTS,
        "constraints are known by their columns only",
        lambda r: constraints[r[0]].update(definition=r[1]),
    )


def _triggers(phase: _Phase) -> None:
    triggers = {t["oid"]: t for t in phase.rows["rel_trigger"]}

    def take(row: tuple[Any, ...]) -> None:
        trigger = triggers[row[0]]
        trigger["definition"] = row[1]
        match = _WHEN.search(row[1])
        if match and trigger["when_expr"] is not None:
            trigger["when_expr"] = match.group(1)

    phase.each(_TRIGGERS, "trigger conditions are not known", take)


def _policies(phase: _Phase) -> None:
    policies = {(p["relation"], p["name"]): p for p in phase.rows["policy"]}
    phase.each(
        _POLICIES,
        "what policies allow is not known",
        lambda r: policies[(r[0], r[1])].update(using_expr=r[2], check_expr=r[3]),
    )
