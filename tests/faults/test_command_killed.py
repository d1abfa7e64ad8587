"""apply and undo as real processes that die at every moment; recover and history tell the truth."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from command_stage import BESIDE, BESIDE_UNDO, QUARANTINE, UNDO, Blow, CommandStage, Errand, Judged
from kill_stage import Kind
from link_proxy import Side

SEED = 409


@contextmanager
def new_stage(errand: Errand) -> Iterator[CommandStage]:
    """A stage with a server of its own."""
    with tempfile.TemporaryDirectory(prefix="fixit-tui-", ignore_cleanup_errors=True) as name:
        # The server may run as another user, who must be able to reach its data.
        Path(name).chmod(0o755)
        with closing(CommandStage(Path(name), errand)) as stage:
            yield stage


def every_blow(stage: CommandStage, errand: Errand) -> list[Blow]:
    """Every exchange once, by turns; the deciding one by every fault on every side."""
    chosen = random.Random(SEED)
    ways = [(kind, side) for kind in Kind for side in Side]
    cheap = [(kind, side) for kind, side in ways if kind is not Kind.SHUTDOWN]
    others = [n for n in range(1, stage.length + 1) if n != stage.deciding]
    spread = [cheap[place % len(cheap)] for place in range(len(others))]
    chosen.shuffle(spread)
    blows = [Blow(errand, kind, n, side) for n, (kind, side) in zip(others, spread, strict=True)]
    blows += [Blow(errand, Kind.SHUTDOWN, n, Side.DURING) for n in chosen.sample(others, 2)]
    return blows + [Blow(errand, kind, stage.deciding, side) for kind, side in ways]


def run_all(errand: Errand) -> list[Judged]:
    """Every blow of one errand."""
    with new_stage(errand) as stage:
        return [stage.run(blow) for blow in every_blow(stage, errand)]


def table(judged: Sequence[Judged]) -> str:
    """What was struck, by what and when, what was found and what was said."""
    lines = [f"{'command':<12}{'fault':<22}{'moment':<40}{'runs':>5}  found, said, recovered"]
    groups: dict[tuple[str, str, str], list[Judged]] = {}
    for one in judged:
        where = str(one.blow.side) + (" (deciding)" if one.deciding else "")
        key = (one.blow.errand.name, str(one.blow.kind), where)
        groups.setdefault(key, []).append(one)
    for (name, kind, where), those in groups.items():
        found = Counter(f"{j.database}/{j.word}/{j.recovered}" for j in those)
        told = ", ".join(f"{what} {count}" for what, count in sorted(found.items()))
        lines.append(f"{name:<12}{kind:<22}{where:<40}{len(those):>5}  {told}")
    return "\n".join([*lines, f"{len(judged)} runs of the command line, seed {SEED}"])


def test_a_killed_command_is_told_by_recover_and_history() -> None:
    with new_stage(QUARANTINE) as stage:
        blows = [
            Blow(QUARANTINE, Kind.KILL, stage.deciding, Side.BEFORE),
            Blow(QUARANTINE, Kind.KILL, stage.deciding, Side.AFTER),
        ]
        found = [stage.run(blow) for blow in blows]
    assert [(j.database, j.word) for j in found] == [("before", "dead"), ("after", "dead")]


@pytest.mark.slow
@pytest.mark.faults
def test_every_command_killed_at_every_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    errands = (QUARANTINE, UNDO, BESIDE, BESIDE_UNDO)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        judged = [one for those in pool.map(run_all, errands) for one in those]
    with capsys.disabled():
        sys.stdout.write(f"\n{table(judged)}\n")
    words = Counter((j.word, j.database) for j in judged)
    assert words["dead", "after"] > 0
    assert words["in doubt", "after"] > 0
    assert words["committed", "after"] > 0
    assert any(j.database == "unfinished" for j in judged)
