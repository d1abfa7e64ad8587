"""An index built beside the traffic, from the finding to the receipt, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from driving import press_alone, run, running, screen_text, settle, until
from incidents import Case, accept, load
from textual.events import Paste
from textual.pilot import Pilot

from fixit_tui.model.finding import Fix
from fixit_tui.model.plan import PlanState
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.screens.guided import GuidedScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.widgets.consent_bar import TypedOnly
from fixit_tui.tui.widgets.fix_options import FixOptions

KEY = "readings_meter_taken_at_key"


@pytest.fixture
def readings(repository: Path, tmp_path: Path, database: str) -> Case:
    return load(
        repository,
        tmp_path,
        database,
        "on-conflict-without-index",
        "key-missing-on-a-middling-table",
    )


@contextmanager
def old_snapshot(case: Case, *, table: str = "pg_class") -> Iterator[psycopg.Connection[object]]:
    """A transaction that a build has to wait for, such as a forgotten report."""
    with psycopg.connect(case.dsn, application_name="forgotten [red]report[/]") as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute(f"SELECT count(*) FROM {table}".encode())
        yield other
        other.rollback()


def validity(case: Case) -> bool | None:
    """Whether the key's index is valid; None where there is none."""
    with psycopg.connect(case.dsn) as connection:
        found = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (f"public.{KEY}",)
        ).fetchone()
    return None if found is None else bool(found[0])


async def review_the_build(app: FixitApp, pilot: Pilot[None]) -> None:
    """Choose the fix that builds beside the traffic, and open its review."""
    await pilot.press("3")
    options = app.screen.query_one(FixOptions)
    for _ in range(6):
        await pilot.pause(0.1)
        row = options.current
        if isinstance(row, Fix) and row.id == "create-unique-index-concurrently":
            break
        await pilot.press("right_square_bracket")
    else:
        raise AssertionError("the fix is not offered")
    await pilot.press("space")
    await pilot.press("R")
    assert "outside of any transaction cannot be rehearsed" in app.entries[-1].text
    await pilot.press("A")
    await settle(app, pilot)
    assert isinstance(app.screen, ReviewScreen)


async def start(app: FixitApp, pilot: Pilot[None]) -> None:
    """Agree to what the review asks for, without waiting for the end."""
    box = app.screen.query_one(TypedOnly)
    assert box.display, "outside of a transaction a name is asked for"
    box.focus()
    await pilot.press(*box.placeholder, "enter")
    await press_alone(pilot, "y")


def test_the_build_from_finding_to_receipt_and_back(readings: Case, tmp_path: Path) -> None:
    before = readings.schema()

    async def body() -> None:
        async with running(readings.session(), tmp_path, size=(120, 40)) as (app, pilot):
            with old_snapshot(readings) as holder:
                await review_the_build(app, pilot)
                text = screen_text(app)
                assert "Mind before you start" in text
                assert "it waits for forgotten [red]report[/]" in text
                assert "not possible: it runs outside of any transaction" in text
                await press_alone(pilot, "R")
                assert app.jobs.running is None
                assert app.workspace.rehearsals == ()
                await press_alone(pilot, "y")
                await settle(app, pilot)
                assert readings.schema() == before, "y alone is not enough"
                await start(app, pilot)
                await until(pilot, lambda: "waiting for old snapshots 0 of" in screen_text(app))
                await until(pilot, lambda: "Held up by" in screen_text(app))
                assert "forgotten [red]report[/] (pid" in screen_text(app)
                holder.rollback()
                await settle(app, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            assert "Applied and verified" in screen_text(app), screen_text(app)
            assert "valid, ready and live" in screen_text(app)
            assert validity(readings) is True
            assert readings.sqlstate_of_failing() is None
            await pilot.press("U")
            await settle(app, pilot)
            assert isinstance(app.screen, ReviewScreen)
            await accept(app, pilot)
            assert "Undone" in screen_text(app), screen_text(app)
            assert readings.schema() == before

    run(body)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_stopping_the_build_leaves_nothing(readings: Case, tmp_path: Path, key: str) -> None:
    before = readings.schema()

    async def body() -> None:
        session = readings.session()
        async with running(session, tmp_path, size=(80, 24)) as (app, pilot):
            with old_snapshot(readings):
                await review_the_build(app, pilot)
                await start(app, pilot)
                await until(pilot, lambda: "waiting for old snapshots" in screen_text(app))
                await pilot.press(key)
                await settle(app, pilot, seconds=15)
            assert isinstance(app.screen, OutcomeScreen)
            assert "rolled back, nothing changed" in screen_text(app), screen_text(app)
            assert [r.state for r in session.receipts()] == [PlanState.ROLLED_BACK]
        assert readings.schema() == before

    run(body)


def test_what_cannot_be_removed_is_offered_for_clean_up(
    readings: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixit_tui.postgres.index_build.CLEAN_UP_LOCK_TIMEOUT", "300ms")
    before = readings.schema()

    async def body() -> None:
        session = readings.session()
        async with running(session, tmp_path, size=(80, 24)) as (app, pilot):
            with old_snapshot(readings, table="readings"):
                await review_the_build(app, pilot)
                await start(app, pilot)
                await until(pilot, lambda: "waiting for old snapshots" in screen_text(app))
                await pilot.press("escape")
                await settle(app, pilot, seconds=15)
            text = screen_text(app)
            assert "partly done" in text, text
            assert "DROP INDEX CONCURRENTLY" in text, text
            assert validity(readings) is False
            await pilot.press("U")
            await settle(app, pilot)
            assert isinstance(app.screen, ReviewScreen), app.entries[-1]
            await accept(app, pilot)
            assert validity(readings) is None
            states = [r.state for r in session.receipts()]
            assert states == [PlanState.UNDONE, PlanState.VERIFIED], screen_text(app)
        assert readings.schema() == before

    run(body)


def test_an_unfinished_index_of_somebody_else_is_found(readings: Case, tmp_path: Path) -> None:
    with psycopg.connect(readings.dsn, autocommit=True) as other:
        other.execute(f"CREATE UNIQUE INDEX {KEY} ON readings (meter, taken_at)".encode())
        other.execute(
            f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{KEY}'::regclass".encode()
        )

    async def body() -> None:
        async with running(readings.session(), tmp_path) as (app, pilot):
            found = next(f for f in app.workspace.findings if f.cause == "invalid-unique-index")
            assert found.object == KEY
            await pilot.press("space")
            await pilot.press("R")
            await settle(app, pilot)
            await pilot.press("A")
            await settle(app, pilot)
            await accept(app, pilot)
            assert "Applied and verified" in screen_text(app), screen_text(app)
        assert validity(readings) is True
        assert readings.sqlstate_of_failing() is None

    run(body)


def test_on_call_is_told_that_there_is_no_rehearsal(readings: Case, tmp_path: Path) -> None:
    with psycopg.connect(readings.dsn, autocommit=True) as other:
        # So large that building beside the traffic is what is recommended.
        other.execute("UPDATE pg_class SET reltuples = 3e6 WHERE oid = 'readings'::regclass")
    text = (
        "ERROR:  there is no unique or exclusion constraint matching the ON CONFLICT specification"
        f"\nSTATEMENT:  {readings.failing}"
    )

    async def body() -> None:
        async with running(readings.session(), tmp_path, size=(80, 24), mode="oncall") as (
            app,
            pilot,
        ):
            app.post_message(Paste(text))
            await pilot.pause(0.2)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert isinstance(app.screen, GuidedScreen)
            await pilot.press("enter", "enter")
            await pilot.pause(0.2)
            assert "3 of 3  It cannot be rehearsed." in screen_text(app), screen_text(app)
            assert "not rehearsed yet" not in screen_text(app).lower()
            await pilot.press("R")
            assert app.jobs.running is None
            await pilot.press("enter")
            await settle(app, pilot)
            assert isinstance(app.screen, ReviewScreen), screen_text(app)
            await accept(app, pilot)
            assert "Applied and verified" in screen_text(app), screen_text(app)
        assert validity(readings) is True

    run(body)
