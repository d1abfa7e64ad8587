"""What stays when a transaction is rolled back, told before it is run.

Looked for in the statements, in the triggers that they set off and in the functions that those
call, transitively. Numbers drawn from sequences are lost, and what left the database stays so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from fixit_tui.facts.base import FactBase
from fixit_tui.model.plan import Plan
from fixit_tui.model.replay import Survivor
from fixit_tui.sql.dml import ParsedWrite, parse_writes
from fixit_tui.sql.grammar import UnreadableSql

# By the words that call it; the flag says whether it leaves the database.
_WORDS = (
    (
        r"\bnet\.http_\w+\s*\(",
        "numbers of pg_net's queue are used up (its requests go out after a COMMIT only)",
        False,
    ),
    (r"\bdblink\w*\s*\(", "what dblink does on another server stays done", True),
    (
        r"(?<!net\.)\bhttp(_(get|post|put|patch|delete|head))?\s*\(",
        "HTTP requests that it sends stay sent",
        True,
    ),
    (r"\bCOPY\b.*\bPROGRAM\b", "a program that it starts has run", True),
    (r"\bCOPY\b[^;]*\bTO\s+E?'", "a file that it writes stays", True),
)
_ESCAPES = tuple((re.compile(p, re.I | re.S), text, outside) for p, text, outside in _WORDS)
_CONFINED = ("sql", "plpgsql", "c", "internal", "plv8", "plperl", "pltcl", "plrust")
_EVENTS = ("insert", "update", "delete")


class _Event(NamedTuple):
    relation: int
    event: str


_DRAWS = re.compile(r"\b(?:nextval|setval)\s*\(\s*(?:'([^']+)')?", re.I)


def in_text(text: str) -> list[Survivor]:
    """What the words of one text say of it."""
    found = [Survivor(what, outside) for pattern, what, outside in _ESCAPES if pattern.search(text)]
    drawn = dict.fromkeys(match[1] for match in _DRAWS.finditer(text))
    if drawn:
        # A name that is put together at run time is not known.
        names = ", ".join(name for name in drawn if name)
        of = f" of {names}" if names else ""
        found.append(Survivor(f"sequence numbers{of} that it draws or sets stay", False))
    return found


def survivors(texts: Sequence[str], facts: FactBase | None) -> tuple[Survivor, ...]:
    """What stays behind these texts, each once; without facts only what they say themselves."""
    found = [
        Survivor(f"{s.text}, in the statement", s.outside) for text in texts for s in in_text(text)
    ]
    if facts is not None:
        found += _Search(facts).from_texts(texts)
    return tuple(dict.fromkeys(found))


def surviving(plan: Plan, facts: FactBase | None) -> Plan:
    """The plan with what a rehearsal of it would leave behind."""
    texts = [*(step.up for step in plan.steps), plan.replay]
    if plan.request is not None:
        texts.append(plan.request.statement)
    return replace(plan, survives=survivors([t for t in texts if t], facts))


class _Search:
    """Follows statements to triggers, triggers to functions, functions to statements."""

    def __init__(self, facts: FactBase) -> None:
        self._facts = facts
        self._bodies = {
            _oid(r["oid"]): r
            for r in facts.query("SELECT oid, name, qualified, language, body FROM routine")
        }
        self._named: dict[str, list[int]] = {}
        for oid, row in self._bodies.items():
            self._named.setdefault(str(row["name"]).lower(), []).append(oid)

    def from_texts(self, texts: Iterable[str]) -> Iterator[Survivor]:
        routines: dict[int, str] = {}
        events: dict[_Event, None] = {}
        for text in texts:
            for oid in self._called(text):
                routines.setdefault(oid, "")
            events.update(dict.fromkeys(self._written(text)))
        waiting = list(events)
        asked: set[int] = set()
        while waiting or routines.keys() - asked:
            while waiting:
                event = waiting.pop()
                more = [e for e in self._cascades(event) if e not in events]
                events.update(dict.fromkeys(more))
                waiting += more
                for routine, trigger in self._triggers(event):
                    routines.setdefault(routine, trigger)
            for oid in sorted(routines.keys() - asked):
                asked.add(oid)
                for called in self._called(str(self._bodies[oid]["body"] or "")):
                    routines.setdefault(called, routines[oid])
                more = [e for e in self._writes_of(oid) if e not in events]
                events.update(dict.fromkeys(more))
                waiting += more
        yield from self._told(routines, events)

    def _told(self, routines: dict[int, str], events: Iterable[_Event]) -> Iterator[Survivor]:
        for relation in dict.fromkeys(e.relation for e in events if e.event == "insert"):
            yield from self._drawn(relation)
        for oid, trigger in routines.items():
            row = self._bodies[oid]
            where = f"in trigger {trigger}" if trigger else f"in {row['qualified']}"
            for survivor in in_text(str(row["body"] or "")):
                yield Survivor(f"{survivor.text}, {where}", survivor.outside)
            if row["language"] not in _CONFINED:
                yield Survivor(f"what {row['language']} code does outside stays, {where}", True)

    def _drawn(self, relation: int) -> Iterator[Survivor]:
        rows = self._facts.query(
            "SELECT a.name, t.qualified, s.schema || '.' || s.name AS sequence FROM attribute a"
            " JOIN relation t ON t.oid = a.relation"
            " LEFT JOIN sequence s ON s.relation = a.relation AND s.attribute = a.name"
            " WHERE a.relation = ?"
            " AND (a.identity <> '' OR coalesce(a.default_expr, '') LIKE '%nextval%')"
            " ORDER BY a.number",
            (relation,),
        )
        for row in rows:
            of = f" of {row['sequence']}" if row["sequence"] else ""
            yield Survivor(
                f"sequence numbers{of} drawn for {row['name']} of {row['qualified']} are used up",
                False,
            )

    def _called(self, text: str) -> Iterator[int]:
        for name in dict.fromkeys(re.findall(r'(\w+)"?\s*\(', text)):
            yield from self._named.get(name.lower(), ())

    def _written(self, text: str) -> Iterator[_Event]:
        try:
            writes = parse_writes(text)
        except UnreadableSql:
            return
        for write in writes:
            rows = self._facts.query(
                "SELECT oid FROM relation WHERE name = ?1 AND (?2 IS NULL OR schema = ?2)",
                (write.relation, write.schema),
            )
            for row in rows:
                yield from self._events(_oid(row["oid"]), _operations(write))

    def _writes_of(self, routine: int) -> Iterator[_Event]:
        rows = self._facts.query(
            "SELECT relation, operation, action FROM write"
            " WHERE routine = ? AND relation IS NOT NULL AND operation IS NOT NULL",
            (routine,),
        )
        for row in rows:
            upserts = row["action"] == "update"
            yield from self._events(
                _oid(row["relation"]), _split(str(row["operation"]), upserts=upserts)
            )

    def _events(self, relation: int, operations: Iterable[str]) -> Iterator[_Event]:
        """Also for the tables that a view passes writes on to."""
        through = self._facts.query(
            "SELECT relation FROM view_source WHERE view = ? AND auto_updatable = 1", (relation,)
        )
        for operation in operations:
            yield _Event(relation, operation)
            for row in through:
                yield _Event(_oid(row["relation"]), operation)

    def _cascades(self, event: _Event) -> Iterator[_Event]:
        if event.event == "insert":
            return
        column = "on_delete" if event.event == "delete" else "on_update"
        rows = self._facts.query(
            f"SELECT relation, {column} AS action FROM rel_constraint"
            " WHERE kind = 'foreign' AND ref_relation = ?",
            (event.relation,),
        )
        for row in rows:
            action = row["action"]
            if action == "cascade":
                yield _Event(_oid(row["relation"]), event.event)
            elif action in ("set null", "set default"):
                yield _Event(_oid(row["relation"]), "update")

    def _triggers(self, event: _Event) -> Iterator[tuple[int, str]]:
        rows = self._facts.query(
            "SELECT t.name, t.routine, t.events, r.qualified FROM rel_trigger t"
            " JOIN relation r ON r.oid = t.relation"
            " WHERE t.relation = ? AND t.enabled IN ('origin', 'always') ORDER BY t.name",
            (event.relation,),
        )
        for row in rows:
            if event.event in json.loads(str(row["events"])) and row["routine"] in self._bodies:
                yield _oid(row["routine"]), f"{row['name']} on {row['qualified']}"


def _operations(write: ParsedWrite) -> tuple[str, ...]:
    return _split(write.operation, upserts=write.action == "update")


def _split(operation: str, *, upserts: bool) -> tuple[str, ...]:
    if operation == "merge":
        return _EVENTS
    return (operation, "update") if upserts else (operation,)


def _oid(value: str | float | None) -> int:
    return int(value or 0)
