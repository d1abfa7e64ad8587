"""A replay as plain text and as JSON; neither shows claims or values of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixit_tui.export.text import plain
from fixit_tui.model.counted import counted
from fixit_tui.model.outcome import Replayed, ReplayResult

SCHEMA = "fixit-tui/replay/1"


def replay_report(replayed: Replayed) -> str:
    """What the server said, as whom, and what that means."""
    return "\n".join(line.rstrip() for line in _lines(replayed)) + "\n"


def replay_json(replayed: Replayed) -> dict[str, Any]:
    """The same for programs. A role of "" is the session's own."""
    unlimited = replayed.unlimited
    return {
        "schema": SCHEMA,
        "where": replayed.where,
        "role": replayed.role,
        "result": _result(replayed.result),
        "unlimited_role": replayed.unlimited_role,
        "unlimited": _result(unlimited) if unlimited is not None else None,
        "difference": replayed.difference,
        "same_error": replayed.same_error,
        "verdict": replayed.verdict,
        "http_status": replayed.http_status,
        "notes": list(replayed.notes),
    }


def _result(result: ReplayResult) -> dict[str, Any]:
    return {
        "succeeded": result.succeeded,
        "sqlstate": result.sqlstate,
        "message": result.message,
        "detail": result.detail,
        "constraint": result.constraint,
        "rows": result.rows,
    }


def _lines(replayed: Replayed) -> Iterator[str]:
    yield plain(f"replayed on {replayed.where} and rolled back: {replayed.verdict}")
    status = f" (HTTP {replayed.http_status})" if replayed.http_status else ""
    yield from _run(_named(replayed.role), replayed.result, status)
    if replayed.unlimited is not None:
        who = f"{_named(replayed.unlimited_role or '')}, not under row level security"
        yield from _run(who, replayed.unlimited, "")
        yield plain(f"  {replayed.difference}")
    for note in replayed.notes:
        yield plain(f"  note: {note}")


def _named(role: str) -> str:
    return f"as {role}" if role else "as the session's role"


def _run(who: str, result: ReplayResult, status: str) -> Iterator[str]:
    if result.succeeded:
        yield plain(f"  {who}: succeeds, {counted(result.rows or 0, 'row')}")
        return
    yield plain(f"  {who}: fails with {result.sqlstate}{status}: {result.message}")
    if result.constraint:
        yield plain(f"    constraint: {result.constraint}")
    if result.detail:
        yield plain(f"    detail: {result.detail}")
