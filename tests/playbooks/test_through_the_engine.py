"""Every fix of every case the way a person takes it: planned, rehearsed, applied, undone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.client_tools import client_tool
from tests.playbooks.harness import Stage, cases_here, each_case, run_script
from tests.playbooks.laws import sql_fixes, without_quarantine

from fixit_tui.engine.session import Session
from fixit_tui.errors import RefusedError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import FixKind
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState
from fixit_tui.playbooks.cases import Case
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.server_binaries import bin_dir_of
from fixit_tui.wiring import open_session

PLAYBOOKS, _ = load_all([("builtin", builtin_root())])
FIXES = {(p.id, fix.id): fix.kind for p in PLAYBOOKS for fix in p.fixes}
WITH_SQL = [
    case
    for playbook in PLAYBOOKS
    for case in cases_here(playbook)
    if case.fires
    and case.failing
    and any(FIXES.get((playbook.id, f.recommended or "")) is FixKind.SQL for f in case.findings)
]
ONE_OF_EACH = list({f.recommended: case for case in WITH_SQL for f in case.findings}.values())
"""A case for each recommended migration."""


def _name(case: Case) -> str:
    return f"{case.playbook}/{case.name}"


@pytest.fixture
def copy(stage: Stage) -> Iterator[Stage]:
    """The same database once more, for what psql makes of it."""
    name = f"{stage.database}_copy"
    try:
        yield stage.copy(name)
    finally:
        stage.server.drop_database(name)


@pytest.fixture
def session(stage: Stage, case: Case) -> Iterator[Session]:
    opened = open_session(stage.dsn, code=stage.code, symptom_text=case.text("symptom.txt"))
    yield opened
    opened.close()


def never() -> bool:
    return False


def choices(diagnosis: Diagnosis, case: Case) -> list[Choice]:
    """Each fix with SQL of this playbook's findings."""
    own = [f for f in diagnosis.findings if f.playbook == case.playbook]
    return [Choice(f.id, fix.id) for f in own for fix in sql_fixes([f])]


def carry_out(session: Session, plan: Plan) -> str:
    consent = Consent(plan.hash, session.connect().name)
    receipt = session.apply(plan, consent, ignore_event, never)
    assert receipt.state is PlanState.APPLIED, receipt
    return receipt.id


def assert_cured(session: Session, plan: Plan, receipt_id: str) -> None:
    """A new diagnosis finds the fault gone; where only the error shows it, its statement passes."""
    receipt = next(r for r in session.receipts() if r.id == receipt_id)
    checked, _ = session.recheck(receipt, ignore_event, never)
    untold = session.symptom is not None and not plan.replay
    states = {PlanState.VERIFIED, PlanState.APPLIED} if untold else {PlanState.VERIFIED}
    assert checked.state in states, checked.verification


def psql(stage: Stage, exported: Sequence[Path], *, undo: bool = False) -> None:
    """Run the exported changes in order, or their undos in the opposite one."""
    program = client_tool(stage.server, "psql")
    files = sorted(p for p in exported if p.suffix == ".sql")
    files = [p for p in files if (".undo" in p.suffixes) is undo]
    for file in reversed(files) if undo else files:
        done = subprocess.run(
            [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", stage.dsn, "-f", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "ERROR" in done.stderr) == (0, False), done.stderr


@each_case(WITH_SQL, ONE_OF_EACH)
def test_a_fix_is_rehearsed_applied_and_undone(
    stage: Stage, copy: Stage, session: Session, case: Case, tmp_path: Path
) -> None:
    failing = case.text("failing.sql") or ""
    before = stage.schema(), stage.rows()
    plan = session.plan(choices(session.diagnose(ignore_event, never), case)[:1])
    if not plan.alone:
        rehearsal = session.rehearse(plan, ignore_event, never)
        assert rehearsal.succeeded, rehearsal.failure
    assert (stage.schema(), stage.rows()) == before, "a rehearsal leaves nothing behind"
    exported = session.export(plan, tmp_path / "out")
    receipt = carry_out(session, plan)
    assert run_script(stage, failing) is None
    assert_cured(session, plan, receipt)
    psql(copy, exported)
    assert copy.schema() == stage.schema(), "psql makes what apply makes"
    assert copy.rows(timeless=True) == stage.rows(timeless=True)
    if any(step.irreversible for step in plan.steps):
        return
    carry_out(session, session.plan_undo(receipt))
    undone = stage.schema()
    assert stage.rows() == before[1]
    assert without_quarantine(undone) == without_quarantine(before[0])
    psql(copy, exported, undo=True)
    assert (copy.schema(), copy.rows()) == (undone, before[1])


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=_name)
def test_a_fix_is_rehearsed_on_a_shadow(stage: Stage, session: Session, case: Case) -> None:
    before = stage.schema(), stage.rows()
    fixes = choices(session.diagnose(ignore_event, never), case)
    plan = session.plan(fixes[:1])
    if plan.alone:
        with pytest.raises(RefusedError, match="cannot be rehearsed"):
            session.rehearse_in_shadow(plan, ignore_event, never)
        return
    rehearsal = session.rehearse_in_shadow(plan, ignore_event, never)
    assert (stage.schema(), stage.rows()) == before
    likeness, *_ = rehearsal.fidelity
    same = bin_dir_of(session.connect().server_version // 10000) is not None
    told = "are as on the target" if same else "it runs PostgreSQL"
    assert told in likeness, rehearsal.fidelity
    assert not [line for line in rehearsal.fidelity if line.startswith("not there")]
    if rehearsal.succeeded:
        assert all(check.holds for check in rehearsal.undone)
    else:
        assert rehearsal.failure.startswith("it depends on rows"), rehearsal.failure
