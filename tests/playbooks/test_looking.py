"""Diagnose, plan, export, replay and both rehearsals leave every case exactly as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.playbooks.harness import Stage, cases_here, each_case
from tests.playbooks.snapshot import snapshot

from fixit_tui import wiring
from fixit_tui.engine.session import Session
from fixit_tui.errors import RefusedError, UsageError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import ignore_event
from fixit_tui.model.plan import Choice, Plan
from fixit_tui.playbooks.cases import Case
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.shadow import _SUPERUSER, PgShadow

PLAYBOOKS, _ = load_all([("builtin", builtin_root())])
CASES = [case for playbook in PLAYBOOKS for case in cases_here(playbook)]
QUICK = list({case.playbook: case for case in CASES if case.fires}.values())
"""A firing case of each playbook."""


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def shadows() -> Iterator[LocalServer]:
    """One server for the shadows of all cases: starting one for each takes most of the time."""
    with LocalServer.start(settings=FAST, superuser=_SUPERUSER) as running:
        yield running


@pytest.fixture
def session(
    stage: Stage, case: Case, shadows: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    @contextmanager
    def open_shadow(search_path: str, version: int) -> Iterator[PgShadow]:
        shadows.drop_database("shadow")
        shadows.create_database("shadow")
        yield PgShadow(shadows)

    monkeypatch.setattr(wiring, "_open_shadow", open_shadow)
    opened = wiring.open_session(
        stage.dsn, code=stage.code, symptom_text=case.text("symptom.txt"), ledger_in_database=True
    )
    yield opened
    opened.close()


def plans(session: Session, diagnosis: Diagnosis) -> Iterator[Plan]:
    """A plan for each first fix that is more than advice."""
    for finding in diagnosis.findings:
        runnable = [x for x in finding.fixes if (x.sql or x.edits) and not x.blocked_by]
        for fix in runnable[:1]:
            yield session.plan([Choice(finding.id, fix.id)])


@each_case(CASES, QUICK)
def test_looking_changes_nothing(stage: Stage, session: Session, tmp_path: Path) -> None:
    before = snapshot(stage.dsn)
    diagnosis = session.diagnose(ignore_event, never)
    named: list[str] = []
    try:
        replay = session.prepare_replay(ignore_event, never)
    except UsageError:
        pass
    else:
        named += [survivor.text for survivor in replay.survives]
        session.replay(replay, ignore_event, never)
    for plan in plans(session, diagnosis):
        session.export(plan, tmp_path / "out")
        if not plan.steps:
            continue
        if plan.alone:
            with pytest.raises(RefusedError):
                session.rehearse(plan, ignore_event, never)
            continue
        named += [survivor.text for survivor in plan.survives]
        rehearsal = session.rehearse(plan, ignore_event, never)
        assert not [w for w in rehearsal.warnings if "was not foreseen" in w]
        session.rehearse_in_shadow(plan, ignore_event, never)
    after = snapshot(stage.dsn)
    assert after.catalog == before.catalog
    assert after.rows == before.rows
    moved = before.moved(after)
    assert not {name for name in moved if not any(f" of {name} " in text for text in named)}
