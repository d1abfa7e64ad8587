"""What is wrong with a playbook folder, beyond what loading refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.manifest import FixSpec, Playbook, load_playbook
from fixit_tui.playbooks.query import one_select
from fixit_tui.playbooks.run import check_columns
from fixit_tui.playbooks.template import syntax_error

_QUIET_CASES = 2


def check(folder: Path) -> tuple[str, ...]:
    """One sentence for each problem; empty when the playbook is fit for use."""
    try:
        playbook = load_playbook(folder, "extra")
    except UsageError as error:
        return (f"{error.message}{'; ' + error.hint if error.hint else ''}",)
    return tuple(_problems(playbook))


def _problems(playbook: Playbook) -> Iterator[str]:
    if not (playbook.folder / "README.md").exists():
        yield "there is no README.md, the runbook that the app shows"
    yield from _query(playbook)
    for fix in playbook.fixes:
        yield from _templates(fix)
    yield from _unused_folders(playbook)
    try:
        cases = load_cases(playbook)
    except UsageError as error:
        yield error.message
        return
    if not any(case.fires for case in cases):
        yield "no case fires"
    if sum(not case.fires for case in cases) < _QUIET_CASES:
        yield f"fewer than {_QUIET_CASES} cases are quiet"
    for case in cases:
        yield from _case(playbook, case)


def _query(playbook: Playbook) -> Iterator[str]:
    """Run over no facts at all: the tables and columns it names, and those it returns."""
    facts = FactBase()
    try:
        # One row of NULLs tells the columns.
        query = f"SELECT q.* FROM (SELECT 1) LEFT JOIN (\n{one_select(playbook.query)}\n) AS q"
        check_columns(playbook, facts.select(query)[0])
    except UsageError as error:
        yield error.message
    finally:
        facts.close()


def _templates(fix: FixSpec) -> Iterator[str]:
    texts = {
        "up.sql": fix.up, "undo.sql": fix.undo, "verify.sql": fix.verify,
        "precheck.sql": fix.precheck, "title": fix.title, "tradeoff": fix.tradeoff,
        "advice": fix.advice, "deploy_order": fix.deploy_order, "touches": "\n".join(fix.touches),
    }  # fmt: skip
    for name, text in texts.items():
        if wrong := syntax_error(text):
            yield f"fix {fix.id}: {name}, {wrong}"
    if bool(fix.squawk_ignore) != bool(fix.squawk_because):
        yield f"fix {fix.id}: squawk_ignore and squawk_because belong together"


def _unused_folders(playbook: Playbook) -> Iterator[str]:
    folders = {path.name for path in playbook.folder.glob("fixes/*") if path.is_dir()}
    used = {fix.templates for fix in playbook.fixes}
    yield from (f"no fix uses the folder fixes/{name}" for name in sorted(folders - used))


def _case(playbook: Playbook, case: Case) -> Iterator[str]:
    if case.fires and not case.findings:
        yield f"case {case.name} fires, but expects no finding"
    if not case.fires and case.findings:
        yield f"case {case.name} is quiet, but expects a finding"
    for finding in case.findings:
        if finding.cause not in playbook.causes:
            yield f"case {case.name} expects the undeclared cause {finding.cause}"
        if finding.recommended and playbook.fix(finding.recommended) is None:
            yield f"case {case.name} expects the unknown fix {finding.recommended}"
    if not case.setups:
        yield f"case {case.name} has no setup.sql"
    missing = [
        name
        for name, wanted in (
            ("failing.sql", case.failing is not None),
            ("symptom.txt", case.needs_symptom or case.explained is not None),
        )
        if wanted and not (case.folder / name).exists()
    ]
    yield from (f"case {case.name} has no {name}" for name in missing)


def squawk_path() -> str | None:
    """The migration linter, beside this interpreter or on PATH; None where it is not installed."""
    beside = Path(sys.executable).parent / "squawk"
    return str(beside) if beside.exists() else shutil.which("squawk")


def squawk(sql: str, ignored: Sequence[str]) -> str:
    """The migration linter's complaints about a text, '' when it has none or is not installed."""
    program = squawk_path()
    if program is None:
        return ""
    excluded = [f"--exclude={rule}" for rule in ignored]
    done = subprocess.run(
        [program, "--assume-in-transaction", *excluded, "--stdin-filepath=migration.sql"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
