"""Errors that another service answered: what in the database may be behind them."""

from __future__ import annotations

from typing import Any

import pytest
from test_rank import found

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Finding, Severity
from fixit_tui.playbooks.rank import explain

SIGN_UP = "Database error saving new user"
DELETION = "Database error deleting user"


def users(message: str, **symptom: Any) -> FactBase:
    """auth.users with a trigger, referred to by two tables: one cascades, one does not."""
    facts = FactBase()
    names = {1: ("auth", "users"), 2: ("public", "profiles"), 3: ("public", "notes")}
    facts.insert(
        "relation",
        [
            {"oid": o, "schema": s, "name": n, "qualified": f"{s}.{n}"}
            for o, (s, n) in names.items()
        ],
    )
    facts.insert("routine", [{"oid": 9, "schema": "public", "name": "f", "qualified": "public.f"}])
    facts.insert(
        "rel_trigger",
        [
            {
                "oid": 7,
                "relation": 1,
                "name": "on_new",
                "routine": 9,
                "enabled": "origin",
                "events": '["insert"]',
            },
            {
                "oid": 8,
                "relation": 1,
                "name": "off",
                "routine": 9,
                "enabled": "disabled",
                "events": '["insert"]',
            },
            {
                "oid": 6,
                "relation": 1,
                "name": "on_end",
                "routine": 9,
                "enabled": "origin",
                "events": '["delete"]',
            },
        ],
    )
    keys = [(2, "profiles_id_fkey", "no action"), (3, "notes_author_fkey", "cascade")]
    facts.insert(
        "rel_constraint",
        [
            {
                "oid": 20 + o,
                "kind": "foreign",
                "relation": o,
                "name": n,
                "ref_relation": 1,
                "on_delete": d,
            }
            for o, n, d in keys
        ],
    )
    facts.insert(
        "symptom", [{"service": "auth", "http_status": 500, "message": message, **symptom}]
    )
    return facts


def told(facts: FactBase) -> str:
    return "\n".join(explain([], facts, [])[1])


def test_a_failed_sign_up_names_the_triggers_that_a_new_user_fires() -> None:
    said = told(users(SIGN_UP))
    assert "a new user fires on_new (public.f):" in said
    assert "profiles_id_fkey" not in said


def test_a_failed_deletion_names_the_keys_that_keep_the_user() -> None:
    said = told(users(DELETION))
    assert "public.profiles (profiles_id_fkey);" in said
    assert "notes_author_fkey" not in said
    assert "on_new" not in said


def test_a_deletion_that_no_key_refuses_is_left_to_the_log() -> None:
    facts = users(DELETION)
    facts.execute("UPDATE rel_constraint SET on_delete = 'set null'")
    assert "the server log has the real error" in told(facts)


CHAIN = ("INSERT auth.users", "auth.users", "trigger on_new")


@pytest.mark.parametrize(
    ("finding", "message", "explains"),
    [
        (found("1", "trigger-context", "public.profiles", chain=CHAIN), SIGN_UP, True),
        (found("1", "trigger-context", "public.profiles", chain=CHAIN), DELETION, False),
        (found("1", "trigger-context", "public.profiles", chain=("public.notes",)), SIGN_UP, False),
        (found("1", "swallowed-trigger-error", "public.profiles", chain=CHAIN), SIGN_UP, False),
        (
            found("1", "duplicate-triggers", "public.p", chain=CHAIN, severity=Severity.WARNING),
            SIGN_UP,
            False,
        ),
    ],
    ids=["every sign-up", "a deletion", "another table", "nothing is raised", "not for certain"],
)
def test_what_ends_every_sign_up_explains_it(
    finding: Finding, message: str, explains: bool
) -> None:
    ranked, unexplained = explain([finding], users(message), [])
    assert ranked[0].explains is explains
    assert bool(unexplained) is not explains


def test_an_error_of_the_database_itself_is_ranked_as_one() -> None:
    facts = users(SIGN_UP, sqlstate="22012")
    assert "auth service" not in told(facts)
