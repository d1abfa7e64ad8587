"""Locks, transactions and destruction as classified, compared with what a real server does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from fixit_tui.model.finding import Lock
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.classify import classify

Connection = psycopg.Connection[tuple[object, ...]]

SHAPE = """
CREATE SCHEMA s;
CREATE TABLE s.t (a integer PRIMARY KEY, b text, c boolean, d timestamptz);
CREATE TABLE s.u (a integer REFERENCES s.t, CONSTRAINT uk UNIQUE (a));
CREATE TABLE s.nv (a integer);
ALTER TABLE s.nv ADD CONSTRAINT ck CHECK (a > 0) NOT VALID;
CREATE TABLE s.parted (a integer) PARTITION BY LIST (a);
CREATE TABLE s.part1 PARTITION OF s.parted FOR VALUES IN (1);
CREATE TABLE s.lone (a integer);
CREATE MATERIALIZED VIEW s.mv AS SELECT 1 AS one;
CREATE VIEW s.v AS SELECT 1 AS one;
CREATE SEQUENCE s.q;
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.f();
CREATE POLICY p ON s.t USING (c);
CREATE INDEX i ON s.t (b);
"""

STATEMENTS = [
    "CREATE INDEX x ON s.t (b)",
    "CREATE UNIQUE INDEX x ON s.t (b) WHERE c",
    "ALTER TABLE s.t ADD CONSTRAINT k UNIQUE (b)",
    "ALTER TABLE s.u DROP CONSTRAINT uk",
    "ALTER TABLE s.u ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES s.t (a) NOT VALID",
    "ALTER TABLE s.u ADD COLUMN z integer REFERENCES s.t (a)",
    "ALTER TABLE s.nv VALIDATE CONSTRAINT ck",
    "ALTER TABLE s.t DISABLE TRIGGER g",
    "ALTER TABLE s.t ENABLE ALWAYS TRIGGER g",
    "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE s.t DROP COLUMN d",
    "ALTER TABLE s.t ALTER COLUMN b SET NOT NULL",
    "ALTER TABLE s.t SET (fillfactor = 70)",
    "ALTER TABLE s.t ALTER COLUMN b SET STATISTICS 10",
    "ALTER TABLE s.lone RENAME TO renamed",
    "ALTER TABLE s.parted ATTACH PARTITION s.lone FOR VALUES IN (2)",
    "ALTER TABLE s.parted DETACH PARTITION s.part1",
    "CREATE POLICY z ON s.t FOR SELECT USING (c)",
    "ALTER POLICY p ON s.t USING (true)",
    "DROP POLICY p ON s.t",
    "CREATE TRIGGER z BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.f()",
    "DROP TRIGGER g ON s.t",
    "CREATE RULE r AS ON DELETE TO s.t DO ALSO NOTHING",
    "LOCK TABLE s.t IN SHARE ROW EXCLUSIVE MODE",
    "LOCK TABLE s.t, s.lone",
    "INSERT INTO s.t (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
    "UPDATE s.t SET b = 'x'",
    "DELETE FROM s.u",
    "MERGE INTO s.lone USING s.t ON lone.a = t.a WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM s.u RETURNING a) SELECT * FROM gone",
    "WITH put AS (INSERT INTO s.lone VALUES (1) RETURNING a) UPDATE s.t SET b = 'y' FROM put",
    "TRUNCATE s.u",
    "DROP TABLE s.lone",
    "DROP MATERIALIZED VIEW s.mv",
    "CREATE TABLE s.n (a integer)",
    "CREATE TABLE s.n (a integer REFERENCES s.t)",
    "CREATE TABLE s.n AS SELECT * FROM s.t",
    "SELECT * INTO s.n FROM s.t",
    "CREATE SCHEMA z",
    "CREATE OR REPLACE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "GRANT SELECT ON s.t TO PUBLIC",
    "REVOKE SELECT ON s.t FROM PUBLIC",
    "ALTER SEQUENCE s.q RESTART WITH 10",
    "SELECT setval('s.q', 10, false)",
    "REINDEX TABLE s.lone",
    "ANALYZE s.t",
    "REFRESH MATERIALIZED VIEW s.mv",
    "SET LOCAL lock_timeout = '1s'",
    "NOTIFY pgrst, 'reload schema'",
    "EXPLAIN ANALYZE DELETE FROM s.u",
    "EXPLAIN (ANALYZE off) SELECT 1",
]  # fmt: skip
RELATIONS = """
SELECT c.oid, n.nspname || '.' || c.relname, c.relkind FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 's'
"""
HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL"
MODES = {
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}
ORDER = list(MODES.values())


@pytest.fixture(scope="module")
def connection(server: LocalServer) -> Iterator[Connection]:
    server.create_database("locks")
    with psycopg.connect(server.dsn("locks"), autocommit=True) as opened:
        opened.execute(SHAPE.encode())
        yield opened
    server.drop_database("locks")


def _held(connection: Connection, statement: str) -> tuple[dict[str, str], dict[str, str]]:
    """Strongest mode by table and by index after the statement; rolled back."""
    tables: dict[str, str] = {}
    indexes: dict[str, str] = {}
    before = connection.execute(RELATIONS).fetchall()
    with connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        # A relation goes by its old name, and one that was dropped is still locked.
        known = {row[0]: row for row in (*connection.execute(RELATIONS).fetchall(), *before)}
        for oid, mode in connection.execute(HELD).fetchall():
            name = MODES.get(str(mode))
            if name is not None and oid in known:
                _, relation, kind = known[oid]
                found = indexes if kind == "i" else tables
                strongest = found.get(str(relation), name)
                found[str(relation)] = max(strongest, name, key=ORDER.index)
    return tables, indexes


def _needs(connection: Connection, statement: str) -> None:
    """Skip what older servers do not know, or lock more strongly than today's."""
    words = {"MERGE": 150000, "DETACH": 140000}
    for word, since in words.items():
        if word in statement and connection.info.server_version < since:
            pytest.skip(f"{word} is another statement before PostgreSQL {since // 10000}")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_predicted_locks_are_the_ones_taken(connection: Connection, statement: str) -> None:
    _needs(connection, statement)
    predicted = classify(statement)
    said: dict[str, str] = {}
    for lock in predicted.locks:
        said[lock.relation] = max(said.get(lock.relation, lock.mode), lock.mode, key=ORDER.index)
    tables, _ = _held(connection, statement)
    assert tables == said
    assert predicted.parsed
    assert predicted.transactional


@pytest.mark.parametrize("statement", ["DROP INDEX s.i", "REINDEX INDEX s.i"])
def test_locks_of_an_index_that_is_named(connection: Connection, statement: str) -> None:
    # The lock on its table is taken as well, but the text does not say which table that is.
    tables, indexes = _held(connection, statement)
    assert classify(statement).locks == (Lock("s.i", "ACCESS EXCLUSIVE"),)
    assert set(tables) == {"s.t"}
    assert indexes["s.i"] == "ACCESS EXCLUSIVE"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE INDEX CONCURRENTLY x ON s.t (b)", "create index"),
        ("DROP INDEX CONCURRENTLY s.i", "drop index"),
        ("REINDEX INDEX CONCURRENTLY s.i", "reindex"),
        ("REINDEX SCHEMA s", "reindex"),
        ("VACUUM s.t", "vacuum"),
        ("CREATE DATABASE another", "create database"),
        ("ALTER SYSTEM SET work_mem = '8MB'", "alter system"),
        ("ALTER TABLE s.parted DETACH PARTITION s.part1 CONCURRENTLY", "alter table"),
    ],
)
def test_what_refuses_a_transaction(connection: Connection, statement: str, kind: str) -> None:
    _needs(connection, statement)
    assert (classify(statement).kind, classify(statement).transactional) == (kind, False)
    with pytest.raises(psycopg.errors.ActiveSqlTransaction), connection.transaction():
        connection.execute(statement.encode())
