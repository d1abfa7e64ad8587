"""Rows that unique keys leave alone because of a NULL are counted as the server would count them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fixit_tui.model.events import ignore_event
from fixit_tui.postgres.connect import connect as open_connection
from fixit_tui.postgres.connect import resolve_dsn
from fixit_tui.postgres.reader import PgReader

Open = Callable[..., psycopg.Connection[Any]]
Counted = dict[str, tuple[int, int]]


def counted(dsn: str) -> tuple[Counted, Sequence[Mapping[str, Any]]]:
    """Index name → (sets, rows beyond the first of each); and the gaps."""
    reader = PgReader(open_connection(resolve_dsn(dsn, {})))
    rows = reader.capture(frozenset(), ignore_event, lambda: False)
    reader.close()
    names = {i["oid"]: i["name"] for i in rows["rel_index"]}
    found = {names[k["index_oid"]]: (k["null_sets"], k["null_extra"]) for k in rows["key_rows"]}
    return found, rows["gap"]


ODD = 'a"b; {} %s'


@pytest.mark.parametrize("name", ["t", ODD], ids=["plain", "odd"])
def test_rows_are_counted_as_null_equal_to_null(database: str, connect: Open, name: str) -> None:
    own = connect(database)
    table, key, part = (sql.Identifier(n) for n in (name, f"{name}_key", f"{name}_part"))
    own.execute(
        sql.SQL("CREATE TABLE {t} (a integer NOT NULL, {c} text, gone boolean NOT NULL)").format(
            t=table, c=sql.Identifier(name)
        )
    )
    own.execute(
        sql.SQL("CREATE UNIQUE INDEX {k} ON {t} (a, {c})").format(
            k=key, t=table, c=sql.Identifier(name)
        )
    )
    own.execute(
        sql.SQL("CREATE UNIQUE INDEX {p} ON {t} ({c}, a) WHERE NOT gone").format(
            p=part, t=table, c=sql.Identifier(name)
        )
    )
    own.execute(
        sql.SQL(
            "INSERT INTO {} VALUES (1, NULL, true), (1, NULL, false), (1, NULL, false),"
            " (2, NULL, true), (2, NULL, true), (3, NULL, false), (1, 'x', true), (2, 'x', false)"
        ).format(table)
    )
    found, gaps = counted(database)
    assert found == {f"{name}_key": (2, 3), f"{name}_part": (1, 1)}
    assert not gaps


def test_only_keys_that_let_nulls_through_are_asked(database: str, connect: Open) -> None:
    connect(database).execute(
        b"""
        CREATE TABLE a (id serial PRIMARY KEY, n integer NOT NULL UNIQUE, m integer);
        CREATE UNIQUE INDEX a_expression ON a (coalesce(m, 0));
        CREATE INDEX a_plain ON a (m);
        CREATE FUNCTION odd(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
          'BEGIN RAISE EXCEPTION ''it ran''; END';
        CREATE UNIQUE INDEX a_function ON a (m) WHERE odd(m);
        """
    )
    assert counted(database) == ({}, [])


def test_a_locked_table_costs_a_gap(database: str, connect: Open) -> None:
    own = connect(database)
    own.execute(b"CREATE TABLE t (a integer, b integer, CONSTRAINT t_key UNIQUE (a, b))")
    own.execute(b"INSERT INTO t VALUES (1, NULL), (1, NULL)")
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        found, gaps = counted(database)
        assert found == {}
        assert any("t_key" in g["what"] and "pile up" in g["costs"] for g in gaps)
    assert counted(database)[0] == {"t_key": (1, 1)}
