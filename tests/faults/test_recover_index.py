"""`recover` of a concurrent index build: the index that is found must be the one, and its server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from apply_tools import Bench, bench_with_goals
from recover_stage import BUILD, die_before_commit, edited

from fixit_tui.model.plan import PlanState
from fixit_tui.postgres.local_server import LocalServer

OTHERS = {
    "another column": "CREATE UNIQUE INDEX goals_key ON public.goals (id)",
    "not unique": "CREATE INDEX goals_key ON public.goals (user_id, slug)",
    "partial": "CREATE UNIQUE INDEX goals_key ON public.goals (user_id, slug) WHERE n > 0",
    "another method": "CREATE INDEX goals_key ON public.goals USING hash (user_id)",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_an_index_of_that_name_that_somebody_else_made_is_not_taken_for_it(
    bench: Bench, kind: str
) -> None:
    die_before_commit(bench, bench.plan(BUILD))
    bench.execute(OTHERS[kind])
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "not the one that was to be built" in still.note
    bench.execute("DROP INDEX public.goals_key")
    (gone,) = bench.recover()
    assert gone.state is PlanState.ROLLED_BACK


def test_the_very_index_is_taken_for_it(bench: Bench) -> None:
    mixed = replace(
        BUILD,
        up='CREATE INDEX CONCURRENTLY "goals_key" ON "public".goals (slug, lower(slug))'
        " INCLUDE (n) WHERE user_id > 0",
    )
    die_before_commit(bench, bench.plan(mixed))
    bench.execute(mixed.up.replace("CONCURRENTLY", ""))
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED


def test_another_server_or_a_namesake_of_the_database_is_not_asked(
    bench: Bench, server: LocalServer
) -> None:
    receipt = die_before_commit(bench, bench.plan(BUILD))
    assert receipt.server_id
    edited(bench, receipt, server_id="1/00000001")
    (still,) = bench.recover()
    assert "not the one on which" in still.note
    bench.ledger.append(receipt)
    name = bench.dsn.rpartition("/")[2]
    server.drop_database(name)
    server.create_database(name)
    (bench.folder / "again").mkdir()
    bench_with_goals(bench.dsn, server, bench.folder / "again").execute(
        BUILD.up.replace("CONCURRENTLY", "")
    )
    (other,) = bench.recover()
    assert other.state is PlanState.APPLYING
    assert "another database" in other.note
