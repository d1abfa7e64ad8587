"""Playbook cases on databases of their own, and the steps that every flow through them takes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import psycopg
from driving import press_alone, settle
from textual.pilot import Pilot

from fixit_tui.engine.session import Session
from fixit_tui.model.finding import Finding, Fix
from fixit_tui.model.target import Environment
from fixit_tui.playbooks.cases import load_case
from fixit_tui.tui.app import FixitApp
from fixit_tui.tui.screens.review import ReviewScreen
from fixit_tui.tui.screens.triage import TriageScreen
from fixit_tui.tui.widgets.consent_bar import TypedOnly
from fixit_tui.tui.widgets.fix_options import FixOptions
from fixit_tui.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Case:
    """A playbook's firing case on a database of its own, with a copy of its code."""

    dsn: str
    code: Path
    failing: str
    symptom: str
    folder: Path

    def session(self, environment: Environment = Environment.LOCAL) -> Session:
        return Wiring(state_dir=self.folder / "state").open_session(
            self.dsn, code=self.code, environment=environment
        )

    def schema(self) -> list[tuple[object, ...]]:
        """Indexes, triggers and function bodies: what a fix may change."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(
                "SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
                " WHERE indrelid >= 16384"
                " UNION ALL SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
                " UNION ALL SELECT 'function', oid::regprocedure::text, prosrc FROM pg_proc"
                " WHERE pronamespace NOT IN ('pg_catalog'::regnamespace,"
                " 'information_schema'::regnamespace) ORDER BY 1, 2, 3"
            ).fetchall()

    def sqlstate_of_failing(self) -> str | None:
        """What the case's failing statement does now; always rolled back."""
        with psycopg.connect(self.dsn) as connection:
            try:
                connection.execute(self.failing.encode())
            except psycopg.Error as error:
                return error.sqlstate
            finally:
                connection.rollback()
        return None


def load(repository: Path, tmp_path: Path, dsn: str, playbook: str, name: str) -> Case:
    source = repository / "playbooks" / playbook / "cases" / name
    code = tmp_path / "code"
    if (source / "code").is_dir():
        shutil.copytree(source / "code", code)
    else:
        code.mkdir()
    case = load_case(source, playbook)
    platform = repository / "playbooks" / "platforms" / f"{case.platform}.sql"
    with psycopg.connect(dsn, autocommit=True) as connection:
        for path in (platform, *case.setups):
            connection.execute(path.read_bytes())
    texts = [source / "failing.sql", source / "symptom.txt"]
    failing, symptom = (p.read_text() if p.exists() else "" for p in texts)
    return Case(dsn, code, failing, symptom, tmp_path)


async def choose(app: FixitApp, pilot: Pilot[None], *, sql: bool) -> Finding:
    """Highlight the first finding whose recommended fix is of that kind, and choose the fix."""
    for _ in range(len(app.workspace.findings)):
        screen = app.screen
        assert isinstance(screen, TriageScreen)
        await pilot.pause(0.15)
        finding, row = screen._finding, screen.query_one(FixOptions).current
        if finding and isinstance(row, Fix) and row.recommended and bool(row.sql) is sql:
            await pilot.press("space")
            await pilot.pause()
            assert app.workspace.chosen(finding.id) == row.id
            return finding
        await pilot.press("n")
    raise AssertionError("no such finding")


async def accept(app: FixitApp, pilot: Pilot[None]) -> None:
    """Do what the review asks for, then press y."""
    assert isinstance(app.screen, ReviewScreen)
    box = app.screen.query_one(TypedOnly)
    if box.display:
        box.focus()
        await pilot.press(*box.placeholder, "enter")
    await press_alone(pilot, "y")
    await settle(app, pilot)


async def rehearse_and_review(app: FixitApp, pilot: Pilot[None]) -> None:
    await pilot.press("R")
    await settle(app, pilot)
    assert app.workspace.rehearsals[-1].rehearsal.succeeded, app.workspace.rehearsals[-1]
    await pilot.press("A")
    await settle(app, pilot)
    assert isinstance(app.screen, ReviewScreen)
