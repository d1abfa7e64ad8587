"""The on-call flow as line prompts: for screen readers, dumb terminals and pipes of one person.

One question at a time: error → cause → fix → rehearsal → review → apply → proof. It never asks
where there is no terminal to answer, and every 'no' leaves the database as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.interrupts import orderly_stop
from fixit_tui.cli.narration import narrate_event, never_cancelled
from fixit_tui.cli.open_ends import tell_open_ends
from fixit_tui.cli.streams import data, narrate, show_error
from fixit_tui.engine.attempt import refuse_if_unable
from fixit_tui.engine.session import Session
from fixit_tui.errors import RefusedError, UsageError
from fixit_tui.export.plan_text import plan_report, rehearsal_report
from fixit_tui.export.receipt_markdown import receipt_markdown
from fixit_tui.export.text import finding_report
from fixit_tui.model.counted import counted
from fixit_tui.model.finding import Finding, Fix, FixKind
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Environment

Ask = Callable[[str], str]
MOST_LINES = 2000
"""Lines of a pasted error; what comes after them is not read."""


def _prompt(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False, prompt_suffix=" ")
    return answer.strip()


def _input_line() -> str:
    """One line as it was typed or pasted, white space and all."""
    try:
        import readline
    except ImportError:  # a platform without line editing
        return input("> ")
    # A tab begins the continuation lines of a server log; it must not complete file names.
    by_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I ed-insert" if by_libedit else "tab: self-insert")
    return input("> ")


def pasted_lines(read_line: Callable[[], str]) -> list[str]:
    """Lines up to one with a single dot, or to the end of the input.

    A terminal may hand over a whole paste as one. Raises EOFError where nothing came.
    """
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        try:
            more = read_line().split("\n")
        except EOFError:
            if not lines:
                raise
            break
        if "." in more:
            return lines + more[: more.index(".")]
        lines += more
    return lines


def _read_error(session: Session, read_line: Callable[[], str]) -> Symptom:
    if session.symptom is not None:
        return session.symptom
    narrate("Paste the error, then a line with a single dot:")
    found = session.understand("\n".join(pasted_lines(read_line)))
    if not found:
        raise UsageError(
            "nothing in this text was understood as a database error",
            hint="paste the response body, the driver's error, or the server log line",
        )
    return found[0]


def _pick_fix(finding: Finding, ask: Ask) -> Fix | None:
    data("Ways out:")
    for number, fix in enumerate(finding.fixes, 1):
        mark = " (recommended)" if fix.recommended else ""
        data(f"  {number}. {fix.title}{mark}")
        data(f"     {fix.tradeoff}")
        for check in fix.blocked_by:
            data(f"     not possible now: {check.label} {check.detail}")
    data(f"  0. Do nothing. {finding.do_nothing}")
    while True:
        answer = ask(f"Which one? [0-{len(finding.fixes)}]")
        if answer in ("", "0"):
            return None
        if answer.isdigit() and int(answer) <= len(finding.fixes):
            return finding.fixes[int(answer) - 1]
        narrate("that is not one of the numbers")


def _consent(plan: Plan, ask: Ask) -> bool:
    target = plan.target
    irreversible = any(s.irreversible for s in plan.steps)
    if target.environment is Environment.PRODUCTION or irreversible:
        word = target.name + (f" {plan.hash[:4]}" if irreversible else "")
        return ask(f"Type '{word}' to apply, anything else to stop:") == word
    return ask("Apply it? Type yes:").lower() == "yes"


def _rehearsed(session: Session, plan: Plan, ask: Ask) -> bool:
    """False when a rehearsal was wanted and failed."""
    production = plan.target.environment is Environment.PRODUCTION
    where = " on PRODUCTION" if production else ""
    if ask(f"Rehearse it now{where} (runs it in a transaction and rolls back)? [y/n]") != "y":
        return True
    with orderly_stop(session) as stopped:
        rehearsal = session.rehearse(plan, narrate_event, stopped)
    data(rehearsal_report(rehearsal))
    return rehearsal.succeeded


def _possible(plan: Plan) -> bool:
    """False, and said why, where the plan cannot be applied here."""
    try:
        refuse_if_unable(plan, offline=False)
    except RefusedError as refusal:
        show_error(refusal)
        return False
    return True


def _exported(session: Session, plan: Plan, out: Path) -> int:
    for path in session.export(plan, out):
        data(str(path))
    return int(ExitCode.DONE)


def _carry_out(session: Session, plan: Plan, out: Path, ask: Ask) -> int:
    data(plan_report(plan))
    if plan.steps and not session.offline and not _possible(plan):
        if ask("Export it for somebody who can? [y/n]") != "y":
            return int(ExitCode.NOT_APPLIED)
        return _exported(session, plan, out)
    if plan.steps and not session.offline and not _rehearsed(session, plan, ask):
        narrate("the rehearsal failed; nothing changed")
        return int(ExitCode.NOT_APPLIED)
    if session.offline or ask("Export instead of applying? [y/n]") == "y":
        return _exported(session, plan, out)
    if not _consent(plan, ask):
        narrate("nothing changed")
        return int(ExitCode.DONE)
    write_code = bool(plan.edits) and (
        ask(f"Also write {counted(len(plan.edits), 'file')} in {session.code_root}? [y/n]") == "y"
    )
    consent = Consent(plan.hash, plan.target.name, write_code)
    with orderly_stop(session) as stopped:
        receipt = session.apply(plan, consent, narrate_event, stopped)
        receipt, _ = session.recheck(receipt, narrate_event, stopped)
    data(receipt_markdown(receipt))
    return int(ExitCode.DONE if receipt.state is PlanState.VERIFIED else ExitCode.UNPROVEN)


def run_guided(
    session: Session,
    out: Path,
    ask: Ask = _prompt,
    read_line: Callable[[], str] = _input_line,
) -> int:
    """Lead a person from an error to the proof that it is gone; returns an exit code."""
    if ask is _prompt and not sys.stdin.isatty():
        raise UsageError("there is nobody to ask", hint="use fixit-tui diagnose with --symptom")
    symptom = _read_error(session, read_line)
    data(f"Understood: {symptom.headline}")
    session.connect()
    tell_open_ends(session)
    diagnosis = session.diagnose(narrate_event, never_cancelled)
    finding = next((f for f in diagnosis.findings if f.explains), None)
    if finding is None:
        data("Nothing that is known about this database explains it.")
        for wish in diagnosis.unexplained:
            data(f"  what would settle it: {wish}")
        return int(ExitCode.FINDINGS)
    data(finding_report(finding))
    fix = _pick_fix(finding, ask)
    if fix is None:
        narrate("nothing changed")
        return int(ExitCode.DONE)
    if fix.kind is FixKind.MANUAL or (fix.sql is None and not fix.edits):
        data(fix.advice)
        return int(ExitCode.DONE)
    return _carry_out(session, session.plan([Choice(finding.id, fix.id)]), out, ask)
