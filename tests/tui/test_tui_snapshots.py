"""Pictures of the main screens at two sizes. What they do is asserted elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from driving import press_alone, settle
from scripted import CROWDED, ScriptedSession, diagnosis_of
from textual.pilot import Pilot

from fixit_tui.tui.app import FixitApp

SIZES = [(80, 24), (160, 48)]
STEPS: dict[str, list[str]] = {
    "findings": [],
    "finding": ["enter", "3"],
    "code-diff": ["j", "4"],
    "rehearsal": ["R", "4"],
    "review": ["R", "A"],
    "outcome": ["R", "A", "wait y"],
    "help": ["question_mark"],
    "replay": ["p"],
    "replayed": ["p", "x", "ctrl+d"],
    "history": ["h"],
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", list(STEPS))
def test_screen(
    name: str, size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    assert snap_compare(
        _app(tmp_path), terminal_size=size, run_before=lambda pilot: _walk(pilot, STEPS[name])
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "theme", ["fixit-light", "fixit-contrast", "fixit-colour-blind", "fixit-ansi"]
)
def test_theme(
    theme: str, size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    app = _app(tmp_path)
    app.theme = theme
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: _walk(pilot, ["enter"]))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_oncall(size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]) -> None:
    steps = [*"42P10", "ctrl+d"]
    assert snap_compare(
        _app(tmp_path, mode="oncall"),
        terminal_size=size,
        run_before=lambda pilot: _walk(pilot, steps),
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_ascii(size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]) -> None:
    app = _app(tmp_path, ascii=True)
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: _walk(pilot, ["enter"]))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["closed", "opened"])
def test_options_that_do_not_fit(
    name: str, size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    steps = ["enter", "3", "j", *(["enter"] if name == "opened" else [])]
    app = _app(tmp_path, ScriptedSession(diagnosis_of(CROWDED)))
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: _walk(pilot, steps))


def _app(folder: Path, session: ScriptedSession | None = None, **options: Any) -> FixitApp:
    app = FixitApp(cast(Any, session or ScriptedSession()), export_dir=folder, **options)
    # Toasts come and go with time; the log keeps their text, and other tests read it.
    app.notify = lambda *_, **__: None  # type: ignore[method-assign]
    return app


async def _walk(pilot: Pilot[None], steps: list[str]) -> None:
    app = cast(FixitApp, pilot.app)
    await settle(app, pilot)
    for step in steps:
        if step.startswith("wait "):
            await press_alone(pilot, step.removeprefix("wait "))
        else:
            await pilot.press(step)
        await settle(app, pilot)
    for box in app.screen.query("Input, TextArea"):
        box._pause_blink(visible=box.has_focus)  # type: ignore[attr-defined]
    await pilot.pause(0.2)
