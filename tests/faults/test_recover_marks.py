"""Whose work the touched objects are: the catalog's rows bear the number of who wrote them."""

from __future__ import annotations

import pytest
from apply_tools import INDEX, Bench
from recover_stage import ELSEWHEN, die_after_commit, die_before_commit, edited, stranger

from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import PlanState


def test_a_colleague_who_made_the_same_change_is_not_taken_for_it(bench: Bench) -> None:
    """The number is a stranger's, and the objects are as the change would have left them."""
    receipt = die_before_commit(bench, bench.plan(INDEX))
    bench.execute(INDEX.up)
    after = {"xid": stranger(bench), "server_run": ELSEWHEN, "xid_kept": False}
    edited(bench, receipt, **after)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    assert "may have given the number to another" in still.note
    edited(bench, receipt, **after, server_id="")
    (again,) = bench.recover()
    assert again.state is PlanState.APPLYING


DROPS = SqlChange(
    "DROP INDEX public.goals_n", "CREATE INDEX goals_n ON public.goals (n)",
    "SELECT 'it is gone', to_regclass('public.goals_n') IS NULL, ''",
    touches=("table public.goals",),
)  # fmt: skip


def test_what_only_drops_bears_no_number(bench: Bench) -> None:
    bench.execute("CREATE INDEX goals_n ON public.goals (n)")
    receipt = die_after_commit(bench, bench.plan(DROPS))
    edited(bench, receipt, server_run=ELSEWHEN, xid_kept=False)
    (still,) = bench.recover()
    assert still.state is PlanState.APPLYING
    edited(bench, receipt, server_run=ELSEWHEN, xid_kept=True)
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED


MARKS = {
    "table": "ALTER TABLE public.marked ADD COLUMN more int",
    "constraint": "ALTER TABLE public.marked ADD CONSTRAINT c CHECK (a > 0)",
    "key": "ALTER TABLE public.marked ADD UNIQUE (a)",
    "default": "ALTER TABLE public.marked ALTER COLUMN a SET DEFAULT 7",
    "policy": "CREATE POLICY p ON public.marked USING (true)",
    "trigger": "CREATE TRIGGER t AFTER INSERT ON public.marked EXECUTE FUNCTION public.f()",
    "grant": "GRANT SELECT ON public.marked TO PUBLIC",
}


@pytest.mark.parametrize("kind", MARKS)
def test_what_is_defined_bears_the_number_whatever_server_answers(bench: Bench, kind: str) -> None:
    bench.execute(
        "CREATE TABLE public.marked (a int)",
        "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    )
    change = SqlChange(MARKS[kind], "", "SELECT 'x', true, ''", touches=("table public.marked",))
    receipt = die_after_commit(bench, bench.plan(change))
    edited(bench, receipt, server_run="", server_id="", xid_kept=False)
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED
    assert "bear its number" in kept.note


@pytest.mark.parametrize(
    ("identity", "change"),
    [
        ('function public."F x"(integer)', "CREATE OR REPLACE FUNCTION public.\"F x\"(n int)"
         " RETURNS int LANGUAGE sql AS 'SELECT n + 1'"),
        ('trigger public."T x"."by it"', 'DROP TRIGGER "by it" ON public."T x";'
         'CREATE TRIGGER "by it" AFTER DELETE ON public."T x" EXECUTE FUNCTION public.f()'),
        ('sequence public."S x"', 'ALTER SEQUENCE public."S x" INCREMENT 5'),
        ('index public."I x"', 'DROP INDEX public."I x";'
         'CREATE INDEX "I x" ON public."T x" (a DESC)'),
    ],
    ids=["function", "trigger", "sequence", "index"],
)  # fmt: skip
def test_every_kind_of_object_bears_it(bench: Bench, identity: str, change: str) -> None:
    bench.execute(
        'CREATE TABLE public."T x" (a int)',
        'CREATE SEQUENCE public."S x"',
        'CREATE INDEX "I x" ON public."T x" (a)',
        "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE FUNCTION public.\"F x\"(n int) RETURNS int LANGUAGE sql AS 'SELECT n'",
        'CREATE TRIGGER "by it" AFTER INSERT ON public."T x" EXECUTE FUNCTION public.f()',
    )
    step = SqlChange(change, "", "SELECT 'x', true, ''", touches=(identity,))
    receipt = die_after_commit(bench, bench.plan(step))
    edited(bench, receipt, server_run="", server_id="", xid_kept=False)
    (kept,) = bench.recover()
    assert kept.state is PlanState.APPLIED, kept.note
    assert "bear its number" in kept.note
