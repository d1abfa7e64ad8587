"""The shadow: the captured schema made again elsewhere, the change and its undo tried there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from shapes import SCHEMA
from tests.client_tools import client_tool

from fixit_tui.engine.shadow_rehearsal import Rows, rehearse_in_shadow, search_path
from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.rebuild import rebuild
from fixit_tui.model.events import ignore_event
from fixit_tui.model.outcome import Rehearsal
from fixit_tui.model.plan import Plan, Step
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.server_binaries import bin_dir_of
from fixit_tui.postgres.shadow import open_shadow
from fixit_tui.store.clock import SystemClock
from fixit_tui.wiring import open_session

Open = Callable[..., psycopg.Connection[Any]]

GOALS = """
CREATE TYPE public.mood AS ENUM ('well', 'ill');
CREATE TABLE public.people (id bigint PRIMARY KEY, name text NOT NULL, mood mood NOT NULL);
CREATE TABLE public.goals (person_id bigint NOT NULL REFERENCES public.people, slug text NOT NULL);
CREATE UNIQUE INDEX goals_key ON public.goals (person_id, slug);
INSERT INTO public.people VALUES (1, 'Ada', 'well');
INSERT INTO public.goals VALUES (1, 'secret');
"""


@pytest.fixture
def gather() -> Iterator[Callable[[str], FactBase]]:
    opened: list[FactBase] = []

    def read(dsn: str) -> FactBase:
        session = open_session(dsn)
        try:
            opened.append(session.gather(ignore_event, lambda: False))
        finally:
            session.close()
        return opened[-1]

    yield read
    for facts in opened:
        facts.close()


NOT_TOLD = (
    "GRANT ",
    "ALTER SCHEMA",
    "ALTER DOMAIN",
    "ALTER TYPE",
    "CREATE RULE",
    "    ON DELETE",
    "    ON UPDATE",
    "    DO ALSO",
)


def dump(server: LocalServer, dsn: str) -> list[str]:
    """The schema as pg_dump prints it, without what a capture does not tell."""
    done = subprocess.run(
        [client_tool(server, "pg_dump"), "--schema-only", "--no-publications", "-d", dsn],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = (*NOT_TOLD, "--", "\\")
    return [line for line in done.stdout.splitlines() if line and not line.startswith(ours)]


def test_the_shadow_is_defined_like_the_target(
    server: LocalServer, database: str, connect: Open, gather: Callable[[str], FactBase]
) -> None:
    connect(database).execute(SCHEMA)
    facts = gather(database)
    with open_shadow(search_path(facts)) as shadow:
        shadow.build(rebuild(facts))
        assert shadow.missing == ()
        reader = shadow.database("postgres").reader()
        try:
            made = reader.target().database
        finally:
            reader.close()
        assert made == "shadow"
        if server.version // 10000 == shadow.version // 10000:
            assert dump(server, shadow.dsn) == dump(server, database)


def test_what_cannot_be_made_is_named(gather: Callable[[str], FactBase], database: str) -> None:
    facts = gather(database)
    facts.execute("INSERT INTO extension VALUES ('no_such_thing', 'public', '1.0')")
    with open_shadow("") as shadow:
        shadow.build(rebuild(facts))
        (missing,) = shadow.missing
        assert missing.startswith("extension no_such_thing: ")


def plan_for(dsn: str, replay: str, up: str, undo: str, precheck: str = "") -> Plan:
    step = Step(
        1, "f", "x", "change", "Change", None, up, undo, "SELECT 'done', true", precheck, ()
    )
    reader = PgDatabase(dsn).reader()
    try:
        return Plan(
            target=reader.target(),
            steps=(step,),
            replay=replay,
            fingerprint=reader.fingerprint(["table public.goals"]),
        )
    finally:
        reader.close()


INSERT = "INSERT INTO public.goals (person_id, slug) VALUES (7, 'a')"
DROP = "DROP INDEX public.goals_key"
CREATE = "CREATE UNIQUE INDEX goals_key ON public.goals (person_id, slug)"


def tried(facts: FactBase, plan: Plan, rows: Rows) -> Rehearsal:
    with open_shadow(search_path(facts), plan.target.server_version) as shadow:
        return rehearse_in_shadow(
            shadow, plan, facts, rows, SystemClock(), ignore_event, lambda: False
        )


def test_the_failing_statement_meets_made_up_rows(
    database: str, connect: Open, gather: Callable[[str], FactBase]
) -> None:
    own = connect(database)
    own.execute(GOALS)
    rehearsal = tried(
        gather(database), plan_for(database, INSERT, DROP, CREATE), Rows(sqlstate="23505")
    )
    assert rehearsal.replay_before is not None
    assert rehearsal.replay_before.sqlstate == "23505"
    assert rehearsal.replay_after is not None
    assert rehearsal.replay_after.succeeded
    assert rehearsal.succeeded
    assert [check.holds for check in rehearsal.undone] == [True, True]
    likeness, *rows = rehearsal.fidelity
    if bin_dir_of(own.info.server_version // 10000) is not None:
        assert likeness == "all 1 objects that the plan touches are as on the target"
    assert any("public.people" in line for line in rows)
    assert own.execute("SELECT count(*) FROM public.goals").fetchone() == (1,)


def test_nothing_is_asked_of_the_target(
    database: str, connect: Open, gather: Callable[[str], FactBase]
) -> None:
    own = connect(database)
    own.execute(GOALS)
    facts, plan = gather(database), plan_for(database, INSERT, DROP, CREATE)
    own.execute("BEGIN; LOCK TABLE public.goals IN ACCESS EXCLUSIVE MODE")
    assert tried(facts, plan, Rows(sqlstate="23505")).succeeded


@pytest.mark.parametrize(
    ("up", "undo", "says"),
    [
        (DROP, "SELECT 1", "the undo does not bring back what was"),
        (DROP, f"{CREATE}; DELETE FROM public.goals", "every row is as it was"),
        ("ALTER TABLE public.goals ADD COLUMN name text", "SELECT 1", "still fails: 23505"),
        ("DROP TABLE public.nothing", "SELECT 1", 'table "nothing" does not exist'),
    ],
)
def test_a_change_that_does_not_hold_is_told(
    database: str,
    connect: Open,
    gather: Callable[[str], FactBase],
    up: str,
    undo: str,
    says: str,
) -> None:
    connect(database).execute(GOALS)
    rehearsal = tried(
        gather(database), plan_for(database, INSERT, up, undo), Rows(sqlstate="23505")
    )
    assert not rehearsal.succeeded
    assert says in rehearsal.failure


def test_rows_that_a_person_gives_are_there(
    database: str, connect: Open, gather: Callable[[str], FactBase]
) -> None:
    connect(database).execute(GOALS)
    facts = gather(database)
    wanted = "SELECT 'there is a goal', EXISTS (SELECT 1 FROM public.goals), ''"
    plan = plan_for(database, "", DROP, CREATE, precheck=wanted)
    without = tried(facts, plan, Rows())
    assert without.failure.startswith("it depends on rows, which the shadow lacks")
    given = tried(facts, plan, Rows("INSERT INTO public.goals VALUES (3, 'x')"))
    assert given.succeeded
    assert given.fidelity[-1] == "its rows are the ones that were given for it"
    with pytest.raises(UsageError, match="do not fit"):
        tried(facts, plan, Rows("INSERT INTO public.goals VALUES ('x')"))
