"""The whole answer of one run: target, symptom, playbook runs, findings, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fixit_tui.model.finding import Finding
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target

DIAGNOSIS_SCHEMA = "fixit-tui/diagnosis/1"


class RunStatus(StrEnum):
    """How one playbook ended."""

    FOUND = "found"
    CLEAR = "clear"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlaybookRun:
    """Outcome and duration (milliseconds) of one playbook."""

    id: str
    status: RunStatus
    reason: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, and what that costs the answer."""

    what: str
    costs: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings are ordered: the best explanation of the symptom first, then by severity.

    `unexplained` says, for a symptom that no finding explains, what would settle it.
    """

    target: Target
    symptom: Symptom | None
    runs: tuple[PlaybookRun, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...] = ()
    unexplained: tuple[str, ...] = ()

    def finding(self, finding_id: str) -> Finding | None:
        """The finding of that id or unique id prefix, or None."""
        hits = [f for f in self.findings if f.id == finding_id]
        hits = hits or [f for f in self.findings if f.id.startswith(finding_id)]
        return hits[0] if len(hits) == 1 else None
