"""A replay as content: what is to be run and as whom; then what the server said, twice."""

from __future__ import annotations

from textual.content import Content

from fixit_tui.model.outcome import Replayed, ReplayResult
from fixit_tui.model.replay import Replay
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.widgets.sql_view import sql_content


def prepared_content(replay: Replay, glyphs: Glyphs) -> Content:
    """The statement, its role, and what a rollback would leave behind."""
    who = [f"It runs {_named(replay.role)}"]
    if replay.unlimited_role is not None:
        other = _named(replay.unlimited_role)
        who.append(f"then {other}, who is not under row level security")
    parts = [plain(f"{', '.join(who)}; both are rolled back."), sql_content(replay.statement)]
    parts += _remarks(replay, glyphs)
    return Content("\n\n").join(parts)


def replayed_content(replayed: Replayed, replay: Replay | None, glyphs: Glyphs) -> Content:
    """What the server said as whom, what row level security hid, and that nothing was changed."""
    failed = not replayed.result.succeeded
    mark, style = (glyphs.no, "bold $sev-error") if failed else (glyphs.yes, "bold $ok")
    head = plain(f"{mark} {replayed.verdict}", style) + plain(
        f"\nRolled back: nothing was changed on {one_line(replayed.where)}.", "$quiet"
    )
    status = f", HTTP {replayed.http_status}" if replayed.http_status else ""
    parts = [head, _run(_named(replayed.role), replayed.result, status, glyphs)]
    if replayed.unlimited is not None:
        who = f"{_named(replayed.unlimited_role or '')}, not under row level security"
        parts.append(_run(who, replayed.unlimited, "", glyphs))
        parts.append(_titled("What the role makes of it", plain(replayed.difference)))
    if replayed.notes:
        parts.append(_titled("Mind", plain("\n".join(one_line(n) for n in replayed.notes))))
    if replay is not None:
        parts += _lost(replay, glyphs)
        parts.append(_titled("What ran", sql_content(replay.statement)))
    return Content("\n\n").join(parts)


def _run(who: str, result: ReplayResult, status: str, glyphs: Glyphs) -> Content:
    title = f"{who[:1].upper()}{who[1:]}"
    if result.succeeded:
        rows = f": {result.rows} {'row' if result.rows == 1 else 'rows'}" if result.rows else ""
        return _titled(title, plain(f"{glyphs.yes} it succeeds{rows}", "$ok"))
    text = plain(f"{glyphs.no} it fails with {result.sqlstate}{status}", "$sev-error")
    text += plain(f"\n{one_line(result.message)}")
    if result.constraint:
        text += plain(f"\nconstraint  {one_line(result.constraint)}", "$quiet")
    if result.detail:
        text += plain(f"\ndetail      {one_line(result.detail)}", "$quiet")
    if result.context:
        text += plain(f"\nwhere       {one_line(result.context)}", "$quiet")
    return _titled(title, text)


def _remarks(replay: Replay, glyphs: Glyphs) -> list[Content]:
    notes = plain("\n".join(one_line(note) for note in replay.notes))
    return [*_lost(replay, glyphs), *([_titled("Mind", notes)] if replay.notes else [])]


def _lost(replay: Replay, glyphs: Glyphs) -> list[Content]:
    lines = [
        plain(
            f"{glyphs.warning} {one_line(survivor.text)}",
            "$sev-warning" if survivor.outside else "",
        )
        for survivor in replay.survives
    ]
    return [_titled("A rollback does not take back", Content("\n").join(lines))] if lines else []


def _named(role: str) -> str:
    return f"as {one_line(role)}" if role else "as the session's role"


def _titled(title: str, body: Content) -> Content:
    return Content.styled(f"{title}\n", "bold") + body
