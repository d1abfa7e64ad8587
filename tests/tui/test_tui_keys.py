"""Keys, help, palette and footer come from one table and agree with each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import run, running, screen_text
from scripted import ScriptedSession
from textual.widgets import OptionList

from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.bindings import KEYS, Scope, keys_for
from fixit_tui.tui.commands import KeyCommands
from fixit_tui.tui.screens.guided import GuidedScreen
from fixit_tui.tui.screens.help import HelpScreen
from fixit_tui.tui.screens.history import HistoryScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.replay import ReplayScreen
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.screens.symptom_input import SymptomInputScreen
from fixit_tui.tui.screens.triage import TriageScreen
from fixit_tui.tui.widgets.key_bar import pick

SCREENS = {
    Scope.TRIAGE: TriageScreen,
    Scope.REVIEW: ReviewScreen,
    Scope.OUTCOME: OutcomeScreen,
    Scope.HISTORY: HistoryScreen,
    Scope.PASTE: SymptomInputScreen,
    Scope.GUIDED: GuidedScreen,
    Scope.REPLAY: ReplayScreen,
}
RESERVED = {f"ctrl+{c}" for c in "abhijmosz"} | {"alt+enter"}
VIM_MOTIONS = {"N", "G"}


def test_ids_are_unique() -> None:
    assert len({(k.scope, k.id) for k in KEYS}) == len(KEYS)


def test_dangerous_keys_are_uppercase_and_other_uppercase_keys_only_move() -> None:
    for key in KEYS:
        letter = key.keys if len(key.keys) == 1 else ""
        if key.danger:
            assert letter.isupper(), key
        elif letter.isupper():
            assert letter in VIM_MOTIONS, key


@pytest.mark.parametrize("scope", list(Scope))
def test_no_key_has_two_meanings_on_one_screen(scope: Scope) -> None:
    names = [name for key in keys_for(scope) for name in key.keys.split(",")]
    assert len(set(names)) == len(names)
    assert not RESERVED & set(names)


@pytest.mark.parametrize("scope", list(SCREENS))
def test_every_action_exists(scope: Scope) -> None:
    for key in keys_for(scope):
        of_app = key.scope is Scope.APP or key.action.startswith("app.")
        owner = FixitApp if of_app else SCREENS[scope]
        assert hasattr(owner, f"action_{key.action.removeprefix('app.').split('(')[0]}"), key


@pytest.mark.parametrize("width", [58, 78, 118])
@pytest.mark.parametrize("scope", list(SCREENS))
def test_footer_fits_and_keeps_help(scope: Scope, width: int) -> None:
    for panel in ("", "findings", "finding", "options", "change"):
        shown = pick(keys_for(scope), panel, width)
        assert len(shown) <= 7
        assert shown[-1].id == "help"
        assert sum(len(k.shown) + len(k.label) + 3 for k in shown) <= width


def test_help_and_palette_offer_the_same_keys(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            screen = app.screen
            expected = {k.id for k in keys_for(Scope.TRIAGE)}
            palette = KeyCommands(screen)
            offered = {key.id for _, key, _ in palette._offers()}
            await pilot.press("question_mark")
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)
            listed = {o.id for o in app.screen.query_one(OptionList).options}
            assert listed == expected
            assert offered == expected - {"palette"}

    run(body)


def test_help_filters_runs_and_gives_reasons(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            await pilot.press("question_mark")
            await pilot.pause()
            rows = app.screen.query_one(OptionList).options
            undo = next(str(row.prompt) for row in rows if row.id == "undo")
            assert "off: nothing was applied in this session" in undo
            await pilot.press(*"command log")
            await pilot.press("enter")
            await pilot.pause()
            assert isinstance(app.screen, TriageScreen)
            assert app.log_open

    run(body)


def test_a_key_that_is_off_says_why_and_does_nothing(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession()
        async with running(session, tmp_path) as (app, pilot):
            await pilot.press("U")
            await pilot.pause()
            assert "nothing was applied" in app.entries[-1].text
            assert isinstance(app.screen, TriageScreen)
            await pilot.press("right_square_bracket", "space")
            assert "12 groups" in app.entries[-1].text
            assert app.workspace.choices == ()

    run(body)


def test_a_click_in_the_footer_runs_the_key(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            line = screen_text(app).splitlines()[-1]
            await pilot.click("KeyBar", offset=(line.index("? help"), 0))
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)

    run(body)


def test_motions_reach_the_focused_panel(tmp_path: Path) -> None:
    async def body() -> None:
        async with running(ScriptedSession(), tmp_path) as (app, pilot):
            rows = app.screen.query_one("#finding-options", OptionList)
            first = rows.highlighted
            await pilot.press("j")
            assert rows.highlighted != first
            await pilot.press("g")
            assert rows.highlighted == first
            await pilot.press("n", "n", "n")
            assert rows.highlighted == first
            await pilot.press("4")
            assert app.focused is not None
            assert app.focused.id == "change-scroll"

    run(body)
