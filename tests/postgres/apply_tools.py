"""A database, a ledger and a clock to plan, rehearse, apply and undo with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from tests.client_tools import client_tool

from fixit_tui.engine.apply import Applier
from fixit_tui.engine.plan import make_plan
from fixit_tui.engine.recover import recover
from fixit_tui.engine.rehearse import rehearse
from fixit_tui.engine.survivors import surviving
from fixit_tui.engine.undo import plan_undo
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import Event
from fixit_tui.model.finding import (
    Confidence,
    FileEdit,
    Finding,
    Fix,
    FixKind,
    Severity,
    SqlChange,
)
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Choice, Consent, ObjectState, Plan
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.store.clock import SystemClock
from fixit_tui.store.ledger import FileLedger

INDEX = SqlChange(
    up="CREATE UNIQUE INDEX IF NOT EXISTS goals_key ON public.goals (user_id, slug)",
    undo="DROP INDEX IF EXISTS public.goals_key",
    verify="SELECT 'the index is there', to_regclass('public.goals_key') IS NOT NULL, ''",
    precheck="SELECT 'no duplicates', NOT EXISTS (SELECT 1 FROM public.goals"
    " GROUP BY user_id, slug HAVING count(*) > 1), ''",
    touches=("table public.goals",),
)
UPSERT = (
    "INSERT INTO public.goals (user_id, slug) VALUES (1, 'a')"
    " ON CONFLICT (user_id, slug) DO NOTHING"
)


class BriskClock(SystemClock):
    """Real time, but pauses between tries are only noted."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float, stopped: object) -> None:
        self.pauses.append(seconds)


@dataclass
class Bench:
    """`events` keeps what the last verbs told; `server` is for pg_dump."""

    dsn: str
    server: LocalServer
    folder: Path
    code: Path | None = None
    clock: BriskClock = field(default_factory=BriskClock)
    events: list[Event] = field(default_factory=list)
    cancelled: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        self.database = PgDatabase(self.dsn)
        self.ledger = FileLedger(self.folder / "state")

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def value(self, query: str) -> Any:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            return row[0] if row else None

    def state(self, *options: str) -> str:
        """Every definition and every row, as pg_dump writes them; not where sequences stand."""
        done = subprocess.run(
            [client_tool(self.server, "pg_dump"), "--no-sync", *options, "-d", self.dsn],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return "\n".join(
            line
            for line in done.stdout.splitlines()
            if not line.startswith(("\\", "--", "SELECT pg_catalog.setval("))
        )

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        reader = self.database.reader()
        try:
            return reader.fingerprint(identities)
        finally:
            reader.close()

    def plan(self, *changes: SqlChange, edits: tuple[FileEdit, ...] = (), replay: str = "") -> Plan:
        reader = self.database.reader()
        target = reader.target()
        reader.close()
        findings = [
            Finding(
                f"f{n}", "book", "missing-unique-index", Severity.ERROR, Confidence.CERTAIN,
                f"finding {n}", "public.goals", None, replay=replay,
                fixes=(Fix(f"fix{n}", f"Fix {n}", FixKind.SQL, "", True, change),),
            )
            for n, change in enumerate(changes)
        ]  # fmt: skip
        if edits:
            fix = Fix("edit", "Edit the code", FixKind.CODE, "", True, edits=edits)
            findings.append(
                Finding(
                    "fcode",
                    "book",
                    "missing-unique-index",
                    Severity.ERROR,
                    Confidence.CERTAIN,
                    "code",
                    None,
                    None,
                    fixes=(fix,),
                )
            )
        diagnosis = Diagnosis(target, None, (), tuple(findings))
        choices = [Choice(f.id, f.fixes[0].id) for f in findings]
        return surviving(make_plan(diagnosis, choices, self.fingerprint), None)

    def rehearse(self, plan: Plan) -> Rehearsal:
        return rehearse(
            self.database, plan, self.clock, self.events.append, self.cancelled,
            self.ledger.receipts(),
        )  # fmt: skip

    def applier(self, **changes: Any) -> Applier:
        plain = Applier(
            self.database, self.ledger, self.clock, self.code, self.events.append, self.cancelled
        )
        return replace(plain, **changes)

    def apply(self, plan: Plan, *, write_code: bool = False) -> Receipt:
        return self.applier().apply(plan, Consent(plan.hash, plan.target.name, write_code))

    def undo_plan(self, receipt: Receipt) -> Plan:
        reader = self.database.reader()
        target = reader.target()
        reader.close()
        return plan_undo(self.ledger.receipts(), receipt.id, target, self.fingerprint)

    def recover(self) -> tuple[Receipt, ...]:
        return recover(self.database, self.ledger, self.clock, self.ledger.receipts())


def bench_with_goals(dsn: str, server: LocalServer, folder: Path) -> Bench:
    """Three rows in public.goals, without the unique key that its upserts need."""
    code = folder / "code"
    code.mkdir()
    bench = Bench(dsn, server, folder, code)
    bench.execute(
        "CREATE TABLE public.goals (id serial PRIMARY KEY, user_id int NOT NULL, slug text, n int)",
        "INSERT INTO public.goals (user_id, slug) VALUES (1, 'a'), (1, 'b'), (2, 'a')",
    )
    return bench
