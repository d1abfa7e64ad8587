"""Does a trigger write the very row that the code writes next?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive.catalog import Attribute, Catalog, Index
from fixit_tui.facts.derive.effects import Effect, Effects
from fixit_tui.facts.derive.row_changes import WHOLE
from fixit_tui.facts.derive.same_value import (
    Same,
    bare,
    compare,
    constant,
    is_fresh,
    is_now,
    refers_to,
)
from fixit_tui.facts.derive.write import Write

_ROW = re.compile(r'^(new|old)\s*\.\s*("(?:[^"]|"")+"|\w+)$', re.IGNORECASE)
_ARGUMENT = re.compile(r"^tg_argv\s*\[\s*(\d+)\s*\]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value of the trigger's row as the code sees it.

    Either `text` in the code's (or a literal's) words, or `column` of the row that the outer
    statement wrote and that the server filled in; neither when it cannot be followed.
    """

    text: str | None = None
    column: str | None = None


def same_rows(
    facts: FactBase, catalog: Catalog, writes: Sequence[Write], effects: Effects
) -> Iterator[dict[str, Value]]:
    """Rows of `same_row` for every two writes that follow each other in one function."""
    calls = {int(c["id"] or 0): c for c in facts.query("SELECT * FROM code_call")}
    groups: dict[tuple[Value, ...], list[Write]] = {}
    for write in writes:
        if write.call is not None and write.relation is not None:
            call = calls[write.call]
            key = (call["path"], call["function"], call["function_start"])
            groups.setdefault(key, []).append(write)
    for group in groups.values():
        group.sort(key=lambda w: (int(calls[w.call or 0]["start_byte"] or 0), w.id))
        for position, outer in enumerate(group):
            later = [w for w in group[position + 1 :] if w.operation == "insert"]
            if later and outer.operation in ("insert", "update", "delete"):
                caused = list(effects.of(outer.relation or 0, outer.operation))
                found = _filters(calls[outer.call or 0])
                for code in later:
                    yield from _pairs(catalog, outer, found, caused, code)


def _filters(call: Mapping[str, Value]) -> dict[str, str]:
    """Column → source text that an UPDATE's or DELETE's filter compares it with."""
    filters = json.loads(str(call["filters"] or "[]"))
    return {
        str(f["column"]): str(f["value"]) for f in filters if f.get("op") in ("eq", "match", "=")
    }


def _pairs(
    catalog: Catalog,
    outer: Write,
    found: Mapping[str, str],
    caused: Sequence[Effect],
    code: Write,
) -> Iterator[dict[str, Value]]:
    storage = catalog.storage_of(code.relation or 0, "insert")
    for effect in caused:
        inner = effect.write
        if inner.operation != "insert" or effect.trigger is None or inner.relation is None:
            continue
        if catalog.storage_of(inner.relation, "insert") != storage:
            continue
        keys = [
            i
            for i in catalog.indexes.get(storage, [])
            if i.unique and not i.expressions and i.predicate is None and i.keys
        ]
        if keys:
            yield _Comparison(catalog, outer, found, effect, code, storage).row(keys)


class _Comparison:
    """One trigger's write against one later write of the code."""

    def __init__(
        self,
        catalog: Catalog,
        outer: Write,
        found: Mapping[str, str],
        effect: Effect,
        code: Write,
        storage: int,
    ) -> None:
        self._outer = outer
        self._found = found
        self._effect = effect
        self._code = code
        self._columns: Mapping[str, Attribute] = catalog.attributes.get(storage, {})
        relation, event = outer.relation or 0, outer.operation or ""
        self._changed = catalog.changed_before(catalog.storage_of(relation, event), event)

    @property
    def _fires(self) -> str:
        """How surely the trigger's write goes before the code's, for this outer statement."""
        trigger, fires = self._effect.trigger, self._effect.fires
        # On the conflict path no row is inserted: only BEFORE triggers have run.
        upsert = self._outer.conflict is not None and (
            trigger is None or trigger.timing != "before"
        )
        skipped = self._outer.conditional and not self._code.conditional
        # A write whose failure is hidden may have failed.
        hidden = "others" in self._effect.write.guards
        unsure = upsert or skipped or hidden
        return "conditionally" if fires == "always" and unsure else fires

    def row(self, keys: Sequence[Index]) -> dict[str, Value]:
        verdicts = {key.oid: self._key(key) for key in keys}
        # The narrowest key first: it says the most.
        same = next(
            (
                k
                for k in sorted(keys, key=lambda k: (k.primary, len(k.keys)))
                if verdicts[k.oid] is Same.YES
            ),
            None,
        )
        if self._effect.fires == "never":
            verdict, same = Same.NO, None
        elif same is not None:
            verdict = Same.YES
        elif all(v is Same.NO for v in verdicts.values()):
            verdict = Same.NO
        else:
            verdict = Same.UNKNOWN
        extra = self._extra()
        covers = verdict is Same.YES and self._fires == "always" and extra == []
        trigger = self._effect.trigger
        assert trigger is not None
        return {
            "outer_write": self._outer.id,
            "trigger": trigger.oid,
            "last_trigger": self._effect.triggers[-1].oid,
            "inner_write": self._effect.write.id,
            "code_write": self._code.id,
            "index_oid": same.oid if same else None,
            "verdict": verdict.value,
            "fires": self._fires,
            "covers": int(covers),
            "extra_columns": None if extra is None else json.dumps(extra, ensure_ascii=False),
            "because": self._because(verdict, same, keys),
        }

    def _key(self, key: Index) -> Same:
        answers = [self._column(name) for name in key.keys if name is not None]
        if Same.NO in answers:
            return Same.NO
        return Same.UNKNOWN if Same.UNKNOWN in answers else Same.YES

    def _column(self, name: str, *, loosely: bool = False) -> Same:
        """Is the column's value the same in both rows?"""
        mine = self._code_value(name)
        theirs = self._trigger_value(name)
        if mine is None or (theirs.text is None and theirs.column is None):
            return Same.UNKNOWN
        if theirs.column is not None:
            found = refers_to(mine, theirs.column, self._outer.name or "")
            if found:
                return Same.YES
            return Same.NO if constant(mine) is not None or is_fresh(mine) else Same.UNKNOWN
        text = theirs.text or ""
        answer = compare(mine, text, loosely=loosely)
        if answer is Same.YES and constant(text) == "null" and not loosely:
            # NULLs in a key never meet.
            return Same.NO
        return answer

    def _code_value(self, name: str) -> str | None:
        if name in self._code.values:
            return self._code.values[name]
        if self._code.columns is None or name in self._code.columns:
            return None
        return self._default(name)

    def _trigger_value(self, name: str) -> _Given:
        inner = self._effect.write
        if name in inner.values:
            return self._followed(inner.values[name], len(self._effect.chain) - 1)
        if inner.columns is None or name in inner.columns:
            return _Given()
        return _Given(self._default(name))

    def _default(self, name: str) -> str | None:
        attribute = self._columns.get(name)
        if attribute is None or attribute.generated:
            return None
        if attribute.identity:
            return "nextval()"
        if attribute.has_default:
            return attribute.default
        return "null"

    def _followed(self, text: str, depth: int) -> _Given:
        """Follow NEW.column outwards through the writes that set each trigger off."""
        trigger = self._effect.trigger
        plain = bare(text)
        argument = _ARGUMENT.match(plain)
        if argument and depth == 0 and trigger is not None:
            number = int(argument.group(1))
            quoted = trigger.args[number].replace("'", "''") if number < len(trigger.args) else None
            return _Given(None if quoted is None else f"'{quoted}'")
        match = _ROW.match(plain)
        if match is None:
            return _Given(text) if constant(text) is not None or _closed(plain) else _Given()
        old, raw = match.group(1).lower() == "old", match.group(2)
        column = raw[1:-1].replace('""', '"') if raw.startswith('"') else raw.lower()
        return self._before(column, old) if depth == 0 else self._between(column, old, depth)

    def _between(self, column: str, old: bool, depth: int) -> _Given:
        """A field of the row that an intermediate write made."""
        before = self._effect.chain[depth - 1]
        if old or column not in before.values:
            return _Given()
        return self._followed(before.values[column], depth - 1)

    def _before(self, column: str, old: bool) -> _Given:
        """A field of the outer statement's row, in the code's words where it has some."""
        outer = self._outer
        if {column, WHOLE} & self._changed and not old:
            # A BEFORE trigger has the last word on what is stored.
            return _Given(column=column)
        if column in outer.values:
            text = outer.values[column]
            if old:
                return _Given()
            # A value that the statement itself makes is known afterwards by the row only.
            return _Given(column=column) if is_fresh(text) else _Given(text)
        if column in self._found and outer.operation != "insert":
            return _Given(self._found[column])
        if outer.columns is None and outer.operation != "delete":
            return _Given()
        if outer.columns is not None and column in outer.columns:
            return _Given()
        return _Given(column=column)

    def _extra(self) -> list[str] | None:
        """Columns whose value only the code's write brings."""
        columns = self._code.columns
        if columns is None:
            return None
        return [c for c in columns if self._column(c, loosely=True) is not Same.YES]

    def _because(self, verdict: Same, same: Index | None, keys: Sequence[Index]) -> str:
        who = f"trigger {self._effect.triggers[-1].name}"
        if self._effect.fires == "never":
            return f"{who} does not fire (disabled, or for replication only): it writes no row"
        if same is not None:
            shown = ", ".join(k for k in same.keys if k is not None)
            return f"{who} writes the same ({shown}) as this statement, the key of {same.name}"
        if verdict is Same.NO:
            return f"{who} writes another row: the values differ in every unique key"
        open_columns = sorted(
            {
                name
                for key in keys
                for name in key.keys
                if name is not None and self._column(name) is Same.UNKNOWN
            }
        )
        return f"{who} may write the same row: {', '.join(open_columns)} could not be compared"


def _closed(text: str) -> bool:
    """Does the expression depend on nothing but the server (clock, generated values)?"""
    return is_now(text) or is_fresh(text)
