"""What a person sees and may do while a change runs, and when something goes wrong meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from driving import press_alone, run, running, screen_text, settle, until
from incidents import Case, accept, choose, load, rehearse_and_review
from psycopg.conninfo import make_conninfo

from fixit_tui.engine.session import Session
from fixit_tui.model.plan import PlanState
from fixit_tui.model.target import Environment
from fixit_tui.store.ledger import FileLedger
from fixit_tui.tui.screens.history import HistoryScreen
from fixit_tui.tui.screens.outcome import OutcomeScreen
from fixit_tui.tui.screens.triage import TriageScreen
from fixit_tui.tui.widgets.fix_options import FixOptions
from fixit_tui.wiring import Wiring


@pytest.fixture
def purchases(repository: Path, tmp_path: Path, database: str) -> Case:
    return load(repository, tmp_path, database, "on-conflict-without-index", "purchases")


@contextmanager
def held(case: Case, relation: str) -> Iterator[psycopg.Connection[object]]:
    """Somebody else's transaction on the table."""
    with psycopg.connect(case.dsn, application_name="nightly [red]job[/]") as other:
        other.execute(f"LOCK TABLE {relation} IN ACCESS EXCLUSIVE MODE".encode())
        yield other
        other.rollback()


def cut_links(case: Case) -> None:
    """End every other session of this database, as a restarted pooler would."""
    with psycopg.connect(case.dsn) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_who_holds_the_lock_is_shown_through_every_try(
    purchases: Case, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def body() -> None:
        async with running(purchases.session(), tmp_path, size=size) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            with held(purchases, str(finding.relation)) as holder:
                await press_alone(pilot, "y")
                await until(pilot, lambda: "nightly [red]job[/] (pid" in screen_text(app))
                await until(pilot, lambda: "try 2 of 5" in screen_text(app), seconds=20)
                for _ in range(10):
                    assert "Held up by" in screen_text(app), screen_text(app)
                    await pilot.pause(0.1)
                holder.rollback()
            await settle(app, pilot)
            assert "Applied and verified" in screen_text(app), screen_text(app)
        assert purchases.sqlstate_of_failing() is None

    run(body)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
@pytest.mark.parametrize("moment", ["waits", "pauses"])
def test_stopping_before_commit_changes_nothing(
    purchases: Case, tmp_path: Path, key: str, moment: str
) -> None:
    before = purchases.schema()

    async def body() -> None:
        session = purchases.session()
        async with running(session, tmp_path, size=(80, 24)) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            with held(purchases, str(finding.relation)):
                await press_alone(pilot, "y")
                shown = {"waits": "Held up by", "pauses": "waiting for a lock"}[moment]
                await until(pilot, lambda: shown in screen_text(app), seconds=20)
                await pilot.press(key)
                await settle(app, pilot, seconds=3)
            assert isinstance(app.screen, OutcomeScreen)
            assert "rolled back, nothing changed" in screen_text(app), screen_text(app)
            assert session.unsettled() == ()
            assert len(app.workspace.choices) == 1, "the choice is kept"
            await press_alone(pilot, "escape")
            await press_alone(pilot, "escape")
            assert isinstance(app.screen, TriageScreen)
        assert purchases.schema() == before

    run(body)


def test_the_next_start_says_first_what_happened(purchases: Case, tmp_path: Path) -> None:
    async def first() -> None:
        async with running(purchases.session(), tmp_path) as (app, pilot):
            await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            await accept(app, pilot)

    async def second() -> None:
        async with running(purchases.session(), tmp_path, size=(80, 24)) as (app, pilot):
            assert isinstance(app.screen, HistoryScreen)
            assert "not seen to its end" in screen_text(app)
            assert ": applied: " in " ".join(screen_text(app).split()), screen_text(app)
            await pilot.press("S")
            await settle(app, pilot)
            assert "applied" in screen_text(app)
            assert "committed" in screen_text(app), screen_text(app)
            assert app.jobs._session.unsettled() == ()

    run(first)
    # The end of the first start, as a power cut leaves it: an intent without an outcome.
    ledger = FileLedger(tmp_path / "state")
    done = ledger.receipts()[-1]
    intent = replace(done, state=PlanState.APPLYING, finished_at="", verification=())
    lost = tmp_path / "lost"
    FileLedger(lost).append(intent)
    (tmp_path / "state").rename(tmp_path / "old")
    lost.rename(tmp_path / "state")
    run(second)
    assert purchases.sqlstate_of_failing() is None


def test_a_cut_link_is_told_in_words_and_made_up_for(purchases: Case, tmp_path: Path) -> None:
    async def body() -> None:
        async with running(purchases.session(), tmp_path, size=(80, 24)) as (app, pilot):
            found = app.workspace.findings
            cut_links(purchases)
            await pilot.press("r")
            await settle(app, pilot)
            if app.workspace.error is not None:
                text = screen_text(app)
                assert "Traceback" not in text
                assert "Press r to try again" in text, text
                await pilot.press("r")
                await settle(app, pilot)
            assert [f.id for f in app.workspace.findings] == [f.id for f in found]
            await choose(app, pilot, sql=True)
            cut_links(purchases)
            await rehearse_and_review(app, pilot)
            cut_links(purchases)
            await accept(app, pilot)
            assert "Applied and verified" in screen_text(app), screen_text(app)
        assert purchases.sqlstate_of_failing() is None

    run(body)


def test_a_link_cut_while_it_waits_leaves_nothing(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        session = purchases.session()
        async with running(session, tmp_path, size=(80, 24)) as (app, pilot):
            finding = await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            with held(purchases, str(finding.relation)):
                await press_alone(pilot, "y")
                await until(pilot, lambda: "Held up by" in screen_text(app))
                with psycopg.connect(purchases.dsn) as killer:
                    killer.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'fixit-tui apply'"
                        " AND datname = current_database()"
                    )
                await settle(app, pilot, seconds=10)
            text = screen_text(app)
            assert "rolled back, nothing changed" in text, text
            assert "Traceback" not in text
            assert session.unsettled() == ()
        assert purchases.schema() == before

    run(body)


def other_role(case: Case) -> Session:
    """A session of a role that owns nothing and may read everything."""
    with psycopg.connect(case.dsn, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE onlooker LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
        )
        connection.execute("GRANT pg_read_all_data TO onlooker")
    dsn = make_conninfo(case.dsn, user="onlooker")
    return Wiring(state_dir=case.folder / "state").open_session(
        dsn, code=case.code, environment=Environment.LOCAL
    )


def test_who_does_not_own_the_table_is_told_before(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(other_role(purchases), tmp_path, size=(120, 40)) as (app, pilot):
            assert "role onlooker" in screen_text(app)
            assert app.workspace.findings
            assert "recommended Have the owner of" in screen_text(app)
            for _ in range(len(app.screen.query_one(FixOptions)._rows)):
                await pilot.press("space", "right_square_bracket")
            assert app.workspace.choices == ()
        assert purchases.schema() == before

    run(body)


HOSTILE = '"we"";DROP TABLE x;--\n[red]\x1b[31m"."Üb,er [/] ' + "n" * 40 + '"'


def test_hostile_names_go_from_finding_to_receipt(
    repository: Path, database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        schema = HOSTILE.partition('"."')[0] + '"'
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        connection.execute(
            f'CREATE TABLE {HOSTILE} (id int PRIMARY KEY, "[b]k" text NOT NULL)'.encode()
        )
        connection.execute(
            f"CREATE FUNCTION public.put() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
            f" INSERT INTO {HOSTILE} (id, \"[b]k\") VALUES (1, 'x')"
            f' ON CONFLICT ("[b]k") DO NOTHING; END $$'.encode()
        )
    (tmp_path / "code").mkdir()
    case = Case(database, tmp_path / "code", "SELECT public.put()", "", tmp_path)
    assert case.sqlstate_of_failing() == "42P10"

    async def body() -> None:
        async with running(case.session(), tmp_path, size=(80, 24)) as (app, pilot):
            await choose(app, pilot, sql=True)
            await rehearse_and_review(app, pilot)
            text = screen_text(app)
            assert "[red]" in text
            assert "\x1b" not in text
            await accept(app, pilot)
            assert "Applied and verified" in screen_text(app), screen_text(app)
            assert "\x1b" not in screen_text(app)
        assert case.sqlstate_of_failing() is None

    run(body)
