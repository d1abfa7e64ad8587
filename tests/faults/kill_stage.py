"""The stage of the kill points: plans, what a database holds, and one trial with its verdict."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg
from apply_child import apply_plan
from apply_tools import INDEX, UPSERT, Bench
from link_proxy import COMMIT, LinkProxy, Side, Strike
from psycopg import sql

from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Plan, PlanState
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.store.ledger import FileLedger

# Commits must survive a server that is shut down at once; the machine itself keeps running.
DURABLE = {"fsync": "off", "max_connections": "40", "wal_writer_delay": "10s"}
PATIENCE = 60.0

SETUP = (
    "CREATE TABLE public.owners (id int PRIMARY KEY, name text)",
    "INSERT INTO public.owners VALUES (1, 'one'), (2, 'two')",
    "CREATE TABLE public.goals (id serial PRIMARY KEY, user_id int NOT NULL, slug text, n int)",
)
UNIQUE_ROWS = "INSERT INTO public.goals (user_id, slug) VALUES (1, 'a'), (1, 'b'), (2, 'a')"
TWIN_ROWS = "INSERT INTO public.goals (user_id, slug) VALUES (1, 'a'), (1, 'a'), (2, 'a'), (2, 'a')"
ORPHAN_ROWS = "INSERT INTO public.goals (user_id, slug) VALUES (1, 'a'), (3, 'b'), (4, 'c')"

QUARANTINE = SqlChange(
    up="LOCK TABLE public.goals IN SHARE ROW EXCLUSIVE MODE;"
    "CREATE TABLE public.goals_set_aside AS SELECT g.* FROM public.goals AS g WHERE EXISTS"
    " (SELECT FROM public.goals AS k WHERE (k.user_id, k.slug) = (g.user_id, g.slug) AND k.id < g.id);"
    "DELETE FROM public.goals AS g USING public.goals_set_aside AS s WHERE s.id = g.id;"
    "CREATE UNIQUE INDEX goals_key ON public.goals (user_id, slug)",
    undo="DROP INDEX public.goals_key; INSERT INTO public.goals SELECT * FROM public.goals_set_aside;"
    "DROP TABLE public.goals_set_aside",
    verify="SELECT 'the index is there', to_regclass('public.goals_key') IS NOT NULL, ''",
    touches=("table public.goals",),
)
REFERENCE = SqlChange(
    up="INSERT INTO public.owners SELECT DISTINCT user_id, 'found' FROM public.goals AS g"
    " WHERE NOT EXISTS (SELECT FROM public.owners AS o WHERE o.id = g.user_id);"
    "ALTER TABLE public.goals ADD CONSTRAINT goals_owner FOREIGN KEY (user_id)"
    " REFERENCES public.owners (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;"
    "ALTER TABLE public.goals VALIDATE CONSTRAINT goals_owner;"
    "UPDATE public.goals SET n = 1;"
    "CREATE POLICY mine ON public.goals USING (user_id = 1)",
    undo="DROP POLICY mine ON public.goals; ALTER TABLE public.goals DROP CONSTRAINT goals_owner",
    verify="SELECT 'it is valid', convalidated, '' FROM pg_constraint WHERE conname = 'goals_owner'",
    touches=("table public.goals", "table public.owners"),
)

_CONTENT = """
SELECT 'relation ' || c.oid::regclass || c.relkind::text || c.relrowsecurity || coalesce(c.relacl::text, '')
FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'S'
UNION ALL
SELECT 'column ' || a.attrelid::regclass || a.attname || format_type(a.atttypid, a.atttypmod)
       || a.attnotnull || a.atthasdef
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid) || i.indisvalid
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'constraint ' || k.conname || pg_get_constraintdef(k.oid) || k.convalidated
FROM pg_constraint AS k WHERE k.connamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy ' || p.polname || pg_get_expr(p.polqual, p.polrelid) FROM pg_policy AS p
ORDER BY 1
"""


_TABLES = """
SELECT c.relname FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""


class Kind(StrEnum):
    """What strikes."""

    CUT = "link cut"
    KILL = "kill -9"
    TERMINATE = "pg_terminate_backend"
    SHUTDOWN = "immediate shutdown"
    INTERRUPT = "ctrl-c"


DEADLY = (Kind.CUT, Kind.KILL, Kind.TERMINATE, Kind.SHUTDOWN)
"""What ends a link, a session or a process; ctrl-c only asks the command line to stop."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rows to begin with, and how the plan to be struck comes about on them."""

    name: str
    rows: str
    plan: Callable[[Bench], Plan]


def _undo_of_index(bench: Bench) -> Plan:
    return bench.undo_plan(bench.apply(bench.plan(INDEX)))


SCENARIOS = (
    Scenario("index", UNIQUE_ROWS, lambda bench: bench.plan(INDEX)),
    Scenario("index, replayed", UNIQUE_ROWS, lambda bench: bench.plan(INDEX, replay=UPSERT)),
    Scenario("quarantine", TWIN_ROWS, lambda bench: bench.plan(QUARANTINE)),
    Scenario("reference", ORPHAN_ROWS, lambda bench: bench.plan(REFERENCE)),
    Scenario("undo", UNIQUE_ROWS, _undo_of_index),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault at one exchange."""

    scenario: Scenario
    kind: Kind
    number: int
    side: Side


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: the database ('before' or 'after'), the process's word, and its end."""

    trial: Trial
    database: str
    word: str
    settled: str
    committing: bool


class Stage:
    """One database at a time on a server that may be shut down; `seed` decides all pauses."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["apply_child"])
        self._data = folder / "data"
        self.server = LocalServer.start(self._data, settings=DURABLE)
        self._bench: Bench | None = None
        self._scenario: Scenario | None = None
        self._plan: Plan | None = None
        self._before: tuple[str, ...] = ()
        self._after: dict[str, tuple[str, ...]] = {}
        self._lengths: dict[str, int] = {}

    def close(self) -> None:
        self.server.stop("immediate")

    def exchanges(self, scenario: Scenario) -> int:
        """How many exchanges an undisturbed apply has; the last one is COMMIT."""
        if scenario.name not in self._lengths:
            self._set(scenario)
            state, seen, code = self._undisturbed(scenario)
            assert code == 0, state
            commits = [n for n, request in enumerate(seen, 1) if COMMIT in request]
            assert commits == [len(seen)], "COMMIT is the last thing that is said"
            self._lengths[scenario.name] = len(seen)
            self._after[scenario.name] = self.content()
            assert self.content() != self._before
            self._drop()
        return self._lengths[scenario.name]

    def _undisturbed(self, scenario: Scenario) -> tuple[str, list[bytes], int | None]:
        folder = self._fresh_ledger()
        proxy, process, word = self._launch(folder, None)
        process.join(PATIENCE)
        proxy.close()
        return word.read_text(), proxy.seen, process.exitcode

    def content(self) -> tuple[str, ...]:
        """Every definition and row of schema public, read apart from the tool's own queries."""
        assert self._bench is not None
        dsn = self.server.dsn(self._bench.dsn.rpartition("/")[2])
        with psycopg.connect(dsn, autocommit=True) as connection:
            found = [str(row[0]) for row in connection.execute(_CONTENT)]
            for (name,) in connection.execute(_TABLES).fetchall():
                rows = sql.SQL("SELECT t::text FROM public.{} AS t ORDER BY 1")
                listed = connection.execute(rows.format(sql.Identifier(name)))
                found += [f"row of {name}: {row[0]}" for row in listed]
        return tuple(found)

    def _set(self, scenario: Scenario) -> None:
        """A database in which the scenario's plan has been made and not applied."""
        if self._scenario is scenario:
            return
        self._drop()
        name = f"k_{uuid.uuid4().hex[:12]}"
        self.server.create_database(name)
        folder = self._folder / name
        folder.mkdir()
        self._bench = Bench(self.server.dsn(name), self.server, folder)
        self._bench.execute(*SETUP, scenario.rows)
        self._plan = scenario.plan(self._bench)
        self._before = self.content()
        self._scenario = scenario

    def _drop(self) -> None:
        if self._bench is not None:
            self.server.drop_database(self._bench.dsn.rpartition("/")[2])
        self._bench, self._scenario = None, None

    def _fresh_ledger(self) -> Path:
        assert self._bench is not None
        folder = self._folder / uuid.uuid4().hex[:8]
        if self._bench.ledger.path.exists():
            shutil.copytree(self._bench.ledger.path.parent, folder)
        return folder

    def _launch(
        self, ledger: Path, trial: Trial | None
    ) -> tuple[LinkProxy, ForkServerProcess, Path]:
        assert self._bench is not None
        assert self._plan is not None
        word = self._folder / f"{ledger.name}.word"
        process: ForkServerProcess | None = None

        def act(pid: int) -> None:
            assert trial is not None
            assert process is not None
            self._strike(trial, pid, process)

        def on_commit() -> None:
            states = [r.state for r in FileLedger(ledger).receipts()]
            if states[-1:] != [PlanState.APPLYING]:
                raise AssertionError(f"COMMIT was sent without an intent on disk: {states}")

        strike = None
        if trial is not None:
            cuts = trial.kind in (Kind.CUT, Kind.KILL)
            strike = Strike(trial.number, trial.side, act, cuts)
        proxy = LinkProxy(self.server.port, strike, on_commit)
        name = self._bench.dsn.rpartition("/")[2]
        dsn = (
            f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}"
            # Somebody does not mind losing commits in a crash; the tool's own must not be lost.
            "?sslmode=disable&gssencmode=disable&options=-csynchronous_commit%3Doff"
        )
        process = self._processes.Process(target=apply_plan, args=(dsn, ledger, self._plan, word))
        process.start()
        return proxy, process, word

    def _strike(self, trial: Trial, pid: int, process: ForkServerProcess) -> None:
        if trial.side is Side.DURING:
            time.sleep(self._random.uniform(0, 0.003))
        if trial.kind is Kind.KILL:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            wait([process.sentinel], PATIENCE)
        elif trial.kind is Kind.TERMINATE:
            with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        elif trial.kind is Kind.SHUTDOWN:
            self.server.stop("immediate")

    def run(self, trial: Trial) -> Verdict:
        """Carry out one trial; raises AssertionError where the tool's word is not the truth."""
        self._set(trial.scenario)
        assert self._bench is not None
        folder = self._fresh_ledger()
        known = {r.id for r in FileLedger(folder).receipts()}
        proxy, process, word = self._launch(folder, trial)
        process.join(PATIENCE)
        assert process.exitcode is not None, f"{trial}: the process hangs"
        proxy.close()
        if not self.server.running:
            self.server = LocalServer.start(self._data, settings=DURABLE)
            self._bench = replace_server(self._bench, self.server)
        self._wait_for_quiet()
        return self._judge(trial, folder, known, process, word)

    def _wait_for_quiet(self) -> None:
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            while connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname LIKE 'k\\_%'"
            ).fetchall():
                assert time.monotonic() < deadline, "a session stays"
                time.sleep(0.005)

    def _judge(
        self, trial: Trial, folder: Path, known: set[str], process: ForkServerProcess, word: Path
    ) -> Verdict:
        assert self._bench is not None
        now = self.content()
        after = self._after[trial.scenario.name]
        assert now in (self._before, after), f"{trial}: neither before nor after"
        changed = now == after
        said = "dead"
        if process.exitcode != -signal.SIGKILL:
            said = str(json.loads(word.read_text())["effect"])
        bench = self._bench
        bench.ledger = FileLedger(folder)
        fresh = [r for r in bench.ledger.receipts() if r.id not in known]
        unsettled = [r for r in fresh if r.state in (PlanState.APPLYING, PlanState.IN_DOUBT)]
        truths = {
            "applied": changed and process.exitcode == 0,
            "committed": changed and process.exitcode != 0,
            "rolled back": not changed and process.exitcode not in (0, 6),
            "nothing changed": not changed and process.exitcode not in (0, 6),
            "in doubt": process.exitcode == 6 and len(unsettled) == 1,
            "dead": True,
        }
        assert truths[said], f"{trial}: it says '{said}' ({process.exitcode}), changed={changed}"
        assert not changed or fresh, f"{trial}: changed without a word in the ledger"
        bench.recover()
        ends = [r.state for r in bench.ledger.receipts() if r.id not in known]
        wanted = PlanState.APPLIED if changed else PlanState.ROLLED_BACK
        assert ends in ([wanted], [] if not changed else [wanted]), f"{trial}: settled as {ends}"
        originals = {r.state for r in bench.ledger.receipts() if r.id in known}
        if known:
            undone = PlanState.UNDONE if changed else PlanState.APPLIED
            assert originals == {undone}, f"{trial}: the original is {originals}"
        shutil.rmtree(folder, ignore_errors=True)
        word.unlink(missing_ok=True)
        if changed:
            self._drop()
        else:
            bench.ledger = FileLedger(bench.folder / "state")
        settled = "by recover" if unsettled else "at once"
        committing = trial.number == self._lengths[trial.scenario.name]
        return Verdict(trial, "after" if changed else "before", said, settled, committing)


def replace_server(bench: Bench, server: LocalServer) -> Bench:
    """The same database on the server's new port."""
    return replace(bench, dsn=server.dsn(bench.dsn.rpartition("/")[2]), server=server)
