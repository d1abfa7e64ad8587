"""Driving the app in tests: start it, wait for its jobs, read what is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from textual.pilot import Pilot

from fixit_tui.tui.app import FixitApp


@asynccontextmanager
async def running(
    session: object, folder: Path, size: tuple[int, int] = (120, 36), **options: Any
) -> AsyncIterator[tuple[FixitApp, Pilot[None]]]:
    """The app on that session, with its first diagnosis done."""
    app = FixitApp(cast(Any, session), export_dir=folder / "out", **options)
    try:
        async with app.run_test(size=size) as pilot:
            await settle(app, pilot)
            yield app, pilot
    finally:
        cast(Any, session).close()


async def settle(app: FixitApp, pilot: Pilot[None], seconds: float = 60) -> None:
    """Wait until no job runs and the screen has caught up."""
    await pilot.pause()
    for _ in range(int(seconds / 0.02)):
        if app.jobs.running is None:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError(f"still {app.jobs.running}")
    # Results may start the next job or open a screen; let them.
    await pilot.pause(0.08)
    await pilot.pause()
    if app.jobs.running is not None:
        await settle(app, pilot, seconds)


async def until(pilot: Pilot[None], holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("waited in vain")


async def press_alone(pilot: Pilot[None], key: str) -> None:
    """Press one key as a person does: with a pause before and after it."""
    await pilot.pause(0.6)
    await pilot.press(key)
    await pilot.pause(0.4)


def screen_text(app: FixitApp) -> str:
    """The characters on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run an async test body."""
    asyncio.run(cast(Any, test()))
