"""Choices become a plan: ordered, merged, refused where they contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine_builders import code_fix, diagnosis, edit, finding, fingerprint, sql_fix

from fixit_tui.engine.order import Rank, controls_transaction, position, rank
from fixit_tui.engine.plan import make_plan, replayable
from fixit_tui.errors import RefusedError, UsageError
from fixit_tui.model.finding import Fix, FixKind
from fixit_tui.model.plan import Choice, Plan
from fixit_tui.model.proof import Reported


def plan(*findings, choices=None, **options) -> Plan:  # type: ignore[no-untyped-def]
    statement, role = options.pop("statement", None), options.pop("role", None)
    chosen = choices or [Choice(f.id, f.fixes[0].id) for f in findings]
    return make_plan(
        diagnosis(*findings, statement=statement, role=role), chosen, fingerprint, **options
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE TABLE IF NOT EXISTS t (a int)", Rank.TABLE),
        ("create unlogged table t ()", Rank.TABLE),
        ("ALTER TABLE t ADD COLUMN b int", Rank.TABLE),
        ("CREATE SCHEMA s", Rank.TABLE),
        ("-- why\n/* and */ DELETE FROM t", Rank.DATA),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", Rank.DATA),
        ("DO $$ BEGIN CREATE INDEX i ON t (a); END $$", Rank.DATA),
        ("SELECT setval('s', 3)", Rank.DATA),
        ("CREATE UNIQUE INDEX i ON t (a)", Rank.INDEX),
        ("REINDEX INDEX i", Rank.INDEX),
        ("ALTER TABLE t\n  ADD CONSTRAINT k UNIQUE (a)", Rank.CONSTRAINT),
        ("ALTER TABLE t DROP CONSTRAINT k", Rank.CONSTRAINT),
        ("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", Rank.FUNCTION),
        ("CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", Rank.TRIGGER),
        ("ALTER TABLE t ENABLE ALWAYS TRIGGER g", Rank.TRIGGER),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", Rank.POLICY),
        ("CREATE POLICY p ON t", Rank.POLICY),
        ("GRANT SELECT ON t TO x", Rank.POLICY),
        ("LOCK TABLE t IN SHARE MODE", None),
        ("SET LOCAL x = 1", None),
    ],
)
def test_statements_are_ranked_by_what_they_make(statement: str, expected: Rank | None) -> None:
    assert rank(statement) is expected


def test_a_step_stands_where_its_first_work_stands() -> None:
    assert position(["LOCK TABLE t", "DELETE FROM t", "CREATE UNIQUE INDEX i ON t (a)"]) == (1, 2)
    assert position([]) == position(["SELECT 1"])


def test_steps_are_ordered_by_what_others_build_on() -> None:
    texts = {
        "policy": "CREATE POLICY p ON t",
        "trigger": "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "function": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ begin end $$",
        "constraint": "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)",
        "index": "CREATE INDEX i ON t (a)",
        "repair": "DELETE FROM t",
        "table": "CREATE TABLE u ()",
    }
    made = plan(*[finding(name, sql_fix(up, fix_id=name)) for name, up in texts.items()])
    assert [s.finding_id for s in made.steps] == list(reversed(texts))
    assert [s.number for s in made.steps] == [1, 2, 3, 4, 5, 6, 7]


def test_the_same_text_runs_once_and_answers_both_findings() -> None:
    up = "CREATE UNIQUE INDEX i ON t (a)"
    touches = ("table public.t",)
    made = plan(
        finding("a", sql_fix(up, touches=touches)), finding("b", sql_fix(up, touches=touches))
    )
    assert [s.up for s in made.steps] == [up]
    assert made.findings == ("a", "b")
    assert made.fingerprint == fingerprint(touches)


def test_two_fixes_of_one_finding_are_refused_by_name() -> None:
    one, two = sql_fix("SELECT 1", fix_id="one"), sql_fix("SELECT 2", fix_id="two")
    with pytest.raises(UsageError, match=r"Run one.*Run two"):
        plan(finding("a", one, two), choices=[Choice("a", "one"), Choice("a", "two")])
    assert len(plan(finding("a", one), choices=[Choice("a", "one")] * 2).steps) == 1


def test_two_texts_for_one_function_are_refused_by_name() -> None:
    touch = ("function public.f()",)
    one = finding("a", sql_fix("CREATE OR REPLACE FUNCTION f …1", fix_id="one", touches=touch))
    two = finding("b", sql_fix("CREATE OR REPLACE FUNCTION f …2", fix_id="two", touches=touch))
    with pytest.raises(UsageError, match=r"Run one.*Run two.*function public\.f\(\)"):
        plan(one, two)


def test_two_changes_of_one_table_go_together() -> None:
    touch = ("table public.t",)
    one = finding("a", sql_fix("CREATE INDEX i ON t (a)", touches=touch))
    two = finding("b", sql_fix("CREATE POLICY p ON t", touches=touch))
    assert len(plan(one, two).steps) == 2


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK", "begin", "START TRANSACTION", "END"])
def test_a_step_may_not_end_the_transaction(ending: str) -> None:
    assert controls_transaction(ending)
    with pytest.raises(RefusedError):
        plan(finding("a", sql_fix(f"CREATE TABLE t (); -- hm\n {ending}; SELECT 1")))


def test_a_body_that_says_begin_is_no_transaction() -> None:
    plan(finding("a", sql_fix("DO $$ BEGIN COMMIT; END $$")))


def test_unknown_choices_and_advice_are_refused() -> None:
    advice = Fix("talk", "Talk to them", FixKind.MANUAL, "time", advice="by phone")
    with pytest.raises(UsageError, match="is advice"):
        plan(finding("a", advice))
    with pytest.raises(UsageError, match="no finding is called zz"):
        plan(finding("a", sql_fix("SELECT 1")), choices=[Choice("zz", "fix")])
    with pytest.raises(UsageError, match="has no fix zz"):
        plan(finding("a", sql_fix("SELECT 1")), choices=[Choice("a", "zz")])
    with pytest.raises(UsageError, match="nothing was chosen"):
        make_plan(diagnosis(), [], fingerprint)


def test_edits_of_one_file_are_combined_or_refused() -> None:
    before = "".join(f"line {n}\n" for n in range(20))
    top = edit("a.ts", before, before.replace("line 2\n", "top\n"))
    bottom = edit("a.ts", before, before.replace("line 15\n", ""))
    clash = edit("a.ts", before, before.replace("line 2\n", "other\n"))
    both = plan(finding("a", code_fix(top)), finding("b", code_fix(bottom)))
    assert both.edits[0].after == before.replace("line 2\n", "top\n").replace("line 15\n", "")
    assert both.code_findings == ("a", "b")
    assert "+top" in both.patch
    assert "-line 15" in both.patch
    with pytest.raises(UsageError, match=r"same lines of a\.ts"):
        plan(finding("a", code_fix(top)), finding("b", code_fix(clash)))


def test_the_hash_holds_every_text_that_runs() -> None:
    made = plan(finding("a", sql_fix("CREATE INDEX i ON t (a)", touches=("table public.t",))))
    step = made.steps[0]
    for other in (
        replace(made, steps=(replace(step, up=step.up + " "),)),
        replace(made, steps=(replace(step, verify="SELECT 'x', true, ''"),)),
        replace(made, steps=(replace(step, undo="SELECT 2"),)),
        replace(made, fingerprint=()),
        replace(made, target=replace(made.target, database_oid=6)),
        replace(made, replay="INSERT INTO t VALUES (1)"),
    ):
        assert other.hash != made.hash
    assert replace(made, title="another").hash == made.hash


def test_the_reported_statement_is_replayed_as_its_role_if_it_can_be() -> None:
    insert = "INSERT INTO t VALUES (1)"
    cured = finding(
        "a", sql_fix("CREATE INDEX i ON t (a)"), explains=True, replay="INSERT INTO t VALUES (2)"
    )
    roles = frozenset({"web"})
    made = plan(cured, statement=insert, role="web", settable_roles=roles)
    assert (made.replay, made.replay_role) == (insert, "web")
    assert plan(cured, statement=insert, role="boss", settable_roles=roles).replay_role == ""
    assert plan(cured, statement="INSERT INTO t VALUES ($1)").replay == "INSERT INTO t VALUES (2)"
    assert (
        plan(replace(cured, explains=False), statement=insert).replay == "INSERT INTO t VALUES (2)"
    )
    both = replace(cured, fixes=(replace(cured.fixes[0], kind=FixKind.BOTH),))
    assert plan(both, statement=insert).replay == ""


def test_only_a_plan_of_one_change_may_prove_what_explains_the_error() -> None:
    insert = "INSERT INTO t VALUES (1)"
    cured = finding("a", sql_fix("CREATE INDEX i ON t (a)"), explains=True)
    other = finding("b", sql_fix("CREATE INDEX j ON t (b)"))
    said = diagnosis(cured, other, statement=insert)
    assert said.symptom is not None
    said = replace(said, symptom=replace(said.symptom, sqlstate="23505", constraint="k"))
    one = make_plan(said, [Choice("a", cured.fixes[0].id)], fingerprint)
    assert one.reported == Reported("23505", "k", ("a",))
    both = [Choice("a", cured.fixes[0].id), Choice("b", other.fixes[0].id)]
    assert make_plan(said, both, fingerprint).reported == Reported("23505", "k")
    assert make_plan(said, both[1:], fingerprint).reported == Reported()


@pytest.mark.parametrize(
    ("statement", "can"),
    [
        ("INSERT INTO t VALUES ('$1 ? %s :x …')", True),
        ("with x as (select 1) insert into t select * from x", True),
        ("INSERT INTO t VALUES (1::int)", True),
        ("INSERT INTO t VALUES ($1)", False),
        ("INSERT INTO t VALUES (%s)", False),
        ("INSERT INTO t VALUES (%(a)s)", False),
        ("INSERT INTO t VALUES (:a)", False),
        ("INSERT INTO t VALUES (?)", False),
        ("INSERT INTO t VALUES (...)", False),
        ("INSERT INTO t (a, b)", False),
        ("INSERT INTO t VALUES (1); DROP TABLE t", False),
        ("DROP TABLE t", False),
        ("SELECT 1", False),
        ("", False),
    ],
)
def test_only_whole_writes_are_replayed(statement: str, can: bool) -> None:
    assert replayable(statement) is can


def test_the_api_is_told_of_schema_changes_only() -> None:
    ddl, rows = (
        finding("a", sql_fix("CREATE INDEX i ON t (a)")),
        finding("b", sql_fix("DELETE FROM t")),
    )
    assert plan(ddl, reloads_api=True).notify_postgrest
    assert not plan(ddl).notify_postgrest
    assert not plan(rows, reloads_api=True).notify_postgrest
