"""Killed at every exchange with the server: exactly before or exactly after, and the word is true."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from kill_stage import DEADLY, SCENARIOS, Kind, Scenario, Stage, Trial, Verdict
from link_proxy import Side

SEED = 409


@contextmanager
def new_stage() -> Iterator[Stage]:
    """A stage with a server of its own."""
    with tempfile.TemporaryDirectory(prefix="fixit-tui-", ignore_cleanup_errors=True) as name:
        # The server may run as another user, who must be able to reach its data.
        Path(name).chmod(0o755)
        with closing(Stage(Path(name), SEED)) as stage:
            yield stage


def every_trial(stage: Stage, scenarios: Sequence[Scenario]) -> list[Trial]:
    """Each plan × fault × exchange × side."""
    return [
        Trial(scenario, kind, number, side)
        for scenario in scenarios
        for number in range(1, stage.exchanges(scenario) + 1)
        for kind in DEADLY
        for side in Side
        # A server that starts again takes a second: not on every plan.
        if kind is not Kind.SHUTDOWN or scenario.name in ("quarantine", "undo")
    ]


def table(verdicts: Sequence[Verdict]) -> str:
    """Runs by fault and side, and what was found."""
    lines = [f"{'fault':<22}{'moment':<32}{'runs':>5}{'before':>8}{'after':>7}{'asked':>7}  words"]
    for kind in DEADLY:
        for side in Side:
            for committing in (False, True):
                those = [
                    v
                    for v in verdicts
                    if (v.trial.kind, v.trial.side, v.committing) == (kind, side, committing)
                ]
                where = str(side) + (" (COMMIT)" if committing else "")
                words = Counter(v.word for v in those)
                told = ", ".join(f"{word} {count}" for word, count in sorted(words.items()))
                lines.append(
                    f"{kind:<22}{where:<32}{len(those):>5}"
                    f"{sum(v.database == 'before' for v in those):>8}"
                    f"{sum(v.database == 'after' for v in those):>7}"
                    f"{sum(v.settled == 'by recover' for v in those):>7}  {told}"
                )
    lines.append(f"{len(verdicts)} runs, seed {SEED}; 'asked': settled by asking the server")
    return "\n".join(lines)


def run_all(scenario: Scenario) -> list[Verdict]:
    """Every trial of one plan, on a server of its own."""
    with new_stage() as stage:
        return [stage.run(trial) for trial in every_trial(stage, [scenario])]


def test_some_kill_points() -> None:
    quarantine = next(s for s in SCENARIOS if s.name == "quarantine")
    with new_stage() as stage:
        commit = stage.exchanges(quarantine)
        some = [
            Trial(quarantine, Kind.TERMINATE, commit // 2, Side.DURING),
            Trial(quarantine, Kind.KILL, commit, Side.BEFORE),
            Trial(quarantine, Kind.CUT, commit, Side.BEFORE),
            Trial(quarantine, Kind.CUT, commit, Side.AFTER),
            Trial(quarantine, Kind.KILL, commit, Side.AFTER),
        ]
        found = [(v.database, v.word) for v in map(stage.run, some)]
    assert found == [
        ("before", "rolled back"),
        ("before", "dead"),
        ("before", "in doubt"),
        ("after", "in doubt"),
        ("after", "dead"),
    ]


@pytest.mark.slow
@pytest.mark.faults
def test_every_kill_point(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        verdicts = [v for those in pool.map(run_all, SCENARIOS) for v in those]
    with capsys.disabled():
        sys.stdout.write(f"\n{table(verdicts)}\n")
    assert len(verdicts) >= 1000
    by_word = Counter((v.word, v.database) for v in verdicts)
    assert by_word["dead", "after"] > 0
    assert by_word["in doubt", "after"] > 0
