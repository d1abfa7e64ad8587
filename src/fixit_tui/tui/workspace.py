"""What the app knows, as one frozen value, and the pure steps from one value to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from fixit_tui.errors import FixitError
from fixit_tui.model.diagnosis import Diagnosis, Gap, PlaybookRun
from fixit_tui.model.events import (
    Event,
    HeldUp,
    PlaybookFinished,
    PlaybookStarted,
    StageAdvanced,
    StageStarted,
    StatementStarted,
    Waiting,
)
from fixit_tui.model.finding import Confidence, Finding, Fix, FixKind
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Choice, PlanState
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target
from fixit_tui.tui.messages import JobName

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session


class Stage(StrEnum):
    """How far the diagnosis is."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """The running job: a verb, how far, and since when (monotonic seconds).

    `attempt` is which try of how many this is, once one was given up for a lock.
    """

    job: JobName
    verb: str
    started: float
    done: int | None = None
    total: int | None = None
    detail: str = ""
    blockers: tuple[str, ...] = ()
    attempt: tuple[int, int] | None = None
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal and the choices that it tried."""

    choices: frozenset[Choice]
    plan_hash: str
    rehearsal: Rehearsal


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that screens show. `findings` keeps the order of the diagnosis."""

    label: str
    code_folder: str = ""
    offline: bool = False
    target: Target | None = None
    stage: Stage = Stage.WAITING
    findings: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    runs: tuple[PlaybookRun, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unexplained: tuple[str, ...] = ()
    error: FixitError | None = None
    choices: tuple[Choice, ...] = ()
    rehearsals: tuple[Rehearsed, ...] = ()
    symptom: Symptom | None = None
    progress: Progress | None = None
    last_receipt: Receipt | None = None

    def chosen(self, finding_id: str) -> str | None:
        """The id of the chosen fix of a finding."""
        return next((c.fix_id for c in self.choices if c.finding_id == finding_id), None)

    def rehearsal_of(self, finding_id: str, fix_id: str) -> Rehearsed | None:
        """The newest rehearsal that tried that fix."""
        choice = Choice(finding_id, fix_id)
        return next((r for r in reversed(self.rehearsals) if choice in r.choices), None)

    def rehearsal_for(self, plan_hash: str) -> Rehearsal | None:
        """The newest rehearsal of exactly that plan."""
        hits = (r.rehearsal for r in reversed(self.rehearsals) if r.plan_hash == plan_hash)
        return next(hits, None)


def begin(session: Session) -> Workspace:
    """What is known before anything was connected."""
    folder = str(session.code_root) if session.code_root is not None else ""
    return Workspace(session.label, folder, session.offline, symptom=session.symptom)


def why_not_choosable(fix: Fix) -> str:
    """The reason why a fix cannot be chosen, or ""."""
    if fix.blocked_by:
        check = fix.blocked_by[0]
        return f"{check.label}: {check.detail}" if check.detail else check.label
    if fix.kind is FixKind.MANUAL or (fix.sql is None and not fix.edits):
        return "this is advice to carry out by hand; nothing here can run it"
    return ""


NOT_REHEARSED = "what runs outside of any transaction cannot be rehearsed"


def why_not_rehearsable(fix: Fix) -> str:
    """The reason why a fix cannot be rehearsed anywhere, or ""."""
    return NOT_REHEARSED if fix.sql is not None and not fix.sql.transactional else ""


def toggle(ws: Workspace, finding_id: str, fix_id: str) -> Workspace:
    """Choose that fix, or unchoose it; a finding has at most one chosen fix."""
    others = tuple(c for c in ws.choices if c.finding_id != finding_id)
    if ws.chosen(finding_id) == fix_id:
        return replace(ws, choices=others)
    return replace(ws, choices=(*others, Choice(finding_id, fix_id)))


def began(ws: Workspace, job: JobName, now: float) -> Workspace:
    """A job started."""
    ws = replace(ws, progress=Progress(job, job.value, now))
    if job is JobName.DIAGNOSE:
        ws = replace(ws, stage=Stage.CONNECTING, findings=(), runs=(), gaps=(), unexplained=(),
                     error=None)  # fmt: skip
    return ws


def advanced(ws: Workspace, event: Event, now: float) -> Workspace:
    """A running job reported."""
    at = ws.progress
    if at is None:
        return ws
    match event:
        case StageStarted(verb, total):
            at = replace(at, verb=verb, done=None, total=total, detail="", blockers=())
        case StageAdvanced(done, total, detail):
            at = replace(
                at, done=done, total=total if total is not None else at.total, detail=detail
            )
        case PlaybookStarted(_, title, number, total):
            at = replace(at, verb="checking", done=number, total=total, detail=title)
        case PlaybookFinished(run, findings):
            # After a change the old list stays until the new one is complete.
            if at.job is JobName.DIAGNOSE:
                ws = _with_run(ws, run, findings)
        case StatementStarted(statement, number, total):
            # Tried again, the same statement meets the same people until the server says else.
            blockers = at.blockers if at.attempt and at.detail == statement else ()
            at = replace(at, verb="running statement", done=number, total=total,
                         detail=statement, blockers=blockers)  # fmt: skip
        case Waiting(attempt, attempts, blockers):
            at = replace(at, verb="waiting for a lock", done=None, total=None, blockers=blockers,
                         attempt=(attempt + 1, attempts))  # fmt: skip
        case HeldUp(blockers):
            at = replace(at, blockers=blockers)
    return replace(ws, progress=at)


def cancelling(ws: Workspace) -> Workspace:
    """The person asked the running job to stop."""
    return replace(ws, progress=replace(ws.progress, cancelling=True)) if ws.progress else ws


def ended(ws: Workspace, job: JobName, error: FixitError | None) -> Workspace:
    """A job is over."""
    ws = replace(ws, progress=None)
    if job is JobName.DIAGNOSE and error is not None:
        ws = replace(ws, stage=Stage.FAILED, error=error)
    return ws


def diagnosed(ws: Workspace, diagnosis: Diagnosis) -> Workspace:
    """A complete diagnosis replaces what streamed in; choices that lost their finding go."""
    known = {(f.id, x.id) for f in diagnosis.findings for x in f.fixes}
    present = {f.id for f in diagnosis.findings}
    return replace(
        ws,
        target=diagnosis.target,
        stage=Stage.DONE,
        findings=diagnosis.findings,
        fixed=tuple(f for f in ws.fixed if f.id not in present),
        runs=diagnosis.runs,
        gaps=diagnosis.gaps,
        unexplained=diagnosis.unexplained,
        symptom=diagnosis.symptom or ws.symptom,
        error=None,
        choices=tuple(c for c in ws.choices if (c.finding_id, c.fix_id) in known),
    )


def connected(ws: Workspace, target: Target) -> Workspace:
    """The read-only connection stands."""
    return replace(ws, target=target, label=target.name)


def rehearsed(ws: Workspace, choices: tuple[Choice, ...], rehearsal: Rehearsal) -> Workspace:
    """A rehearsal is kept for its plan and for the fixes that it tried; what it proved is proven.

    The next diagnosis starts without proofs: it may be of another state.
    """
    entry = Rehearsed(frozenset(choices), rehearsal.plan_hash, rehearsal)
    proven = rehearsal.proof.findings if rehearsal.proof is not None else ()
    findings = tuple(
        replace(f, confidence=Confidence.PROVEN) if f.id in proven else f for f in ws.findings
    )
    return replace(ws, rehearsals=(*ws.rehearsals, entry), findings=findings)


def is_committed(receipt: Receipt) -> bool:
    """True when the change is in the database for certain."""
    return receipt.state in (PlanState.APPLIED, PlanState.VERIFIED, PlanState.NOT_FIXED)


def applied(ws: Workspace, receipt: Receipt) -> Workspace:
    """An apply ended. Committed work can be undone, and its choices are spent."""
    if not is_committed(receipt):
        return ws
    last = None if receipt.undo_of else receipt
    left = tuple(c for c in ws.choices if c.finding_id not in receipt.findings)
    return replace(ws, last_receipt=last, choices=left)


def rechecked(ws: Workspace, receipt: Receipt, diagnosis: Diagnosis) -> Workspace:
    """The diagnosis after a change: what it answered and no longer shows counts as fixed.

    An undo fixes nothing; what it brings back leaves the fixed ones through `diagnosed`.
    """
    present = {f.id for f in diagnosis.findings}
    gone: tuple[Finding, ...] = ()
    if not receipt.undo_of and is_committed(receipt):
        gone = tuple(f for f in ws.findings if f.id in receipt.findings and f.id not in present)
    last = None if receipt.undo_of else receipt
    ws = diagnosed(replace(ws, last_receipt=last), diagnosis)
    return replace(ws, fixed=(*(f for f in ws.fixed if f not in gone), *gone))


GROUPS = ("Explains your error", "Proven", "Certain", "Likely", "Fixed")
"""Headings of the list of findings, in their order."""


def group_of(finding: Finding) -> str:
    """The heading that a finding stands under (never 'Fixed')."""
    if finding.explains:
        return GROUPS[0]
    return {
        Confidence.PROVEN: "Proven",
        Confidence.CERTAIN: "Certain",
        Confidence.LIKELY: "Likely",
    }[finding.confidence]


def grouped(ws: Workspace, words: str = "") -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    """Findings that contain all the words, by heading; empty headings are left out."""
    wanted = words.casefold().split()

    def matches(finding: Finding) -> bool:
        text = " ".join(
            (finding.title, finding.cause, finding.relation or "", finding.object or "",
             finding.severity, finding.confidence, finding.playbook)
        ).casefold()  # fmt: skip
        return all(word in text for word in wanted)

    rows = [(group_of(f), f) for f in ws.findings] + [("Fixed", f) for f in ws.fixed]
    found = ((g, tuple(f for name, f in rows if name == g and matches(f))) for g in GROUPS)
    return tuple((group, findings) for group, findings in found if findings)


def _with_run(ws: Workspace, run: PlaybookRun, findings: tuple[Finding, ...]) -> Workspace:
    known = {f.id for f in ws.findings}
    new = tuple(f for f in findings if f.id not in known)
    found = {f.id for f in new}
    fixed = tuple(f for f in ws.fixed if f.id not in found)
    return replace(
        ws, stage=Stage.RUNNING, runs=(*ws.runs, run), findings=(*ws.findings, *new), fixed=fixed
    )
