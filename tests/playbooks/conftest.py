"""Where the tests of playbooks meet a case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.playbooks.harness import Stage, staged

from fixit_tui.playbooks.cases import Case
from fixit_tui.postgres.local_server import LocalServer


@pytest.fixture
def stage(server: LocalServer, case: Case, tmp_path: Path) -> Iterator[Stage]:
    """The case by itself."""
    with staged(server, case, tmp_path) as made:
        yield made
