"""Capture: the facts of a database (or of a saved capture), of the code and of the symptom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fixit_tui.code.scan import scan
from fixit_tui.engine.attempt import stop_if_asked
from fixit_tui.engine.ports import Cancelled, Reader
from fixit_tui.errors import Effect
from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.derive import Answer, Confirm, derive
from fixit_tui.facts.derive.key_owner import find_key_owner
from fixit_tui.facts.derive.wanted_rows import count_wanted_rows
from fixit_tui.facts.load import load_catalog, load_code, load_symptom
from fixit_tui.facts.snapshot import Capture, Recorder
from fixit_tui.model.events import OnEvent, StageAdvanced, StageStarted
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Platform, Target

EVERYTHING: frozenset[str] = frozenset()


def gather(
    source: Reader | Capture,
    code_root: Path | None,
    symptom: Symptom | None,
    on_event: OnEvent,
    cancelled: Cancelled,
    key_value: str | None = None,
) -> FactBase:
    """Every fact, derived ones too. The caller closes the FactBase.

    `key_value` is the key that the symptom's error shows; a live database is asked who has it.
    """
    if isinstance(source, Capture):
        rows: Mapping[str, Sequence[Row]] = source.rows
        confirm: Confirm = source.confirm
    else:
        on_event(StageStarted("reading the catalog"))
        rows = source.capture(EVERYTHING, on_event, cancelled)
        confirm = source.explain_conflicts
    facts = _facts(rows, confirm, code_root, symptom, on_event, cancelled)
    if isinstance(source, Capture):
        return facts
    try:
        count_wanted_rows(facts, source.checks)
        if key_value is not None:
            find_key_owner(facts, key_value, source.checks)
    except BaseException:
        facts.close()
        raise
    return facts


def record(
    reader: Reader, code_root: Path | None, on_event: OnEvent, cancelled: Cancelled
) -> tuple[FactBase, dict[str, Answer]]:
    """Facts for a capture file, with the server's verdicts on the conflict clauses seen."""
    on_event(StageStarted("reading the catalog"))
    rows = reader.capture(EVERYTHING, on_event, cancelled)
    recorder = Recorder(reader.explain_conflicts)
    return _facts(rows, recorder, code_root, None, on_event, cancelled), recorder.verdicts


def _facts(
    rows: Mapping[str, Sequence[Row]],
    confirm: Confirm,
    code_root: Path | None,
    symptom: Symptom | None,
    on_event: OnEvent,
    cancelled: Cancelled,
) -> FactBase:
    facts = FactBase()
    try:
        load_catalog(facts, rows)
        stop_if_asked(cancelled, Effect.NOTHING_CHANGED)
        if code_root is not None:
            _load_code(facts, code_root, on_event, cancelled)
        if symptom is not None:
            load_symptom(facts, symptom)
        stop_if_asked(cancelled, Effect.NOTHING_CHANGED)
        on_event(StageStarted("joining the facts"))
        derive(facts, confirm)
    except BaseException:
        facts.close()
        raise
    return facts


def _load_code(facts: FactBase, root: Path, on_event: OnEvent, cancelled: Cancelled) -> None:
    on_event(StageStarted("reading the code"))
    found = scan(
        root,
        advance=lambda done, total, path: on_event(StageAdvanced(done, total, path)),
        cancelled=cancelled,
    )
    load_code(facts, found)


def target_of(server: Sequence[Row]) -> Target:
    """The target that the server row of a capture describes; always read-only."""
    row: Mapping[str, Value] = server[0] if server else {}

    def number(name: str) -> int:
        return int(row.get(name) or 0)

    platform = str(row.get("platform") or "")
    return Target(
        host=str(row.get("host") or ""),
        port=number("port"),
        database=str(row.get("database") or ""),
        role=str(row.get("role") or ""),
        server_version=number("version"),
        platform=Platform.SUPABASE if platform == "supabase" else Platform.POSTGRESQL,
        read_only=True,
        replica=bool(number("replica")),
        superuser=bool(number("superuser")),
        pooled=bool(number("pooled")),
    )
