"""The row that a change writes about itself into its own database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, Bench
from test_apply_export import ODD, psql, written
from test_index_build import BUILD

from fixit_tui import __version__
from fixit_tui.engine.foresight import foresee
from fixit_tui.engine.record import TABLE, with_record
from fixit_tui.engine.undo import find_receipt
from fixit_tui.errors import RefusedError, VerificationError
from fixit_tui.export.plan_text import plan_report
from fixit_tui.model.finding import Lock, SqlChange
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import HASH_SLOT, Plan, PlanState
from fixit_tui.postgres.database import PgDatabase

ROWS = SqlChange(
    "UPDATE public.goals SET n = 7", "UPDATE public.goals SET n = NULL", "SELECT 'x', true, ''"
)


def recorded(bench: Bench, plan: Plan, undo_of: str = "") -> Plan:
    reader = bench.database.reader()
    try:
        return foresee(with_record(plan, reader, undo_of), reader)
    finally:
        reader.close()


def undo(bench: Bench, receipt: Receipt) -> Receipt:
    of = find_receipt(bench.ledger.receipts(), receipt.id).plan_hash
    return bench.apply(recorded(bench, bench.undo_plan(receipt), of))


def as_user(bench: Bench, user: str) -> Bench:
    """The same database as another role sees it."""
    bench.database = PgDatabase(psycopg.conninfo.make_conninfo(bench.dsn, user=user))
    return bench


def all_but_ledger(bench: Bench) -> list[str]:
    """A dump without the schema fixit_tui, rows in whatever order."""
    return sorted(bench.state("-N", "fixit_tui").splitlines())


def taken(locks: Iterable[Lock]) -> set[str]:
    """The strongest mode on the ledger, of what was foreseen or measured."""
    modes = {lock.mode for lock in locks if lock.relation == TABLE}
    return {"ACCESS EXCLUSIVE"} if "ACCESS EXCLUSIVE" in modes else modes


def test_the_row_is_written_with_the_change_and_says_everything(bench: Bench) -> None:
    before = bench.state()
    plan = recorded(bench, bench.plan(INDEX))
    shown = plan_report(plan)
    assert "lock: fixit_tui.ledger" not in shown, "nobody waits for a table that is made here"
    assert all(line in shown for line in plan.all_steps[-1].up.splitlines())
    rehearsal = bench.rehearse(plan)
    assert rehearsal.succeeded, rehearsal.failure
    assert taken(rehearsal.locks) == taken(plan.all_steps[-1].locks)
    assert bench.state() == before
    receipt = bench.apply(plan)
    assert receipt.recorded
    with psycopg.connect(bench.dsn, row_factory=psycopg.rows.dict_row) as connection:
        (row,) = connection.execute(
            "SELECT *, written_at > now() - interval '1 minute' AS fresh, session_user AS me"
            " FROM fixit_tui.ledger"
        ).fetchall()
    assert row["plan_hash"] == plan.hash == receipt.plan_hash
    assert row["transaction_id"] == receipt.xid
    assert (row["role"], row["operator"], row["fresh"]) == (row["me"], receipt.actor, True)
    assert (row["tool"], row["title"]) == (f"fixit-tui {__version__}", plan.title)
    assert (row["statements"], row["undo"]) == ([INDEX.up], [INDEX.undo])
    assert row["undo_of"] == ""
    ran = [s.statement for s in receipt.statements]
    assert ran == [INDEX.up, *(s for s in ran if "fixit_tui" in s)]


def test_later_changes_and_undos_add_rows_and_none_goes(bench: Bench) -> None:
    before = all_but_ledger(bench)
    first = bench.apply(recorded(bench, bench.plan(INDEX)))
    plan = recorded(bench, bench.plan(ROWS))
    assert plan.record is not None
    assert "CREATE" not in plan.record.up
    assert taken(bench.rehearse(plan).locks) == taken(plan.record.locks) == {"ROW EXCLUSIVE"}
    second = bench.apply(plan)
    back = [undo(bench, second), undo(bench, first)]
    assert all_but_ledger(bench) == before
    with psycopg.connect(bench.dsn) as connection:
        rows = connection.execute(
            "SELECT transaction_id, undo_of FROM fixit_tui.ledger ORDER BY written_at"
        ).fetchall()
    assert rows == [
        (first.xid, ""),
        (second.xid, ""),
        (back[0].xid, second.plan_hash),
        (back[1].xid, first.plan_hash),
    ]


def test_what_is_rolled_back_leaves_no_row(bench: Bench) -> None:
    before = bench.state()
    plan = recorded(bench, bench.plan(replace(INDEX, verify="SELECT 'never', false, ''")))
    with pytest.raises(VerificationError):
        bench.apply(plan)
    assert bench.state() == before


@pytest.mark.parametrize("schema_first", [False, True])
def test_nobody_else_is_let_in(bench: Bench, schema_first: bool) -> None:
    roles = ("anon", "authenticated", "Auditor")
    bench.execute(
        *(f'DROP ROLE IF EXISTS "{role}"' for role in roles),
        *(f'CREATE ROLE "{role}" LOGIN' for role in roles),
        'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO anon, authenticated, "Auditor", PUBLIC',
        'ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO "Auditor"',
        *(["CREATE SCHEMA fixit_tui"] if schema_first else []),
    )
    try:
        bench.apply(recorded(bench, bench.plan(INDEX)))
        for role in roles:
            with psycopg.connect(bench.dsn, user=role) as connection:
                for wish in ("SELECT * FROM fixit_tui.ledger", "DELETE FROM fixit_tui.ledger"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(wish.encode())
                    connection.rollback()
        assert bench.value("SELECT count(*) FROM pg_policy") == 0
        assert bench.value("SELECT relrowsecurity FROM pg_class WHERE relname = 'ledger'")
        held = bench.value("SELECT relacl::text FROM pg_class WHERE relname = 'ledger'")
        assert re.fullmatch(r"\{[^,=]+=ar/[^,]+\}", held), held
        bench.apply(recorded(bench, bench.plan(ROWS)))
    finally:
        bench.execute(
            *(f'DROP OWNED BY "{role}"' for role in roles),
            *(f'DROP ROLE "{role}"' for role in roles),
        )


def test_an_owner_who_is_no_superuser_may_read_and_add_only(bench: Bench) -> None:
    database = bench.value("SELECT current_database()")
    bench.execute(
        "DROP ROLE IF EXISTS shopkeeper",
        "CREATE ROLE shopkeeper LOGIN",
        f"GRANT CREATE ON DATABASE {database} TO shopkeeper",
        "ALTER TABLE public.goals OWNER TO shopkeeper",
    )
    try:
        as_user(bench, "shopkeeper")
        rows = replace(ROWS, touches=("table public.goals",))
        bench.apply(recorded(bench, bench.plan(rows)))
        bench.apply(recorded(bench, bench.plan(rows)))
        with psycopg.connect(bench.dsn, user="shopkeeper", autocommit=True) as connection:
            assert connection.execute("SELECT * FROM fixit_tui.ledger").rowcount == 2
            for wish in ("UPDATE fixit_tui.ledger SET title = ''", "TRUNCATE fixit_tui.ledger"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(wish.encode())
    finally:
        bench.execute("DROP OWNED BY shopkeeper", "DROP ROLE shopkeeper")


def test_who_may_not_make_the_schema_is_told_before_anything_runs(bench: Bench) -> None:
    bench.execute(
        "DROP ROLE IF EXISTS clerk",
        "CREATE ROLE clerk LOGIN",
        "GRANT SELECT, UPDATE ON public.goals TO clerk",
    )
    try:
        as_user(bench, "clerk")
        before = bench.state()
        plan = recorded(bench, bench.plan(ROWS))
        assert plan.record is None
        assert "clerk may not create the schema fixit_tui" in plan_report(plan)
        for verb in (bench.rehearse, bench.apply):
            with pytest.raises(RefusedError, match="leave out --ledger-in-database"):
                verb(plan)
        assert bench.state() == before
        assert bench.apply(bench.plan(ROWS)).state is PlanState.APPLIED
        bench.execute("CREATE SCHEMA fixit_tui")
        assert "belongs to" in recorded(bench, bench.plan(ROWS)).obstacles[0]
    finally:
        bench.execute("DROP OWNED BY clerk", "DROP ROLE clerk")


TRAPS = {
    "trigger": "CREATE FUNCTION public.trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE TRIGGER trap BEFORE INSERT ON fixit_tui.ledger EXECUTE FUNCTION public.trap()",
    "rule": "CREATE RULE trap AS ON INSERT TO fixit_tui.ledger DO ALSO DELETE FROM public.goals",
    "policy": "CREATE POLICY trap ON fixit_tui.ledger USING (true)",
    "check": "ALTER TABLE fixit_tui.ledger ADD CHECK (title <> 'x')",
    "default": "ALTER TABLE fixit_tui.ledger ALTER title SET DEFAULT 'x'",
    "column": "ALTER TABLE fixit_tui.ledger ADD more text",
    "type": "ALTER TABLE fixit_tui.ledger ALTER title TYPE varchar",
    "open": "ALTER TABLE fixit_tui.ledger DISABLE ROW LEVEL SECURITY",
    "index": "CREATE INDEX ON fixit_tui.ledger (lower(title))",
    "view": "ALTER TABLE fixit_tui.ledger RENAME TO real;"
    "CREATE VIEW fixit_tui.ledger AS SELECT * FROM fixit_tui.real",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_is_written_to_a_table_that_is_not_ours(bench: Bench, trap: str) -> None:
    bench.apply(recorded(bench, bench.plan(INDEX)))
    assert recorded(bench, bench.plan(ROWS)).obstacles == ()
    bench.execute(*TRAPS[trap].split(";"))
    plan = recorded(bench, bench.plan(ROWS))
    assert plan.record is None
    assert "not as this tool makes it" in plan.obstacles[0]


def test_a_concurrent_build_says_that_it_is_not_recorded(bench: Bench) -> None:
    plan = recorded(bench, bench.plan(BUILD))
    assert plan.record is None
    assert any("not recorded in fixit_tui.ledger" in caution for caution in plan.cautions)


def test_event_triggers_that_the_record_sets_off_are_foreseen(bench: Bench) -> None:
    bench.execute(
        "CREATE FUNCTION public.audit() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE EVENT TRIGGER schemas ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA')"
        " EXECUTE FUNCTION public.audit()",
    )
    assert "event trigger schemas" in recorded(bench, bench.plan(ROWS)).cautions[0]
    bench.apply(recorded(bench, bench.plan(ROWS)))
    assert recorded(bench, bench.plan(ROWS)).cautions == ()


def test_an_exported_change_writes_its_row_too(bench: Bench, tmp_path: Path) -> None:
    plan = recorded(bench, bench.plan(INDEX, ODD))
    paths = written(plan, tmp_path)
    for name in sorted(n for n in paths if not n.endswith(".undo.sql")):
        done = psql(bench, paths[name])
        assert (done.returncode, done.stderr) == (0, "")
    assert bench.value("SELECT plan_hash FROM fixit_tui.ledger") == plan.hash
    assert bench.value("SELECT undo FROM fixit_tui.ledger")[0] == INDEX.undo


@pytest.mark.parametrize("title", [HASH_SLOT, f"a'\\b\n$1 %s {HASH_SLOT}", "☃ [red]; --"])
def test_any_text_is_written_as_it_is(bench: Bench, title: str) -> None:
    bench.apply(recorded(bench, replace(bench.plan(ROWS), title=title)))
    assert bench.value("SELECT title FROM fixit_tui.ledger") == title
