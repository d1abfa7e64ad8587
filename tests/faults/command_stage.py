"""The command line as a real process, struck while it changes a database; then what it says."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from kill_stage import DURABLE, SETUP, TWIN_ROWS, UNIQUE_ROWS, Kind
from link_proxy import LinkProxy, Side, Strike
from tests.client_tools import client_tool

from fixit_tui.model.plan import PlanState
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.store.ledger import FileLedger

PROGRAM = (sys.executable, "-m", "fixit_tui")
PATIENCE = 180.0
BUILD = b"CONCURRENTLY"

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'fixit_quarantine') AND c.relkind = 'r' ORDER BY 1
"""
_VARYING = "ARRAY['fixit_moved_at', 'fixit_ctid', 'fixit_tableoid']"


@dataclass(frozen=True, slots=True)
class Errand:
    """A change that the command line is asked for: rows, the reported error, and where it ends.

    `decides` is in the request that settles the outcome: COMMIT, or a concurrent statement.
    """

    name: str
    rows: str
    error: str
    playbook: str
    decides: bytes = b"COMMIT\0"
    undo: bool = False


_TWINS = (
    'ERROR:  could not create unique index "goals_key"\n'
    "DETAIL:  Key (user_id, slug)=(1, a) is duplicated.\n"
    "STATEMENT:  CREATE UNIQUE INDEX goals_key ON public.goals (user_id, slug);\n"
)
_NO_KEY = (
    "ERROR:  there is no unique or exclusion constraint matching the ON CONFLICT specification\n"
    "STATEMENT:  INSERT INTO public.goals (user_id, slug) VALUES (1, 'a')"
    " ON CONFLICT (user_id, slug) DO NOTHING;\n"
)
_LARGE = UNIQUE_ROWS + "; UPDATE pg_class SET reltuples = 2500000 WHERE oid = 'goals'::regclass"
QUARANTINE = Errand("apply", TWIN_ROWS, _TWINS, "duplicates-in-the-way")
UNDO = Errand("undo", TWIN_ROWS, _TWINS, "duplicates-in-the-way", undo=True)
BESIDE = Errand("index build", _LARGE, _NO_KEY, "on-conflict-without-index", BUILD)
BESIDE_UNDO = Errand("index drop", _LARGE, _NO_KEY, "on-conflict-without-index", BUILD, undo=True)


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault at one exchange of one errand; exchange 0 stands for the deciding one."""

    errand: Errand
    kind: Kind
    number: int
    side: Side


@dataclass(frozen=True, slots=True)
class Told:
    """What one process of the command line said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a blow led to; `database` is 'before', 'after' or 'unfinished'."""

    blow: Blow
    database: str
    word: str
    recovered: str
    deciding: bool


class CommandStage:
    """One server, one database, one errand; the command line reaches it through one port."""

    def __init__(self, folder: Path, errand: Errand) -> None:
        self._errand = errand
        self._folder = folder
        self._data = folder / "data"
        self.server = LocalServer.start(self._data, settings=DURABLE)
        self.server.create_database("app")
        # Receipts and plans name the port, so the way there stays the same.
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port: int = probe.getsockname()[1]
        self._error = folder / "error.txt"
        self._error.write_text(errand.error)
        self._given = self._folder / "given"
        self._state = self._folder / "state"
        self._words: list[str] = []
        self.after: tuple[str, ...] = ()
        self.before: tuple[str, ...] = ()
        self.length = 0
        self._learn()

    def close(self) -> None:
        self.server.stop("immediate")

    @property
    def _dsn(self) -> str:
        return (
            f"postgresql://postgres@127.0.0.1:{self._port}/app?sslmode=disable&gssencmode=disable"
        )

    def _command(self, *words: str) -> tuple[str, ...]:
        # Somebody does not mind losing commits in a crash; the tool's own must not be lost.
        return (*PROGRAM, words[0], self._dsn + "&options=-csynchronous_commit%3Doff", *words[1:])

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "XDG_STATE_HOME": str(self._state)},
        )  # fmt: skip

    def _say(self, *words: str) -> Told:
        process = self._start(*words)
        out, err = process.communicate(timeout=PATIENCE)
        return Told(process.returncode, out, err)

    @contextlib.contextmanager
    def _way(self, strike: Strike | None = None) -> Iterator[LinkProxy]:
        proxy = LinkProxy(self.server.port, strike, self._insist_on_intent, self._port)
        try:
            yield proxy
        finally:
            proxy.close()

    def _insist_on_intent(self) -> None:
        states = [r.state for r in self._ledger.receipts()]
        if PlanState.APPLYING not in states:
            raise AssertionError(f"COMMIT was sent without an intent on disk: {states}")

    @property
    def _ledger(self) -> FileLedger:
        (folder,) = {p.parent for p in self._state.rglob("*.jsonl")} or {self._state}
        return FileLedger(folder)

    def _learn(self) -> None:
        """The words of the errand, how many exchanges it takes, and what it leads to."""
        asked = ("apply", "--symptom", str(self._error), "--playbook", self._errand.playbook)
        self._reset()
        self.before = self.content()
        with self._way():
            self._words = self._agreed(*asked)
            if self._errand.undo:
                done = self._say(*self._command(*self._words))
                assert done.code == 0, done.err
                self.before = self.content()
                self._words = self._agreed("undo")
        self._keep()
        with self._way() as proxy:
            done = self._say(*self._command(*self._words))
        assert done.code == 0, done.err
        self.length = len(proxy.seen)
        deciding = [n for n, request in enumerate(proxy.seen, 1) if self._errand.decides in request]
        self.deciding = deciding[0]
        self.after = self.content()
        assert self.after != self.before

    def _agreed(self, *words: str) -> list[str]:
        shown = self._say(*self._command(*words))
        found = re.search(r"^plan ([0-9a-f]{12}) ", shown.out, re.M)
        assert found, shown
        return [*words, "--plan", found[1], "--yes"]

    def _keep(self) -> None:
        """Remember database and ledger as they are now."""
        shutil.rmtree(self._given, ignore_errors=True)
        if self._state.exists():
            shutil.copytree(self._state, self._given)

    def _reset(self) -> None:
        """The database before the errand; for an undo, what its apply had left."""
        self._execute("DROP SCHEMA IF EXISTS fixit_quarantine CASCADE; DROP SCHEMA public CASCADE;"
                      "CREATE SCHEMA public", *SETUP, self._errand.rows)  # fmt: skip
        shutil.rmtree(self._state, ignore_errors=True)

    def _prepare(self) -> None:
        if self._errand.undo and self._changed():
            self._reset()
            asked = ("apply", "--symptom", str(self._error), "--playbook", self._errand.playbook)
            with self._way():
                done = self._say(*self._command(*self._agreed(*asked)))
                assert done.code == 0, done.err
                self._words = self._agreed("undo")
            self._keep()
        elif not self._errand.undo and (self._errand.decides == BUILD or self._changed()):
            # A build that was taken back has still counted the rows.
            self._reset()
        shutil.rmtree(self._state, ignore_errors=True)
        if self._given.exists():
            shutil.copytree(self._given, self._state)
        assert self.content() == self.before

    def _changed(self) -> bool:
        return self.content() != self.before

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self.server.dsn("app"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute("CHECKPOINT")

    def content(self) -> tuple[str, ...]:
        """Every definition and row, but for the time at which rows were moved, and their place."""
        done = subprocess.run(
            [client_tool(self.server, "pg_dump"), "--schema-only", "-d", self.server.dsn("app")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = [
            line for line in done.stdout.splitlines() if not line.startswith(("\\", "--", "SET "))
        ]
        with psycopg.connect(self.server.dsn("app"), autocommit=True) as connection:
            invalid = connection.execute(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
            ).fetchall()
            found += [f"invalid: {name}" for (name,) in invalid]
            for (name,) in connection.execute(_TABLES).fetchall():
                rows = f"SELECT (to_jsonb(t) - {_VARYING})::text FROM {name} AS t ORDER BY 1"
                listed = connection.execute(rows.encode())
                found += [f"row of {name}: {row[0]}" for row in listed]
        return tuple(found)

    def run(self, blow: Blow) -> Judged:
        """Strike, then ask `recover` and `history`; AssertionError where a word is not the truth."""
        self._prepare()
        known = {r.id for r in self._ledger.receipts()}
        process: subprocess.Popen[str] | None = None

        number = blow.number or self.deciding
        building = self._errand.decides == BUILD and number == self.deciding
        struck: list[int] = []
        held = self._in_the_way() if building and blow.side is Side.DURING else None

        def act(pid: int) -> None:
            assert process is not None
            if held is not None:
                self._wait_until("SELECT FROM pg_index WHERE NOT indisvalid")
            self._strike(blow, pid, process)
            struck.append(number)
            if held is not None:
                held.close()

        strike = Strike(number, blow.side, act, blow.kind in (Kind.CUT, Kind.KILL))
        with self._way(strike):
            process = self._start(*self._command(*self._words))
            out, err = process.communicate(timeout=PATIENCE)
        assert struck, f"{blow}: it never came so far: {out}{err}"
        if not self.server.running:
            self.server = LocalServer.start(self._data, settings=DURABLE)
        self._wait_for_quiet()
        now = self.content()
        database = {self.before: "before", self.after: "after"}.get(now, "unfinished")
        word = _word(Told(process.returncode, out, err))
        self._judge(blow, database, word, Told(process.returncode, out, err))
        recovered = self._recover(blow, database, known, err)
        return Judged(blow, database, word, recovered, number == self.deciding)

    def _strike(self, blow: Blow, pid: int, process: subprocess.Popen[str]) -> None:
        if blow.kind is Kind.KILL:
            process.send_signal(signal.SIGKILL)
            process.wait()
        elif blow.kind is Kind.TERMINATE:
            with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        elif blow.kind is Kind.SHUTDOWN:
            self.server.stop("immediate")
        elif blow.kind is Kind.INTERRUPT:
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)

    def _in_the_way(self) -> psycopg.Connection[Any]:
        """A transaction that a concurrent build or drop waits for in the middle of its work."""
        holder = psycopg.connect(self.server.dsn("app"))
        holder.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        holder.execute("SELECT FROM public.goals")
        return holder

    def _wait_until(self, query: LiteralString, *, rows: bool = True) -> None:
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(self.server.dsn("app"), autocommit=True) as connection:
            while bool(connection.execute(query).fetchall()) is not rows:
                assert time.monotonic() < deadline, f"it stays as it is: {query}"
                time.sleep(0.01)

    def _wait_for_quiet(self) -> None:
        self._wait_until(
            "SELECT FROM pg_stat_activity WHERE datname = 'app' AND pid <> pg_backend_pid()",
            rows=False,
        )

    def _judge(self, blow: Blow, database: str, word: str, told: Told) -> None:
        complaint = f"{blow}: '{word}', but the database is {database}; {told}"
        assert database != "unfinished" or self._errand.decides == BUILD, complaint
        assert "Traceback" not in told.err, complaint
        possible = {
            "dead": {"before", "after", "unfinished"},
            "in doubt": {"before", "after", "unfinished"},
            "applied": {"after"},
            "committed": {"after"},
            "rolled back": {"before"},
            "nothing changed": {"before"},
            "partly done": {"unfinished"},
        }
        assert database in possible[word], complaint

    def _recover(self, blow: Blow, database: str, known: set[str], told: str) -> str:
        """What `recover` says, and `history` after it."""
        with self._way():
            said = self._say(*self._command("recover"))
        assert said.code == 0, f"{blow}: {said}"
        listed = self._say(*PROGRAM, "history", "--format", "json")
        receipts = json.loads(listed.out)
        new = [r["state"] for r in receipts if r["id"] not in known]
        wanted = {
            "before": ({"rolled back"}, True),
            "after": ({"applied", "verified"}, False),
            "unfinished": ({"partial"}, False),
        }[database]
        assert set(new) <= wanted[0], f"{blow}: {database}, but history says {new}; {said}"
        assert new or wanted[1], f"{blow}: {database} without a word in the ledger"
        if known:
            originals = {"before": "verified", "after": "undone", "unfinished": "partial"}
            states = {r["state"] for r in receipts if r["id"] in known}
            assert states == {originals[database]}, f"{blow}: the original is {states}"
        if database == "unfinished":
            self._clean_up(blow, told + said.err)
        return ", ".join(new) or "nothing to settle"

    def _clean_up(self, blow: Blow, told: str) -> None:
        """What is offered for an unfinished index takes it away."""
        assert "this cleans up: DROP INDEX CONCURRENTLY" in told, f"{blow}: not offered: {told}"
        with self._way():
            words = self._agreed("undo")
            done = self._say(*self._command(*words))
        assert done.code == 0, f"{blow}: {done}"
        assert not any(line.startswith("invalid") for line in self.content())


def _word(told: Told) -> str:
    if told.code == -signal.SIGKILL:
        return "dead"
    if told.code == 0:
        return "applied"
    effects = re.findall(r"^  effect: (.*)$", told.err, re.M)
    assert len(effects) == 1, told
    word = str(effects[0])
    assert (told.code == 6) == (word == "in doubt"), told
    assert (told.code == 7) == (word in ("committed", "partly done")), told
    return word
