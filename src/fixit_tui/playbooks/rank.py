"""Which finding explains the symptom, which causes it excludes, and what would settle the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Confidence, Finding, RuledOut, Severity
from fixit_tui.playbooks.causes import RAISES
from fixit_tui.playbooks.elsewhere import answered_elsewhere, fails_sign_up
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.playbooks.match import Reported, Verdict, reported, verdict
from fixit_tui.playbooks.unexplained import unexplained

_SEVERITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_CONFIDENCE = {Confidence.PROVEN: 0, Confidence.CERTAIN: 1, Confidence.LIKELY: 2}
_MAX_RULED_OUT = 8
_CLOSE = 10  # points behind the best explanation at which another one still counts
_READS_BEFORE = """
SELECT c.path, max(c.line) AS line, c.relation FROM symptom_place p JOIN code_call c
  ON (c.path = p.file OR p.file LIKE '%/' || c.path)
  AND c.verb = 'select' AND c.relation IS NOT NULL AND c.line <= p.line
  AND p.line BETWEEN c.function_start AND c.function_end
GROUP BY c.path, c.function_start, p.line ORDER BY c.path, 2 LIMIT 3
"""


def explain(
    findings: Sequence[Finding],
    facts: FactBase,
    playbooks: Sequence[Playbook],
    unsure: Set[str] = frozenset(),
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings in order of explanatory power, and what would settle an unexplained symptom.

    `playbooks` are those that ran to their end: only what was looked for can be ruled out, and of
    the causes that another playbook looks for, too, none that is `unsure`.
    """
    error = reported(facts)
    if error is None:
        return tuple(sorted(findings, key=_order)), ()
    elsewhere = answered_elsewhere(facts, error) or _failed_by_itself(facts, error)
    if elsewhere:
        told = [f.id for f in findings if fails_sign_up(f, error)]
        marked = [replace(f, score=_CLOSE, explains=True) if f.id in told else f for f in findings]
        return tuple(sorted(marked, key=_order)), () if told else elsewhere
    verdicts = {f.id: verdict(f, error) for f in findings}
    best = max((v.score for v in verdicts.values()), default=0)
    ranked = []
    for finding in findings:
        score = verdicts[finding.id].score
        explains = score > 0 and score >= best - _CLOSE
        ranked.append(replace(finding, score=score, explains=explains))
    explaining = {f.cause for f in ranked if f.explains}
    ranked = [
        replace(f, ruled_out=_ruled_out(f, error, explaining | unsure, ranked, verdicts, playbooks))
        if f.explains
        else f
        for f in ranked
    ]
    return tuple(sorted(ranked, key=_order)), () if best else unexplained(facts, error)


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        not finding.explains,
        -finding.score,
        _SEVERITY[finding.severity],
        _CONFIDENCE[finding.confidence],
        finding.playbook,
        finding.relation or "",
        finding.id,
    )


def _failed_by_itself(facts: FactBase, error: Reported) -> tuple[str, ...]:
    """An exception of the application: what a read before it may have to do with it."""
    if error.row["service"] != "application":
        return ()
    message = str(error.row["message"] or "").lower()
    told = "the application's own code failed: no database error is in this text"
    if any(word in message for word in ("null", "none", "undefined")):
        told += "; a read that finds no row, or whose error nobody looks at, gives such a value"
        reads = facts.query(_READS_BEFORE)
        told += "".join(
            f"; {r['path']}:{r['line']} reads {r['relation']} just before" for r in reads
        )
    return (
        f"{told}; the response body of the request before it, or the server log, would settle it",
    )


def _ruled_out(
    finding: Finding,
    error: Reported,
    explaining: set[str],
    found: Sequence[Finding],
    verdicts: Mapping[str, Verdict],
    playbooks: Sequence[Playbook],
) -> tuple[RuledOut, ...]:
    """The finding's own list, what was found but contradicts, and what was looked for in vain."""
    listed = {r.cause for r in finding.ruled_out} | explaining
    present = {f.cause for f in found}
    contradicted = [
        RuledOut(f.cause, f"found on {f.relation or 'another place'}: {verdicts[f.id].against}")
        for f in sorted(found, key=_order)
        if verdicts[f.id].against and f.severity is not Severity.INFO
    ]
    absent = [
        RuledOut(cause, "looked for, and nothing of the kind was found")
        for playbook in playbooks
        for cause in playbook.causes
        if error.state in _raised(playbook, cause) and cause not in present
    ]
    # What raises the reported code comes before what raises another.
    near = sorted(contradicted, key=lambda r: error.state not in RAISES.get(r.cause, ()))
    extra: dict[str, RuledOut] = {}
    for ruled_out in (*near, *absent):
        if ruled_out.cause not in listed:
            extra.setdefault(ruled_out.cause, ruled_out)
    return (*finding.ruled_out, *extra.values())[:_MAX_RULED_OUT]


def _raised(playbook: Playbook, cause: str) -> Collection[str]:
    """What a cause shows as; for one of the playbook's own, what the playbook says of itself."""
    return playbook.sqlstates if cause in playbook.new_causes else RAISES.get(cause, ())
