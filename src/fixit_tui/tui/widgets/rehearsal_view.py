"""A rehearsal as content: what ran, what it locked, whether the checks and the replay hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual.content import Content

from fixit_tui.model.counted import counted
from fixit_tui.model.outcome import Rehearsal, ReplayResult, StatementResult
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.widgets.check_list import check_lines
from fixit_tui.tui.widgets.lock_table import lock_lines

STALE_AFTER = timedelta(minutes=10)


def age_of(rehearsal: Rehearsal, now: datetime | None = None) -> timedelta | None:
    """How long ago it ran; None when its time cannot be read."""
    try:
        at = datetime.fromisoformat(rehearsal.at)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(timedelta(0), (now or datetime.now(UTC)) - at)


def is_stale(rehearsal: Rehearsal, now: datetime | None = None) -> bool:
    """True after ten minutes, or when the time is not known."""
    age = age_of(rehearsal, now)
    return age is None or age > STALE_AFTER


def age_text(rehearsal: Rehearsal, now: datetime | None = None) -> str:
    """'just now', '4 min ago', '3 h ago'."""
    age = age_of(rehearsal, now)
    if age is None:
        return "at an unknown time"
    minutes = int(age.total_seconds() // 60)
    return (
        "just now"
        if minutes < 1
        else f"{minutes} min ago"
        if minutes < 120
        else f"{minutes // 60} h ago"
    )


def verdict(rehearsal: Rehearsal, glyphs: Glyphs) -> Content:
    """One line: did it work, and what became of it."""
    if rehearsal.shadow and rehearsal.succeeded:
        back = ", then its undo" if rehearsal.undone else ""
        return Content.styled(f"{glyphs.yes} succeeded on a shadow{back}", "bold $ok")
    if rehearsal.succeeded:
        return Content.styled(f"{glyphs.yes} succeeded, then rolled back", "bold $ok")
    code = f" ({rehearsal.failure_sqlstate})" if rehearsal.failure_sqlstate else ""
    ended = "failed on a shadow" if rehearsal.shadow else "failed, rolled back"
    return Content.styled(
        f"{glyphs.no} {ended}{code}: {one_line(rehearsal.failure)}", "bold $sev-error"
    )


def replay_line(label: str, replay: ReplayResult, glyphs: Glyphs) -> Content:
    """What the failing statement did."""
    if replay.succeeded:
        return Content.assemble((f"{glyphs.yes} {label}: ", "$ok"), "it succeeds")
    return Content.assemble(
        (f"{glyphs.no} {label}: ", "$sev-error"),
        f"it fails with {replay.sqlstate}: {one_line(replay.message)}",
    )


def statement_line(number: int, result: StatementResult) -> Content:
    """'1  CREATE INDEX  12 ms', with the server's notices."""
    rows = f", {counted(result.rows, 'row')}" if result.rows is not None else ""
    line = Content.assemble(
        (f"{number}  ", "$quiet"), one_line(result.tag), (f"  {result.ms} ms{rows}", "$quiet")
    )
    for notice in result.notices:
        line += Content.styled(f"\n   notice: {one_line(notice)}", "$quiet")
    return line


def rehearsal_content(rehearsal: Rehearsal, glyphs: Glyphs, now: datetime | None = None) -> Content:
    """Everything that a rehearsal showed."""
    parts = [
        verdict(rehearsal, glyphs),
        Content.styled(
            f"on {one_line(rehearsal.where)}, {age_text(rehearsal, now)}, took {rehearsal.ms} ms",
            "$quiet",
        ),
    ]
    if rehearsal.replay_before is not None:
        parts.append(replay_line("the failing statement before", rehearsal.replay_before, glyphs))
    if rehearsal.replay_after is not None:
        parts.append(replay_line("the same statement after", rehearsal.replay_after, glyphs))
    if rehearsal.proof is not None:
        proven = rehearsal.proof.holds
        mark, style = (glyphs.yes, "$ok") if proven else (glyphs.unknown, "$quiet")
        parts.append(plain(f"{mark} {rehearsal.proof.sentence}", style))
    sections = [Content("\n").join(parts)]
    if rehearsal.statements:
        lines = (statement_line(n, s) for n, s in enumerate(rehearsal.statements, 1))
        sections.append(_titled("Statements", Content("\n").join(lines)))
    if rehearsal.prechecks:
        sections.append(_titled("Before", check_lines(rehearsal.prechecks, glyphs)))
    if rehearsal.verifications:
        sections.append(_titled("After", check_lines(rehearsal.verifications, glyphs)))
    if rehearsal.undone:
        sections.append(_titled("After the undo", check_lines(rehearsal.undone, glyphs)))
    if rehearsal.locks:
        sections.append(_titled("Locks that were taken", lock_lines(rehearsal.locks)))
    if rehearsal.warnings:
        warned = Content("\n").join(
            plain(f"{glyphs.warning} {w}", "$sev-warning") for w in rehearsal.warnings
        )
        title = "Mind" if rehearsal.shadow else "A rollback does not undo"
        sections.append(_titled(title, warned))
    if rehearsal.shadow:
        likeness = Content("\n").join(plain(line) for line in rehearsal.fidelity)
        return Content("\n\n").join((*sections, _titled("How like the target it is", likeness)))
    sections.append(
        Content.styled(
            "Timings are without other load; a rehearsal takes the same locks.", "$quiet"
        )
    )
    return Content("\n\n").join(sections)


def _titled(title: str, body: Content) -> Content:
    return Content.styled(f"{title}\n", "bold") + body
