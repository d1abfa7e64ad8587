"""Texts that only the server can print: expressions, predicates, conditions, definitions.

To print them the server opens the relation, so a relation that another session holds exclusively
(or waits to hold, with us behind it in the queue) is left out and becomes a gap. A wait that
happens all the same ends after the lock timeout; after a few of those the rest is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection
from fixit_tui.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, link_lost, sentence
from fixit_tui.postgres.read_only import shielded
from fixit_tui.postgres.tokens import trigger_condition

# From here on only what decides a question is printed; each text costs an opened relation.
_MANY_RELATIONS = 2_000
_PATIENCE = 3
"""Lock timeouts in all, of 300 ms each, before the remaining texts are left out."""

_LOCKED = """
SELECT DISTINCT l.relation::int8 FROM pg_locks AS l
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
"""
_INDEXES = """
SELECT i.indexrelid::int8, pg_get_expr(i.indpred, i.indrelid),
       CASE WHEN i.indexprs IS NOT NULL THEN
         ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false)
               FROM generate_series(1, i.indnkeyatts::int4) AS n
               WHERE i.indkey[n - 1] = 0 ORDER BY n) END,
       CASE WHEN %(all)s OR i.indpred IS NOT NULL OR i.indexprs IS NOT NULL
              OR NOT i.indisvalid OR NOT i.indimmediate
            THEN pg_get_indexdef(i.indexrelid) END
FROM pg_index AS i
WHERE i.indrelid = ANY (%(relations)s::int8[]::oid[])
  AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL OR NOT i.indisvalid OR NOT i.indimmediate
       OR %(all)s)
"""
_CONSTRAINTS = """
SELECT k.oid::int8, pg_get_constraintdef(k.oid)
FROM pg_constraint AS k
WHERE k.conrelid = ANY (%(relations)s::int8[]::oid[])
  AND (k.contype = 'x' OR %(all)s AND k.contype IN ('p', 'u', 'f', 'c'))
"""
_TRIGGERS = """
SELECT t.oid::int8, pg_get_triggerdef(t.oid)
FROM pg_trigger AS t
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstraint = 0)
  AND t.tgrelid = ANY (%(relations)s::int8[]::oid[])
"""
_POLICIES = """
SELECT p.polrelid::int8, p.polname, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy AS p
WHERE p.polrelid = ANY (%(relations)s::int8[]::oid[])
"""
# Of several relations that a view reads, the first in its range table is the one that an
# automatically updatable view passes writes to: it has no other entry.
_VIEWS = """
SELECT w.ev_class::int8, pg_relation_is_updatable(w.ev_class::regclass, false) & 8 = 8,
       ARRAY(SELECT m[1] FROM regexp_matches(w.ev_action::text, ':relid (\\d+)', 'g') AS m)
FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class
WHERE c.relkind = 'v' AND w.rulename = '_RETURN'
  AND w.ev_class = ANY (%(relations)s::int8[]::oid[])
"""
# Only for catalogs of a usual size: what it takes to make the same relations elsewhere.
_RELATIONS = """
SELECT c.oid::int8, CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
FROM pg_class AS c
WHERE %(all)s AND c.oid = ANY (%(relations)s::int8[]::oid[])
  AND (c.relkind IN ('p', 'v', 'm') OR c.relispartition)
"""
_GENERATED = """
SELECT a.attrelid::int8, a.attnum::int4,
       CASE a.attgenerated WHEN 's' THEN 'STORED ' ELSE 'VIRTUAL ' END
         || pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute AS a JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE %(all)s AND a.attgenerated <> '' AND a.attrelid = ANY (%(relations)s::int8[]::oid[])
"""
_ATOMIC = """
SELECT p.oid::int8, pg_get_function_sqlbody(p.oid), pg_get_functiondef(p.oid)
FROM pg_proc AS p
WHERE p.oid = ANY (%(routines)s::int8[]::oid[])
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                    AND d.refclassid = 'pg_class'::regclass
                    AND d.refobjid = ANY (%(locked)s::int8[]::oid[]))
"""


@dataclass(slots=True)
class _Phase:
    connection: Connection
    rows: Rows
    patience: int = _PATIENCE
    locked: frozenset[int] = frozenset()

    def look_for_locks(self) -> None:
        found = self.connection.execute(_LOCKED).fetchall()
        self.locked |= {oid for (oid,) in found}

    def free(self) -> list[int]:
        """Relations that can be opened: not held, and no view over one that is held."""
        held = set(self.locked)
        sources = [(s["view"], s["relation"]) for s in self.rows["view_source"]]
        while more := {view for view, source in sources if source in held} - held:
            held |= more
        return [r["oid"] for r in self.rows["relation"] if r["oid"] not in held]

    def each(
        self, text: str, what: str, costs: str, take: Callable[[tuple[Any, ...]], None]
    ) -> bool:
        """Take every row, or note what is lost when the relations cannot be opened."""
        problem = "other sessions hold locks"
        while self.patience > 0:
            parameters = {
                "relations": self.free(),
                "all": len(self.rows["relation"]) <= _MANY_RELATIONS,
                "routines": [r["oid"] for r in self.rows["routine"] if r["is_atomic"]],
                "locked": sorted(self.locked),
            }
            try:
                with shielded(self.connection):
                    found = self.connection.execute(text.encode(), parameters).fetchall()
            except psycopg.Error as error:
                if link_lost(error, self.connection) or error.sqlstate == QUERY_CANCELED:
                    raise
                problem = sentence(error)
                if error.sqlstate != LOCK_NOT_AVAILABLE:
                    break
                self.patience -= 1
                self.look_for_locks()
                continue
            for row in found:
                take(row)
            return True
        self.rows["gap"].append({"what": f"{what} ({problem})", "costs": costs})
        return False


def add_definitions(connection: Connection, rows: Rows) -> None:
    """Fill the texts into the rows of the first phase; what cannot be read becomes a gap.

    What exists but was not read is '' where its absence would mean something (the predicate or an
    expression of an index, a trigger's condition), else NULL.
    """
    phase = _Phase(connection, rows)
    phase.look_for_locks()
    _indexes(phase)
    _constraints(phase)
    _triggers(phase)
    _policies(phase)
    _views(phase)
    _relations(phase)
    _atomic_bodies(phase)
    for routine in rows["routine"]:
        routine.pop("is_atomic")
        routine["body_line"] = body_line(routine["definition"], routine["body"])
    rows["gap"] += _gaps_of_locks(rows, phase.locked)


def _indexes(phase: _Phase) -> None:
    indexes = {i["oid"]: i for i in phase.rows["rel_index"]}
    for index in indexes.values():
        if index.pop("has_expressions"):
            count = json.loads(index["columns"]).count(None)
            index["expressions"] = json.dumps([""] * count)
        else:
            index["expressions"] = "[]"

    def take(row: tuple[Any, ...]) -> None:
        oid, predicate, expressions, definition = row
        index = indexes.get(oid)
        if index is not None:
            index.update(predicate=predicate, definition=definition)
            if expressions:
                index["expressions"] = json.dumps(expressions, ensure_ascii=False)

    phase.each(
        _INDEXES,
        "predicates and expressions of indexes",
        "whether a partial or expression index serves ON CONFLICT is not known",
        take,
    )


def _constraints(phase: _Phase) -> None:
    constraints = {c["oid"]: c for c in phase.rows["rel_constraint"]}
    phase.each(
        _CONSTRAINTS,
        "definitions of constraints",
        "constraints are known by their columns only",
        lambda row: _set(constraints.get(row[0]), definition=row[1]),
    )


def _triggers(phase: _Phase) -> None:
    triggers = {t["oid"]: t for t in phase.rows["rel_trigger"]}

    def take(row: tuple[Any, ...]) -> None:
        trigger = triggers.get(row[0])
        if trigger is not None:
            trigger["definition"] = row[1]
            if trigger["when_expr"] is not None:
                trigger["when_expr"] = trigger_condition(row[1])

    phase.each(
        _TRIGGERS,
        "definitions of triggers",
        "when a conditional trigger fires is not known",
        take,
    )


def _policies(phase: _Phase) -> None:
    policies = {(p["relation"], p["name"]): p for p in phase.rows["policy"]}
    phase.each(
        _POLICIES,
        "expressions of policies",
        "which rows the policies allow is not known",
        lambda row: _set(policies.get((row[0], row[1])), using_expr=row[2], check_expr=row[3]),
    )


def _views(phase: _Phase) -> None:
    sources: dict[int, list[Record]] = {}
    for source in phase.rows["view_source"]:
        sources.setdefault(source["view"], []).append(source)

    def take(row: tuple[Any, ...]) -> None:
        view, updatable, relids = row
        base = _first_other(view, relids)
        for source in sources.get(view, ()):
            source["auto_updatable"] = int(bool(updatable) and source["relation"] == base)

    phase.each(_VIEWS, "which views pass writes on", "writes through views are not followed", take)


def _relations(phase: _Phase) -> None:
    relations = {r["oid"]: r for r in phase.rows["relation"]}
    columns = {(a["relation"], a["number"]): a for a in phase.rows["attribute"] if a["generated"]}
    costs = "a rehearsal elsewhere has to leave them out"
    phase.each(
        _RELATIONS,
        "partitions and views",
        costs,
        lambda row: _set(
            relations.get(row[0]), partition_key=row[1], partition_bound=row[2], view_query=row[3]
        ),
    )
    if columns:
        phase.each(
            _GENERATED,
            "expressions of generated columns",
            costs,
            lambda row: _set(columns.get((row[0], row[1])), generated_expr=row[2]),
        )


def _first_other(view: int, relids: Sequence[str]) -> int | None:
    """Before 16 a view's range table begins with two entries of the view itself."""
    return next((int(oid) for oid in relids if int(oid) not in (0, view)), None)


def _atomic_bodies(phase: _Phase) -> None:
    routines = {r["oid"]: r for r in phase.rows["routine"] if r["is_atomic"]}
    if not routines:
        return
    read: set[int] = set()

    def take(row: tuple[Any, ...]) -> None:
        read.add(row[0])
        _set(routines.get(row[0]), body=row[1], definition=row[2])

    costs = "what it writes is not known"
    if phase.each(_ATOMIC, "bodies of functions between BEGIN ATOMIC and END", costs, take):
        phase.rows["gap"] += [
            {"what": f"the body of {r['qualified']} (it reads a locked relation)", "costs": costs}
            for oid, r in routines.items()
            if oid not in read
        ]


def _set(record: Record | None, **values: Any) -> None:
    # None: made after the relation list was read, which the same snapshot rules out, or scoped out.
    if record is not None:
        record.update(values)


def _gaps_of_locks(rows: Rows, locked: Iterable[int]) -> list[Record]:
    held = set(locked)
    texts = {i["relation"] for i in rows["rel_index"] if i["predicate"] == ""}
    texts |= {i["relation"] for i in rows["rel_index"] if '""' in i["expressions"]}
    policies = {p["relation"] for p in rows["policy"]}
    conditions = {t["relation"] for t in rows["rel_trigger"] if t["when_expr"] == ""}
    gaps = []
    for relation in rows["relation"]:
        oid = relation["oid"]
        if oid not in held:
            continue
        lost = ["its definitions were not read"]
        lost += ["which statements its partial indexes serve is not known"] if oid in texts else []
        lost += ["which rows its policies allow is not known"] if oid in policies else []
        lost += ["when its conditional triggers fire is not known"] if oid in conditions else []
        gaps.append(
            {
                "what": f"{relation['qualified']} is locked by another session (ACCESS EXCLUSIVE)",
                "costs": "; ".join(lost),
            }
        )
    return gaps


def body_line(definition: str | None, body: str | None) -> int | None:
    """The line of `pg_get_functiondef` on which line 1 of the body, as PL/pgSQL counts, stands."""
    if not definition or not body:
        return None
    # The body follows its dollar quote at once; between BEGIN ATOMIC and END there is none.
    place = definition.rfind(f"${body}$")
    place = place + 1 if place >= 0 else definition.rfind(body)
    return definition.count("\n", 0, place) + 1 if place >= 0 else None
