"""Which finding explains an error: by state, key, table, context; and what is ruled out, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Confidence, Finding, Severity, Site
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.playbooks.match import reported, verdict
from fixit_tui.playbooks.rank import explain


def found(number: str, cause: str, relation: str, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "id": number,
        "playbook": "p",
        "cause": cause,
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "title": cause,
        "relation": relation,
        "object": None,
        "sqlstates": ("23505",),
    }
    return Finding(**{**values, **more})


def world(**symptom: Any) -> FactBase:
    """orders → (trigger) → audit; visible is a view of orders; event has the partition event_1."""
    facts = FactBase()
    names = {1: "orders", 2: "audit", 3: "visible", 4: "event", 5: "event_1", 6: "other"}
    facts.insert(
        "relation",
        [
            {"oid": oid, "schema": "s", "name": name, "qualified": f"s.{name}"}
            for oid, name in names.items()
        ],
    )
    facts.execute("UPDATE relation SET parent = 4 WHERE oid = 5")
    facts.insert("view_source", [{"view": 3, "relation": 1, "auto_updatable": 1}])
    facts.insert("routine", [{"oid": 9, "schema": "s", "name": "log", "qualified": "s.log"}])
    facts.insert("write", [{"id": 1, "origin": "routine", "routine": 9, "relation": 2}])
    facts.insert("effect", [{"relation": 1, "event": "insert", "write": 1, "fires": "always"}])
    facts.insert(
        "rel_index",
        [
            {"oid": 40, "relation": 4, "name": "event_key"},
            {"oid": 50, "relation": 5, "name": "event_1_id_key", "parent_index": 40},
        ],
    )
    facts.insert("symptom", [{"service": "database", **symptom}])
    return facts


def against(finding: Finding, facts: FactBase) -> str:
    error = reported(facts)
    assert error is not None
    return verdict(finding, error).against


def explains(finding: Finding, facts: FactBase) -> bool:
    (ranked,), _ = explain([finding], facts, [])
    return ranked.explains


KEY = {"constraint": "k"}


@pytest.mark.parametrize(
    ("finding", "symptom"),
    [
        (found("a", "insert-should-be-upsert", "s.orders", **KEY), {"constraint_name": "k"}),
        (found("a", "insert-should-be-upsert", "s.orders"), {"relation": "orders"}),
        (found("a", "insert-should-be-upsert", "s.orders"), {"relation": "s.orders"}),
        # A trigger of the table, the table under a view, and a partition's table.
        (found("a", "trigger-not-idempotent", "s.audit"), {"relation": "orders"}),
        (found("a", "trigger-not-idempotent", "s.audit"), {"relation": "visible"}),
        (found("a", "insert-should-be-upsert", "s.orders"), {"relation": "visible"}),
        (
            found("a", "insert-should-be-upsert", "s.event", constraint="event_key"),
            {"relation": "event_1", "constraint_name": "event_1_id_key"},
        ),
    ],
)
def test_what_agrees_explains(finding: Finding, symptom: dict[str, Any]) -> None:
    assert explains(finding, world(sqlstate="23505", **symptom))


@pytest.mark.parametrize(("called", "explained"), [("log", True), ("catalog", False)])
def test_a_status_is_led_back_to_the_called_function(called: str, explained: bool) -> None:
    site = Site(function="s.log", line=2)
    finding = found("a", "missing-unique-index", "s.audit", sqlstates=("42P10",), sites=(site,))
    facts = world(http_status=400, url_path=f"/rest/v1/rpc/{called}")
    assert explains(finding, facts) is explained


@pytest.mark.parametrize(
    ("finding", "symptom", "says"),
    [
        (
            found("a", "missing-unique-index", "s.orders", sqlstates=("42P10",)),
            {"relation": "orders"},
            "it raises 42P10, but the server said 23505",
        ),
        (
            found("a", "insert-should-be-upsert", "s.orders", **KEY),
            {"relation": "orders", "constraint_name": "j"},
            "it breaks k, but the error names j",
        ),
        (
            found("a", "insert-should-be-upsert", "s.other"),
            {"relation": "orders"},
            "it is on s.other, but the error is about orders",
        ),
        (
            found("a", "insert-should-be-upsert", "s.orders"),
            {"relation": "nowhere"},
            "it is on s.orders, but the error is about nowhere",
        ),
        # The effect leads from orders to audit, never back.
        (
            found("a", "insert-should-be-upsert", "s.orders"),
            {"relation": "audit"},
            "it is on s.orders, but the error is about audit",
        ),
    ],
)
def test_what_contradicts_is_said(finding: Finding, symptom: dict[str, Any], says: str) -> None:
    facts = world(sqlstate="23505", **symptom)
    assert against(finding, facts) == says
    assert not explains(finding, facts)


ECHO = found("a", "aborted-transaction", "s.orders", sqlstates=("25P02",))


@pytest.mark.parametrize(
    ("first", "key", "cause"),
    [("23505", "k", "insert-should-be-upsert"), ("42P10", None, "missing-unique-index")],
)
def test_the_first_error_and_what_follows_it(first: str, key: str | None, cause: str) -> None:
    """A conflict that the code keeps quiet comes second, what fails every time comes first."""
    one = found("b", cause, "s.orders", sqlstates=(first,), constraint=key)
    facts = world(sqlstate=first, reported_sqlstate="25P02", relation="orders", constraint_name=key)
    ranked, _ = explain([one, ECHO], facts, [])
    assert ranked[0].cause == ("aborted-transaction" if first == "23505" else cause)
    assert all(f.explains for f in ranked)


def test_without_an_echo_nothing_else_went_wrong() -> None:
    facts = world(sqlstate="23505", relation="orders")
    assert against(ECHO, facts) == "it raises 25P02, but the server said 23505"


def test_a_trigger_that_never_fires_reaches_nothing() -> None:
    facts = world(sqlstate="23505", relation="orders")
    facts.execute("UPDATE effect SET fires = 'never'")
    assert against(found("a", "trigger-not-idempotent", "s.audit"), facts)


def test_a_foreign_key_error_is_about_both_its_tables() -> None:
    finding = found("a", "fk-still-referenced", "s.other", sqlstates=("23503",))
    assert explains(
        finding, world(sqlstate="23503", relation="orders", referenced_relation="other")
    )
    assert not explains(finding, world(sqlstate="23503", relation="orders"))


def test_the_context_tells_a_trigger_from_the_code() -> None:
    code = found("a", "insert-should-be-upsert", "s.audit", sites=(Site(file="a.ts", line=1),))
    inner = found("b", "trigger-not-idempotent", "s.audit", sites=(Site(function="s.log", line=3),))
    facts = world(
        sqlstate="23505", relation="audit", source="server-log", statement="…", detail="…"
    )
    first, second = explain([inner, code], facts, [])[0]
    assert (first.id, first.explains, second.explains) == ("a", True, False)
    assert [(r.cause, "shows no function" in r.because) for r in first.ruled_out] == [
        ("trigger-not-idempotent", True)
    ]
    facts.insert("symptom_frame", [{"depth": 0, "function": "s.log", "line": 3, "routine": 9}])
    first, second = explain([code, inner], facts, [])[0]
    assert (first.id, first.explains, second.explains) == ("b", True, False)
    assert "s.log()" in against(code, facts)


@pytest.mark.parametrize(
    ("status", "state", "fits"),
    [
        (409, "23505", True),
        (401, "42501", True),
        (403, "42501", True),
        (406, "PGRST116", True),
        (409, "42P10", False),
        (500, "23505", False),
    ],
)
def test_a_status_alone_needs_a_table_that_agrees(status: int, state: str, fits: bool) -> None:
    finding = found("a", "legitimate-conflict", "s.orders", sqlstates=(state,))
    assert explains(finding, world(http_status=status, relation="orders")) is fits
    assert not explains(finding, world(http_status=status))


def test_a_place_in_the_code_is_a_whole_file_name() -> None:
    finding = found(
        "a", "legitimate-conflict", "s.orders", sites=(Site(file="src/a.ts", line=10, end_line=12),)
    )
    scores = []
    for file, line in (("app/src/a.ts", 11), ("app/src/a.ts", 90), ("xa.ts", 11)):
        facts = world(sqlstate="23505", relation="orders")
        facts.insert("symptom_place", [{"file": file, "line": line}])
        scores.append(explain([finding], facts, [])[0][0].score)
    assert scores[0] > scores[1] > scores[2] > 0


def test_another_service_is_named_and_nothing_explains() -> None:
    finding = found("a", "legitimate-conflict", "s.orders")
    ranked, wishes = explain(
        [finding], world(service="storage", http_status=409, relation="orders"), []
    )
    assert not ranked[0].explains
    assert "storage" in wishes[0]


def test_a_backend_that_hands_the_error_through_is_explained() -> None:
    finding = found("a", "legitimate-conflict", "s.orders", constraint="k")
    told = world(service="own-backend", http_status=400, sqlstate="23505", constraint_name="k")
    assert explains(finding, told)
    ranked, wishes = explain([finding], world(service="own-backend", http_status=409), [])
    assert not ranked[0].explains
    assert "backend" in wishes[0]


def playbook(*causes: str) -> Playbook:
    return Playbook("p", "p", causes, "p", Path(), "builtin", "", ())


def test_only_what_was_looked_for_and_not_found_is_ruled_out() -> None:
    facts = world(sqlstate="23505", relation="orders", constraint_name="k")
    best = found("a", "insert-should-be-upsert", "s.orders", constraint="k")
    equal = found("b", "soft-deleted-row", "s.orders", constraint="k")
    other = found("c", "sequence-behind", "s.orders", constraint="pk")
    remark = found("d", "duplicate-triggers", "s.orders", severity=Severity.INFO)
    looked = [playbook("delete-then-insert", "missing-unique-index", "soft-deleted-row")]
    ranked, wishes = explain([remark, other, equal, best], facts, looked)
    assert [f.id for f in ranked] == ["a", "b", "c", "d"]
    assert [f.explains for f in ranked] == [True, True, False, False]
    assert {r.cause: r.because for r in ranked[0].ruled_out} == {
        "sequence-behind": "found on s.orders: it breaks pk, but the error names k",
        "delete-then-insert": "looked for, and nothing of the kind was found",
    }
    assert wishes == ()


def test_without_a_symptom_the_worst_and_surest_come_first() -> None:
    likely = found("a", "legitimate-conflict", "s.orders", confidence=Confidence.LIKELY)
    remark = found("b", "legitimate-conflict", "s.orders", severity=Severity.INFO)
    sure = found("c", "legitimate-conflict", "s.orders")
    facts = FactBase()
    ranked, wishes = explain([remark, likely, sure], facts, [])
    assert ([f.id for f in ranked], wishes) == (["c", "a", "b"], ())


@pytest.mark.parametrize(
    ("symptom", "wish"),
    [
        ({"http_status": 409}, "a status alone"),
        ({"sqlstate": "25P02"}, "first error of that transaction"),
        ({"sqlstate": "23505", "constraint_name": "gone"}, "no key called gone"),
        ({"sqlstate": "42P10", "relation": "gone"}, "no table called gone"),
        ({"sqlstate": "42P10"}, "STATEMENT in the server log"),
    ],
)
def test_what_would_settle_it_is_asked_for(symptom: dict[str, Any], wish: str) -> None:
    _, wishes = explain([], world(**symptom), [])
    assert any(wish in w for w in wishes)


def test_a_warning_is_explained_by_what_hides_errors_alone() -> None:
    told = {"sqlstate": "01000", "constraint_name": "k", "relation": "orders", "relation_oid": 1}
    hiding = found("b", "swallowed-trigger-error", "s.orders")
    other = found("a", "insert-should-be-upsert", "s.orders", constraint="k")
    ranked, wishes = explain([other, hiding], world(**told), [])
    assert (ranked[0].cause, ranked[0].explains) == ("swallowed-trigger-error", True)
    assert not ranked[1].explains
    assert wishes == ()
    _, wishes = explain([other], world(**told), [])
    assert "no statement" in wishes[0]


def test_an_exception_of_the_application_is_nobody_elses_fault() -> None:
    finding = found("a", "single-on-zero-rows", "s.orders")
    facts = world(service="application", message="Cannot read properties of null")
    ranked, wishes = explain([finding], facts, [])
    assert not ranked[0].explains
    assert "no database error" in wishes[0]
    assert "finds no row" in wishes[0]
