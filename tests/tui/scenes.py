"""Pictures of the app at work, for the README: the same walk that a person takes.

The last scene applies the recommended fix, so the session must be of a database made for this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.pilot import Pilot

from fixit_tui.errors import UsageError
from fixit_tui.model.finding import Finding, Fix
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.widgets.consent_bar import FRESH_FOR, QUIET_AFTER, TypedOnly
from fixit_tui.tui.widgets.finding_list import FindingList
from fixit_tui.tui.widgets.fix_options import FixOptions

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session

Take = Callable[[str], None]


async def capture_scenes(
    session: Session, out: Path, size: tuple[int, int] = (120, 36)
) -> tuple[Path, ...]:
    """Write findings, sql, code-diff, review and applied as SVG files into `out`.

    Raises UsageError when the session has no SQL fix to show. Scenes without a subject (no code
    fix) are left out.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    app = FixitApp(session, export_dir=out / "export")
    async with app.run_test(size=size, notifications=False) as pilot:

        def take(name: str) -> None:
            path = out / f"{name}.svg"
            path.write_text(app.export_screenshot(title="fixit-tui"), encoding="utf-8")
            paths.append(path)

        await _walk(app, pilot, take)
    return tuple(paths)


async def _walk(app: FixitApp, pilot: Pilot[None], take: Take) -> None:
    await idle(app, pilot)
    take("findings")
    if await _show(app, pilot, lambda fix: fix.patch is not None and fix.sql is None):
        await pilot.press("4")
        await pilot.pause(0.1)
        take("code-diff")
    if not await _show(app, pilot, lambda fix: fix.sql is not None and not fix.sql.irreversible):
        raise UsageError("no finding has an SQL fix to show")
    await pilot.press("4")
    await pilot.pause(0.1)
    take("sql")
    await _then(app, pilot, pilot.press("R"))
    await _then(app, pilot, pilot.press("A"))
    review: object = app.screen
    if not isinstance(review, ReviewScreen):
        raise UsageError("the plan could not be made")
    take("review")
    box = review.query_one(TypedOnly)
    if box.display:
        box.focus()
        await pilot.press(*box.placeholder, "enter")
    await pilot.pause(FRESH_FOR + QUIET_AFTER)
    await pilot.press("y")
    await pilot.pause(2 * QUIET_AFTER)
    await idle(app, pilot)
    outcome: object = app.screen
    if not isinstance(outcome, OutcomeScreen) or outcome.receipt is None:
        raise UsageError("the fix could not be applied")
    take("applied")


async def _show(app: FixitApp, pilot: Pilot[None], wanted: Callable[[Fix], bool]) -> Finding | None:
    """Move to the first finding whose recommended fix is wanted."""
    await pilot.press("1", "g")
    for _ in app.workspace.findings:
        await pilot.pause(0.15)
        row = app.screen.query_one(FixOptions).current
        if isinstance(row, Fix) and row.recommended and wanted(row):
            return app.screen.query_one(FindingList).current
        await pilot.press("n")
    return None


async def _then(app: FixitApp, pilot: Pilot[None], pressed: Awaitable[None]) -> None:
    await pressed
    await idle(app, pilot)


async def idle(app: FixitApp, pilot: Pilot[None]) -> None:
    """Wait until no job runs and what it brought is drawn."""
    quiet = 0
    while quiet < 3:
        await pilot.pause(0.05)
        quiet = quiet + 1 if app.jobs.running is None else 0
    await asyncio.sleep(0)
    await pilot.pause()
