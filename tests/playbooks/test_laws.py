"""The laws that every playbook obeys, on a real server, case by case."""

from __future__ import annotations

import contextlib
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.playbooks.harness import Stage, make_stage, run_script

from fixit_tui.model.finding import Finding, Fix, FixKind
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.check import check, squawk, squawk_path
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.split import split

PLAYBOOKS, PROBLEMS = load_all([("builtin", builtin_root())])
CASES = [case for playbook in PLAYBOOKS for case in load_cases(playbook)]
FIRING = [c for c in CASES if c.fires]
FAILING = [c for c in FIRING if c.failing]


def _name(value: object) -> str:
    return f"{value.playbook}/{value.name}" if isinstance(value, Case) else str(value)


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=_name)


@pytest.fixture
def stage(server: LocalServer, case: Case, tmp_path: Path) -> Iterator[Stage]:
    if not case.fits(server.version):
        pytest.skip(f"PostgreSQL {server.version // 10000} is not what this case is about")
    name = f"case_{uuid.uuid4().hex[:12]}"
    try:
        yield make_stage(server, case, name, tmp_path)
    finally:
        server.drop_database(name)


def _own(stage: Stage, findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.playbook == stage.case.playbook]


def _sql_fixes(findings: list[Finding]) -> list[Fix]:
    return [x for f in findings for x in f.fixes if x.sql is not None and not x.blocked_by]


def test_every_playbook_loads_and_is_complete() -> None:
    assert PLAYBOOKS
    assert not PROBLEMS
    assert {p.id: check(p.folder) for p in PLAYBOOKS} == {p.id: () for p in PLAYBOOKS}


def test_every_declared_cause_has_a_firing_case() -> None:
    proven = {(c.playbook, f.cause) for c in FIRING for f in c.findings}
    assert not {(p.id, cause) for p in PLAYBOOKS for cause in p.causes} - proven


@cases(CASES)
def test_a_case_finds_exactly_what_it_expects(stage: Stage, case: Case) -> None:
    found = stage.findings()
    if case.needs_symptom:
        assert [f.title for f in stage.findings(told=False)] == []
    if not case.fires:
        quiet = _own(stage, found) if case.needs_symptom else found
        assert [f.title for f in quiet] == []
        return
    got = [
        (f.cause, f.relation, f.object or "", tuple(s.text for s in f.sites), _best(f))
        for f in _own(stage, found)
    ]
    wanted = [
        (f.cause, f.relation, f.object or "", f.sites, f.recommended or "") for f in case.findings
    ]
    assert sorted(got) == sorted(wanted)


def _best(finding: Finding) -> str:
    return finding.recommended.id if finding.recommended is not None else ""


@cases([c for c in FIRING if c.explained])
def test_the_symptom_is_explained(stage: Stage, case: Case) -> None:
    diagnosis = stage.diagnose(symptom=case.text("symptom.txt"))
    assert diagnosis.symptom is not None
    first = diagnosis.findings[0]
    assert (first.cause, first.explains) == (case.explained, True)
    assert first.ruled_out
    assert diagnosis.unexplained == ()


@cases(FAILING)
def test_the_failing_statement_fails_as_told(stage: Stage, case: Case) -> None:
    assert case.failing is not None
    assert run_script(stage, case.text("failing.sql") or "") == case.failing.sqlstate


@cases(CASES)
def test_diagnosis_changes_nothing(stage: Stage, case: Case) -> None:
    before = stage.schema(), stage.rows()
    stage.diagnose(symptom=case.text("symptom.txt"))
    assert (stage.schema(), stage.rows()) == before


def _holds(connection: psycopg.Connection[tuple[object, ...]], text: str) -> bool:
    rows = connection.execute(text.encode()).fetchall()
    assert rows, "a check without rows says nothing"
    return all(row[1] for row in rows)


def _apply(stage: Stage, script: str) -> None:
    with psycopg.connect(stage.dsn) as connection:
        for statement in split(script):
            connection.execute(statement.encode())


def _accounted(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> bool:
    """Rows stay; or those that moved away, or were added, are recorded one by one."""

    def counted(rows: dict[str, tuple[int, str]], *, recorded: bool) -> int:
        return sum(n for table, (n, _) in rows.items() if ("fixit_quarantine" in table) is recorded)

    change = counted(after, recorded=False) - counted(before, recorded=False)
    return abs(change) == counted(after, recorded=True) - counted(before, recorded=True)


def _opened(before: str, after: str) -> set[str]:
    """Statements that grant or allow something and were not there before; switches turned off."""
    switches = re.compile(r"(?m)^ALTER TABLE .* ROW LEVEL SECURITY;$")
    lost = set(switches.findall(before)) - set(switches.findall(after))
    old, new = _openings(before), _openings(after)
    known = {part for statement in old for part in _predicates(statement)}
    return lost | {
        statement
        for statement in new - old
        if "fixit_quarantine" not in statement and not _only_own_rows(_predicates(statement), known)
    }


def _openings(dump: str) -> set[str]:
    """A dump's statements that grant or allow something, each on one line."""
    found = re.findall(r"(?ms)^(?:GRANT |CREATE POLICY |ALTER [^\n]* OWNER TO ).*?;$", dump)
    return {" ".join(statement.split()) for statement in found}


_POLICY = re.compile(
    r'CREATE POLICY (?:"(?:[^"]|"")+"|\w+) ON (?P<table>.+?)(?: FOR (?:SELECT|INSERT|UPDATE))?'
    r"(?: TO (?P<roles>.+?))?(?: USING (?P<using>\(.+?\)))?(?: WITH CHECK (?P<check>\(.+\)))?;"
)
_CALLER = re.compile(r'\(+(?:\( SELECT auth\.uid\(\) AS uid\)|auth\.uid\(\)) = ("[^"]+"|\w+)\)+')


def _predicates(line: str) -> set[tuple[str, str | None, str]]:
    """(table, roles, predicate) of a policy as pg_dump prints it; empty for anything else."""
    found = _POLICY.fullmatch(line)
    if found is None:
        return set()
    table, roles = found["table"], found["roles"]
    return {(table, roles, p) for p in (found["using"], found["check"]) if p is not None}


def _only_own_rows(
    wanted: set[tuple[str, str | None, str]], known: set[tuple[str, str | None, str]]
) -> bool:
    """Does a new policy only repeat what the table's policies say, or name the caller's rows?"""
    return bool(wanted) and all(
        ("auth.uid()" in predicate or "current_" in predicate)
        and ((table, roles, predicate) in known or _CALLER.fullmatch(predicate) is not None)
        for table, roles, predicate in wanted
    )


@cases(FAILING)
def test_sql_fixes_cure_and_can_be_undone(
    server: LocalServer, stage: Stage, case: Case, tmp_path: Path
) -> None:
    fixes = _sql_fixes(_own(stage, stage.findings()))
    if not fixes:
        assert all(f.recommended for f in case.findings)
    for number, fix in enumerate(fixes):
        if number == 0:
            _hold_to_the_laws(stage, fix)
            continue
        # What one fix leaves behind must not help the next one.
        name = f"{stage.database}_{number}"
        try:
            fresh = make_stage(server, case, name, tmp_path / name)
            again = [f for f in _sql_fixes(_own(fresh, fresh.findings())) if f.id == fix.id]
            for same in again:
                _hold_to_the_laws(fresh, same)
            assert again, fix.id
        finally:
            server.drop_database(name)


def _hold_to_the_laws(stage: Stage, fix: Fix) -> None:
    assert fix.sql is not None
    schema, rows = stage.schema(), stage.rows()
    with stage.connect() as connection:
        assert not _holds(connection, fix.sql.verify), f"{fix.id} verifies before it ran"
    _apply(stage, fix.sql.up)
    with stage.connect() as connection:
        assert _holds(connection, fix.sql.verify), f"{fix.id} does not verify"
    assert run_script(stage, stage.case.text("failing.sql") or "") is None, fix.id
    cured = stage.schema(), stage.rows()
    assert _accounted(rows, cured[1]), f"{fix.id} loses or invents rows"
    assert not _opened(schema, cured[0]), fix.id
    assert not _openings(schema) - _openings(cured[0]), f"{fix.id} takes a right or a policy away"
    _run_again(stage, fix)
    assert (stage.schema(), stage.rows()) == cured, f"{fix.id} is not harmless twice"
    if fix.sql.irreversible:
        assert fix.sql.undo == ""
        assert cured[1] == rows, f"{fix.id} changes rows for good"
        return
    _apply(stage, fix.sql.undo)
    assert _without_quarantine(stage.schema()) == _without_quarantine(schema), fix.id
    assert stage.rows() == rows, fix.id


def _run_again(stage: Stage, fix: Fix) -> None:
    assert fix.sql is not None
    with contextlib.suppress(psycopg.errors.DuplicateTable, psycopg.errors.DuplicateObject):
        _apply(stage, fix.sql.up)


def _without_quarantine(schema: str) -> str:
    """The empty quarantine schema may stay behind: others may use it."""
    return "\n".join(
        line
        for line in schema.splitlines()
        if "fixit_quarantine" not in line and line.strip() not in ("", "--")
    )


@cases([c for c in FIRING if (c.folder / "code").is_dir()])
def test_code_fixes_cure(stage: Stage, case: Case, tmp_path: Path) -> None:
    for finding in _own(stage, stage.findings()):
        fix = finding.recommended
        if fix is None or fix.kind not in (FixKind.CODE, FixKind.BOTH):
            continue
        if fix.sql is not None:
            _apply(stage, fix.sql.up)
        assert fix.patch, f"{fix.id} has no patch"
        assert stage.code is not None
        patch = tmp_path / "fix.patch"
        patch.write_bytes(fix.patch.encode())
        for words in (["--check"], []):
            subprocess.run(["git", "apply", *words, str(patch)], cwd=stage.code, check=True)
        left = [(f.cause, f.relation) for f in stage.findings()]
        assert (finding.cause, finding.relation) not in left
        fixed = case.text("fixed.sql")
        assert fixed is not None, "a fix in the code needs fixed.sql"
        assert run_script(stage, fixed) is None


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
