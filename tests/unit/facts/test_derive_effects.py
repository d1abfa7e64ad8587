"""What triggers cause, and whether they write the row that code writes next."""

from __future__ import annotations

import json

import pytest
from fact_rows import Facts

from fixit_tui.facts.base import Value
from fixit_tui.facts.derive import derive


def _insert(table: str, column: str = "x", value: str = "NEW.x") -> str:
    return f"BEGIN\n  INSERT INTO {table} ({column}) VALUES ({value});\n  RETURN NEW;\nEND;"


def _effects(facts: Facts, where: str = "1") -> list[dict[str, Value]]:
    derive(facts.base)
    return facts.base.query(f"SELECT * FROM effect WHERE {where} ORDER BY depth, path")


def test_a_chain_of_triggers_has_depth_and_path() -> None:
    facts = Facts()
    a, b, c = (facts.table(n, "x") for n in "abc")
    facts.trigger(a, facts.routine("to_b", _insert("b")), name="copy_b")
    facts.trigger(b, facts.routine("to_c", _insert("c"), security_definer=1), name="copy_c")
    rows = _effects(facts, f"relation = {a}")
    assert [(r["event"], r["depth"], r["fires"], r["definer"]) for r in rows] == [
        ("insert", 1, "always", 0),
        ("insert", 2, "always", 1),
    ]
    assert json.loads(str(rows[1]["path"])) == [
        "a", "trigger copy_b", "to_b() line 2", "b", "trigger copy_c", "to_c() line 2", "c",
    ]  # fmt: skip
    assert rows[0]["trigger"] == rows[1]["trigger"]
    assert c


def test_cycles_are_cut() -> None:
    facts = Facts()
    a, b = facts.table("a", "x"), facts.table("b", "x")
    facts.trigger(a, facts.routine("to_b", _insert("b")))
    facts.trigger(b, facts.routine("to_a", _insert("a")))
    assert len(_effects(facts, f"relation = {a}")) == 2


@pytest.mark.parametrize(
    ("trigger", "fires"),
    [
        ({}, "always"),
        ({"enabled": "always"}, "always"),
        ({"enabled": "disabled"}, "never"),
        ({"enabled": "replica"}, "never"),
        ({"when_expr": "(new.x > 1)"}, "conditionally"),
        ({"when_expr": ""}, "conditionally"),
        ({"update_columns": '["x"]'}, "conditionally"),
    ],
)
def test_how_surely_a_trigger_fires(trigger: dict[str, Value], fires: str) -> None:
    facts = Facts()
    a = facts.table("a", "x")
    facts.table("b", "x")
    facts.trigger(a, facts.routine("to_b", _insert("b")), "update", **trigger)
    assert [(r["event"], r["fires"]) for r in _effects(facts)] == [("update", fires)]


def test_what_a_disabled_trigger_would_cause_is_not_followed() -> None:
    facts = Facts()
    a, b = facts.table("a", "x"), facts.table("b", "x")
    facts.table("c", "x")
    facts.trigger(a, facts.routine("to_b", _insert("b")), enabled="disabled")
    facts.trigger(b, facts.routine("to_c", _insert("c")))
    assert [r["fires"] for r in _effects(facts, f"relation = {a}")] == ["never"]


def test_a_called_function_writes_too() -> None:
    facts = Facts()
    a, b = facts.table("a", "x"), facts.table("b", "x", schema="app")
    facts.routine("store", _insert("app.b", value="1"), schema="app", trigger=False)
    body = (
        "BEGIN\n  IF NEW.x = 1 THEN\n    PERFORM app.store(NEW.x);\n  END IF;\n  RETURN NEW;\nEND;"
    )
    facts.trigger(a, facts.routine("outer_one", body), name="t")
    rows = _effects(facts)
    assert [r["fires"] for r in rows] == ["conditionally"]
    assert json.loads(str(rows[0]["path"])) == [
        "a", "trigger t", "outer_one() line 3", "app.store() line 2", "app.b",
    ]  # fmt: skip
    assert b


def test_cascading_deletes_set_off_the_childs_triggers() -> None:
    facts = Facts()
    parent, child = facts.table("parent", "id"), facts.table("child", "parent_id")
    facts.table("log", "x")
    facts.constraint(
        child, "child_fk", "foreign", ["parent_id"], ref_relation=parent, on_delete="cascade"
    )
    facts.trigger(child, facts.routine("to_log", _insert("log", value="1")), "delete")
    rows = _effects(facts, f"relation = {parent}")
    assert [(r["event"], r["fires"]) for r in rows] == [("delete", "conditionally")]


def test_writes_to_a_view_reach_the_tables_triggers() -> None:
    facts = Facts()
    table = facts.table("a", "x")
    view = facts.table("a_view", "x", kind="view")
    facts.base.insert("view_source", [{"view": view, "relation": table, "auto_updatable": 1}])
    facts.table("b", "x")
    facts.trigger(table, facts.routine("to_b", _insert("b")))
    assert len(_effects(facts, f"relation = {view}")) == 1


def _unlocks(value: str = "16", columns: str = "user_id, module_id", **trigger: Value) -> Facts:
    """A users table whose trigger unlocks a module, as in the report of a double insert."""
    facts = Facts()
    users = facts.table("users", "id uuid = gen_random_uuid()", "email")
    facts.index(users, "id", constraint="primary")
    unlocks = facts.table(
        "unlocks", "id uuid = gen_random_uuid()", "user_id", "module_id", "at timestamptz = now()",
        "note",
    )  # fmt: skip
    facts.index(unlocks, "id", constraint="primary")
    facts.index(unlocks, "user_id", "module_id", name="unlocks_key", constraint="unique")
    body = (
        f"BEGIN\n  INSERT INTO unlocks ({columns}) VALUES (NEW.id, {value});\n  RETURN NEW;\nEND;"
    )
    facts.trigger(users, facts.routine("unlock", body), name="unlock_first", **trigger)
    return facts


def _same_row(facts: Facts) -> dict[str, Value]:
    derive(facts.base)
    rows = facts.base.query("SELECT * FROM same_row")
    assert len(rows) == 1, rows
    return rows[0]


@pytest.mark.parametrize(
    ("values", "verdict", "covers", "extra"),
    [
        ({"user_id": "user.id", "module_id": "16"}, "same", 1, []),
        ({"user_id": "userId", "module_id": "'16'"}, "same", 1, []),
        ({"user_id": "user.id", "module_id": "17"}, "different", 0, ["module_id"]),
        ({"user_id": "user.id", "module_id": "FIRST"}, "unknown", 0, ["module_id"]),
        ({"user_id": "inviterId", "module_id": "16"}, "unknown", 0, ["user_id"]),
        ({"user_id": "user.id", "module_id": "16", "note": "text"}, "same", 0, ["note"]),
        ({"user_id": "user.id", "module_id": "16", "note": "null"}, "same", 1, []),
        ({"user_id": "user.id", "module_id": "16", "at": "new Date()"}, "same", 1, []),
        ({"user_id": "user.id", "module_id": "16", "at": "start"}, "same", 0, ["at"]),
    ],
)
def test_is_it_the_same_row(
    values: dict[str, str], verdict: str, covers: int, extra: list[str]
) -> None:
    facts = _unlocks()
    facts.call("insert", "users", values={"email": "email"}, selects="id", cardinality="single")
    facts.call("insert", "unlocks", values=values)
    row = _same_row(facts)
    assert (row["verdict"], row["covers"]) == (verdict, covers)
    assert json.loads(str(row["extra_columns"])) == extra
    assert (row["index_oid"] is not None) == (verdict == "same")
    assert row["because"]


def test_a_value_given_to_the_outer_row_is_followed_through_new() -> None:
    facts = _unlocks()
    facts.call("insert", "users", values={"id": "account.uid", "email": "email"})
    facts.call("insert", "unlocks", values={"user_id": "account.uid", "module_id": "16"})
    assert _same_row(facts)["verdict"] == "same"


def test_sql_strings_compare_like_requests() -> None:
    facts = _unlocks()
    facts.sql("INSERT INTO users (email) VALUES ($1) RETURNING id", "email")
    facts.sql(
        "INSERT INTO unlocks (user_id, module_id) VALUES ($1, $2)", "created.rows[0].id", "16"
    )
    assert _same_row(facts)["covers"] == 1


def test_trigger_arguments_are_constants() -> None:
    facts = _unlocks(value="TG_ARGV[0]", args='["16"]')
    facts.call("insert", "users", values={"email": "e"}, selects="id")
    facts.call("insert", "unlocks", values={"user_id": "user.id", "module_id": "16"})
    assert _same_row(facts)["verdict"] == "same"


@pytest.mark.parametrize(
    ("value", "twice"),
    [
        ("extract(year from current_date)::int", True),
        ("date_part('year', now())", True),
        ("extract(epoch from clock_timestamp())", False),
        ("season", False),
    ],
)
def test_two_triggers_meet_in_what_one_statement_cannot_change(value: str, twice: bool) -> None:
    facts = _unlocks(value=value)
    users = facts.base.query("SELECT oid FROM relation WHERE name = 'users'")[0]["oid"]
    body = f"BEGIN\n  INSERT INTO unlocks (user_id, module_id) VALUES (NEW.id, {value});\nEND;"
    facts.trigger(int(str(users)), facts.routine("again", body), name="unlock_second")
    derive(facts.base)
    assert bool(facts.base.query("SELECT 1 FROM doubled")) == twice


def test_a_conditional_trigger_never_covers() -> None:
    facts = _unlocks(when_expr="(new.email IS NOT NULL)")
    facts.call("insert", "users", values={"email": "e"}, selects="id")
    facts.call("insert", "unlocks", values={"user_id": "user.id", "module_id": "16"})
    row = _same_row(facts)
    assert (row["verdict"], row["fires"], row["covers"]) == ("same", "conditionally", 0)


def test_a_disabled_trigger_writes_no_row_at_all() -> None:
    facts = _unlocks(enabled="disabled")
    facts.call("insert", "users", values={"email": "e"}, selects="id")
    facts.call("insert", "unlocks", values={"user_id": "user.id", "module_id": "16"})
    row = _same_row(facts)
    assert (row["verdict"], row["fires"], row["covers"]) == ("different", "never", 0)


def test_an_upsert_may_fire_no_insert_trigger() -> None:
    facts = _unlocks()
    facts.call("upsert", "users", values={"email": "e"}, selects="id")
    facts.call("insert", "unlocks", values={"user_id": "user.id", "module_id": "16"})
    row = _same_row(facts)
    assert (row["verdict"], row["fires"], row["covers"]) == ("same", "conditionally", 0)


@pytest.mark.parametrize(("who", "verdict"), [("customerId", "same"), ("otherId", "unknown")])
def test_an_update_names_its_row_by_its_filter(who: str, verdict: str) -> None:
    facts = Facts()
    customers = facts.table("customers", "id", "phone")
    contacts = facts.table("contacts", "customer_id", "kind", "value")
    facts.index(contacts, "customer_id", "kind", constraint="unique")
    body = (
        "BEGIN INSERT INTO contacts (customer_id, kind, value) "
        "VALUES (NEW.id, 'phone', NEW.phone); RETURN NEW; END;"
    )
    facts.trigger(customers, facts.routine("sync", body), "update")
    filters = json.dumps([{"column": "id", "op": "eq", "value": "customerId"}])
    facts.call("update", "customers", values={"phone": "form.phone"}, filters=filters)
    values = {"customer_id": who, "kind": "'phone'", "value": "form.phone"}
    facts.call("insert", "contacts", values=values)
    row = _same_row(facts)
    assert (row["verdict"], row["covers"]) == (verdict, int(verdict == "same"))


def test_only_writes_of_one_function_in_order_are_compared() -> None:
    facts = _unlocks()
    facts.call("insert", "unlocks", values={"user_id": "user.id", "module_id": "16"})
    facts.call("insert", "users", values={"email": "e"}, selects="id")
    facts.call("insert", "unlocks", values={"user_id": "user.id"}, function="other")
    derive(facts.base)
    assert facts.base.query("SELECT * FROM same_row") == []


def test_reads_name_the_insert_that_they_decide_about() -> None:
    facts = Facts()
    facts.table("a", "x", "y")
    filters = json.dumps([{"column": "x", "op": "eq", "value": "1"}])
    read = facts.call("select", "a", cardinality="maybe_single", filters=filters)
    facts.call("update", "a", condition_on=read)
    facts.call("insert", "a", condition_on=read)
    alone = facts.call("select", "a", cardinality="single", function="other")
    loose = facts.call("select", "a")
    facts.call("insert", "a")
    derive(facts.base)
    rows = facts.base.query("SELECT call, filter_columns, followed_by, guards_write FROM reads")
    assert [tuple(row.values()) for row in rows] == [
        (read, '["x"]', 2, 1),
        (alone, "[]", None, None),
        (loose, "[]", 3, 0),
    ]
