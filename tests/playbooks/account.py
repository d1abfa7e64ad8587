"""What a playbook tells of a case, without its wording, as text that a person can review."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from fixit_tui.model.finding import Finding, Fix
from fixit_tui.playbooks.cases import Case

GOLDEN = Path(__file__).parent / "golden"


def account(findings: Sequence[Finding]) -> str:
    """Places, errors and fixes of each finding, with what the recommended fix changes."""
    return "".join(sorted("\n".join(_finding(finding)) + "\n" for finding in findings))


def hold_to_the_golden_account(case: Case, findings: Sequence[Finding], *, told: bool) -> None:
    """FIXIT_GOLDEN=write renews the file; read the difference before you keep it."""
    path = GOLDEN / case.playbook / f"{case.name}{'.told' if told else ''}.txt"
    text = account(findings)
    if os.environ.get("FIXIT_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if not text:
            path.unlink()
    assert text == (path.read_text(encoding="utf-8") if path.exists() else "")


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.cause}: {finding.relation or 'nowhere'}, {finding.object or 'no object'}"
    yield f"  {finding.severity}, {finding.confidence}"
    yield from (f"  at {site.text}" for site in finding.sites)
    raised = [*finding.sqlstates, *([finding.constraint] if finding.constraint else [])]
    yield f"  raises {', '.join(raised) or 'nothing'}"
    for fix in finding.fixes:
        mark = "recommended" if fix.recommended else "blocked" if fix.blocked_by else "offered"
        yield f"  {mark}: {fix.id}: {fix.title}"
        yield from (f"    {line}".rstrip() for line in fix.advice.splitlines())
        if fix.recommended:
            yield from (f"    {line}".rstrip() for line in _changes(fix))


def _changes(fix: Fix) -> Iterator[str]:
    """What it costs, the statements of a migration, the changed lines of a patch."""
    yield fix.tradeoff
    if fix.sql is not None:
        yield from (line for line in fix.sql.up.splitlines() if line.strip())
    for line in (fix.patch or "").splitlines():
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---")):
            yield line
