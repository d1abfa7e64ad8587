"""What a playbook's case promises, held against a database that was set up for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from fixit_tui.engine.session import Session
from fixit_tui.errors import FixitError
from fixit_tui.model.diagnosis import Diagnosis, RunStatus
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import Finding, Fix, Severity
from fixit_tui.model.plan import Choice, Consent
from fixit_tui.playbooks.cases import Case, Failing


class Stage(Protocol):
    """The case's own database."""

    def sqlstate_of(self, script: str, failing: Failing | None) -> str | None:
        """SQLSTATE of the first statement that fails, None if none does; all rolled back."""
        ...


def broken_laws(case: Case, session: Session, stage: Stage) -> Iterator[str]:
    """One sentence for each promise that the case does not keep, cheapest first.

    Applies and undoes the recommended SQL fixes, so the database must be the case's own.
    """
    text = case.text("symptom.txt")
    if text:
        session.understand(text)
    diagnosis = session.diagnose(ignore_event, lambda: False)
    for run in diagnosis.runs:
        if run.id == case.playbook and run.status is not RunStatus.FOUND and case.fires:
            yield f"the playbook did not fire: {run.status} {run.reason}".rstrip()
        if run.status is RunStatus.FAILED and (run.id != case.playbook or not case.fires):
            yield f"playbook {run.id} failed: {run.reason}"
    loud = [f for f in diagnosis.findings if f.severity is not Severity.INFO]
    if not case.fires:
        yield from (f"must stay quiet, but finds: {f.title}" for f in loud)
        return
    yield from _expectations(case, [f for f in loud if f.playbook == case.playbook])
    yield from _explanation(case, diagnosis)
    failing = case.text("failing.sql")
    if case.failing is not None and failing:
        got = stage.sqlstate_of(failing, case.failing)
        if got != case.failing.sqlstate:
            yield f"failing.sql must end with {case.failing.sqlstate}, but got {got or 'no error'}"
        else:
            yield from _cures(case, session, stage, diagnosis, failing)


def _described(
    cause: str, relation: str | None, name: str | None, sites: tuple[str, ...], fix: str | None
) -> str:
    where = ", ".join(sites) or "no site"
    return f"{cause} on {relation} ({name or 'no object'}) at {where}, recommended: {fix or 'none'}"


def _expectations(case: Case, found: list[Finding]) -> Iterator[str]:
    expected = [
        _described(f.cause, f.relation, f.object, f.sites, f.recommended) for f in case.findings
    ]
    got = [
        _described(
            f.cause,
            f.relation,
            f.object,
            tuple(s.text for s in f.sites),
            f.recommended.id if f.recommended is not None else None,
        )
        for f in found
    ]
    yield from (f"expected, but not found: {x}" for x in expected if x not in got)
    yield from (f"found, but not expected: {x}" for x in got if x not in expected)
    yield from (f"found more than once: {x}" for x in sorted({x for x in got if got.count(x) > 1}))


def _explanation(case: Case, diagnosis: Diagnosis) -> Iterator[str]:
    if case.explained is None:
        return
    first = next((f for f in diagnosis.findings if f.explains), None)
    if first is None:
        yield f"symptom.txt must be explained by {case.explained}, but nothing explains it"
    elif first.cause != case.explained:
        yield f"symptom.txt must be explained by {case.explained}, but {first.cause} comes first"


def _cures(
    case: Case, session: Session, stage: Stage, diagnosis: Diagnosis, failing: str
) -> Iterator[str]:
    fixes = [
        (f, f.recommended)
        for f in diagnosis.findings
        if f.playbook == case.playbook and f.recommended is not None
    ]
    in_database = [(f, x) for f, x in fixes if x.sql is not None]
    for finding, fix in in_database:
        yield from _cure(case, session, stage, finding, fix, failing)
    fixed = case.text("fixed.sql")
    if not in_database and fixed:
        got = stage.sqlstate_of(fixed, case.failing)
        if got is not None:
            yield f"fixed.sql must succeed, but ends with {got}"


def _cure(
    case: Case, session: Session, stage: Stage, finding: Finding, fix: Fix, failing: str
) -> Iterator[str]:
    """Apply one fix, try the failing statement, take the fix back."""
    try:
        plan = session.plan([Choice(finding.id, fix.id)])
        consent = Consent(plan.hash, plan.target.name)
        receipt = session.apply(plan, consent, ignore_event, lambda: False)
    except FixitError as error:
        yield f"fix {fix.id} cannot be applied: {error.message}"
        return
    got = stage.sqlstate_of(case.text("fixed.sql") or failing, case.failing)
    if got is not None:
        yield f"after fix {fix.id} the statement still ends with {got}"
    if fix.sql is not None and fix.sql.irreversible:
        return
    try:
        undo = session.plan_undo(receipt.id)
        session.apply(undo, Consent(undo.hash, undo.target.name), ignore_event, lambda: False)
    except FixitError as error:
        yield f"fix {fix.id} cannot be undone: {error.message}"
