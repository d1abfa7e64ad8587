"""What a statement is classified as, without a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.model.finding import Lock
from fixit_tui.sql.classify import classify

UNKNOWN = Lock("unknown", "ACCESS EXCLUSIVE")


@pytest.mark.parametrize(
    "statement",
    [
        "oops",
        "",
        "DO $$ BEGIN END $$",
        "CALL p()",
        "COMMIT",
        "select 1; select 2",
        "select 1\0; drop table t",
        "select " + "||".join(["'a'"] * 400),
        "select '\ud800'",
        "DROP SCHEMA s",
        "DROP TABLE t CASCADE",
        "TRUNCATE t CASCADE",
        "SELECT app.anything()",
        "ALTER SYSTEM SET work_mem = '8MB'",
    ],
)
def test_what_is_not_understood_is_dangerous(statement: str) -> None:
    found = classify(statement)
    assert found.destructive
    assert found.reason
    assert UNKNOWN in found.locks


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM t", "delete"),
        ("DROP INDEX i", "drop index"),
        ("DROP FUNCTION f()", "drop function"),
        ("ALTER TABLE t DROP COLUMN a", "alter table"),
        ("ALTER TABLE t ALTER COLUMN a TYPE integer", "alter table"),
        ("WITH x AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM x", "insert"),
        ("SELECT 1 UNION (WITH x AS (DELETE FROM t RETURNING 1) SELECT 1)", "select with writes"),
        ("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "merge"),
        ("EXPLAIN (ANALYZE) DELETE FROM t", "explain analyze"),
    ],
)
def test_what_destroys_says_what(statement: str, kind: str) -> None:
    found = classify(statement)
    assert (found.kind, found.destructive, found.parsed) == (kind, True, True)
    assert found.reason


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
        "EXPLAIN DELETE FROM t",
        "EXPLAIN (ANALYZE false) DELETE FROM t",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DO NOTHING",
        "SET LOCAL lock_timeout = 1",
        "SELECT pg_catalog.set_config('a.b', 'c', true)",
    ],
)
def test_what_destroys_nothing(statement: str) -> None:
    assert not classify(statement).destructive


def test_sequences_and_quoted_names() -> None:
    assert classify('SELECT setval(\'"App"."Seq"\'::regclass, 4)').locks == (
        Lock("App.Seq", "ROW EXCLUSIVE"),
    )
    assert classify("SELECT setval(pg_get_serial_sequence('t', 'id'), 4)").locks == (
        Lock("unknown", "ROW EXCLUSIVE"),
    )
    assert classify('LOCK TABLE "App"."T" IN EXCLUSIVE MODE').locks == (Lock("App.T", "EXCLUSIVE"),)


@given(st.text(max_size=80))
def test_any_text_has_a_class(text: str) -> None:
    found = classify(text)
    assert found.kind
    assert found.parsed or (found.destructive and found.locks == (UNKNOWN,))
