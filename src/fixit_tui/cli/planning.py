"""From the --fix words to a plan, and from --plan and --yes to an agreement to run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.cli.narration import narrate_event, never_cancelled
from fixit_tui.cli.open_ends import tell_open_ends
from fixit_tui.cli.streams import data, narrate
from fixit_tui.errors import FixitError, RefusedError, StalePlanError, UsageError

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.diagnosis import Diagnosis
    from fixit_tui.model.finding import Fix
    from fixit_tui.model.plan import Choice, Plan

SHORTEST_HASH = 8
"""Characters of a plan's hash that a person has to give."""


def choose(
    diagnosis: Diagnosis, fixes: tuple[str, ...], *, for_others: bool = False
) -> tuple[Choice, ...]:
    """Resolve --fix words against a diagnosis. Raises UsageError with what there is.

    What is blocked here is a RefusedError, but may be chosen `for_others` to run.
    """
    from fixit_tui.model.finding import FixKind, Severity
    from fixit_tui.model.plan import Choice

    if not fixes:
        pool = [f for f in diagnosis.findings if f.severity is not Severity.INFO]
        if diagnosis.symptom is not None:
            pool = [f for f in diagnosis.findings if f.explains][:1]
            if not pool:
                known = ", ".join(f.id for f in diagnosis.findings) or "none"
                raise UsageError(
                    "no finding explains the given error, so none is chosen for you",
                    hint=f"name one with --fix, or leave --symptom out; findings: {known}",
                )
        return tuple(
            Choice(f.id, f.recommended.id)
            for f in pool
            if f.recommended is not None and f.recommended.kind is not FixKind.MANUAL
        )
    chosen = []
    for word in fixes:
        finding_id, _, fix_id = word.partition(":")
        finding = diagnosis.finding(finding_id) if finding_id else None
        if finding is None:
            known = ", ".join(f.id for f in diagnosis.findings) or "none"
            raise UsageError(f"no single finding is called {finding_id}", hint=f"findings: {known}")
        fix = (
            next((x for x in finding.fixes if x.id == fix_id), None)
            if fix_id
            else finding.recommended
        )
        if fix is None:
            known = ", ".join(x.id for x in finding.fixes) or "none"
            raise UsageError(
                f"finding {finding.id} has no {'fix ' + fix_id if fix_id else 'recommended fix'}",
                hint=f"its fixes: {known}",
            )
        if fix.blocked_by and not for_others:
            raise _blocked(fix)
        chosen.append(Choice(finding.id, fix.id))
    return tuple(chosen)


def _blocked(fix: Fix, instead: str = "choose another") -> RefusedError:
    reasons = "; ".join(
        f"{check.label}: no{', ' + check.detail if check.detail else ''}"
        for check in fix.blocked_by
    )
    return RefusedError(
        f"fix {fix.id} is not possible here: {reasons}",
        hint=f"{instead}, or write it for somebody who may run it: fixit-tui export --fix",
    )


def _nothing_to_run(diagnosis: Diagnosis) -> FixitError:
    """Why no fix was chosen, with what is recommended to be done by hand."""
    by_hand = next((f.recommended.title for f in diagnosis.findings if f.recommended), "")
    for finding in diagnosis.findings:
        blocked = next((fix for fix in finding.fixes if fix.blocked_by), None)
        if blocked is not None:
            return _blocked(blocked, by_hand or "choose another")
    known = "fixit-tui diagnose shows the findings and the advice they carry"
    return UsageError(
        "no finding has a fix that can be run or exported",
        hint=f"{by_hand}; {known}" if by_hand else known,
    )


def plan_of(
    session: Session, fixes: tuple[str, ...], *, for_others: bool = False
) -> tuple[Diagnosis, Plan]:
    """Connect, diagnose, choose and plan.

    Raises UsageError when there is nothing to do, RefusedError when what there is is blocked.
    """
    session.connect()
    tell_open_ends(session)
    diagnosis = session.diagnose(narrate_event, never_cancelled)
    choices = choose(diagnosis, fixes, for_others=for_others)
    if not choices:
        raise _nothing_to_run(diagnosis)
    return diagnosis, session.plan(choices)


def agreed(session: Session, plan: Plan, plan_hash: str | None, *, yes: bool, verb: str) -> bool:
    """Whether --plan and --yes agree to this very plan; without them it is only shown.

    `verb` is what the command does, such as 'apply'. Raises StalePlanError for another plan's
    hash, RefusedError where the plan that is shown could not run.
    """
    from fixit_tui.engine.attempt import refuse_if_unable
    from fixit_tui.export.plan_text import plan_report

    if not (yes and plan_hash):
        data(plan_report(plan))
        if plan.steps:
            refuse_if_unable(plan, offline=session.offline)
        narrate(f"nothing changed; to {verb}: --plan {plan.short_hash} --yes")
        return False
    if len(plan_hash) < SHORTEST_HASH or not plan.hash.startswith(plan_hash):
        raise StalePlanError(
            f"the plan of this {verb} is now {plan.short_hash}, not {plan_hash}",
            hint="something it depends on changed: look at the new plan, or rehearse it",
        )
    return True
