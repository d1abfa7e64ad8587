"""The laws that every playbook obeys, on a real server, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.playbooks.account import hold_to_the_golden_account
from tests.playbooks.harness import Stage, cases_here, loud, run_script, staged
from tests.playbooks.laws import (
    hold_to_the_code_law,
    hold_to_the_laws,
    mended_in_code,
    sql_fixes,
)
from tests.playbooks.near import near_misses

from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.finding import Finding
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.check import check, squawk, squawk_path
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.playbooks.run import run_playbook
from fixit_tui.postgres.local_server import LocalServer

PLAYBOOKS, PROBLEMS = load_all([("builtin", builtin_root())])
CASES = [case for playbook in PLAYBOOKS for case in cases_here(playbook)]
FIRING = [c for c in CASES if c.fires]
FAILING = [c for c in FIRING if c.failing]


def _name(value: object) -> str:
    return f"{value.playbook}/{value.name}" if isinstance(value, Case) else str(value)


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=_name)


@pytest.fixture
def crowded(server: LocalServer, case: Case, tmp_path: Path) -> Iterator[Stage]:
    """The case among healthy tables and code that have nothing to do with it."""
    with staged(server, case, tmp_path, crowded=True) as made:
        yield made


def _own(stage: Stage, findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.playbook == stage.case.playbook]


def test_every_playbook_loads_and_is_complete() -> None:
    assert PLAYBOOKS
    assert not PROBLEMS
    assert {p.id: check(p.folder) for p in PLAYBOOKS} == {p.id: () for p in PLAYBOOKS}


def test_every_declared_cause_has_a_firing_case() -> None:
    proven = {(p.id, f.cause) for p in PLAYBOOKS for c in load_cases(p) for f in c.findings}
    assert not {(p.id, cause) for p in PLAYBOOKS for cause in p.causes} - proven


@cases(CASES)
def test_a_case_finds_exactly_what_it_expects(crowded: Stage, case: Case) -> None:
    found = _looked_at(crowded, told=False)
    if case.needs_symptom:
        assert [f.title for f in found] == []
    if case.text("symptom.txt"):
        told = _looked_at(crowded, told=True)
        found = told if case.needs_symptom else found
    if not case.fires:
        quiet = _own(crowded, found) if case.needs_symptom else found
        assert [f.title for f in quiet] == []
        return
    got = [
        (f.cause, f.relation, f.object or "", tuple(s.text for s in f.sites), _best(f))
        for f in _own(crowded, found)
    ]
    wanted = [
        (f.cause, f.relation, f.object or "", f.sites, f.recommended or "") for f in case.findings
    ]
    assert sorted(got) == sorted(wanted)


def _looked_at(stage: Stage, *, told: bool) -> tuple[Finding, ...]:
    """Findings above info of every playbook.

    The symptom is explained, the own findings' account is the golden one, near misses are missed.
    """
    case = stage.case
    with stage.looked_at(told=told) as (diagnosis, facts):
        if told and case.explained:
            _hold_to_the_explanation(diagnosis, case)
        found = loud(diagnosis.findings)
        hold_to_the_golden_account(case, _own(stage, found), told=told)
        playbook = next(p for p in PLAYBOOKS if p.id == case.playbook)
        for near in near_misses(case, told=told):
            with near.made(facts):
                near.hold(loud(run_playbook(playbook, facts, None, stage.source)))
    return found


def _hold_to_the_explanation(diagnosis: Diagnosis, case: Case) -> None:
    assert diagnosis.symptom is not None
    first = diagnosis.findings[0]
    assert (first.cause, first.explains) == (case.explained, True)
    assert first.ruled_out
    assert diagnosis.unexplained == ()


def _best(finding: Finding) -> str:
    return finding.recommended.id if finding.recommended is not None else ""


@cases(FAILING)
def test_the_failing_statement_fails_as_told(stage: Stage, case: Case) -> None:
    assert case.failing is not None
    assert run_script(stage, case.text("failing.sql") or "") == case.failing.sqlstate


@cases(FAILING)
def test_sql_fixes_cure_and_can_be_undone(
    server: LocalServer, stage: Stage, case: Case, tmp_path: Path
) -> None:
    fixes = sql_fixes(_own(stage, stage.findings()))
    if not fixes:
        assert all(f.recommended for f in case.findings)
    for number, fix in enumerate(fixes):
        if number == 0:
            hold_to_the_laws(stage, fix)
            continue
        # What one fix leaves behind must not help the next one.
        with staged(server, case, tmp_path / str(number)) as fresh:
            again = [f for f in sql_fixes(_own(fresh, fresh.findings())) if f.id == fix.id]
            for same in again:
                hold_to_the_laws(fresh, same)
            assert again, fix.id


@cases([c for c in FIRING if (c.folder / "code").is_dir()])
def test_code_fixes_cure(stage: Stage, case: Case, tmp_path: Path) -> None:
    for finding in _own(stage, stage.findings()):
        if mended_in_code(finding):
            hold_to_the_code_law(stage, finding, tmp_path)


TIMEOUTS = "SET LOCAL lock_timeout = '2s';\nSET LOCAL statement_timeout = '30s';\n"


@cases(FIRING)
def test_migrations_pass_the_linter(stage: Stage, case: Case) -> None:
    assert squawk_path() is not None
    playbook = next(p for p in PLAYBOOKS if p.id == case.playbook)
    for finding in _own(stage, stage.findings()):
        for fix in finding.fixes:
            spec = playbook.fix(fix.id)
            if fix.sql is None or spec is None:
                continue
            assert bool(spec.squawk_ignore) == bool(spec.squawk_because), fix.id
            assert squawk(TIMEOUTS + fix.sql.up, spec.squawk_ignore) == "", fix.id
