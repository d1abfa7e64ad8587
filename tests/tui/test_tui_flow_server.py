"""Whole flows of the app on a real server, judged by the database afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from driving import press_alone, run, running, screen_text, settle, until
from incidents import Case, accept, choose, load, rehearse_and_review
from scenes import capture_scenes

from fixit_tui.model.target import Environment
from fixit_tui.tui.screens.guided import GuidedScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.symptom_input import SymptomInputScreen
from fixit_tui.tui.screens.triage import TriageScreen


@pytest.fixture
def purchases(repository: Path, tmp_path: Path, database: str) -> Case:
    return load(repository, tmp_path, database, "on-conflict-without-index", "purchases")


@pytest.fixture
def lessons(repository: Path, tmp_path: Path, database: str) -> Case:
    return load(repository, tmp_path, database, "insert-should-be-upsert", "lesson-progress")


def test_from_finding_to_fixed_and_back(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()
    assert purchases.sqlstate_of_failing() == "42P10"

    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            assert purchases.schema() == before, "a rehearsal leaves nothing"
            await accept(app, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            assert app.screen.error is None
            text = screen_text(app)
            assert "Applied and verified" in text, text
            assert purchases.schema() != before
            assert purchases.sqlstate_of_failing() is None
            await press_alone(pilot, "escape")
            assert isinstance(app.screen, TriageScreen)
            assert finding.id in {f.id for f in app.workspace.fixed}
            await pilot.press("U")
            await settle(app, pilot)
            await accept(app, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            assert app.screen.error is None
            assert purchases.schema() == before
            assert purchases.sqlstate_of_failing() == "42P10"
            assert finding.id in {f.id for f in app.workspace.findings}
            assert app.workspace.fixed == ()

    run(body)


def test_a_shadow_shows_the_change_and_its_undo(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            await choose(app, pilot, sql=True)
            await pilot.press("s")
            await settle(app, pilot)
            done = app.workspace.rehearsals[-1].rehearsal
            assert done.shadow
            assert done.succeeded, done.failure
            assert all(check.holds for check in done.undone)
            assert purchases.schema() == before
            await pilot.press("A")
            await settle(app, pilot)
            text = screen_text(app)
            assert "succeeded on a shadow" in text, text
            assert "this plan was rehearsed on a shadow only" in text, text

    run(body)


def test_declining_changes_nothing(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            await pilot.press("y", "enter", "y", "y", "y")
            await pilot.pause(0.5)
            await press_alone(pilot, "escape")
            assert len(app.workspace.choices) == 1
        assert purchases.schema() == before

    run(body)


def test_production_asks_for_the_name(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        session = purchases.session(Environment.PRODUCTION)
        async with running(session, tmp_path) as (app, pilot):
            assert "PROD" in screen_text(app)
            await choose(app, pilot, sql=True)
            await pilot.press("R")
            await press_alone(pilot, "y")
            await settle(app, pilot)
            await pilot.press("A")
            await settle(app, pilot)
            await press_alone(pilot, "y")
            await settle(app, pilot)
            assert purchases.schema() == before
            await accept(app, pilot)
            assert purchases.sqlstate_of_failing() is None

    run(body)


def test_drift_between_review_and_yes_is_refused(purchases: Case, tmp_path: Path) -> None:
    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            with psycopg.connect(purchases.dsn, autocommit=True) as other:
                other.execute(f"ALTER TABLE {finding.relation} ADD COLUMN drift int")
            changed = purchases.schema()
            await accept(app, pilot)
            assert purchases.schema() == changed
            assert purchases.sqlstate_of_failing() == "42P10"
            assert "changed" in screen_text(app)

    run(body)


def test_a_lock_wait_shows_who_blocks_and_can_be_cancelled(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            with psycopg.connect(purchases.dsn) as other:
                other.execute(f"LOCK TABLE {finding.relation} IN ACCESS EXCLUSIVE MODE")
                await press_alone(pilot, "y")
                await until(pilot, lambda: "waiting for a lock" in screen_text(app), seconds=20)
                await pilot.press("ctrl+c")
                loop = asyncio.get_running_loop()
                asked = loop.time()
                await settle(app, pilot, seconds=10)
                assert loop.time() - asked < 3
            assert isinstance(app.screen, OutcomeScreen)
        assert purchases.schema() == before

    run(body)


def test_a_code_fix_writes_only_when_accepted(lessons: Case, tmp_path: Path) -> None:
    files = {p: p.read_bytes() for p in lessons.code.rglob("*") if p.is_file()}

    async def body() -> None:
        async with running(lessons.session(), tmp_path) as (app, pilot):
            await choose(app, pilot, sql=False)
            await pilot.press("A")
            await settle(app, pilot)
            assert {p: p.read_bytes() for p in files} == files
            await accept(app, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            assert app.screen.error is None, app.screen.error
            changed = [p for p in files if p.read_bytes() != files[p]]
            assert len(changed) == 1
            assert app.screen.receipt is not None
            assert len(app.screen.receipt.written_files) == 1

    run(body)


def test_on_call_from_paste_to_proof(purchases: Case, tmp_path: Path) -> None:
    async def body() -> None:
        async with running(purchases.session(), tmp_path, mode="oncall") as (app, pilot):
            assert isinstance(app.screen, SymptomInputScreen)
            from textual.events import Paste

            app.post_message(Paste(purchases.symptom))
            await pilot.pause(0.2)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert "42P10" in screen_text(app)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert isinstance(app.screen, GuidedScreen)
            assert any(f.explains for f in app.workspace.findings)
            await pilot.press("enter")
            await settle(app, pilot)
            await pilot.press("R")
            await settle(app, pilot)
            await pilot.press("A")
            await settle(app, pilot)
            await accept(app, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            assert "Applied and verified" in screen_text(app), screen_text(app)
            assert purchases.sqlstate_of_failing() is None

    run(body)


def test_export_writes_what_apply_would_run(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            fix = next(f for f in finding.fixes if f.id == app.workspace.chosen(finding.id))
            await pilot.press("x")
            await settle(app, pilot)
            written = [p.read_text() for p in (tmp_path / "out").rglob("*.sql")]
            assert fix.sql is not None
            assert any(fix.sql.up.strip() in text for text in written)
        assert purchases.schema() == before

    run(body)


def test_scenes_are_drawn_from_a_real_incident(purchases: Case, tmp_path: Path) -> None:
    session = purchases.session()
    try:
        paths = asyncio.run(capture_scenes(session, tmp_path / "scenes"))
    finally:
        session.close()
    assert {p.stem for p in paths} >= {"findings", "sql", "review", "applied"}
    assert all(p.read_text().lstrip().startswith("<svg") for p in paths)
    assert purchases.sqlstate_of_failing() is None
