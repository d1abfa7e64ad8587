"""Diagnose: every playbook over the facts, one by one; none of them stops the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fixit_tui.engine.attempt import stop_if_asked
from fixit_tui.engine.edits import locate
from fixit_tui.engine.ports import Cancelled, Reader
from fixit_tui.errors import CancelledError, ConnectError, Effect, FixitError
from fixit_tui.facts.base import FactBase
from fixit_tui.model.diagnosis import Diagnosis, Gap, PlaybookRun, RunStatus
from fixit_tui.model.events import OnEvent, PlaybookFinished, PlaybookStarted, StageStarted
from fixit_tui.model.finding import Finding
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.playbooks.rank import explain
from fixit_tui.playbooks.run import run_playbook
from fixit_tui.playbooks.server_range import within

Loaded = tuple[Sequence[Playbook], Sequence[str]]
"""Playbooks, and one sentence for each that could not be loaded."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What playbooks run on, and what of it is there."""

    target: Target
    facts: FactBase
    reader: Reader | None
    code_root: Path | None
    available: frozenset[str]

    def source(self, path: str) -> bytes | None:
        """The bytes of a file of the code folder; None when it cannot be read."""
        if self.code_root is None:
            return None
        try:
            return locate(self.code_root, path).read_bytes()
        except (OSError, FixitError):
            return None


def run_playbooks(
    target: Target,
    symptom: Symptom | None,
    facts: FactBase,
    loaded: Loaded,
    reader: Reader | None,
    code_root: Path | None,
    on_event: OnEvent,
    cancelled: Cancelled,
) -> Diagnosis:
    """Run the playbooks and rank what they find. Raises CancelledError and ConnectError only."""
    playbooks, problems = loaded
    bench = Bench(target, facts, reader, code_root, _available(reader, code_root, symptom))
    runs: list[PlaybookRun] = []
    findings: list[Finding] = []
    for number, playbook in enumerate(playbooks, start=1):
        stop_if_asked(cancelled, Effect.NOTHING_CHANGED)
        on_event(PlaybookStarted(playbook.id, playbook.title, number, len(playbooks)))
        run, found = _run(bench, playbook, cancelled)
        on_event(PlaybookFinished(run, found))
        runs.append(run)
        findings += found
    on_event(StageStarted("ranking"))
    ended = {run.id for run in runs if run.status in (RunStatus.FOUND, RunStatus.CLEAR)}
    unsure = frozenset(cause for p in playbooks if p.id not in ended for cause in p.causes)
    ranked, unexplained = explain(findings, facts, [p for p in playbooks if p.id in ended], unsure)
    return Diagnosis(
        target=target,
        symptom=symptom,
        runs=tuple(runs),
        findings=ranked,
        gaps=(*gaps(facts), *(Gap(p, "this playbook does not run") for p in problems)),
        unexplained=unexplained,
    )


def _available(
    reader: Reader | None, code_root: Path | None, symptom: Symptom | None
) -> frozenset[str]:
    there = {"catalog"}
    if reader is not None:
        there.add("server")
    if code_root is not None:
        there.add("code")
    if symptom is not None:
        there.add("symptom")
    return frozenset(there)


def _run(
    bench: Bench, playbook: Playbook, cancelled: Cancelled
) -> tuple[PlaybookRun, tuple[Finding, ...]]:
    reason = skip_reason(playbook, bench.target, bench.available)
    if reason:
        return PlaybookRun(playbook.id, RunStatus.SKIPPED, reason), ()
    started = time.monotonic()
    found: tuple[Finding, ...] = ()
    status, reason = RunStatus.CLEAR, ""
    checks = bench.reader.checks if bench.reader is not None else None
    try:
        found = run_playbook(playbook, bench.facts, checks, bench.source)
        status = RunStatus.FOUND if found else RunStatus.CLEAR
    except CancelledError:
        raise
    except FixitError as error:
        if cancelled():
            raise CancelledError("the diagnosis was stopped") from error
        # A lost connection spoils every playbook after this one, too: say so once.
        if isinstance(error, ConnectError):
            raise
        status, reason = RunStatus.FAILED, "; ".join(t for t in (error.message, error.hint) if t)
    except Exception as error:  # a playbook is foreign data: whatever it breaks is its own
        status, reason = RunStatus.FAILED, f"{type(error).__name__}: {error}"
    elapsed = round((time.monotonic() - started) * 1000)
    return PlaybookRun(playbook.id, status, reason, elapsed), found


def skip_reason(playbook: Playbook, target: Target, available: frozenset[str]) -> str:
    """Why a playbook does not run here; '' when it does."""
    missing = [need for need in playbook.needs if need not in available]
    if missing:
        return f"needs {', '.join(missing)}"
    if playbook.platform and playbook.platform != target.platform:
        return f"only for {playbook.platform}"
    if not within(target.server_version, playbook.server):
        return f"only for servers {playbook.server}"
    return ""


def gaps(facts: FactBase) -> tuple[Gap, ...]:
    """What could not be read, and how many calls and statements could not be resolved."""
    found = [
        Gap(str(row["what"]), str(row["costs"] or ""))
        for row in facts.query("SELECT what, costs FROM gap")
    ]
    found += _unreadable_files(facts)
    calls = facts.query("SELECT count(*) AS n FROM code_call")[0]["n"]
    rows = facts.query(
        "SELECT area, what, count(*) AS n FROM unknown GROUP BY area, what ORDER BY area, what"
    )
    for row in rows:
        if row["area"] == "code":
            of, what = f" of {calls} database calls in the code", "may be of that kind unseen"
        else:
            of, what = " places in database functions", "may happen there unseen"
        found.append(Gap(f"{row['n']}{of} could not be resolved: {row['what']}", f"a fault {what}"))
    return tuple(found)


def _unreadable_files(facts: FactBase) -> list[Gap]:
    rows = facts.query(
        "SELECT status, count(*) AS n, min(path) AS path FROM code_file"
        " WHERE status <> 'scanned' AND language <> 'sql' GROUP BY status ORDER BY status"
    )
    return [
        Gap(
            f"{row['n']} code files were not read: {row['status']} ({row['path']}"
            + (" …)" if int(row["n"] or 0) > 1 else ")"),
            "calls in them are not seen",
        )
        for row in rows
    ]
