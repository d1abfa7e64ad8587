"""Options that several commands share, and the session they describe."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fixit_tui.cli.open_ends import tell_open_ends
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import is_interactive, narrate
from fixit_tui.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.diagnosis import Diagnosis
    from fixit_tui.model.events import Event
    from fixit_tui.model.finding import Fix
    from fixit_tui.model.plan import Choice, Plan

F = TypeVar("F", bound=Callable[..., Any])
MAX_SYMPTOM_BYTES = 5 * 1024 * 1024


def target_options(function: F) -> F:
    """TARGET, --code, --symptom, --playbook and --playbooks."""
    for decorate in reversed(
        (
            click.argument("target", required=False),
            click.option(
                "--code", type=click.Path(path_type=Path), help="Application code folder."
            ),
            click.option(
                "--symptom",
                type=click.Path(path_type=Path, allow_dash=True),
                help="File with the pasted error; - reads standard input.",
            ),
            click.option("--playbook", "playbook_ids", multiple=True, help="Only this playbook."),
            click.option(
                "--playbooks",
                "playbook_dirs",
                multiple=True,
                type=click.Path(path_type=Path),
                help="A folder with more playbooks.",
            ),
        )
    ):
        function = decorate(function)
    return function


def fix_option(function: F) -> F:
    """--fix FINDING[:FIX], repeatable."""
    return click.option(
        "--fix",
        "fixes",
        multiple=True,
        metavar="FINDING[:FIX]",
        help="Which fix of which finding; default: the recommended one of what explains the "
        "error, or of every finding where no error is given.",
    )(function)


def ledger_option(function: F) -> F:
    """--ledger-in-database; None leaves it to the settings."""
    return click.option(
        "--ledger-in-database/--no-ledger-in-database",
        default=None,
        help="Also write a row about the change into the target's own table fixit_tui.ledger, in"
        " the same transaction; default: what config.toml says, else no.",
    )(function)


def read_symptom(symptom: Path | None) -> str | None:
    """The pasted text, or None. Raises UsageError for what cannot be read."""
    if symptom is None:
        return None
    if str(symptom) == "-":
        return sys.stdin.buffer.read(MAX_SYMPTOM_BYTES).decode("utf-8", "replace")
    try:
        with symptom.open("rb") as file:
            return file.read(MAX_SYMPTOM_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(
            f"cannot read the symptom file {symptom}: {error.strerror}",
            hint="give a text file with the error, or - for standard input",
        ) from error


NOT_UNDERSTOOD = "nothing in the given text was understood as a database error"
WHAT_TO_PASTE = "give the response body, the driver's error, or the server log line"


def open_session(
    services: Services,
    target: str | None,
    code: Path | None,
    symptom: Path | None,
    playbook_ids: tuple[str, ...],
    playbook_dirs: tuple[Path, ...],
    *,
    insist_on_symptom: bool = False,
    ledger_in_database: bool | None = None,
) -> Session:
    """The session that these options describe, not yet connected.

    With `insist_on_symptom` a given text that holds no error is a UsageError; else it is noted.
    """
    session = services.open_session(
        target,
        code=code,
        symptom_text=read_symptom(symptom),
        playbook_dirs=playbook_dirs,
        playbook_ids=playbook_ids,
        ledger_in_database=ledger_in_database,
    )
    if symptom is not None and session.symptom is None:
        if insist_on_symptom:
            raise UsageError(NOT_UNDERSTOOD, hint=WHAT_TO_PASTE)
        narrate(f"{NOT_UNDERSTOOD}; going on without it")
        narrate(f"  try:    {WHAT_TO_PASTE}")
    return session


def mind_unread(diagnosis: Diagnosis, symptom: Path | None) -> Diagnosis:
    """The diagnosis, saying so where a text was given of which nothing was understood."""
    if symptom is None or diagnosis.symptom is not None:
        return diagnosis
    told = f"{NOT_UNDERSTOOD}: {WHAT_TO_PASTE}"
    return replace(diagnosis, unexplained=(told, *diagnosis.unexplained))


def narrate_event(event: Event) -> None:
    """Progress on stderr, one line a stage, only where a person watches."""
    from fixit_tui.model import events as e

    if isinstance(event, e.Waiting):
        narrate(f"waiting for a lock, try {event.attempt} of {event.attempts}")
        for line in event.blockers:
            narrate(f"  held by {line}")
    elif isinstance(event, e.HeldUp):
        for line in event.blockers:
            narrate(f"  held up by {line}")
    elif not is_interactive():
        return
    elif isinstance(event, e.StageStarted):
        narrate(f"{event.verb} …")
    elif isinstance(event, e.PlaybookFinished) and event.findings:
        narrate(f"  {event.run.id}: {len(event.findings)} found")
    elif isinstance(event, e.StatementStarted):
        narrate(f"  {event.number}/{event.total} {event.statement.splitlines()[0][:100]}")


def never_cancelled() -> bool:
    """On the command line Ctrl-C interrupts; there is nothing to poll."""
    return False


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


def _blocked(fix: Fix) -> RefusedError:
    reasons = "; ".join(
        f"{check.label}: no{', ' + check.detail if check.detail else ''}"
        for check in fix.blocked_by
    )
    return RefusedError(
        f"fix {fix.id} is not possible here: {reasons}",
        hint="choose another, or write it for somebody who may run it: fixit-tui export --fix",
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
        blocked = next((x for f in diagnosis.findings for x in f.fixes if x.blocked_by), None)
        if blocked is not None:
            raise _blocked(blocked)
        raise UsageError(
            "no finding has a fix that can be run or exported",
            hint="fixit-tui diagnose shows the findings and the advice they carry",
        )
    return diagnosis, session.plan(choices)
