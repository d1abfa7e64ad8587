"""Nothing is applied by reflex, by paste, by a held key, or by Enter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from driving import press_alone, run, running, screen_text, settle, until
from scripted import DIAGNOSIS, INDEX_FIX, TARGET, ScriptedSession
from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from fixit_tui.model.finding import Lock, SqlChange
from fixit_tui.model.plan import HASH_SLOT, Choice, Step
from fixit_tui.model.replay import Survivor
from fixit_tui.model.target import Environment
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.screens.confirm import ConfirmScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.screens.triage import TriageScreen
from fixit_tui.tui.tiers import Tier, demand
from fixit_tui.tui.widgets.consent_bar import ConsentBar, TypedOnly


async def to_review(app: FixitApp, pilot: Pilot[None], *, rehearse: bool = True) -> None:
    if rehearse:
        await pilot.press("R")
        await settle(app, pilot)
    await pilot.press("A")
    await settle(app, pilot)
    assert isinstance(app.screen, ReviewScreen)


def in_environment(environment: Environment) -> ScriptedSession:
    target = replace(TARGET, environment=environment)
    return ScriptedSession(replace(DIAGNOSIS, target=target))


async def paste(app: App[None], pilot: Pilot[None], text: str) -> None:
    app.post_message(Paste(text))
    await pilot.pause(0.4)


@pytest.mark.parametrize("as_keys", [True, False])
def test_pasted_text_confirms_nothing(tmp_path: Path, as_keys: bool) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            for at_review in (False, True):
                if at_review:
                    await to_review(app, pilot)
                    await pilot.pause(0.6)
                if as_keys:
                    await pilot.press("y", "enter", "y", "y", "y")
                    await pilot.pause(0.5)
                else:
                    await paste(app, pilot, "y\nyyy")
            assert session.consents == []

    run(body)


def test_a_held_key_confirms_nothing(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            await pilot.pause(0.6)
            await pilot.press("y", "y", "y", "y", "y")
            await pilot.pause(0.5)
            assert session.consents == []
            await press_alone(pilot, "y")
            assert len(session.consents) == 1

    run(body)


def test_review_starts_on_cancel_and_enter_never_accepts(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            assert app.focused is not None
            assert app.focused.id == "consent-cancel"
            app.screen.query_one(ConsentBar)._opened = monotonic()
            await pilot.press("enter")
            assert isinstance(app.screen, ReviewScreen), "a fresh dialog ignores Enter"
            await pilot.press("tab", "enter")
            await pilot.pause(0.6)
            await pilot.press("enter", "A", "A")
            await pilot.pause(0.4)
            assert session.consents == []

    run(body)


def test_cancel_keeps_the_choices(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            await press_alone(pilot, "escape")
            assert isinstance(app.screen, TriageScreen)
            assert app.workspace.choices == (Choice("f1a2", INDEX_FIX.id),)
            assert session.consents == []

    run(body)


def test_production_wants_the_name_typed_not_pasted(tmp_path: Path) -> None:
    async def body() -> None:
        session = in_environment(Environment.PRODUCTION)
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot, rehearse=False)
            await press_alone(pilot, "y")
            assert session.consents == []
            app.screen.query_one(TypedOnly).focus()
            await paste(app, pilot, TARGET.name)
            assert app.screen.query_one(TypedOnly).value == ""
            await pilot.press(*TARGET.name, "enter")
            await pilot.pause(0.4)
            assert session.consents == []
            await press_alone(pilot, "y")
            await settle(app, pilot)
            assert [c.target_name for c in session.consents] == [TARGET.name]

    run(body)


def test_irreversible_wants_the_plan_hash_too(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(irreversible="rows are deleted for good")
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            assert isinstance(app.screen, ReviewScreen)
            plan = app.screen.plan
            app.screen.query_one(TypedOnly).focus()
            await pilot.press(*TARGET.name, "enter")
            await press_alone(pilot, "y")
            assert session.consents == []
            app.screen.query_one(TypedOnly).focus()
            app.screen.query_one(TypedOnly).value = ""
            await pilot.press(*f"{TARGET.name} {plan.hash[:4]}".replace(" ", " "), "enter")
            await press_alone(pilot, "y")
            await settle(app, pilot)
            assert [c.plan_hash for c in session.consents] == [plan.hash]

    run(body)


def test_rehearsal_on_production_asks_first(tmp_path: Path) -> None:
    async def body() -> None:
        session = in_environment(Environment.PRODUCTION)
        async with running(session, tmp_path) as (app, pilot):
            await pilot.press("R")
            await pilot.pause()
            assert isinstance(app.screen, ConfirmScreen)
            await press_alone(pilot, "enter")
            assert isinstance(app.screen, TriageScreen)
            assert session.rehearsed == []
            await pilot.press("R")
            await press_alone(pilot, "y")
            await settle(app, pilot)
            assert len(session.rehearsed) == 1

    run(body)


def test_what_no_rollback_takes_back_is_asked_about_first(tmp_path: Path) -> None:
    async def body() -> None:
        numbers = Survivor("sequence numbers are used up", False)
        call = Survivor("HTTP requests stay sent, in trigger [red]tell[/]", True)
        session = ScriptedSession(survives=(numbers, call))
        async with running(session, tmp_path) as (app, pilot):
            await pilot.press("R")
            await settle(app, pilot)
            assert isinstance(app.screen, ConfirmScreen)
            assert "in trigger [red]tell[/]" in screen_text(app)
            await press_alone(pilot, "enter")
            assert session.rehearsed == []
            await pilot.press("R")
            await settle(app, pilot)
            await press_alone(pilot, "y")
            await settle(app, pilot)
            assert len(session.rehearsed) == 1
            session.survives = (numbers,)
            await pilot.press("R")
            await settle(app, pilot)
            assert len(session.rehearsed) == 2

    run(body)


def test_a_review_names_what_a_rehearsal_leaves(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(survives=(Survivor("sequence numbers are used up", False),))
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot, rehearse=False)
            assert "sequence numbers are used up" in screen_text(app)

    run(body)


def test_a_review_shows_the_row_that_records_the_change(tmp_path: Path) -> None:
    async def body() -> None:
        row = f"INSERT INTO l VALUES ('{HASH_SLOT}')"
        lock = Lock("l", "ROW EXCLUSIVE")
        record = Step(2, "", "record", "record", "Record this in l", "l", row, "", "", "", (lock,))
        session = ScriptedSession(record=record)
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot, rehearse=False)
            assert isinstance(app.screen, ReviewScreen)
            plan, shown = app.screen.plan, screen_text(app)
            assert "Record this in l, in the same transaction" in shown
            assert plan.hash[:30] in shown
            assert HASH_SLOT[:30] not in shown

    run(body)


def test_a_failed_rehearsal_cannot_be_accepted(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(rehearsal_failure="column is missing")
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            await press_alone(pilot, "y")
            assert session.consents == []

    run(body)


def test_quitting_while_applying_asks(tmp_path: Path) -> None:
    import threading

    async def body() -> None:
        hold = threading.Event()
        session = ScriptedSession(apply_hold=hold)
        async with running(session, tmp_path) as (app, pilot):
            await to_review(app, pilot)
            await press_alone(pilot, "y")
            assert isinstance(app.screen, OutcomeScreen)
            await pilot.press("ctrl+q")
            await pilot.pause()
            assert isinstance(app.screen, ConfirmScreen)
            await press_alone(pilot, "escape")
            await pilot.press("ctrl+c")
            await settle(app, pilot)
            assert session.cancelled == 1
            assert session.done == []
            assert app.is_running

    run(body)


def test_quitting_with_choices_asks_and_without_does_not(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            await pilot.press("space", "q")
            await pilot.pause()
            assert isinstance(app.screen, ConfirmScreen)
            await press_alone(pilot, "escape")
            await pilot.press("space", "q")
            await until(pilot, lambda: not app.is_running)

    run(body)


def test_tiers() -> None:
    session = ScriptedSession()
    plan = session.plan([Choice("f1a2", INDEX_FIX.id)])
    fresh = session.rehearse(plan, lambda _: None, lambda: False)
    old = replace(fresh, at=(datetime.now(UTC) - timedelta(minutes=11)).isoformat())
    assert demand(plan, fresh, offline=False).tier is Tier.PRESS
    assert demand(plan, None, offline=False).tier is Tier.NAME
    assert demand(plan, old, offline=False).tier is Tier.NAME
    assert demand(plan, replace(fresh, at="nonsense"), offline=False).tier is Tier.NAME
    assert demand(plan, fresh, offline=True).refusal
    for environment in (Environment.PRODUCTION, Environment.UNKNOWN):
        elsewhere = replace(plan, target=replace(TARGET, environment=environment))
        assert demand(elsewhere, fresh, offline=False).tier is Tier.NAME
    heavy = replace(plan.steps[0], locks=(Lock("public.purchases", "AccessExclusiveLock"),))
    assert demand(replace(plan, steps=(heavy,)), fresh, offline=False).tier is Tier.NAME
    lost = replace(plan.steps[0], irreversible="rows go")
    needed = demand(replace(plan, steps=(lost,)), fresh, offline=False)
    assert needed.tier is Tier.NAME_AND_HASH
    assert needed.unlock.endswith(replace(plan, steps=(lost,)).hash[:4])
    assert isinstance(INDEX_FIX.sql, SqlChange)


def test_the_name_field_refuses_the_paste_action_too() -> None:
    assert TypedOnly.action_paste is not Input.action_paste


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"replica": True}, "is a replica and takes no changes; connect to the primary"),
        ({"read_only": True}, "read-only"),
    ],
    ids=["replica", "read-only"],
)
def test_what_the_target_cannot_take_is_refused_before_a_yes(
    changes: dict[str, bool], words: str
) -> None:
    plan = ScriptedSession().plan([Choice("f1a2", INDEX_FIX.id)])
    plan = replace(plan, target=replace(plan.target, **changes))  # type: ignore[arg-type]
    assert words in demand(plan, None, offline=False).refusal
