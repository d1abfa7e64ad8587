"""A failing statement or request replayed alone, on a real server that is as it was afterwards."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import psycopg
import pytest
from driving import press_alone, run, running, screen_text, settle, until
from incidents import Case, load
from textual.events import Paste
from textual.pilot import Pilot

from fixit_tui.model.target import Environment
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.screens.confirm import ConfirmScreen
from fixit_tui.tui.screens.replay import ReplayScreen
from fixit_tui.tui.screens.triage import TriageScreen

ANNA = "11111111-1111-4111-8111-111111111111"
BERT = "22222222-2222-4222-8222-222222222222"
NOTES = f"""
CREATE TABLE public.notes (
  id serial PRIMARY KEY, owner uuid NOT NULL, slug text NOT NULL,
  CONSTRAINT "notes [red]key[/]" UNIQUE (owner, slug)
);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON public.notes TO authenticated;
GRANT USAGE ON SEQUENCE public.notes_id_seq TO authenticated;
CREATE POLICY mine ON public.notes TO authenticated
  USING (owner = auth.uid()) WITH CHECK (owner = auth.uid());
INSERT INTO public.notes (owner, slug) VALUES ('{ANNA}', 'a'), ('{BERT}', 'a');
"""


@pytest.fixture
def purchases(repository: Path, tmp_path: Path, database: str) -> Case:
    return load(repository, tmp_path, database, "on-conflict-without-index", "purchases")


@pytest.fixture
def notes(repository: Path, tmp_path: Path, database: str) -> Case:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((repository / "playbooks/platforms/supabase.sql").read_bytes())
        connection.execute(NOTES.encode())
    (tmp_path / "code").mkdir()
    return Case(database, tmp_path / "code", "", "", tmp_path)


def request(owner: str, slug: str) -> str:
    """A copied request of Anna's."""
    claims = json.dumps({"sub": ANNA, "role": "authenticated"}).encode()
    token = f"eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.c2ln"
    body = json.dumps({"owner": owner, "slug": slug})
    return (
        "$ curl -X POST 'https://x.supabase.co/rest/v1/notes' -H 'Content-Type: application/json'"
        f" -H 'Authorization: Bearer {token}' -d '{body}'\n"
    )


def content(case: Case) -> tuple[object, ...]:
    """Every row, and how far the sequence is."""
    with psycopg.connect(case.dsn) as connection:
        rows = connection.execute("SELECT * FROM public.notes ORDER BY id").fetchall()
        drawn = connection.execute("SELECT last_value FROM public.notes_id_seq").fetchone()
    return (rows, drawn)


async def paste(app: FixitApp, pilot: Pilot[None], text: str) -> ReplayScreen:
    """Open the screen with its key, and paste."""
    await pilot.press("p")
    await pilot.pause()
    screen = app.screen
    assert isinstance(screen, ReplayScreen)
    app.post_message(Paste(text))
    await pilot.pause(0.2)
    return screen


def test_a_statement_fails_alone_and_nothing_is_changed(purchases: Case, tmp_path: Path) -> None:
    before = purchases.schema()

    async def body() -> None:
        async with running(purchases.session(), tmp_path, size=(80, 24)) as (app, pilot):
            screen = await paste(app, pilot, purchases.failing)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert screen.replayed is not None, app.entries[-1]
            assert screen.replayed.result.sqlstate == "42P10"
            text = screen_text(app)
            assert "it fails with 42P10" in text, text
            assert "Rolled back: nothing was changed" in text, text
            await pilot.press("y")
            copied = (tmp_path / "out" / "copied-replay.txt").read_text()
            assert "42P10" in copied
            await pilot.press("escape", "escape")
            await pilot.pause()
            assert isinstance(app.screen, TriageScreen)

    run(body)
    assert purchases.schema() == before


def test_what_row_level_security_hid_is_shown(notes: Case, tmp_path: Path) -> None:
    rows, _ = content(notes)

    async def body() -> None:
        async with running(notes.session(), tmp_path, size=(120, 40)) as (app, pilot):
            screen = await paste(app, pilot, request(BERT, "a"))
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            text = screen_text(app)
            assert "As authenticated" in text, text
            assert "it fails with 42501, HTTP 403" in text, text
            assert "not under row level security" in text, text
            assert "it fails with 23505" in text, text
            assert "constraint  notes [red]key[/]" in text, text
            assert "hide another error: 23505" in text, text
            assert "drawn for id of public.notes are used up" in text, text
            assert app.screen is screen
            assert app.workspace.symptom is None, "it is no symptom of the diagnosis"
            assert BERT not in app.entries[-1].text

    run(body)
    assert content(notes)[0] == rows


def test_production_is_asked_first_and_no_runs_nothing(notes: Case, tmp_path: Path) -> None:
    before = content(notes)

    async def body() -> None:
        session = notes.session(Environment.PRODUCTION)
        async with running(session, tmp_path, size=(80, 24)) as (app, pilot):
            screen = await paste(app, pilot, request(ANNA, "new"))
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert isinstance(app.screen, ConfirmScreen)
            assert "PRODUCTION" in screen_text(app)
            await press_alone(pilot, "escape")
            assert app.screen is screen
            assert screen.replayed is None
            assert "Nothing was run" in app.entries[-1].text
            assert content(notes) == before
            await pilot.press("ctrl+t")
            await settle(app, pilot)
            assert screen.replayed is not None, app.entries[-1]
            assert "a shadow of" in screen.replayed.where

    run(body)
    assert content(notes) == before


def test_who_holds_the_table_is_named_and_waiting_can_be_stopped(
    notes: Case, tmp_path: Path
) -> None:
    async def body() -> None:
        async with running(notes.session(), tmp_path, size=(120, 40)) as (app, pilot):
            screen = await paste(app, pilot, request(ANNA, "new"))
            with psycopg.connect(notes.dsn, application_name="nightly job") as other:
                other.execute("LOCK TABLE public.notes IN ACCESS EXCLUSIVE MODE")
                await pilot.press("ctrl+d")
                await settle(app, pilot)
                assert "nightly job" in screen_text(app), screen_text(app)
                assert "rolled back, nothing changed" in screen_text(app)
                screen.query_one("#replay-box").focus()
                await pilot.press("ctrl+d")
                await until(pilot, lambda: "held up" in {e.kind for e in app.entries})
                await pilot.press("ctrl+c")
                await settle(app, pilot, seconds=5)
                assert "Stopped; rolled back, nothing changed" in app.entries[-1].text
            assert screen.replayed is None

    run(body)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "the box is empty"), ("DROP TABLE public.notes;", "nothing that could be replayed")],
    ids=["empty", "no-write"],
)
def test_what_cannot_be_replayed_is_said(notes: Case, tmp_path: Path, text: str, said: str) -> None:
    before = content(notes)

    async def body() -> None:
        async with running(notes.session(), tmp_path) as (app, pilot):
            screen = await paste(app, pilot, text)
            await pilot.press("ctrl+d")
            await settle(app, pilot)
            assert said in app.entries[-1].text
            assert screen.replayed is None

    run(body)
    assert content(notes) == before
