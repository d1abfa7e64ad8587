"""Cases are no decoration: each playbook, broken in three ways, is noticed by them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from tests.playbooks.met import Met, meet
from tests.playbooks.mutants import change_mutants
from tests.playbooks.mutation import lawful, offered, survivors

from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook, load_all
from fixit_tui.postgres.local_server import LocalServer

PLAYBOOKS, _ = load_all([("builtin", builtin_root())])


def _first_cases(playbook: Playbook, server: LocalServer) -> list[Case]:
    """One case that fires and one that does not."""
    fit = [case for case in load_cases(playbook) if case.fits(server.version)]
    return [next(c for c in fit if c.fires), next(c for c in fit if not c.fires)]


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.id)
def test_two_cases_notice_three_broken_queries(
    server: LocalServer, playbook: Playbook, tmp_path: Path
) -> None:
    met: list[Met] = []
    try:
        for number, case in enumerate(_first_cases(playbook, server)):
            met.append(meet(server, case, tmp_path / str(number)))
        noticed = (what for what, alive in survivors(playbook, met) if not alive)
        assert len(list(islice(noticed, 3))) == 3
    finally:
        for each in met:
            each.facts.close()


REPAIRED = {
    playbook.id: [c for c in load_cases(playbook) if c.fires and c.failing]
    for playbook in PLAYBOOKS
    if any((playbook.folder / "fixes").rglob("*.sql"))
}


@pytest.mark.parametrize("playbook", REPAIRED)
def test_a_broken_migration_is_noticed_on_its_way_up_and_back(
    server: LocalServer, playbook: str, tmp_path: Path
) -> None:
    case, fix = next(
        (case, fix)
        for number, case in enumerate(REPAIRED[playbook])
        if case.fits(server.version)
        for fix in offered(server, case, tmp_path / f"case{number}")
    )
    assert fix.sql is not None
    ways = ("up",) if fix.sql.irreversible else ("up", "undo")
    for way in ways:
        broken = [c for what, c in change_mutants(fix.sql) if what.startswith(f"{way} without")]
        assert any(
            not lawful(server, case, replace(fix, sql=change), tmp_path / f"{way}{number}")
            for number, change in enumerate(broken)
        ), f"{fix.id}: {way}"
