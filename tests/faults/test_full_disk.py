"""The ledger's disk is full: nothing is applied without its intent on disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from apply_tools import INDEX, Bench

from fixit_tui.errors import Effect, FixitError
from fixit_tui.model.plan import PlanState
from fixit_tui.store.ledger import FileLedger


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def until_it_fails(bench: Bench) -> Effect:
    """Apply and take back in turn; what the last of them said that it left."""
    while True:
        before = bench.state()
        try:
            receipt = bench.apply(bench.plan(INDEX))
            before = bench.state()
            bench.apply(bench.undo_plan(receipt))
        except FixitError as error:
            caught = error
            break
    assert caught.effect in (Effect.ROLLED_BACK, Effect.COMMITTED)
    assert (bench.state() == before) == (caught.effect is Effect.ROLLED_BACK)
    return caught.effect


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("free", [0, 1, 700, 2500, 4096, 6000, 9000, 12000])
def test_a_full_disk_prevents_the_commit(bench: Bench, small_disk: Path, free: int) -> None:
    bench.ledger = FileLedger(small_disk)
    first = bench.apply(bench.plan(INDEX))
    back = bench.apply(bench.undo_plan(first))
    known = bench.ledger.receipts()
    before = bench.state()
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 512)
        except OSError:
            pass
    with filler.open("r+b") as file:
        file.truncate(max(0, filler.stat().st_size - free))
    effect = until_it_fails(bench)
    filler.unlink()
    assert {r.id for r in known} <= {r.id for r in bench.ledger.receipts()}
    assert back.id in {r.id for r in bench.ledger.receipts()}
    bench.recover()
    there = bench.value("SELECT to_regclass('goals_key')") is not None
    kept = [r for r in bench.ledger.receipts() if r.state is PlanState.APPLIED and not r.undo_of]
    assert there == bool(kept)
    if effect is Effect.ROLLED_BACK and free < 1000:
        assert bench.state() == before
    assert (small_disk / "ledger.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_torn_by_a_crash_is_passed_over(bench: Bench) -> None:
    first = bench.apply(bench.plan(INDEX))
    whole = bench.ledger.path.read_bytes()
    for kept in range(len(whole) - 40, len(whole)):
        bench.ledger.path.write_bytes(whole[:kept])
        assert [r.id for r in bench.ledger.receipts()] == [first.id]
        (settled,) = bench.recover() or bench.ledger.receipts()
        assert settled.state is PlanState.APPLIED
    assert bench.apply(bench.undo_plan(first)).undo_of == first.id
