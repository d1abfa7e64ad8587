"""Nothing lies outside the terminal, at any size, on any screen; and text stays text."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import press_alone, run, running, screen_text, settle, until
from scripted import (
    DIAGNOSIS,
    EXPLAINS,
    INDEX_FIX,
    TARGET,
    ScriptedSession,
    diagnosis_of,
)
from textual.pilot import Pilot
from textual.widget import Widget

from fixit_tui.errors import ConnectError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.finding import Check, Evidence, Finding
from fixit_tui.model.plan import Consent
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.workspace import Stage

SIZES = [(60, 18), (80, 24), (120, 36), (160, 48)]
Walk = Callable[[FixitApp, Pilot[None]], Awaitable[None]]


async def _triage(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.pause()


async def _detail(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("enter")


async def _options(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("3")


async def _zoomed(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("4", "plus")


async def _log(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("l")


async def _help(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("question_mark")


async def _review(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("A")
    await settle(app, pilot)


async def _outcome(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("R")
    await settle(app, pilot)
    await _review(app, pilot)
    await press_alone(pilot, "y")
    await settle(app, pilot)


async def _history(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("h")
    await settle(app, pilot)


async def _filter(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("slash", "g", "o")


async def _replay(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("p")
    await pilot.pause()


async def _replayed(app: FixitApp, pilot: Pilot[None]) -> None:
    await _replay(app, pilot)
    await pilot.press("x", "ctrl+d")
    await settle(app, pilot)


WALKS = [
    _triage, _detail, _options, _zoomed, _log, _help, _review, _outcome, _history, _filter, _replay,
    _replayed,
]  # fmt: skip


def outside(app: FixitApp) -> list[str]:
    """Widgets that stick out of the screen or of what holds them, unless that scrolls."""
    bad = []
    for widget in app.screen.walk_children():
        if not isinstance(widget, Widget) or not widget.is_on_screen or not widget.size.area:
            continue
        for holder in widget.ancestors:
            if not isinstance(holder, Widget) or holder.styles.overflow_y != "hidden":
                break
            if not holder.region.contains_region(widget.region):
                bad.append(f"{widget!r} at {widget.region} in {holder!r} at {holder.region}")
        if not app.screen.region.contains_region(widget.region) and holder is app.screen:
            bad.append(f"{widget!r} at {widget.region}")
    return bad


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("size", SIZES)
def test_no_widget_is_outside(tmp_path: Path, size: tuple[int, int], walk: Walk) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path, size) as (app, pilot):
            await walk(app, pilot)
            await pilot.pause(0.1)
            assert outside(app) == []
            assert app.focused is None or app.focused.size.area > 0

    run(body)


@pytest.mark.parametrize("size", SIZES)
def test_open_ends_leave_room_for_the_history(tmp_path: Path, size: tuple[int, int]) -> None:
    async def body() -> None:
        done = ScriptedSession()
        receipt = done.apply(done.plan([]), Consent("", ""), lambda _: None, lambda: False)
        lost = tuple(
            replace(receipt, id=str(n), title="a long [b]title[/] " * 6, note="in doubt " * 20)
            for n in range(9)
        )
        async with running(ScriptedSession(open_receipts=lost), tmp_path, size) as (app, _):
            assert outside(app) == []
            assert "was not seen to its end" not in screen_text(app)
            assert "Earlier changes were not seen to their end" in screen_text(app)
            assert app.screen.query_one("#history").size.height >= 4

    run(body)


@pytest.mark.parametrize("size", SIZES)
def test_the_paste_screen_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path, size, mode="oncall") as (app, pilot):
            assert outside(app) == []
            await pilot.press(*"42P10", "ctrl+d")
            await settle(app, pilot)
            assert outside(app) == []
            for key in ("ctrl+d", "enter", "enter"):
                await pilot.press(key)
                await settle(app, pilot)
                assert outside(app) == [], key

    run(body)


def test_a_live_resize_keeps_state_and_fits(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path, (160, 48)) as (app, pilot):
            await pilot.press("space")
            for width, height in ((59, 30), (80, 17), (60, 18), (120, 36), (160, 48)):
                await pilot.resize_terminal(width, height)
                await pilot.pause(0.2)
                small = width < 60 or height < 18
                assert ("too small" in screen_text(app)) is small, (width, height)
                assert outside(app) == []
            assert len(app.workspace.choices) == 1

    run(body)


def test_panels_by_width(tmp_path: Path) -> None:
    async def body() -> None:
        for size, shown in (((80, 24), 1), ((120, 36), 4), ((160, 48), 4)):
            async with running(ScriptedSession(), tmp_path, size) as (app, pilot):
                panels = [p for p in app.screen.query(".panel") if p.is_on_screen and p.size.area]
                assert len([p for p in panels if p.id != "log"]) == shown
                if shown == 1:
                    await pilot.press("enter")
                    await pilot.pause(0.1)
                    assert not app.screen.query_one("#findings").is_on_screen
                    await pilot.press("escape")
                    await pilot.pause(0.1)
                    assert app.focused is not None
                    assert app.focused.id == "finding-options"

    run(body)


def _hostile() -> Diagnosis:
    name = "[red]x[/red]\x1b[31m\u202e[/]"
    finding = replace(
        EXPLAINS,
        title=f"title {name}",
        relation=name,
        object=name,
        why=(f"why {name}",),
        chain=(name, name),
        evidence=(Evidence(name, name),),
        fixes=(
            replace(
                INDEX_FIX,
                title=f"fix {name}",
                tradeoff=name,
                sql=replace(INDEX_FIX.sql, up=f'CREATE INDEX ON "{name}" (a);')
                if INDEX_FIX.sql
                else None,
                preconditions=(Check(name, True, name),),
            ),
            replace(
                INDEX_FIX, id="b", recommended=False, preconditions=(Check(name, False, name),)
            ),
        ),
    )
    target = replace(TARGET, database=name, role=name)
    return diagnosis_of(finding, target=target)


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(_hostile())
        async with running(session, tmp_path, (160, 48)) as (app, pilot):
            text = screen_text(app)
            assert "title [red]x[/red]\\x1b[31m\\u202e[/]" in text
            assert 'CREATE INDEX ON "[red]x[/red]\\x1b[31m\\u202e[/]" (a);' in text
            assert "\x1b" not in text
            assert "\u202e" not in text
            await pilot.press("right_square_bracket", "space", "question_mark")
            await pilot.pause()
            await pilot.press("escape", "ctrl+p")
            await pilot.pause(0.3)
            await pilot.press("escape", "left_square_bracket")
            for walk in (_review, _log):
                await walk(app, pilot)
                await pilot.pause(0.1)
                assert "\x1b" not in screen_text(app)
            assert "[red]x[/red]\\x1b[31m" in screen_text(app)

    run(body)


def test_ascii_mode_draws_ascii_only(tmp_path: Path) -> None:
    async def body() -> None:
        findings: tuple[Finding, ...] = DIAGNOSIS.findings
        session = ScriptedSession(
            replace(DIAGNOSIS, findings=(*findings, replace(findings[0], id="zz")))
        )
        for size in ((80, 24), (110, 30)):
            async with running(session, tmp_path, size, ascii=True) as (app, pilot):
                for walk in (_triage, _detail, _options, _help):
                    await walk(app, pilot)
                    await pilot.pause(0.1)
                    odd = {c for c in screen_text(app) if ord(c) > 126}
                    assert odd == set(), walk.__name__
                await pilot.press("escape", "ctrl+p")
                await pilot.pause(0.4)
                assert {c for c in screen_text(app) if ord(c) > 126} == set()
                await pilot.press("escape")
                await pilot.pause(0.2)
                await _review(app, pilot)
                assert {c for c in screen_text(app) if ord(c) > 126} == set()

    run(body)


def test_focus_shows_without_colour(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            for number in "1234":
                await pilot.press(number)
                await pilot.pause(0.1)
                styles = {p.id: p.styles.border_top[0] for p in app.screen.query(".panel")}
                assert [i for i, style in styles.items() if style == "heavy"] == [
                    app.screen.panel_name
                ]  # type: ignore[attr-defined]

    run(body)


def test_states_loading_empty_error_partial(tmp_path: Path) -> None:
    async def body() -> None:
        hold = threading.Event()
        app = FixitApp(ScriptedSession(hold=hold), export_dir=tmp_path)  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: bool(app.workspace.findings))
            assert app.workspace.stage is Stage.RUNNING
            assert len(app.workspace.findings) == 1
            await pilot.pause(0.1)
            assert "checking 1 of 5" in screen_text(app)
            assert "no unique index" in screen_text(app)
            hold.set()
            await settle(app, pilot)
            assert "Not everything could be read" in screen_text(app)
            assert "skipped" in screen_text(app)
            assert "trigger-side-effects" in screen_text(app)
        async with running(ScriptedSession(diagnosis_of()), tmp_path) as (app, _):
            assert "No known cause was found." in screen_text(app)
            assert "upsert-conflict-target" in screen_text(app)
        error = ConnectError("cannot reach db:5432", hint="is it running?")
        async with running(ScriptedSession(error=error), tmp_path) as (app, _):
            text = screen_text(app)
            assert "cannot reach db:5432" in text
            assert "is it running?" in text
            assert "nothing changed" in text

    run(body)


def test_the_screen_is_painted_before_anything_is_connected(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(connect_hold=threading.Event())
        app = FixitApp(session, export_dir=tmp_path)  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.workspace.stage is Stage.CONNECTING)
            await pilot.pause(0.1)
            text = screen_text(app)
            assert "1 Findings" in text
            assert "connecting" in text
            await pilot.press("question_mark", "escape", "ctrl+c")
            await until(pilot, lambda: app.jobs.running is None, seconds=1)
            assert app.workspace.stage is Stage.FAILED

    run(body)


def test_themes_are_reached_by_key(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            seen = {app.theme}
            for _ in range(4):
                await pilot.press("t")
                seen.add(app.theme)
            assert len(seen) == 5
            await pilot.press("t")
            assert app.theme == "fixit-dark"

    run(body)
