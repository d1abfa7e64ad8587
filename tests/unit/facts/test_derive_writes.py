"""Writes of code, routines and pasted errors, and where names are looked up."""

from __future__ import annotations

import json

import pytest
from fact_rows import Facts

from fixit_tui.facts.derive import derive
from fixit_tui.facts.load import load_symptom
from fixit_tui.model.symptom import Frame, Source, Symptom


def _write(facts: Facts, where: str = "1") -> dict[str, object]:
    derive(facts.base)
    rows = facts.base.query(f"SELECT * FROM write WHERE {where}")
    assert len(rows) == 1, rows
    return dict(rows[0])


def test_upsert_without_target_takes_the_primary_key_and_sets_the_whole_payload() -> None:
    facts = Facts()
    goals = facts.table("goals", "id uuid", "slug", "title")
    facts.index(goals, "id", constraint="primary")
    facts.index(goals, "slug", constraint="unique")
    facts.call("upsert", "goals", values={"id": "x", "slug": "s", "title": "t"})
    write = _write(facts)
    assert (write["has_conflict"], write["action"], write["target_given"]) == (1, "update", 0)
    assert write["target"] == '["id"]'
    assert json.loads(str(write["update_columns"])) == ["id", "slug", "title"]
    assert (write["verdict"], write["verdict_by"], write["via"]) == ("ok", "rule", "postgrest")


def test_ignored_duplicates_are_do_nothing_with_a_target() -> None:
    facts = Facts()
    table = facts.table("lesson_progress", "id", "user_id", "lesson_id")
    facts.index(table, "user_id", "lesson_id", constraint="unique")
    facts.call(
        "upsert", "lesson_progress", on_conflict='["lesson_id", "user_id"]', ignore_duplicates=1
    )
    write = _write(facts)
    assert (write["action"], write["target_kind"], write["verdict"]) == ("nothing", "columns", "ok")
    assert write["update_columns"] is None


def test_upsert_on_a_table_without_primary_key_is_a_plain_insert() -> None:
    facts = Facts()
    facts.table("events", "a")
    facts.call("upsert", "events", values={"a": "1"})
    assert _write(facts)["has_conflict"] == 0


def test_on_conflict_of_a_plain_insert_is_ignored_by_postgrest() -> None:
    facts = Facts()
    facts.table("events", "a")
    facts.call("insert", "events", on_conflict='["a"]')
    assert _write(facts)["has_conflict"] == 0


def test_unreadable_options_leave_the_verdict_open() -> None:
    facts = Facts()
    table = facts.table("events", "a")
    facts.index(table, "a", constraint="primary")
    facts.call("upsert", "events", options_known=0)
    write = _write(facts)
    assert (write["has_conflict"], write["action"], write["verdict"]) == (1, None, "unknown")


def test_no_such_column_is_not_a_missing_index() -> None:
    facts = Facts()
    table = facts.table("events", "a")
    facts.index(table, "a", constraint="primary")
    facts.call("upsert", "events", on_conflict='["b"]')
    assert _write(facts)["verdict"] == "unknown"


def test_requests_prefer_public_and_take_an_only_namesake() -> None:
    facts = Facts()
    facts.table("a", "x", schema="app")
    public = facts.table("a", "x")
    only = facts.table("b", "x", schema="app")
    facts.table("c", "x", schema="one")
    facts.table("c", "x", schema="two")
    named = facts.table("d", "x", schema="two")
    facts.table("d", "x")
    for name in ("a", "b", "c"):
        facts.call("insert", name)
    facts.call("insert", "d", schema="two")
    facts.call("insert", None)
    derive(facts.base)
    found = [w["relation"] for w in facts.base.query("SELECT relation FROM write ORDER BY id")]
    assert found == [public, only, None, named, None]


def test_sql_in_code_binds_parameters_to_their_source_text() -> None:
    facts = Facts()
    table = facts.table("seats", "show_id", "row", "taken")
    facts.index(table, "show_id", "row", constraint="unique")
    facts.sql(
        "INSERT INTO seats (show_id, row, taken) VALUES ($1, $2::int, true) "
        "ON CONFLICT (row, show_id) DO UPDATE SET taken = EXCLUDED.taken RETURNING row",
        "show.id",
        "seat.row",
    )
    write = _write(facts)
    values = json.loads(str(write["column_values"]))
    assert (values["show_id"], values["row"]) == ("show.id", "seat.row")
    assert (write["verdict"], write["via"], write["returns_rows"]) == ("ok", "sql", 1)
    assert json.loads(str(write["update_columns"])) == ["taken"]


def test_unreadable_sql_in_code_is_listed() -> None:
    facts = Facts()
    facts.sql("INSERT INTO ((( nonsense")
    derive(facts.base)
    assert facts.base.query("SELECT * FROM write") == []
    unknown = facts.base.query("SELECT area, path, line, what FROM unknown")
    assert unknown == [{"area": "code", "path": "src/app.ts", "line": 10, "what": "SQL"}]


BODY = """
BEGIN
  INSERT INTO log (x) VALUES (NEW.x);
  IF NEW.x > 1 THEN
    UPDATE log SET x = 2;
  END IF;
  EXECUTE 'delete from ' || TG_TABLE_NAME;
  RETURN NEW;
END;
"""


def test_routine_bodies_give_writes_with_lines_and_unknowns() -> None:
    facts = Facts()
    log = facts.table("log", "x")
    oid = facts.routine("note", BODY)
    derive(facts.base)
    rows = facts.base.query(
        "SELECT operation, relation, routine_name, routine_line, conditional, dynamic FROM write"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("insert", log, "public.note", 3, 0, 0),
        ("update", log, "public.note", 5, 1, 0),
        (None, None, "public.note", 7, 0, 1),
    ]
    unknown = facts.base.query("SELECT area, routine, line, what FROM unknown")
    assert unknown == [{"area": "routine", "routine": oid, "line": 7, "what": "dynamic SQL"}]
    assert facts.base.query("SELECT parsed FROM routine") == [{"parsed": 1}]


@pytest.mark.parametrize("value", ["v_state", "NEW.state", "$1"])
def test_a_variable_in_the_predicate_is_a_parameter_to_the_planner(value: str) -> None:
    facts = Facts()
    jobs = facts.table("jobs", "owner int", "state")
    index = facts.index(jobs, "owner", predicate="(state = 'open'::text)")
    facts.routine(
        "note",
        "DECLARE v_state text; BEGIN INSERT INTO jobs (owner) VALUES (1) "
        f"ON CONFLICT (owner) WHERE state = {value} DO NOTHING; END;",
    )
    write = _write(facts)
    assert (write["predicate_has_param"], write["verdict"]) == (1, "ok")
    arbiters = facts.base.query("SELECT index_oid, usable, reason FROM arbiter")
    assert arbiters == [{"index_oid": index, "usable": 1, "reason": "predicate parameter"}]


def test_a_body_that_does_not_parse_is_marked() -> None:
    facts = Facts()
    facts.routine("broken", "BEGIN INSERT INTO")
    facts.routine("foreign", "x()", language="plv8")
    facts.routine("lost", None)
    derive(facts.base)
    rows = facts.base.query("SELECT parsed, parse_error FROM routine ORDER BY oid")
    assert [row["parsed"] for row in rows] == [0, 0, 0]
    assert all(row["parse_error"] for row in rows)


@pytest.mark.parametrize(
    ("path", "found"),
    [(None, "public"), ("", None), ("app, pg_temp", "app"), ('"$user", other', None)],
)
def test_a_pinned_search_path_is_the_only_one(path: str | None, found: str | None) -> None:
    facts = Facts()
    facts.table("log", "x", schema="app")
    facts.table("log", "x")
    facts.routine("note", "BEGIN INSERT INTO log (x) VALUES (1); END;", search_path=path)
    assert _write(facts)["schema"] == found


def test_without_a_path_the_triggers_table_tells_the_schema() -> None:
    facts = Facts()
    outer = facts.table("customers", "x", schema="crm")
    facts.table("log", "x", schema="old")
    inner = facts.table("log", "x", schema="crm")
    routine = facts.routine("note", "BEGIN INSERT INTO log (x) VALUES (1); END;", schema="lib")
    facts.trigger(outer, routine)
    assert _write(facts)["relation"] == inner


def _pasted(statement: str, **fields: object) -> Symptom:
    return Symptom(
        source=Source.SERVER_LOG, headline="x", sqlstate="42P10", statement=statement, **fields
    )  # type: ignore[arg-type]


def test_a_pasted_statement_is_a_write_unless_the_code_has_it() -> None:
    statement = "INSERT INTO seats (a) VALUES (1) ON CONFLICT (b, a) DO NOTHING"
    for known in (False, True):
        facts = Facts()
        facts.table("seats", "a", "b")
        if known:
            facts.call("upsert", "seats", on_conflict='["a", "b"]', ignore_duplicates=1)
        load_symptom(facts.base, _pasted(statement))
        write = _write(facts)
        assert write["origin"] == ("code" if known else "pasted")
        assert write["verdict"] == "42P10"


def test_a_pasted_request_is_what_postgrest_makes_of_it() -> None:
    facts = Facts()
    prices = facts.table("prices", "sku", "region")
    facts.index(prices, "sku", "region", constraint="unique")
    load_symptom(
        facts.base,
        Symptom(
            source=Source.REQUEST,
            headline="x",
            method="POST",
            url_path="/rest/v1/prices",
            on_conflict=("sku",),
            resolution="merge-duplicates",
        ),
    )
    write = _write(facts)
    assert (write["origin"], write["relation"], write["target"]) == ("pasted", prices, '["sku"]')
    assert (write["via"], write["verdict"]) == ("postgrest", "42P10")


def test_constraint_names_in_two_schemas_are_told_apart() -> None:
    facts = Facts()
    one = facts.table("items", "a", schema="one")
    two = facts.table("items", "a", schema="two")
    facts.constraint(one, "items_key", "unique", ["a"], schema="one")
    second = facts.constraint(two, "items_key", "unique", ["a"], schema="two")
    for schema, expected in ((None, None), ("two", second)):
        facts.base.execute("DELETE FROM symptom")
        load_symptom(
            facts.base,
            Symptom(
                Source.DRIVER_ERROR, "x", sqlstate="23505", constraint="items_key", schema=schema
            ),
        )
        row = facts.base.query("SELECT relation_oid, constraint_oid FROM symptom")[0]
        assert row["constraint_oid"] == expected
        assert row["relation_oid"] == (two if expected else None)


def test_the_named_tables_triggers_tell_which_constraint_it_was() -> None:
    facts = Facts()
    customers = facts.table("customers", "id")
    near = facts.table("contacts", "id")
    far = facts.table("contacts", "id", schema="archive")
    facts.index(far, "id", name="contacts_key", schema="archive")
    index = facts.index(near, "id", name="contacts_key")
    routine = facts.routine("copy", "BEGIN INSERT INTO public.contacts (id) VALUES (NEW.id); END;")
    facts.trigger(customers, routine, "update")
    load_symptom(
        facts.base,
        Symptom(
            Source.POSTGREST_BODY,
            "x",
            sqlstate="23505",
            constraint="contacts_key",
            url_path="/rest/v1/customers",
            method="PATCH",
        ),
    )
    assert facts.base.query("SELECT index_oid FROM symptom") == [{"index_oid": None}]
    derive(facts.base)
    row = facts.base.query("SELECT relation_oid, index_oid FROM symptom")[0]
    assert (row["relation_oid"], row["index_oid"]) == (customers, index)


def test_frames_and_the_first_error_of_the_transaction() -> None:
    facts = Facts()
    facts.routine("note", "", schema="a")
    wanted = facts.routine("note", "", schema="b", identity_args="p_id uuid, n integer")
    facts.routine("note", "", schema="b", identity_args="")
    first = Symptom(
        Source.SERVER_LOG,
        "x",
        sqlstate="23505",
        frames=(Frame(function="b.note(uuid,integer)", line=4, kind="SQL statement"),),
    )
    load_symptom(facts.base, Symptom(Source.SERVER_LOG, "x", sqlstate="25P02", first_error=first))
    row = facts.base.query("SELECT sqlstate, reported_sqlstate FROM symptom")[0]
    assert (row["sqlstate"], row["reported_sqlstate"]) == ("23505", "25P02")
    assert facts.base.query("SELECT routine FROM symptom_frame") == [{"routine": wanted}]
