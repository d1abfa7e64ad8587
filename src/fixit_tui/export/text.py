"""A diagnosis as plain text for a terminal, a pipe or a chat window."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from fixit_tui.model.counted import counted
from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.finding import Finding, Fix

_UNFINISHED = (RunStatus.SKIPPED, RunStatus.INCONCLUSIVE, RunStatus.FAILED)


def plain(text: str) -> str:
    """Text of foreign origin without control characters, so that it cannot steer a terminal."""
    return "".join(
        c
        if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        else " "
        if c == "\t"
        else "�"
        for c in text
    )


def report(diagnosis: Diagnosis, width: int = 100) -> str:
    """The whole report, wrapped to `width` columns where it is prose; SQL stays as it is."""
    lines = list(_lines(diagnosis, max(width, 40)))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def finding_report(finding: Finding, width: int = 100) -> str:
    """One finding with its fixes, laid out as in `report`."""
    lines = list(_finding(1, finding, max(width, 40)))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(diagnosis: Diagnosis, width: int) -> Iterator[str]:
    target = diagnosis.target
    yield plain(
        f"{target.name} as {target.role}, PostgreSQL {target.version_text} ({target.platform})"
    )
    if diagnosis.symptom is not None:
        first = diagnosis.symptom.root
        yield from _wrapped("symptom: ", first.headline, width)
        if first is not diagnosis.symptom:
            echo = f"the first error of its transaction; {diagnosis.symptom.sqlstate} is its echo"
            yield from _wrapped("         ", echo, width)
    yield ""
    if not diagnosis.findings:
        yield "No findings."
    for number, finding in enumerate(diagnosis.findings, start=1):
        yield from _finding(number, finding, width)
        yield ""
    for what in diagnosis.unexplained:
        yield from _wrapped("not explained: ", what, width)
    for gap in diagnosis.gaps:
        yield from _wrapped("not seen: ", f"{gap.what} ({gap.costs})", width)
    for run in diagnosis.runs:
        if run.status in _UNFINISHED:
            yield from _wrapped(f"{run.status}: ", f"{run.id}: {run.reason}", width)
    yield _summary(diagnosis)


def _summary(diagnosis: Diagnosis) -> str:
    counts = {
        s: sum(1 for f in diagnosis.findings if f.severity == s)
        for s in ("error", "warning", "info")
    }
    ran = sum(1 for r in diagnosis.runs if r.status not in _UNFINISHED)
    return (
        f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}, "
        f"{counted(counts['info'], 'remark')}; "
        f"{ran} of {len(diagnosis.runs)} playbooks ran"
    )


def _finding(number: int, finding: Finding, width: int) -> Iterator[str]:
    explains = ", explains the symptom" if finding.explains else ""
    yield from _wrapped(f"{number}. ", finding.title, width)
    yield plain(
        f"   {finding.id}  {finding.severity}, {finding.confidence}{explains}  [{finding.cause}]"
    )
    for text in finding.why:
        yield from _wrapped("   ", text, width)
    for depth, label in enumerate(finding.chain):
        yield plain(f"   {'   ' * depth}{'└─ ' if depth else ''}{label}")
    for site in finding.sites:
        yield plain(f"   at {site.text}")
    for item in finding.evidence:
        yield from _wrapped(f"   {item.label}: ", item.value, width)
    for other in finding.ruled_out:
        yield from _wrapped(f"   not {other.cause}: ", other.because, width)
    for fix in finding.fixes:
        yield from _fix(fix, width)
    if finding.writeup is not None:
        yield from _wrapped("   the write-up's fix: ", finding.writeup.title, width)
        yield from _wrapped("     why it is not recommended: ", finding.writeup.why_not, width)
    if finding.do_nothing:
        yield from _wrapped("   doing nothing: ", finding.do_nothing, width)


def _fix(fix: Fix, width: int) -> Iterator[str]:
    mark = "*" if fix.recommended else "-"
    yield from _wrapped(f"   {mark} ", f"{fix.title}  [{fix.id}, {fix.kind}]", width)
    yield from _wrapped("     ", fix.tradeoff, width)
    for check in fix.blocked_by:
        yield from _wrapped("     blocked: ", f"{check.label}: {check.detail}", width)
    if fix.advice:
        yield from _wrapped("     ", fix.advice, width)
    if fix.deploy_order:
        yield from _wrapped("     order: ", fix.deploy_order, width)
    body = (fix.sql.up if fix.recommended and fix.sql is not None else "") + (
        (fix.patch or "") if fix.recommended else ""
    )
    for line in plain(body).splitlines():
        yield f"       {line}"


def _wrapped(prefix: str, text: str, width: int) -> list[str]:
    lead = plain(prefix)
    return textwrap.wrap(
        plain(text),
        width,
        initial_indent=lead,
        subsequent_indent=" " * min(len(lead), width // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
