"""A bench with a small table for the tests that change a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from apply_tools import Bench, bench_with_goals

from fixit_tui.postgres.local_server import LocalServer


@pytest.fixture
def bench(database: str, server: LocalServer, tmp_path: Path) -> Bench:
    """Three rows in public.goals, a code folder, and an empty ledger."""
    return bench_with_goals(database, server, tmp_path)
