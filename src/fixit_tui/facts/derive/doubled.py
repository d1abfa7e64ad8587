"""Two triggers whose inserts make one row for one statement."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from fixit_tui.facts.base import Value
from fixit_tui.facts.derive.catalog import Catalog, Index, Trigger
from fixit_tui.facts.derive.effects import Effect
from fixit_tui.facts.derive.followed import Followed, Trace
from fixit_tui.facts.derive.row_changes import WHOLE
from fixit_tui.facts.derive.write import Write

_EVENTS = ("insert", "update")
# What a handler has to name to take a duplicate for granted.
_EXPECTS = {"others", "unique_violation", "integrity_constraint_violation", "23505", "23000"}


@dataclass(frozen=True, slots=True)
class _Insert:
    """A row trigger's insert: `given` holds what each written column stores, where it is known."""

    effect: Effect
    given: dict[str, Followed | None]
    trace: Trace

    @property
    def trigger(self) -> Trigger:
        """The trigger whose function, or what that calls, holds the insert."""
        return self.effect.triggers[-1]

    @property
    def turn(self) -> tuple[int, str, int, int]:
        """The order in which the server comes to it; same-event triggers fire by name."""
        first = self.effect.triggers[0]
        phase = 0 if first.timing == "before" else 2 if first.deferred else 1
        return (phase, first.name, self.effect.chain[0].routine_line or 0, self.effect.depth)


def doubled_rows(
    catalog: Catalog, writes: Iterable[Write], effects: Iterable[Effect]
) -> Iterator[dict[str, Value]]:
    """Rows of `doubled`: pairs on one relation and event that store the same row."""
    cleared: dict[tuple[int | None, int | None], int] = {}
    for write in writes:
        if write.operation == "delete" and write.routine is not None:
            place = (write.routine, write.relation)
            cleared[place] = min(
                cleared.get(place, write.routine_line or 0), write.routine_line or 0
            )
    groups: dict[tuple[int, str, int], list[_Insert]] = defaultdict(list)
    for effect in effects:
        if _counts(catalog, effect):
            storage = catalog.storage_of(effect.write.relation or 0, "insert")
            trace = Trace(catalog, effect)
            given = {c: trace.value(c) for c in effect.write.columns or ()}
            key = (effect.relation, effect.event, storage)
            groups[key].append(_Insert(effect, given, trace))
    for (_, _, storage), inserts in groups.items():
        inserts.sort(key=lambda i: i.turn)
        for first, second in combinations(inserts, 2):
            write = second.effect.write
            line = cleared.get((write.routine, write.relation))
            clears = line is not None and line < (write.routine_line or 0)
            if first.trigger.oid != second.trigger.oid and not clears:
                yield from _Pair(catalog, first, second, storage).rows()


def _counts(catalog: Catalog, effect: Effect) -> bool:
    write, first = effect.write, effect.triggers[0]
    outer = catalog.relations[effect.relation]
    return (
        write.operation == "insert"
        and not write.dynamic
        and write.relation is not None
        and write.columns is not None
        and effect.event in _EVENTS
        and effect.fires != "never"
        # A partition's triggers are its parent's; a cascade reaches other rows.
        and outer.parent is None
        and first.relation == effect.relation
        and all(t.level == "row" for t in effect.triggers)
    )


class _Pair:
    def __init__(self, catalog: Catalog, first: _Insert, second: _Insert, storage: int) -> None:
        self._catalog = catalog
        self._first = first
        self._second = second
        self._storage = storage

    def rows(self) -> Iterator[dict[str, Value]]:
        """One row for each unique key that both meet, or one without a key for twin rows."""
        first, second = self._first.effect, self._second.effect
        if not self._may_both_fire() or self._tolerates():
            return
        keys = [k for k in self._keys() if self._same_key(k)]
        if not keys and not self._twins():
            return
        found: list[Index | None] = [*keys] or [None]
        for key in found:
            yield {
                "relation": first.relation,
                "event": first.event,
                "target": self._storage,
                "first_trigger": self._first.trigger.oid,
                "second_trigger": self._second.trigger.oid,
                "first_write": first.write.id,
                "second_write": second.write.id,
                "index_oid": key.oid if key else None,
                "always": int(self._together()),
                "same_function": int(self._same_function()),
                "first_extra": _json(self._only(self._first, self._second)),
                "second_extra": _json(self._only(self._second, self._first)),
                "differs": _json(self._differing(key)),
            }

    def _keys(self) -> list[Index]:
        return sorted(
            (
                k
                for k in self._catalog.indexes.get(self._storage, [])
                if k.unique and k.valid and k.keys and None not in k.keys and k.predicate is None
            ),
            key=lambda k: (not k.primary, len(k.keys), k.name),
        )

    def _same_key(self, key: Index) -> bool:
        return all(self._same(c, in_key=True) for c in key.keys if c is not None)

    def _same(self, column: str, *, in_key: bool = False) -> bool:
        one, other = self._first.trace.value(column), self._second.trace.value(column)
        if one is None or one != other or self._moves(one):
            return False
        # NULLs in a key never meet.
        return not (in_key and one == Followed("constant", "null"))

    def _moves(self, value: Followed) -> bool:
        """May a BEFORE trigger in between change the row that the value is taken from?"""
        if 0 not in (self._first.turn[0], self._second.turn[0]) or value.kind == "constant":
            return False
        effect = self._first.effect
        changed = self._catalog.changed_before(effect.relation, effect.event)
        return bool(changed) and (value.kind != "row" or bool({value.text, WHOLE} & changed))

    def _twins(self) -> bool:
        """Without a key: the very same function twice, or equal rows of which all is known."""
        if any(i.effect.write.conflict for i in (self._first, self._second)):
            return False
        if not self._together():
            return False
        if self._same_function():
            body = self._catalog.routines[self._first.trigger.routine].body or ""
            return not any(w in body.lower() for w in ("tg_name", "tg_when", "pg_trigger_depth"))
        columns = set(self._first.given) | set(self._second.given)
        own = [v for v in self._first.given.values() if v and v.kind in ("row", "expression")]
        return (
            bool(own)
            and set(self._first.given) == set(self._second.given)
            and all(self._same(c) for c in columns)
        )

    def _same_function(self) -> bool:
        one, other = self._first.trigger, self._second.trigger
        return (
            one.relation == other.relation
            and one.routine == other.routine
            and one.args == other.args
            and one.timing == other.timing
            and self._first.effect.write.id == self._second.effect.write.id
        )

    def _together(self) -> bool:
        """Does every row that makes the one write make the other write, too?"""
        one, other = self._first.effect, self._second.effect
        if one.fires == other.fires == "always":
            return True
        if len(one.chain) > 1 or len(other.chain) > 1:
            return False
        a, b = one.triggers[0], other.triggers[0]
        return (
            a.when == b.when
            and a.when != ""
            and a.update_columns == b.update_columns
            and (one.within == other.within == "always" or one.write.id == other.write.id)
        )

    def _may_both_fire(self) -> bool:
        """Under two different conditions both may never hold at once."""
        fires = (self._first.effect.fires, self._second.effect.fires)
        return self._together() or "always" in fires or self._overlap()

    def _overlap(self) -> bool:
        """Is it one function twice, and one of its triggers asks nothing but the columns?"""
        a, b = self._first.trigger, self._second.trigger
        body = (self._catalog.routines[a.routine].body or "").lower()
        return (
            self._same_function()
            and None in (a.when, b.when)
            and (
                a.update_columns == b.update_columns
                or not all((a.update_columns, b.update_columns))
            )
            and not any(w in body for w in ("tg_name", "tg_when", "pg_trigger_depth"))
        )

    def _tolerates(self) -> bool:
        """Does the later insert expect the row, or look for it first?"""
        write = self._second.effect.write
        return write.conflict is not None or bool(_EXPECTS & set(write.guards)) or write.looks_first

    def _only(self, mine: _Insert, other: _Insert) -> list[str]:
        """Columns whose value only `mine` brings."""
        key = {c for k in self._keys() if self._same_key(k) for c in k.keys}
        return [c for c in mine.given if c not in key and c not in other.given]

    def _differing(self, key: Index | None) -> list[str]:
        """Columns that both give, but not the same."""
        own = set(key.keys) if key else set()
        shared = [c for c in self._second.given if c in self._first.given and c not in own]
        return [c for c in shared if not self._same(c)]


def _json(items: Sequence[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False)
