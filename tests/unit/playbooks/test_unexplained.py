"""What is said of an error that no finding explains: what it is, where it is, who raised it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.causes import RAISES
from fixit_tui.playbooks.other_errors import other_error, other_errors
from fixit_tui.playbooks.rank import explain


def told(facts: FactBase, **symptom: Any) -> str:
    facts.insert("symptom", [{"service": "database", **symptom}])
    return "\n".join(explain([], facts, [])[1])


def orders() -> FactBase:
    """A table with a key, a function behind one of its triggers, and a file that writes it."""
    facts = FactBase()
    facts.insert("relation", [{"oid": 1, "schema": "s", "name": "orders", "qualified": "s.orders"}])
    body = (
        "BEGIN\n  RAISE NOTICE 'too few';\n"
        "  RAISE EXCEPTION 'order % is 100%% closed', NEW.no USING ERRCODE = 'PT409';\nEND"
    )
    facts.insert(
        "routine",
        [{"oid": 9, "schema": "s", "name": "f", "qualified": "s.f", "body": body, "managed": 0}],
    )
    facts.insert(
        "rel_trigger",
        [{"oid": 8, "relation": 1, "name": "guard", "routine": 9, "enabled": "origin"}],
    )
    facts.insert("code_file", [{"path": "src/a.ts", "status": "scanned", "language": "ts"}])
    facts.insert(
        "code_call",
        [{"id": 1, "path": "src/a.ts", "line": 7, "end_line": 9, "verb": "sql",
          "statement": "SELECT  1/count(*) FROM orders WHERE no = $1"}],
    )  # fmt: skip
    return facts


def test_every_entry_can_be_reached_and_none_hides_a_cause_of_ours() -> None:
    ours = {state for states in RAISES.values() for state in states}
    for entry in other_errors():
        words = entry.message or "x"
        assert other_error(entry.code, words) == entry
        # A code that playbooks are about is only taken by words that they are not about.
        assert entry.message or entry.code not in ours - {"42P01", "42883", "42704", "42703"}
    assert other_error("23505", "duplicate key value") is None


@pytest.mark.parametrize(
    ("symptom", "says"),
    [
        ({"sqlstate": "22012"}, "22012 is a division by zero, no conflict of keys"),
        ({"sqlstate": "40P01"}, "run the whole transaction again, from BEGIN"),
        ({"sqlstate": "23502"}, "must have a value"),
        ({"sqlstate": "PT409"}, "RAISE in s.f() line 3, run by the trigger guard on s.orders"),
        ({"sqlstate": "PT409", "message": "order 7 is 100% closed"}, "says these words"),
        ({"sqlstate": "P0001", "message": "order 7 is 100% closed"}, "s.f() line 3"),
        ({"sqlstate": "23505", "message": "order x is 100% closed"}, "says these words"),
        ({"sqlstate": "22012", "statement": "select 1/count(*) from orders where no = 'x'"},
         "it stands at src/a.ts:7"),
    ],
)  # fmt: skip
def test_what_it_is_and_where(symptom: dict[str, Any], says: str) -> None:
    assert says in told(orders(), **symptom)


@pytest.mark.parametrize(
    ("symptom", "says"),
    [
        ({"sqlstate": "P0001", "message": "order 7 is closed"}, "RAISE in"),
        ({"sqlstate": "23505", "message": "duplicate key value"}, "RAISE in"),
        ({"sqlstate": "22012", "statement": "select 2 from orders"}, "it stands at"),
        ({"sqlstate": "PT409"}, "no conflict"),
        ({"sqlstate": "22012"}, "a replay"),
    ],
)
def test_what_is_not_said(symptom: dict[str, Any], says: str) -> None:
    assert says not in told(orders(), **symptom)


def test_places_of_a_stack_are_calls_of_the_code() -> None:
    facts = orders()
    facts.insert("symptom_place", [{"file": "/srv/src/a.ts", "line": 8}])
    assert "it stands at src/a.ts:7" in told(facts, sqlstate="22P02")


def test_a_function_that_ran_is_named_without_its_arguments() -> None:
    facts = orders()
    facts.insert("symptom_frame", [{"depth": 0, "function": "share(integer)", "line": 3}])
    assert re.search(r"^it ran in share\(\) line 3$", told(facts, sqlstate="22012"), re.MULTILINE)


def test_an_index_that_fits_speaks_for_another_database() -> None:
    facts = orders()
    facts.insert("rel_index", [{"oid": 5, "relation": 1, "name": "orders_no_key"}])
    facts.insert(
        "write",
        [{"id": 1, "origin": "code", "relation": 1, "has_conflict": 1, "verdict": "ok",
          "operation": "insert", "via": "postgrest", "path": "src/a.ts", "line": 7}],
    )  # fmt: skip
    facts.insert("arbiter", [{"write": 1, "index_oid": 5, "usable": 1, "reason": ""}])
    said = told(facts, sqlstate="42P10", relation="orders", relation_oid=1)
    assert "orders_no_key fits the conflict target in this database" in said
    facts.execute("DELETE FROM symptom")
    assert "orders_no_key fits" not in told(facts, sqlstate="42P10")
    facts.execute("DELETE FROM symptom")
    facts.execute("UPDATE write SET call = 1")
    facts.insert("symptom_place", [{"file": "/srv/src/a.ts", "line": 8}])
    assert "orders_no_key fits" in told(facts, sqlstate="42P10")
    facts.execute("DELETE FROM symptom")
    facts.execute("DELETE FROM symptom_place")
    said = told(facts, sqlstate="23505", relation="orders", relation_oid=1, index_oid=5)
    assert "src/a.ts:7 names this very key" in said


@pytest.mark.parametrize(
    ("columns", "usable", "method", "says"),
    [
        ('["who", "no"]', 0, "PUT", "PUT always names the key (id); orders_who_no_key is another"),
        ('["who", "no"]', 0, "POST", "POST with on_conflict=who,no and Prefer"),
        ('["who", "no"]', 1, "POST", ""),
        ('["who", null]', 0, "POST", ""),
    ],
)
def test_a_request_that_names_another_key_is_told_of_it(
    columns: str, usable: int, method: str, says: str
) -> None:
    facts = orders()
    facts.insert(
        "rel_index",
        [{"oid": 5, "relation": 1, "name": "orders_who_no_key", "columns": columns}],
    )
    facts.insert(
        "write",
        [{"id": 1, "origin": "pasted", "relation": 1, "has_conflict": 1, "via": "postgrest",
          "operation": "insert", "target_kind": "columns", "target": '["id"]'}],
    )  # fmt: skip
    facts.insert("arbiter", [{"write": 1, "index_oid": 5, "usable": usable, "reason": ""}])
    said = told(facts, sqlstate="23505", relation_oid=1, index_oid=5, method=method)
    assert says in said
    assert ("is another one" in said) is bool(says)


def test_a_resolution_without_a_key_is_dropped() -> None:
    request = {"sqlstate": "23505", "relation_oid": 1, "relation": "orders"}
    facts = orders()
    facts.execute("UPDATE relation SET kind = 'table'")
    said = told(facts, resolution="merge-duplicates", **request)
    assert "s.orders has no primary key" in said
    facts.execute("DELETE FROM symptom")
    assert "no Prefer: resolution" in told(facts, on_conflict='["no"]', **request)


@pytest.mark.parametrize(
    ("operation", "keys"), [("insert", "orders_who_fkey, orders_pkey"), ("delete", "lines_fkey")]
)
def test_a_status_alone_names_the_keys_that_it_may_be(operation: str, keys: str) -> None:
    facts = orders()
    facts.insert("rel_index", [{"oid": 5, "relation": 1, "name": "orders_pkey", "is_unique": 1}])
    foreign = [
        {"oid": 6, "name": "orders_who_fkey", "relation": 1, "ref_relation": 3},
        {"oid": 7, "name": "lines_fkey", "relation": 2, "ref_relation": 1},
    ]
    facts.insert("rel_constraint", [{"kind": "foreign", **key} for key in foreign])
    said = told(facts, http_status=409, operation=operation, relation="orders", relation_oid=1)
    listed = re.search(r"here it may be (.*)$", said, re.MULTILINE)
    assert listed is not None
    assert set(listed[1].split(", ")) == set(keys.split(", "))


def guarded(*policies: dict[str, Any], rls: int = 1) -> FactBase:
    facts = orders()
    facts.execute(f"UPDATE relation SET kind = 'table', rls = {rls}")
    facts.insert("policy", [{"relation": 1, "permissive": 1, **policy} for policy in policies])
    return facts


OWN = {
    "name": "own",
    "command": "insert",
    "roles": '["public"]',
    "check_expr": "(auth.uid() = who)",
}
STAFF = {"name": "staff", "command": "all", "roles": '["staff"]', "using_expr": "(is_staff())"}
OPEN = {
    "name": "open",
    "command": "insert",
    "permissive": 0,
    "roles": '["public"]',
    "check_expr": "(NOT done)",
}
READ = {"name": "read", "command": "select", "roles": '["public"]', "using_expr": "true"}
REFUSED = {"sqlstate": "42501", "relation": "orders", "relation_oid": 1}


@pytest.mark.parametrize(
    ("symptom", "says", "never"),
    [
        ({}, "satisfies one of: (auth.uid() = who) (own); (is_staff()) (staff)", "read"),
        ({"http_status": 403}, "satisfies one of: (auth.uid() = who) (own)", "is_staff"),
        ({"role": "staff"}, "(is_staff()) (staff)", "read"),
        ({}, "takes no row that misses any of: (NOT done) (open)", "is off in this one"),
        ({}, "compare auth.uid() of the session", "is off in this one"),
        ({"operation": "update"}, "one of: (is_staff()) (staff)", "auth.uid"),
        ({"message": "permission denied for table orders"}, "a replay", "satisfies"),
    ],
)
def test_a_refused_row_is_held_against_the_rules(
    symptom: dict[str, Any], says: str, never: str
) -> None:
    said = told(guarded(OWN, STAFF, OPEN, READ), **REFUSED, **symptom)
    assert says in said
    assert never not in said


@pytest.mark.parametrize(("table", "upload"), [("s.orders", False), ("storage.objects", True)])
def test_a_table_without_a_policy_takes_no_row(table: str, upload: bool) -> None:
    facts = guarded(READ)
    facts.execute(f"UPDATE relation SET qualified = '{table}'")
    said = told(facts, **REFUSED)
    assert f"{table} has row level security and no policy" in said
    assert ("an upload needs one for INSERT" in said) is upload


def test_where_row_level_security_is_off_the_error_came_from_elsewhere() -> None:
    said = told(guarded(OWN, rls=0), **REFUSED)
    assert "row level security of s.orders is off in this one" in said
    assert "satisfies" not in said


def test_the_places_that_can_have_been_refused_are_named() -> None:
    facts = orders()
    facts.insert(
        "write",
        [{"id": n, "origin": "code", "relation": 1, "operation": verb, "path": "src/a.ts", "line": n}
         for n, verb in enumerate(("insert", "delete"), start=7)],
    )  # fmt: skip
    assert "s.orders is written at src/a.ts:7\n" in told(facts, sqlstate="23505", relation_oid=1)
    facts.execute("DELETE FROM symptom")
    said = told(facts, sqlstate="23503", relation_oid=1)
    assert "s.orders is written at src/a.ts:7, src/a.ts:8\n" in said


@pytest.mark.parametrize(
    ("caught", "said"), [('["23505"]', True), ('["23503"]', False), (None, False)]
)
def test_an_error_that_the_code_catches_is_in_the_log_all_the_same(
    caught: str | None, said: bool
) -> None:
    facts = orders()
    facts.insert(
        "code_call", [{"id": 2, "path": "src/b.py", "line": 4, "handles_sqlstate": caught}]
    )
    facts.insert(
        "write", [{"id": 1, "origin": "code", "call": 2, "relation": 1, "operation": "insert"}]
    )
    text = told(facts, sqlstate="23505", relation_oid=1)
    assert ("src/b.py:4 catches this error" in text) is said


def test_a_key_of_the_system_catalog_is_a_race_of_migrations() -> None:
    message = 'duplicate key value violates unique constraint "pg_type_typname_nsp_index"'
    said = told(
        orders(), sqlstate="23505", constraint_name="pg_type_typname_nsp_index", message=message
    )
    assert "a key of the system catalog" in said
    assert "the right database" not in said
