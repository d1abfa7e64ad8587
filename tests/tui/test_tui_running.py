"""The app while something runs, after something went wrong, and what leaves it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from driving import press_alone, run, running, screen_text, settle, until
from scripted import (
    INDEX_FIX,
    ScriptedSession,
)
from textual.widgets import OptionList

from fixit_tui.errors import FixitError
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Consent, PlanState
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.messages import Applied
from fixit_tui.tui.results import take
from fixit_tui.tui.screens.history import HistoryScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.replay import ReplayScreen
from fixit_tui.tui.screens.triage import TriageScreen


def test_a_running_job_can_be_cancelled_quickly(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(hold=threading.Event())
        app = FixitApp(session, export_dir=tmp_path)  # type: ignore[arg-type]
        async with app.run_test() as pilot:
            await until(pilot, lambda: bool(app.workspace.findings))
            await pilot.press("ctrl+c")
            await until(pilot, lambda: app.jobs.running is None, seconds=1)
            assert session.cancelled == 1
            await pilot.press("ctrl+c")
            assert "ctrl+q" in app.entries[-1].text

    run(body)


def test_a_defect_in_a_job_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    class Broken(ScriptedSession):
        def plan(self, choices: object) -> object:  # type: ignore[override]
            raise ValueError("wrong [b]kind[/b]")

    async def body() -> None:
        async with running(Broken(), tmp_path) as (app, pilot):
            await pilot.press("A")
            await settle(app, pilot)
            assert isinstance(app.screen, TriageScreen)
            assert "a defect stopped the job" in app.entries[-1].text

    run(body)


def test_a_ledger_that_cannot_be_read_does_not_stop_a_look(tmp_path: Path) -> None:
    class Unreadable(ScriptedSession):
        def unsettled(self) -> tuple[Receipt, ...]:
            raise FixitError("cannot read the ledger")

    async def body() -> None:
        async with running(Unreadable(), tmp_path) as (app, _):
            assert app.workspace.findings
            assert ("unsettled", "cannot read the ledger") in [
                (e.kind, e.text) for e in app.entries
            ]

    run(body)


def test_unsettled_changes_come_first(tmp_path: Path) -> None:
    async def body() -> None:
        done = ScriptedSession()
        plan = done.plan([])
        lost = replace(
            done.apply(plan, Consent("", ""), lambda _: None, lambda: False),
            state=PlanState.IN_DOUBT,
            note="rolled back: the server says so",
        )
        session = ScriptedSession(open_receipts=(lost,), open_elsewhere=(replace(lost, id="far"),))
        async with running(session, tmp_path) as (app, pilot):
            assert isinstance(app.screen, HistoryScreen)
            assert "not seen to its end" in screen_text(app)
            assert "rolled back: the server says so" in screen_text(app)
            assert any(e.kind == "unsettled" and "far" in e.text for e in app.entries)
            await pilot.press("S")
            await settle(app, pilot)
            assert "applied" in screen_text(app)
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(app.screen, TriageScreen)

    run(body)


def test_streaming_does_not_move_the_cursor(tmp_path: Path) -> None:
    async def body() -> None:
        hold = threading.Event()
        app = FixitApp(ScriptedSession(hold=hold), export_dir=tmp_path)  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: bool(app.workspace.findings))
            await pilot.press("3")
            focused = app.focused
            hold.set()
            await settle(app, pilot)
            assert app.focused is focused
            await pilot.press("1", "j")
            at = app.screen.query_one("#finding-options", OptionList).highlighted_option
            await pilot.press("r")
            await settle(app, pilot)
            again = app.screen.query_one("#finding-options", OptionList).highlighted_option
            assert at is not None
            assert again is not None
            assert at.id == again.id

    run(body)


def test_copy_writes_a_file_and_claims_only_that(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            await pilot.press("4", "y")
            await pilot.pause()
            path = tmp_path / "out" / "copied-sql.sql"
            assert INDEX_FIX.sql is not None
            assert path.read_text() == INDEX_FIX.sql.up
            assert path.stat().st_mode & 0o077 == 0
            assert str(path) in app.entries[-1].text
            assert "copied" not in app.entries[-1].text.split(":")[0].lower()

    run(body)


def test_no_color_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, _):
            strips = app.screen._compositor.render_strips()
            colours = {
                colour.triplet
                for strip in strips
                for segment in strip
                if segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None and colour.triplet is not None
            }
            assert all(len(set(triplet)) == 1 for triplet in colours), "only shades of grey"

    run(body)


def test_an_end_that_comes_behind_another_screen_is_said(tmp_path: Path) -> None:
    async def body() -> None:
        hold = threading.Event()
        async with running(ScriptedSession(apply_hold=hold), tmp_path) as (app, pilot):
            await pilot.press("R")
            await settle(app, pilot)
            await pilot.press("A")
            await settle(app, pilot)
            await press_alone(pilot, "y")
            await pilot.press("p")
            await pilot.pause()
            assert isinstance(app.screen, ReplayScreen)
            await pilot.press("x", "ctrl+d")
            assert "still applying" in app.entries[-1].text
            hold.set()
            await settle(app, pilot)
            assert any(e.kind == "note" and e.text.endswith(": applied") for e in app.entries)
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(app.screen, OutcomeScreen)
            assert "Applied and verified" in screen_text(app)

    run(body)


def test_an_end_that_comes_while_the_app_closes_is_no_fault(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            receipt = session.apply(
                session.plan([]), Consent("", ""), lambda _: None, lambda: False
            )
            await pilot.press("q")
            await pilot.pause()
        take(app, Applied(session.plan([]), receipt))

    run(body)
