"""What is wrong with a playbook folder, beyond what loading refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.cases import load_cases
from fixit_tui.playbooks.manifest import Playbook, load_playbook

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
        if case.fires and not case.findings:
            yield f"case {case.name} fires, but expects no finding"
        for finding in case.findings:
            if finding.recommended and playbook.fix(finding.recommended) is None:
                yield f"case {case.name} expects the unknown fix {finding.recommended}"


def _query(playbook: Playbook) -> Iterator[str]:
    facts = FactBase()
    try:
        facts.select(playbook.query)
    except UsageError as error:
        yield f"findings.sql: {error.message}"
    finally:
        facts.close()


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
