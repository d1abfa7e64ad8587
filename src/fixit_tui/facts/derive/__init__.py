"""Derived facts: computed once from catalog, code and symptom, and never again in a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fixit_tui.facts.base import FactBase, Row
from fixit_tui.facts.derive.arbiters import Verdict, judge
from fixit_tui.facts.derive.batches import batches
from fixit_tui.facts.derive.catalog import Catalog
from fixit_tui.facts.derive.chosen import chosen_values
from fixit_tui.facts.derive.confirm import Answer, Confirm, overrule, probe
from fixit_tui.facts.derive.conflict_targets import conflict_targets
from fixit_tui.facts.derive.doubled import doubled_rows
from fixit_tui.facts.derive.effects import Effects
from fixit_tui.facts.derive.followed import Trace
from fixit_tui.facts.derive.from_code import Unreadable, code_writes
from fixit_tui.facts.derive.from_files import add_told_statement
from fixit_tui.facts.derive.from_routines import RoutineWrites, routine_writes
from fixit_tui.facts.derive.from_symptom import pasted_writes
from fixit_tui.facts.derive.moves import move_plans
from fixit_tui.facts.derive.reads import reads
from fixit_tui.facts.derive.same_row import same_rows
from fixit_tui.facts.derive.wanted_keys import wanted_keys
from fixit_tui.facts.derive.write import Write
from fixit_tui.facts.resolve import resolve_symptom

__all__ = ["Answer", "Confirm", "derive"]


def derive(facts: FactBase, confirm: Confirm | None = None) -> None:
    """Fill the derived tables from `write` on; complete `routine` and `symptom`.

    Catalog, code and symptom have to be loaded. With `confirm` the server is asked once, about
    all conflict clauses together, and its verdict wins over the rules'.
    """
    add_told_statement(facts)
    catalog = Catalog(facts)
    bodies = routine_writes(catalog)
    writes = _writes(facts, catalog, bodies)
    _mark_parsed(facts, bodies)
    _insert_writes(facts, catalog, writes, confirm)
    effects = Effects(catalog, writes, bodies.calls)
    caused = list(effects.all())
    facts.insert("effect", [e.row(Trace(catalog, e).stores()) for e in caused])
    facts.insert("doubled", doubled_rows(catalog, writes, caused))
    facts.insert("chosen_value", chosen_values(facts))
    facts.insert("reads", reads(facts, catalog, writes))
    facts.insert("batch", batches(facts, catalog, writes))
    facts.insert("same_row", same_rows(facts, catalog, writes, effects))
    resolve_symptom(facts)
    facts.insert("wanted_key", wanted_keys(facts, catalog))
    facts.insert("conflict_target", conflict_targets(facts))
    facts.insert("move_plan", move_plans(facts, _with_a_key_to_make(facts)))


def _with_a_key_to_make(facts: FactBase) -> list[int]:
    """Tables that lack a key which a statement counts on or made, or have one that NULLs pass."""
    rows = facts.query(
        "SELECT relation FROM write WHERE verdict = '42P10' AND relation IS NOT NULL"
        " UNION SELECT v.relation FROM write w JOIN view_source v ON v.view = w.relation"
        "   WHERE w.verdict = '42P10'"
        " UNION SELECT relation FROM wanted_key"
        " UNION SELECT relation FROM rel_index WHERE is_unique = 1 AND is_valid = 0"
        " UNION SELECT i.relation FROM arbiter a JOIN rel_index i ON i.oid = a.index_oid,"
        "     json_each(i.columns) c"
        "   JOIN attribute n ON n.relation = i.relation AND n.name = c.value AND n.not_null = 0"
        "   WHERE a.usable = 1 AND coalesce(i.nulls_not_distinct, 0) = 0"
    )
    return [int(row["relation"] or 0) for row in rows]


def _writes(facts: FactBase, catalog: Catalog, bodies: RoutineWrites) -> list[Write]:
    """All writes, numbered: code first, then routines, then what was pasted."""
    found: list[Write] = []
    unknowns = list(bodies.unknowns)
    for item in code_writes(facts, catalog):
        if isinstance(item, Unreadable):
            unknowns.append(item)
        else:
            found.append(item)
    found += bodies.writes
    found += pasted_writes(facts, catalog, found)
    facts.insert("unknown", [unknown.row() for unknown in unknowns])
    return [replace(write, id=number) for number, write in enumerate(found, start=1)]


def _mark_parsed(facts: FactBase, bodies: RoutineWrites) -> None:
    for oid, error in bodies.parsed.items():
        facts.execute(
            "UPDATE routine SET parsed = ?, parse_error = ? WHERE oid = ?",
            (int(error is None), error, oid),
        )


def _insert_writes(
    facts: FactBase, catalog: Catalog, writes: Sequence[Write], confirm: Confirm | None
) -> None:
    verdicts = {w.id: verdict for w in writes if (verdict := judge(catalog, w)) is not None}
    asked = _ask(catalog, writes, verdicts, confirm) if confirm is not None else {}
    rows: list[Row] = []
    arbiters: list[Row] = []
    for write in writes:
        by = "server" if write.id in asked else "rule"
        verdict = asked.get(write.id) or verdicts.get(write.id)
        if verdict is None:
            rows.append(write.row(None, None))
            continue
        rows.append(write.row(verdict.outcome, by))
        arbiters += [judged.row(write.id) for judged in verdict.judgements]
    facts.insert("write", rows)
    facts.insert("arbiter", arbiters)


def _ask(
    catalog: Catalog,
    writes: Sequence[Write],
    verdicts: dict[int, Verdict],
    confirm: Confirm,
) -> dict[int, Verdict]:
    """The server's verdicts by write id; the same statement is asked once."""
    probes = {write.id: text for write in writes if (text := probe(catalog, write)) is not None}
    statements = list(dict.fromkeys(probes.values()))
    if not statements:
        return {}
    answers = dict(zip(statements, confirm(statements), strict=True))
    found: dict[int, Verdict] = {}
    for write in writes:
        if write.id in probes and write.id in verdicts:
            answer = answers[probes[write.id]]
            verdict = overrule(catalog, write, verdicts[write.id], answer)
            if verdict is not None:
                found[write.id] = verdict
    return found
