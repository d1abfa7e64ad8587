"""What a role, a server or a policy has set must not make the tool's word untrue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from apply_tools import INDEX, Bench
from psycopg.conninfo import make_conninfo

from fixit_tui.errors import Effect, FixitError, RefusedError
from fixit_tui.postgres.database import PgDatabase

EMPTYING = replace(
    INDEX,
    up="CREATE TABLE public.aside AS SELECT * FROM public.goals; DELETE FROM public.goals",
    undo="INSERT INTO public.goals SELECT * FROM public.aside; DROP TABLE public.aside",
    verify="SELECT 'nothing is left', NOT EXISTS (SELECT FROM public.goals), ''",
    precheck="",
)


@pytest.fixture
def operator(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """The bench for a role that owns public.goals and must obey its policies."""
    role = "op_" + bench.dsn.rpartition("/")[2]
    bench.execute(
        f"CREATE ROLE {role} LOGIN",
        f"ALTER TABLE public.goals OWNER TO {role}",
        f"GRANT CREATE ON SCHEMA public TO {role}",
        "ALTER TABLE public.goals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON public.goals USING (user_id = 1)",
    )
    folder = tmp_path / "operator"
    folder.mkdir()
    yield Bench(make_conninfo(bench.dsn, user=role), bench.server, folder)
    name = bench.dsn.rpartition("/")[2]
    bench.execute(f"REASSIGN OWNED BY {role} TO postgres", f"DROP OWNED BY {role}")
    bench.execute(f"ALTER DATABASE {name} RESET ALL", f"DROP ROLE {role}")


def test_rows_that_a_policy_hides_are_never_passed_over(bench: Bench, operator: Bench) -> None:
    plan = operator.plan(EMPTYING)
    before = bench.state()
    rehearsal = operator.rehearse(plan)
    assert not rehearsal.succeeded
    with pytest.raises(FixitError, match="row-level security") as caught:
        operator.apply(plan)
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.state() == before


def test_a_check_that_sees_only_some_rows_does_not_hold(bench: Bench, operator: Bench) -> None:
    bench.execute("INSERT INTO public.goals (user_id, slug) VALUES (2, 'a')")
    blind = replace(INDEX, up="COMMENT ON TABLE public.goals IS 'no duplicates'", verify="")
    reader = operator.database.reader()
    (check,) = reader.checks(INDEX.precheck)
    reader.close()
    assert check.holds is None
    with pytest.raises(FixitError, match="could not be asked"):
        operator.apply(operator.plan(blind))


def test_an_undo_that_would_not_see_its_rows_is_refused(bench: Bench, operator: Bench) -> None:
    bench.execute("ALTER TABLE public.goals NO FORCE ROW LEVEL SECURITY")
    receipt = operator.apply(operator.plan(EMPTYING))
    bench.execute("ALTER TABLE public.aside ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    with pytest.raises(FixitError) as caught:
        operator.apply(operator.undo_plan(receipt))
    assert caught.value.effect is Effect.ROLLED_BACK
    assert bench.value("SELECT count(*) FROM public.aside") == 3


def test_a_role_without_foreign_keys_and_triggers_is_refused(bench: Bench) -> None:
    plan = bench.plan(INDEX)
    bench.database = PgDatabase(
        make_conninfo(bench.dsn, options="-c session_replication_role=replica")
    )
    with pytest.raises(RefusedError, match="session_replication_role") as caught:
        bench.apply(plan)
    assert caught.value.effect is Effect.NOTHING_CHANGED
    assert bench.ledger.receipts() == ()


@pytest.mark.parametrize("told", ["off", "local", "on", "remote_write"])
def test_a_commit_is_durable_whatever_the_role_has_set(bench: Bench, told: str) -> None:
    database = PgDatabase(make_conninfo(bench.dsn, options=f"-c synchronous_commit={told}"))
    transaction = database.transaction()
    try:
        (check,) = transaction.checks(
            "SELECT 'durable', current_setting('synchronous_commit')"
            f" = '{'local' if told == 'off' else told}', current_setting('synchronous_commit')"
        )
    finally:
        transaction.close()
    assert check.holds, check.detail


def test_the_replayed_statement_meets_the_policies(bench: Bench, operator: Bench) -> None:
    bench.execute("ALTER TABLE public.goals NO FORCE ROW LEVEL SECURITY")
    role = "op_" + bench.dsn.rpartition("/")[2]
    bench.execute("CREATE TABLE public.seen (n bigint)", f"ALTER TABLE public.seen OWNER TO {role}")
    bench.execute("ALTER TABLE public.goals FORCE ROW LEVEL SECURITY")
    transaction = operator.database.transaction()
    try:
        result = transaction.replay(
            "INSERT INTO public.seen SELECT count(*) FROM public.goals HAVING count(*) = 2", ""
        )
    finally:
        transaction.close()
    assert (result.sqlstate, result.rows) == (None, 1)
