"""A diagnosis as SARIF 2.1.0, for code hosts that show findings beside the lines."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.finding import Finding, Severity, Site

Json = dict[str, Any]
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def to_sarif(diagnosis: Diagnosis) -> Json:
    """One run; a rule for each cause, a result for each finding."""
    causes = sorted({f.cause for f in diagnosis.findings})
    failed = [r for r in diagnosis.runs if r.status is RunStatus.FAILED]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "fixit-tui", "rules": [{"id": c} for c in causes]}},
                "invocations": [
                    {
                        "executionSuccessful": not failed,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": f"{r.id}: {r.reason}"}}
                            for r in failed
                        ],
                    }
                ],
                "results": [_result(f, causes) for f in diagnosis.findings],
            }
        ],
    }


def _result(finding: Finding, causes: list[str]) -> Json:
    files = [_location(s) for s in finding.sites if s.file is not None]
    return {
        "ruleId": finding.cause,
        "ruleIndex": causes.index(finding.cause),
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join([finding.title, *finding.why])},
        "partialFingerprints": {"findingId/v1": finding.id},
        "locations": files or [_object(finding)],
    }


def _location(site: Site) -> Json:
    place: Json = {
        "artifactLocation": {"uri": quote(site.file or ""), "uriBaseId": "SRCROOT"},
    }
    if site.line is not None:
        place["region"] = {"startLine": site.line, "endLine": site.end_line or site.line}
    return {"physicalLocation": place}


def _object(finding: Finding) -> Json:
    names = [name for name in (finding.relation, finding.object) if name]
    return {
        "logicalLocations": [
            {"fullyQualifiedName": ".".join(names) or finding.cause, "kind": "resource"}
        ]
    }
