"""relation + event → the writes that its triggers cause, transitively."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fixit_tui.facts.base import Value
from fixit_tui.facts.derive.catalog import Catalog, Relation, Routine, Trigger
from fixit_tui.facts.derive.write import Write
from fixit_tui.sql.plpgsql_values import substituted
from fixit_tui.sql.trigger_conditions import holds

EVENTS = ("insert", "update", "delete")
_MAX_DEPTH = 12
_CASCADES = {"cascade": "same", "set null": "update", "set default": "update"}


@dataclass(frozen=True, slots=True)
class RoutineCall:
    """A routine's body names another routine, under `conditions` ('' for one without a text).

    `arguments` maps the callee's parameters to the caller's expressions.
    """

    caller: int
    callee: int
    line: int
    conditions: tuple[str, ...] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """One caused write. `chain` holds the writes on the way, the caused one last; `triggers` what

    set each of them off. `within` is how surely the last function comes to it once it is called.
    """

    relation: int
    event: str
    trigger: Trigger | None
    write: Write
    depth: int
    fires: str
    definer: bool
    path: tuple[str, ...]
    chain: tuple[Write, ...]
    triggers: tuple[Trigger, ...]
    within: str

    def row(self, stores: Mapping[str, Mapping[str, str]]) -> dict[str, Value]:
        """The fact row; `stores` tells the written values in the words of the outer row."""
        return {
            "stores": json.dumps(stores, ensure_ascii=False),
            "relation": self.relation,
            "event": self.event,
            "trigger": self.trigger.oid if self.trigger else None,
            "routine": self.trigger.routine if self.trigger else None,
            "write": self.write.id,
            "depth": self.depth,
            "fires": self.fires,
            "definer": int(self.definer),
            "path": json.dumps(list(self.path), ensure_ascii=False),
        }


@dataclass(frozen=True, slots=True)
class _Step:
    """A relation and event that is reached, and how."""

    relation: Relation
    event: str
    first: Trigger | None
    fires: str
    path: tuple[str, ...]
    chain: tuple[Write, ...]
    triggers: tuple[Trigger, ...]
    depth: int
    definer: bool = False


class Effects:
    """Follows triggers, the routines that they call, and foreign keys' referential actions."""

    def __init__(
        self, catalog: Catalog, writes: Sequence[Write], calls: Sequence[RoutineCall]
    ) -> None:
        self._catalog = catalog
        self._writes: dict[int, list[Write]] = {}
        for write in writes:
            if write.routine is not None and write.operation is not None:
                self._writes.setdefault(write.routine, []).append(write)
        self._calls: dict[int, list[RoutineCall]] = {}
        for call in calls:
            self._calls.setdefault(call.caller, []).append(call)

    def all(self) -> Iterator[Effect]:
        """Effects of every relation and event, nearest first."""
        for oid in sorted(self._catalog.relations):
            for event in EVENTS:
                yield from self.of(oid, event)

    def of(self, oid: int, event: str) -> Iterator[Effect]:
        """Effects of one event on one relation; each write once for each first trigger."""
        relation = self._catalog.relations.get(oid)
        if relation is None:
            return
        start = _Step(relation, event, None, "always", (relation.label,), (), (), 0)
        pending = deque([start])
        seen: set[tuple[int | None, int]] = set()
        visited: set[tuple[int | None, int, str]] = {(None, oid, event)}
        while pending:
            step = pending.popleft()
            for effect in self._direct(step, oid, event):
                first = effect.trigger.oid if effect.trigger else None
                if (first, effect.write.id) in seen:
                    continue
                if effect.fires != "never":
                    seen.add((first, effect.write.id))
                yield effect
                pending.extend(self._beyond(effect, visited))
            pending.extend(self._cascades(step, visited))

    def _direct(self, step: _Step, oid: int, event: str) -> Iterator[Effect]:
        for trigger, fires in self._fired(step.relation, step.event):
            routine = self._catalog.routines.get(trigger.routine)
            if routine is None:
                continue
            path = (*step.path, f"trigger {trigger.name}")
            for write, how, definer, inner in self._written(
                routine, path, self._known(trigger, step)
            ):
                target = self._catalog.relations.get(write.relation or 0)
                label = target.label if target else (write.name or "?")
                yield Effect(
                    relation=oid,
                    event=event,
                    trigger=step.first or trigger,
                    write=write,
                    depth=step.depth + 1,
                    fires=_both(step.fires, fires, how),
                    definer=step.definer or definer,
                    path=(*inner, label),
                    chain=(*step.chain, write),
                    triggers=(*step.triggers, trigger),
                    within=how,
                )

    def _fired(self, relation: Relation, event: str) -> Iterator[tuple[Trigger, str]]:
        """Triggers for the event with how surely they fire, in the order of their names."""
        catalog = self._catalog
        storage = catalog.relations.get(catalog.storage_of(relation.oid, event), relation)
        own: set[tuple[str, int]] = set()
        for holder in dict.fromkeys((relation.oid, storage.oid)):
            for trigger in catalog.triggers.get(holder, []):
                if event in trigger.events:
                    own.add((trigger.name, trigger.routine))
                    yield trigger, _fires(trigger, event)
        # A parent's row trigger is cloned to each partition; one of a partition's own fires only
        # for the rows that go there.
        for leaf in catalog.descendants(storage.oid):
            for trigger in catalog.triggers.get(leaf.oid, []):
                key = (trigger.name, trigger.routine)
                if event in trigger.events and trigger.level == "row" and key not in own:
                    own.add(key)
                    yield trigger, _both(_fires(trigger, event), "conditionally")

    def _written(
        self, routine: Routine, path: tuple[str, ...], known: Mapping[str, str]
    ) -> Iterator[tuple[Write, str, bool, tuple[str, ...]]]:
        """Writes of a routine and of those it calls: write, how surely, as an owner?, labels.

        `known` are the trigger's own variables; what they rule out is left out.
        """
        no_values: Mapping[str, str] = {}
        pending = deque([(routine, "always", routine.definer, path, no_values)])
        seen = {routine.oid}
        while pending:
            current, how, definer, labels, values = pending.popleft()
            for write in self._writes.get(current.oid, []):
                fires = _under(write.conditions, known)
                if fires != "never":
                    at = f"{current.label} line {write.routine_line}"
                    told = _with_values(write, values)
                    yield told, _both(how, fires), definer, (*labels, at)
            for call in self._calls.get(current.oid, []):
                callee = self._catalog.routines.get(call.callee)
                fires = _under(call.conditions, known)
                if callee is not None and callee.oid not in seen and fires != "never":
                    seen.add(callee.oid)
                    at = f"{current.label} line {call.line}"
                    owned = definer or callee.definer
                    given = {k: substituted(v, values) for k, v in call.arguments.items()}
                    pending.append((callee, _both(how, fires), owned, (*labels, at), given))

    def _known(self, trigger: Trigger, step: _Step) -> dict[str, str]:
        """The trigger's own variables that a condition may ask for."""
        holder = self._catalog.relations.get(trigger.relation, step.relation)
        return {
            **self._names(holder),
            "tg_op": step.event.upper(),
            "tg_table_schema": holder.schema,
            "tg_when": trigger.timing.upper(),
            "tg_level": trigger.level.upper(),
            "tg_name": trigger.name,
        }

    def _names(self, holder: Relation) -> dict[str, str]:
        """A row trigger of a partitioned table sees the partition's name."""
        if self._catalog.children.get(holder.oid):
            return {}
        return {"tg_table_name": holder.name, "tg_relname": holder.name}

    def _beyond(self, effect: Effect, visited: set[tuple[int | None, int, str]]) -> Iterator[_Step]:
        """What the caused write sets off in its turn."""
        relation = self._catalog.relations.get(effect.write.relation or 0)
        if relation is None or effect.fires == "never" or effect.depth >= _MAX_DEPTH:
            return
        for event, fires in events_of(effect.write):
            first = effect.trigger.oid if effect.trigger else None
            if (first, relation.oid, event) in visited or (
                relation.oid == effect.relation and event == effect.event
            ):
                continue
            visited.add((first, relation.oid, event))
            yield _Step(
                relation,
                event,
                effect.trigger,
                _both(effect.fires, fires),
                effect.path,
                effect.chain,
                effect.triggers,
                effect.depth,
                effect.definer,
            )

    def _cascades(self, step: _Step, visited: set[tuple[int | None, int, str]]) -> Iterator[_Step]:
        """Referential actions: rows of referencing tables are deleted or updated."""
        if step.event == "insert" or step.depth >= _MAX_DEPTH:
            return
        catalog = self._catalog
        for key in catalog.referencing.get(catalog.storage_of(step.relation.oid, step.event), []):
            action = key.on_delete if step.event == "delete" else key.on_update
            child = catalog.relations.get(key.relation)
            if action not in _CASCADES or child is None:
                continue
            event = step.event if _CASCADES[action] == "same" else "update"
            first = step.first.oid if step.first else None
            if (first, child.oid, event) in visited:
                continue
            visited.add((first, child.oid, event))
            yield _Step(
                child,
                event,
                step.first,
                # Only where referencing rows exist, and for an update only if the key changes.
                _both(step.fires, "conditionally"),
                (*step.path, f"foreign key {key.name} (on {step.event} {action})", child.label),
                step.chain,
                step.triggers,
                step.depth + 1,
                # Referential actions run as the owner of the table.
                definer=True,
            )


def _with_values(write: Write, values: Mapping[str, str]) -> Write:
    """The write with a function's parameters replaced by what its caller gives."""
    if not values:
        return write
    return replace(write, values={c: substituted(v, values) for c, v in write.values.items()})


def _under(conditions: Sequence[str], known: Mapping[str, str]) -> str:
    answers = [holds(condition, known) if condition else None for condition in conditions]
    if False in answers:
        return "never"
    return "conditionally" if None in answers else "always"


def events_of(write: Write) -> tuple[tuple[str, str], ...]:
    """The trigger events of a write, with how surely each comes about.

    AFTER INSERT triggers do not fire on the conflict path, and UPDATE triggers fire only there.
    """
    if write.operation == "merge":
        return tuple((event, "conditionally") for event in EVENTS)
    if write.operation not in EVENTS:
        return ()
    if write.conflict is None:
        return ((write.operation, "always"),)
    if write.conflict.action == "nothing":
        return (("insert", "conditionally"),)
    return (("insert", "conditionally"), ("update", "conditionally"))


def _fires(trigger: Trigger, event: str) -> str:
    if trigger.enabled in ("disabled", "replica"):
        return "never"
    if trigger.has_when or (event == "update" and trigger.update_columns):
        return "conditionally"
    return "always"


_RANK: Mapping[str, int] = {"always": 0, "conditionally": 1, "never": 2}


def _both(*fires: str) -> str:
    """How surely all of it comes about: the weakest."""
    return max(fires, key=_RANK.__getitem__)
