"""A capture says what the server holds, field by field, on every server of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from shapes import SCHEMA, Rows, every_bin_dir, farthest, listed, one, relation

from fixit_tui.errors import CancelledError
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.load import load_catalog
from fixit_tui.model.events import Event, StageAdvanced, StageStarted, ignore_event
from fixit_tui.postgres.connect import connect, resolve_dsn
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.reader import PgReader


def captured(dsn: str, *names: str) -> Rows:
    reader = PgReader(connect(resolve_dsn(dsn, {})))
    try:
        return reader.capture(frozenset(names), ignore_event, lambda: False)
    finally:
        reader.close()


@pytest.fixture(scope="module", params=every_bin_dir(), ids=str)
def rows(request: pytest.FixtureRequest) -> Iterator[Rows]:
    """The captured shapes; the session's search_path must not show in any text."""
    bin_dir: Path = request.param
    with LocalServer.start(settings={**FAST, "wal_level": "logical"}, bin_dir=bin_dir) as running:
        with psycopg.connect(running.dsn(), autocommit=True) as connection:
            connection.execute(SCHEMA.encode())
            connection.execute("ALTER DATABASE postgres SET search_path = shop, public")
            connection.execute("ANALYZE")
        yield captured(running.dsn())


def test_every_row_fits_the_fact_tables(rows: Rows) -> None:
    facts = FactBase()
    try:
        load_catalog(facts, rows)
        assert set(rows) <= set(facts.tables())
        for table in rows:
            known = {str(c["name"]) for c in facts.query(f"PRAGMA table_info({table})")}
            known -= {"parsed", "parse_error"}  # said by who parses the bodies
            for row in rows[table]:
                assert row.keys() == known, table
    finally:
        facts.close()


def test_there_is_nothing_to_complain_about(rows: Rows) -> None:
    assert rows["gap"] == []


def test_relations(rows: Rows) -> None:
    assert {r["qualified"]: r["kind"] for r in rows["relation"]} == {
        "shop.owners": "table",
        "shop.items": "table",
        "shop.events": "partitioned",
        "shop.events_a": "table",
        "shop.open_items": "view",
        "shop.counts": "view",
        "shop.heap": "matview",
        "shop.numbered": "table",
    }
    items = relation(rows, "shop.items")
    assert (items["rls"], items["rls_forced"], items["replica_identity"]) == (1, 1, "full")
    assert (items["owner"], items["owned"], items["managed"]) == ("postgres", 1, 0)
    assert relation(rows, "shop.owners")["has_rules"] == 1
    assert [r["qualified"] for r in rows["relation"] if r["has_rules"]] == ["shop.owners"]
    assert relation(rows, "shop.numbered")["row_estimate"] == 1
    assert relation(rows, "shop.numbered")["bytes"] == 8192
    leaf = relation(rows, "shop.events_a")
    assert leaf["parent"] == relation(rows, "shop.events")["oid"]


def test_columns(rows: Rows) -> None:
    oid = relation(rows, "shop.items")["oid"]
    found = sorted(rows["attribute"], key=lambda a: a["number"])
    columns = {a["name"]: a for a in found if a["relation"] == oid}
    assert list(columns) == ["id", "owner", "code", "state", "label", "price", "total"]
    assert columns["code"]["default_expr"] == "'x''y'::text"
    assert columns["id"]["default_expr"] == "nextval('shop.items_id_seq'::regclass)"
    assert columns["state"]["type"] == "shop.state"
    assert columns["state"]["default_expr"] == "'open'::shop.state"
    assert columns["price"]["type"] == "numeric(10,2)"
    total = columns["total"]
    assert (total["generated"], total["has_default"], total["default_expr"]) == (1, 0, None)
    label = columns["label"]
    # A domain brings its default and its NOT NULL along.
    assert (label["not_null"], label["has_default"]) == (1, 1)
    assert "none" in label["default_expr"]
    owners = relation(rows, "shop.owners")["oid"]
    assert one(rows, "attribute", relation=owners, name="id")["identity"] == "by default"
    assert one(rows, "attribute", relation=owners, name="email")["collation"] == "C"
    assert columns["code"]["collation"] is None


def test_constraints(rows: Rows) -> None:
    key = one(rows, "rel_constraint", name="items_code_key")
    assert (key["kind"], listed(key["columns"])) == ("unique", ["code"])
    assert (key["deferrable"], key["initially_deferred"], key["validated"]) == (1, 1, 1)
    assert key["definition"] == "UNIQUE (code) DEFERRABLE INITIALLY DEFERRED"
    foreign = one(rows, "rel_constraint", name="items_owner_fkey")
    assert foreign["ref_relation"] == relation(rows, "shop.owners")["oid"]
    assert (foreign["on_delete"], foreign["on_update"]) == ("cascade", "set null")
    assert (listed(foreign["columns"]), listed(foreign["ref_columns"])) == (["owner"], ["id"])
    assert one(rows, "rel_constraint", name="items_span")["kind"] == "exclusion"
    check = one(rows, "rel_constraint", name="items_price_check")
    assert (check["kind"], check["ref_columns"], check["on_delete"]) == ("check", None, None)
    assert {c["kind"] for c in rows["rel_constraint"]} == {
        "primary",
        "unique",
        "foreign",
        "exclusion",
        "check",
    }


def test_indexes(rows: Rows) -> None:
    partial = one(rows, "rel_index", name="items_open")
    assert listed(partial["columns"]) == ["owner", "code"]
    assert listed(partial["include_columns"]) == ["price"]
    assert partial["predicate"] == "(state = 'open'::shop.state)"
    assert (partial["is_unique"], partial["is_valid"], partial["is_ready"]) == (1, 1, 1)
    mixed = one(rows, "rel_index", name="items_lower")
    assert listed(mixed["columns"]) == ["owner", None, None]
    assert listed(mixed["expressions"]) == ["lower(code)", "((price + (1)::numeric))"]
    assert mixed["predicate"] is None
    deferred = one(rows, "rel_index", name="items_code_key")
    assert deferred["is_immediate"] == 0
    assert deferred["constraint_oid"] == one(rows, "rel_constraint", name="items_code_key")["oid"]
    plain = one(rows, "rel_index", name="items_plain")
    assert (plain["is_unique"], listed(plain["collations"])) == (0, ["C"])
    assert one(rows, "rel_index", name="items_span")["is_exclusion"] == 1
    top = one(rows, "rel_index", relation=relation(rows, "shop.events")["oid"])
    leaf = one(rows, "rel_index", relation=relation(rows, "shop.events_a")["oid"])
    assert leaf["parent_index"] == top["oid"]


def test_triggers(rows: Rows) -> None:
    note = one(rows, "rel_trigger", name="items_note")
    assert (note["timing"], note["level"], note["enabled"]) == ("after", "row", "origin")
    assert listed(note["events"]) == ["insert", "update"]
    assert listed(note["update_columns"]) == ["code", "price"]
    assert note["when_expr"] == "(new.code <> ' WHEN (x) EXECUTE FUNCTION '::text)"
    assert listed(note["args"]) == ["plain", "ü'\"", ""]
    off = one(rows, "rel_trigger", name="items_off")
    assert (off["timing"], off["level"], off["enabled"]) == ("before", "statement", "disabled")
    assert (off["when_expr"], listed(off["args"])) == (None, [])
    assert one(rows, "rel_trigger", name="view_write")["timing"] == "instead of"
    assert len(rows["rel_trigger"]) == 3


def test_routines(rows: Rows) -> None:
    note = one(rows, "routine", name="note")
    assert (note["security_definer"], note["search_path"]) == (1, "shop, pg_temp")
    assert listed(note["config"]) == ["search_path=shop, pg_temp", "work_mem=8MB"]
    assert (note["returns_trigger"], note["language"], note["kind"]) == (1, "plpgsql", "function")
    body_line = note["definition"].splitlines()[note["body_line"] - 1]
    assert body_line.startswith("AS $function$")
    insert = note["definition"].splitlines()[note["body_line"] - 1 + 2]
    assert "INSERT INTO shop.owners" in insert
    add = one(rows, "routine", name="add")
    assert add["identity_args"] == "a integer, b shop.state"
    assert one(rows, "routine", name="work")["kind"] == "procedure"


def test_policies(rows: Rows) -> None:
    own = one(rows, "policy", name="own ones")
    assert (own["command"], own["permissive"], listed(own["roles"])) == ("update", 0, ["public"])
    assert (own["using_expr"], own["check_expr"]) == ("(owner = 1)", "(price > (5)::numeric)")
    readers = one(rows, "policy", name="readers")
    assert (readers["using_expr"], readers["check_expr"]) == ("true", None)
    assert listed(readers["roles"]) == ["pg_monitor"]


def test_views(rows: Rows) -> None:
    names = {r["oid"]: r["name"] for r in rows["relation"]}
    found = {
        (names[v["view"]], names[v["relation"]], v["auto_updatable"]) for v in rows["view_source"]
    }
    assert found == {
        ("open_items", "items", 1),
        ("open_items", "owners", 0),
        ("counts", "items", 0),
        ("heap", "counts", None),
    }


def test_sequences(rows: Rows) -> None:
    identity = one(rows, "sequence", name="owners_id_seq")
    assert (identity["start_value"], identity["increment"], identity["attribute"]) == (10, 5, "id")
    assert (identity["last_value"], farthest(rows, "owners_id_seq")) == (None, 900)
    assert (identity["min_value"], identity["cache"], identity["cycles"]) == (1, 1, 0)
    lone = one(rows, "sequence", name="lone")
    assert lone["relation"] == relation(rows, "shop.numbered")["oid"]
    assert (lone["attribute"], lone["last_value"], farthest(rows, "lone")) == ("n", 7, 7)
    empty = one(rows, "sequence", name="items_id_seq")
    assert (empty["last_value"], farthest(rows, "items_id_seq")) == (None, None)
    assert empty["max_value"] == 2**31 - 1


def test_columns_that_sequences_number(
    database: str, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    connect(database).execute(
        """
        CREATE SEQUENCE shared;
        CREATE TABLE a (id integer PRIMARY KEY DEFAULT nextval('shared'));
        CREATE TABLE b (id integer PRIMARY KEY DEFAULT nextval('shared') * 2);
        CREATE TABLE c (id smallint PRIMARY KEY, kind text, no integer);
        CREATE TABLE d (id integer DEFAULT nextval('shared'), at date, PRIMARY KEY (id, at))
          PARTITION BY RANGE (at);
        CREATE TABLE d_now PARTITION OF d FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
        CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.id = coalesce(NEW.id, nextval('public.shared'));
          IF NEW.kind = 'x' THEN NEW.no := nextval('shared'); END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER number BEFORE INSERT ON c FOR EACH ROW EXECUTE FUNCTION number();
        INSERT INTO c (kind) VALUES ('x');
        INSERT INTO d VALUES (40, '2021-01-01');
        """
    )
    rows = captured(database)
    names = {r["oid"]: r["name"] for r in rows["relation"]}
    assert {
        (names[f["relation"]], f["attribute"], f["how"], f["partly"], f["farthest"])
        for f in rows["sequence_feed"]
    } == {
        ("a", "id", "default", 0, None),
        ("c", "id", "trigger", 0, 1),
        ("c", "no", "trigger", 1, None),
        ("d", "id", "default", 0, 40),
    }


def test_surroundings(rows: Rows) -> None:
    server = rows["server"][0]
    assert (server["role"], server["superuser"], server["pooled"]) == ("postgres", 1, 0)
    assert (server["platform"], server["has_auth_uid"]) == ("postgresql", 0)
    assert one(rows, "setting", name="search_path")["value"] == "shop, public"
    assert one(rows, "extension", name="plpgsql")["schema"] == "pg_catalog"
    assert rows["publication_table"] == [
        {"publication": "feed", "relation": relation(rows, "shop.items")["oid"]}
    ]
    assert one(rows, "role", name="postgres")["superuser"] == 1


def test_an_empty_database_has_no_relations_and_no_gaps(database: str) -> None:
    rows = captured(database)
    assert rows["relation"] == []
    assert rows["routine"] == []
    assert rows["gap"] == []
    assert len(rows["server"]) == 1


HOSTILE = ['a"b', "new\nline", "[red]x[/]", "ü" * 31 + "z", "MiXed", "select", "a.b", "%s", "'; --"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data(
    name: str, database: str, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    for statement in (
        f"CREATE SCHEMA {quoted}",
        f"CREATE TABLE {quoted}.{quoted} ({quoted} serial PRIMARY KEY)",
        f"INSERT INTO {quoted}.{quoted} VALUES (41)",
        f"CREATE FUNCTION {quoted}.{quoted}() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        f"CREATE TRIGGER {quoted} BEFORE UPDATE OF {quoted} ON {quoted}.{quoted} FOR EACH ROW"
        f" WHEN (NEW.{quoted} > 0) EXECUTE FUNCTION {quoted}.{quoted}()",
    ):
        connect(database).execute(statement.encode())
    rows = captured(database)
    found = relation(rows, f"{name}.{name}")
    assert (found["schema"], found["name"]) == (name, name)
    assert listed(rows["rel_index"][0]["columns"]) == [name]
    assert rows["sequence_feed"][0]["farthest"] == 41
    trigger = rows["rel_trigger"][0]
    assert (trigger["name"], listed(trigger["update_columns"])) == (name, [name])
    assert trigger["when_expr"].endswith(" > 0)")
    assert rows["gap"] == []


def test_partition_leaves_carry_the_trigger_of_their_parent(
    database: str, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    connect(database).execute(
        """
        CREATE TABLE parent (id integer PRIMARY KEY);
        CREATE TABLE p (a integer REFERENCES parent) PARTITION BY LIST (a);
        CREATE TABLE leaf PARTITION OF p DEFAULT;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER g AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
        """
    )
    rows = captured(database)
    names = {r["oid"]: r["name"] for r in rows["relation"]}
    assert sorted(names[t["relation"]] for t in rows["rel_trigger"]) == ["leaf", "p"]


def test_what_belongs_to_supabase_is_marked_only_on_supabase(
    database: str, repository: Path, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    own = connect(database)
    own.execute("CREATE SCHEMA storage")
    own.execute("CREATE TABLE storage.boxes (id integer)")
    assert relation(captured(database), "storage.boxes")["managed"] == 0
    own.execute((repository / "playbooks/platforms/supabase.sql").read_bytes())
    rows = captured(database)
    assert relation(rows, "storage.boxes")["managed"] == 1
    assert relation(rows, "auth.users")["managed"] == 1
    assert rows["server"][0]["platform"] == "supabase"
    assert rows["server"][0]["has_auth_uid"] == 1


def test_a_capture_can_be_stopped(database: str) -> None:
    reader = PgReader(connect(resolve_dsn(database, {})))
    with pytest.raises(CancelledError):
        reader.capture(frozenset(), ignore_event, lambda: True)
    # The connection is usable afterwards.
    assert reader.checks("SELECT 'still here', true, ''")[0].holds is True
    reader.close()


def test_progress_counts_to_the_end(database: str) -> None:
    seen: list[Event] = []
    reader = PgReader(connect(resolve_dsn(database, {})))
    reader.capture(frozenset(), seen.append, lambda: False)
    reader.close()
    stages = [e for e in seen if isinstance(e, StageStarted)]
    assert [s.verb for s in stages] == [
        "reading the catalog",
        "reading definitions",
        "comparing sequences with their columns",
        "counting rows whose key holds a NULL",
        "counting soft-deleted rows",
    ]
    steps = [e.done for e in seen if isinstance(e, StageAdvanced)]
    assert steps[: stages[0].total] == list(range(1, (stages[0].total or 0) + 1))
