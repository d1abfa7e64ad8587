"""Fixes that something stands in the way of share one row until a person opens it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from driving import run, running, screen_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import BLOCKED_FIX, CROWDED, EXPLAINS, INDEX_FIX, ScriptedSession, diagnosis_of
from textual.widgets import OptionList

from fixit_tui.model.finding import Check, Fix
from fixit_tui.tui.widgets.fix_options import DoNotFit, in_the_way, option_rows


def test_one_row_for_all_that_do_not_fit(tmp_path: Path) -> None:
    async def body() -> None:
        session = ScriptedSession(diagnosis_of(CROWDED))
        async with running(session, tmp_path) as (app, pilot):
            options = app.screen.query_one("#fix-options", OptionList)
            assert options.option_count == 4, "the fix, the row, the write-up's, doing nothing"
            assert "7 more do not fit: no duplicates over all rows: 12 groups" in screen_text(app)
            assert "3 Options 10" in screen_text(app)
            await pilot.press("3", "j", "space")
            assert app.workspace.choices == ()
            assert "enter lists them one by one" in app.entries[-1].text
            await pilot.press("enter")
            await pilot.pause()
            assert options.option_count == 10
            assert "12 groups have more than one" in screen_text(app)
            await pilot.press("space")
            assert app.workspace.choices == ()
            assert "12 groups" in app.entries[-1].text

    run(body)


def test_each_reason_is_named_once() -> None:
    owner = replace(BLOCKED_FIX, preconditions=(Check("you own\nthe table", False, "owner: x"),))
    assert in_the_way((BLOCKED_FIX, owner, BLOCKED_FIX)) == (
        "no duplicates over all rows: 12 groups have more than one; you own the table: owner: x"
    )


def _fixes(kinds: list[str]) -> tuple[Fix, ...]:
    made = {"open": replace(INDEX_FIX, recommended=False), "blocked": BLOCKED_FIX,
            "recommended": INDEX_FIX}  # fmt: skip
    return tuple(replace(made[kind], id=f"f{n}") for n, kind in enumerate(kinds))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["open", "blocked", "recommended"]), max_size=8))
def test_no_fix_is_lost_and_what_can_be_chosen_is_seen(kinds: list[str]) -> None:
    finding = replace(EXPLAINS, fixes=_fixes(kinds))
    rows = option_rows(finding)
    seen = [row for row in rows if isinstance(row, Fix)]
    shared = [fix for row in rows if isinstance(row, DoNotFit) for fix in row.fixes]
    assert {f.id for f in (*seen, *shared)} == {f.id for f in finding.fixes}
    assert len(seen) + len(shared) == len(finding.fixes)
    assert all(fix.blocked_by for fix in shared)
    assert len(shared) != 1
    assert bool(seen) is bool(kinds)
    every = [row.id for row in option_rows(finding, every=True) if isinstance(row, Fix)]
    assert set(every) == {f.id for f in finding.fixes}
