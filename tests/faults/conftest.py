"""The same bench as the server tests, for faults that strike in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fixit_tui.postgres.local_server import LocalServer

sys.path.insert(0, str(Path(__file__).parent.parent / "postgres"))

from apply_tools import Bench, bench_with_goals


@pytest.fixture
def bench(database: str, server: LocalServer, tmp_path: Path) -> Bench:
    """Three rows in public.goals, a code folder, and an empty ledger."""
    return bench_with_goals(database, server, tmp_path)
