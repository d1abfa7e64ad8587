"""A capture changes nothing, never hangs, and says what it could not read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from shapes import SCHEMA, Rows, farthest, listed, one, relation

from fixit_tui.errors import CancelledError, FixitError
from fixit_tui.model.events import Event, StageStarted, ignore_event
from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import resolve_dsn
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.reader import PgReader

Open = Callable[..., psycopg.Connection[Any]]
PATIENCE = 2.0
"""Seconds that a capture of a small database may take, whoever holds what."""


@pytest.fixture
def reader(database: str, connect: Open) -> Iterator[PgReader]:
    """A reader of a database with one of everything."""
    without_publication = SCHEMA.replace("CREATE PUBLICATION", "-- ")
    connect(database).execute(without_publication.encode())
    found = PgReader(open_connection(resolve_dsn(database, {})))
    yield found
    found.close()


def capture(reader: PgReader, *names: str) -> Rows:
    started = time.monotonic()
    rows = reader.capture(frozenset(names), ignore_event, lambda: False)
    assert time.monotonic() - started < PATIENCE
    return rows


@pytest.fixture
def hold(database: str) -> Iterator[Callable[[str], psycopg.Connection[Any]]]:
    """Runs statements in a transaction of somebody else that stays open."""
    opened: list[psycopg.Connection[Any]] = []

    def run(statements: str) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(database))
        opened[-1].execute(statements.encode())
        return opened[-1]

    yield run
    for connection in opened:
        connection.close()


def test_a_locked_table_costs_a_gap_and_no_more(
    reader: PgReader, hold: Callable[[str], psycopg.Connection[Any]]
) -> None:
    free = capture(reader)
    assert free["gap"] == []
    hold("LOCK TABLE shop.items IN ACCESS EXCLUSIVE MODE")
    rows = capture(reader)
    gap = next(g for g in rows["gap"] if "shop.items" in g["what"])
    assert "partial indexes" in gap["costs"]
    assert "policies" in gap["costs"]
    assert "triggers" in gap["costs"]
    # All that needs no lock is as before.
    for table in ("relation", "attribute", "rel_trigger", "routine", "policy", "rel_index"):
        assert len(rows[table]) == len(free[table])
    # What was not read is marked as there, never as absent.
    assert one(rows, "rel_index", name="items_open")["predicate"] == ""
    assert listed(one(rows, "rel_index", name="items_lower")["expressions"]) == ["", ""]
    assert one(rows, "rel_trigger", name="items_note")["when_expr"] == ""
    assert one(rows, "policy", name="own ones")["using_expr"] is None
    assert one(rows, "rel_index", name="items_plain")["predicate"] is None
    # Other relations are read in full.
    owners = relation(rows, "shop.owners")["oid"]
    assert one(rows, "rel_index", relation=owners)["definition"] is not None
    assert farthest(rows, "owners_id_seq") == 900
    # A view over it cannot be opened either.
    assert {v["auto_updatable"] for v in rows["view_source"]} == {None}


def test_who_waits_for_a_lock_holds_up_as_well(
    reader: PgReader,
    database: str,
    hold: Callable[[str], psycopg.Connection[Any]],
) -> None:
    hold("SELECT count(*) FROM shop.items")
    waiting = psycopg.connect(database)

    def wait() -> None:
        try:
            waiting.execute("LOCK TABLE shop.items IN ACCESS EXCLUSIVE MODE")
        except psycopg.Error:
            return

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    try:
        assert any("shop.items" in g["what"] for g in capture(reader)["gap"])
    finally:
        waiting.cancel_safe()
        thread.join(10)
        waiting.close()


def test_a_locked_sequence_costs_a_gap(
    reader: PgReader, hold: Callable[[str], psycopg.Connection[Any]]
) -> None:
    hold("ALTER SEQUENCE shop.lone INCREMENT BY 3")
    rows = capture(reader)
    assert any("shop.numbered" in g["what"] for g in rows["gap"])
    assert farthest(rows, "owners_id_seq") == 900


def test_nothing_is_changed(reader: PgReader, database: str, connect: Open) -> None:
    own = connect(database)

    def picture() -> list[Any]:
        found = []
        for catalog in ("pg_class", "pg_proc", "pg_trigger", "pg_constraint", "pg_policy"):
            # Statistics may be refreshed in the background; definitions may not change.
            statistics = "'{relpages,reltuples,relallvisible,relallfrozen}'::text[]"
            text = f"SELECT oid, (to_jsonb(t) - {statistics})::text FROM {catalog} t ORDER BY oid"
            found += own.execute(text.encode()).fetchall()
        for table in ("shop.items", "shop.owners", "shop.numbered"):
            found += own.execute(f"SELECT ctid, xmin, t::text FROM {table} t".encode()).fetchall()
        found += own.execute("SELECT last_value, is_called FROM shop.lone").fetchall()
        return found

    before = picture()
    capture(reader)
    reader.checks("SELECT 'a', true, ''")
    reader.explain_conflicts(
        ["INSERT INTO shop.numbered DEFAULT VALUES ON CONFLICT (n) DO NOTHING"]
    )
    reader.fingerprint(["table shop.items", "function shop.note()"])
    assert picture() == before


def test_a_role_without_rights_gets_facts_and_gaps(
    server: LocalServer, database: str, connect: Open
) -> None:
    own = connect(database)
    own.execute(SCHEMA.replace("CREATE PUBLICATION", "-- ").encode())
    role = "looker_" + database[-8:]
    own.execute(f"CREATE ROLE {role} LOGIN".encode())
    try:
        name = database.rpartition("/")[2]
        reader = PgReader(open_connection(resolve_dsn(server.dsn(name, role), {})))
        rows = capture(reader)
        reader.close()
        assert relation(rows, "shop.items")["owned"] == 0
        assert one(rows, "rel_index", name="items_open")["predicate"] is not None
        assert farthest(rows, "lone") is None
        assert [g["what"] for g in rows["gap"]] == [
            "3 sequences that this role may not read",
            "2 unique keys with NULLs whose rows this role may not read",
            "1 tables with soft-deleted rows that this role may not read",
        ]
        assert not [p for p in rows["privilege"] if p["role"] == role]
    finally:
        own.execute(f"DROP ROLE {role}".encode())


def test_rows_hidden_by_policies_are_no_maximum(
    server: LocalServer, database: str, connect: Open
) -> None:
    own = connect(database)
    role = "hidden_" + database[-8:]
    own.execute(f"CREATE ROLE {role} LOGIN".encode())
    try:
        own.execute(
            f"""
            CREATE TABLE t (id serial PRIMARY KEY);
            INSERT INTO t VALUES (1), (500);
            ALTER TABLE t ENABLE ROW LEVEL SECURITY;
            CREATE POLICY low ON t USING (id < 10);
            GRANT ALL ON t, t_id_seq TO {role};
            """.encode()
        )
        name = database.rpartition("/")[2]
        reader = PgReader(open_connection(resolve_dsn(server.dsn(name, role), {})))
        rows = capture(reader)
        reader.close()
        assert rows["sequence_feed"][0]["farthest"] is None
        assert "may not read" in rows["gap"][0]["what"]
    finally:
        own.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_privileges_reach_through_membership_and_columns(database: str, connect: Open) -> None:
    own = connect(database)
    tag = database[-8:]
    own.execute(
        f"""
        CREATE ROLE asker_{tag}; CREATE ROLE crowd_{tag}; GRANT crowd_{tag} TO asker_{tag};
        CREATE TABLE t (a integer, b integer);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t TO asker_{tag} USING (true);
        GRANT SELECT ON t TO crowd_{tag}; GRANT INSERT (a) ON t TO asker_{tag};
        GRANT UPDATE ON t TO PUBLIC;
        """.encode()
    )
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = capture(reader)
    reader.close()
    own.execute(
        f"DROP OWNED BY asker_{tag}, crowd_{tag}; DROP ROLE asker_{tag}, crowd_{tag}".encode()
    )
    found = {(p["role"], p["privilege"]) for p in rows["privilege"]}
    assert {f for f in found if f[0].startswith("asker")} == {
        (f"asker_{tag}", "select"),
        (f"asker_{tag}", "insert (a)"),
    }
    assert ("PUBLIC", "update") in found
    assert ("postgres", "delete") in found


def test_members_have_the_policies_of_their_roles(database: str, connect: Open) -> None:
    own = connect(database)
    tag = database[-8:]
    own.execute(
        f"""
        CREATE ROLE staff_{tag}; CREATE ROLE desk_{tag} IN ROLE staff_{tag};
        CREATE ROLE aside_{tag} NOINHERIT IN ROLE staff_{tag}; CREATE ROLE other_{tag};
        CREATE ROLE clerk_{tag} IN ROLE desk_{tag}, other_{tag};
        CREATE TABLE t (a integer);
        CREATE POLICY p ON t TO staff_{tag} USING (true);
        """.encode()
    )
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = capture(reader)
    reader.close()
    own.execute(f"DROP POLICY p ON t; DROP ROLE staff_{tag}, desk_{tag}, aside_{tag}".encode())
    own.execute(f"DROP ROLE other_{tag}, clerk_{tag}".encode())
    assert [(r["member"], r["role"]) for r in rows["role_member"] if tag in r["role"]] == [
        (f"clerk_{tag}", f"staff_{tag}"),
        (f"desk_{tag}", f"staff_{tag}"),
    ]


def test_views_that_ask_as_their_caller_are_known(database: str, connect: Open) -> None:
    own = connect(database)
    if own.info.server_version < 150000:
        pytest.skip("security_invoker came with PostgreSQL 15")
    own.execute(
        b"CREATE TABLE t (a integer);"
        b"CREATE VIEW caller WITH (security_barrier, security_invoker = on) AS SELECT a FROM t;"
        b"CREATE VIEW owner WITH (security_invoker = false) AS SELECT a FROM t"
    )
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = capture(reader)
    reader.close()
    found = {r["name"]: r["security_invoker"] for r in rows["relation"]}
    assert found == {"t": 0, "caller": 1, "owner": 0}


def test_a_body_between_begin_atomic_and_end_is_read(
    database: str, connect: Open, hold: Callable[[str], psycopg.Connection[Any]]
) -> None:
    own = connect(database)
    if own.info.server_version < 140000:
        pytest.skip("such bodies came with PostgreSQL 14")
    own.execute("CREATE TABLE t (a integer)")
    own.execute(
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql\n"
        "BEGIN ATOMIC\n INSERT INTO t VALUES (1);\n INSERT INTO t VALUES (2);\nEND"
    )
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    try:
        routine = capture(reader)["routine"][0]
        assert "INSERT INTO public.t" in routine["body"]
        line = routine["definition"].splitlines()[routine["body_line"] - 1]
        assert line == routine["body"].splitlines()[0]
        hold("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        rows = capture(reader)
        assert rows["routine"][0]["body"] is None
        assert any("public.f" in g["what"] for g in rows["gap"])
    finally:
        reader.close()


def test_a_lock_that_comes_between_look_and_question_ends_in_time(
    reader: PgReader, hold: Callable[[str], psycopg.Connection[Any]]
) -> None:
    """The lock is taken when the first phase is over and the look for locks is near."""
    taken = []

    def on_event(event: Event) -> None:
        if isinstance(event, StageStarted) and event.verb == "reading definitions":
            taken.append(hold("LOCK TABLE shop.items, shop.owners IN ACCESS EXCLUSIVE MODE"))

    started = time.monotonic()
    rows = reader.capture(frozenset(), on_event, lambda: False)
    assert time.monotonic() - started < PATIENCE
    assert taken
    assert {"shop.items", "shop.owners"} <= {g["what"].split(" ")[0] for g in rows["gap"]}


def test_a_capture_stops_while_it_waits_for_a_catalog(
    reader: PgReader, hold: Callable[[str], psycopg.Connection[Any]]
) -> None:
    """Locks on the system's own tables cannot be left out; the wait is short and explained."""
    hold("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE")
    started = time.monotonic()
    with pytest.raises(FixitError) as caught:
        reader.capture(frozenset(), ignore_event, lambda: False)
    assert time.monotonic() - started < PATIENCE
    assert caught.value.sqlstate == "55P03"


def test_cancel_from_another_thread_ends_the_running_query(reader: PgReader) -> None:
    timer = threading.Timer(0.3, reader.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        reader.checks("SELECT 'slow', true, pg_sleep(4)::text")
    assert time.monotonic() - started < 3
    timer.join()
    assert reader.checks("SELECT 'fine', true, ''")[0].holds is True


# The neighbourhood -----------------------------------------------------------------------------

TOWN = """
CREATE TABLE users (id serial PRIMARY KEY);
CREATE TABLE orders (id serial PRIMARY KEY, buyer integer CONSTRAINT who REFERENCES users);
CREATE TABLE audit (id serial PRIMARY KEY, note text UNIQUE);
CREATE TABLE ledger (id serial PRIMARY KEY);
CREATE TABLE stranger (id serial PRIMARY KEY);
CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN INSERT INTO audit (note) VALUES (''x''); RETURN NEW; END';
CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION log_order();
CREATE FUNCTION log_audit() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN INSERT INTO ledger DEFAULT VALUES; RETURN NEW; END';
CREATE TRIGGER t AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION log_audit();
CREATE FUNCTION place(b integer) RETURNS void LANGUAGE sql
AS 'INSERT INTO orders (buyer) VALUES (b)';
CREATE FUNCTION other() RETURNS void LANGUAGE sql AS 'DELETE FROM stranger';
"""


@pytest.mark.parametrize(
    "name", ["orders", "public.orders", "who", "orders_pkey", "place", "log_order"]
)
def test_a_neighbourhood_reaches_what_the_error_can_come_from(
    name: str, database: str, connect: Open
) -> None:
    connect(database).execute(TOWN.encode())
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = capture(reader, name)
    reader.close()
    assert {r["name"] for r in rows["relation"]} == {"users", "orders", "audit", "ledger"}
    assert {r["name"] for r in rows["routine"]} == {"log_order", "log_audit", "place"}
    kept = {r["oid"] for r in rows["relation"]}
    for table in ("attribute", "rel_index", "rel_constraint", "sequence_feed", "privilege"):
        assert {r["relation"] for r in rows[table]} <= kept
    assert any(name in g["what"] for g in rows["gap"])


def test_a_name_that_is_nowhere_captures_everything(database: str, connect: Open) -> None:
    connect(database).execute(TOWN.encode())
    reader = PgReader(open_connection(resolve_dsn(database, {})))
    rows = capture(reader, "no such thing")
    reader.close()
    assert len(rows["relation"]) == 5
    assert rows["gap"] == []
