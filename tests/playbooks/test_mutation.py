"""Cases are no decoration: each playbook, broken in three ways and more, is noticed by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from tests.playbooks.harness import SERVER_VERSION, cases_here
from tests.playbooks.met import meet
from tests.playbooks.mutants import change_mutants, query_mutants
from tests.playbooks.mutation import edit_survivors, lawful, notices, offered

from fixit_tui.playbooks.cases import Case
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook, load_all
from fixit_tui.postgres.local_server import LocalServer

PLAYBOOKS, _ = load_all([("builtin", builtin_root())])
ENOUGH = 3


def _in_turn(playbook: Playbook) -> Iterator[Case]:
    """Cases that fire and cases that do not, one of each at a time."""
    fit = cases_here(playbook)
    pairs = zip_longest((c for c in fit if c.fires), (c for c in fit if not c.fires))
    return (case for case in chain.from_iterable(pairs) if case is not None)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.id)
def test_cases_notice_three_broken_queries(
    server: LocalServer, playbook: Playbook, tmp_path: Path
) -> None:
    broken = list(query_mutants(playbook.query))
    held: set[int] = set()
    for case in _in_turn(playbook):
        for met in meet(server, case, tmp_path / case.name, crowded=False):
            with closing(met.facts):
                for noticed in notices(playbook, met):
                    for number, mutant in enumerate(broken):
                        if number not in held and noticed(replace(playbook, query=mutant.query)):
                            held.add(number)
                        if len(held) == ENOUGH:
                            return
    pytest.fail(
        f"{playbook.id}: its cases notice {len(held)} of {len(broken)} broken queries; nobody misses\n"
        + "\n".join(f"  {m.what}" for number, m in enumerate(broken) if number not in held)
    )


REPAIRED = {
    playbook.id: [c for c in cases_here(playbook) if c.fires and c.failing]
    for playbook in PLAYBOOKS
    if any((playbook.folder / "fixes").rglob("*.sql"))
}


@pytest.mark.parametrize("playbook", REPAIRED)
def test_a_broken_migration_is_noticed_on_its_way_up_and_back(
    server: LocalServer, playbook: str, tmp_path: Path
) -> None:
    cases = enumerate(REPAIRED[playbook])
    found = ((c, fix) for n, c in cases for fix in offered(server, c, tmp_path / f"case{n}"))
    case, fix = next(found, (None, None))
    if case is None or fix is None:
        assert SERVER_VERSION < 150_000, "some case has a migration"
        pytest.skip("its migrations need NULLS NOT DISTINCT")
    assert fix.sql is not None
    ways = ("up",) if fix.sql.irreversible else ("up", "undo")
    for way in ways:
        broken = [(w, c) for w, c in change_mutants(fix.sql) if w.startswith(f"{way} without")]
        assert any(
            not lawful(server, case, replace(fix, sql=change), tmp_path / f"{way}{number}")
            for number, (_, change) in enumerate(broken)
        ), f"{case.name}, {fix.id}: nobody misses any of\n" + "\n".join(f"  {w}" for w, _ in broken)


EDITED = {
    playbook.id: (playbook, cases)
    for playbook in PLAYBOOKS
    if "'edit'" in playbook.query
    for cases in [[c for c in cases_here(playbook) if c.fires and (c.folder / "code").is_dir()]]
}


@pytest.mark.parametrize("name", EDITED)
def test_a_broken_edit_is_noticed(server: LocalServer, name: str, tmp_path: Path) -> None:
    playbook, cases = EDITED[name]
    unnoticed = []
    for case in cases:
        for what, alive in edit_survivors(server, playbook, case, tmp_path / case.name):
            if not alive:
                return
            unnoticed.append(f"  {case.name}: {what}")
    pytest.fail(f"{name}: nobody misses any of\n" + "\n".join(unnoticed))
