"""Splitting, quoting, clauses and splices: pure functions on text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.dml import UnreadableSql, parse_reads, parse_writes
from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.quote import column_list, ident, literal, qualified
from fixit_tui.sql.rewrite import (
    replace_in_routine,
    set_conflict_clause,
    set_conflict_predicate,
    set_conflict_target,
)
from fixit_tui.sql.split import split


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("", ()),
        (" ;; -- nothing\n/* still /* nothing */ ; */", ()),
        ("select 1; select 2", ("select 1", "select 2")),
        ("select ';' ; select $a$;$b$;$a$", ("select ';'", "select $a$;$b$;$a$")),
        ("do $$ a; $b$ ; $b$ $$; select $$$$; x", ("do $$ a; $b$ ; $b$ $$", "select $$$$", "x")),
        ("select e'\\';' ; select \";\"", ("select e'\\';'", 'select ";"')),
        ("select 1 -- a;b\n, 2;", ("select 1 -- a;b\n, 2",)),
        (
            "create function f() returns int language sql begin atomic select 1; select case when"
            " true then 2 end; end; select 3",
            (
                "create function f() returns int language sql begin atomic select 1; select case"
                " when true then 2 end; end",
                "select 3",
            ),
        ),
        ("begin; select 1; end", ("begin", "select 1", "end")),
    ],
)
def test_split(text: str, statements: tuple[str, ...]) -> None:
    assert split(text) == statements


@given(st.text())
def test_tokens_are_pieces_of_the_text_in_order(text: str) -> None:
    at = 0
    for token in tokens(text):
        assert at <= token.start < token.end <= len(text)
        assert text[token.start : token.end] == token.text
        at = token.end


@given(
    st.lists(
        st.sampled_from(
            ["select 1", "select ';'", "select $x$;$x$", "select $$;$$", "update t set a = 1"]
        )
    )
)
def test_split_gives_back_what_was_joined(statements: list[str]) -> None:
    assert split(";\n".join(statements)) == tuple(statements)


def test_identifiers_are_quoted_only_where_needed() -> None:
    assert [ident(n) for n in ("goals", "userId", "order", "a b", 'a"b', "1a", "ünder", "name")] == [
        "goals", '"userId"', '"order"', '"a b"', '"a""b"', '"1a"', '"ünder"', "name",
    ]  # fmt: skip
    assert qualified("My", "t") == '"My".t'
    assert column_list(["a", "B"]) == 'a, "B"'
    with pytest.raises(ValueError, match="NUL"):
        ident("a\0b")


def test_literals() -> None:
    assert [literal(v) for v in (None, True, 3, 1.5, "a'b", "a\\b")] == [
        "NULL", "true", "3", "1.5", "'a''b'", "E'a\\\\b'",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="NUL"):
        literal("\0")


def test_an_insert_keeps_the_words_of_the_source() -> None:
    (write,) = parse_writes(
        'INSERT INTO "Shop".orders ("customerId", ref, at) VALUES ($1, lower( $2 ), now())\n'
        "ON CONFLICT (\"customerId\", ref) WHERE status = 'open' DO UPDATE SET at = excluded.at, n = orders.n + 1\n"
        "WHERE orders.at < excluded.at RETURNING id"
    )
    assert (write.schema, write.relation, write.operation) == ("Shop", "orders", "insert")
    assert write.columns == ("customerId", "ref", "at")
    assert write.values == {"customerId": "$1", "ref": "lower( $2 )", "at": "now()"}
    assert (write.action, write.target_kind, write.target) == (
        "update",
        "columns",
        ("customerId", "ref"),
    )
    assert write.target_predicate == "status = 'open'"
    assert not write.predicate_has_param
    assert write.update_columns == ("at", "n")
    assert write.update_values == {"at": "excluded.at", "n": "orders.n + 1"}
    assert write.returns_rows
    assert write.rows == "one"


@pytest.mark.parametrize("mark", ["?", "%s", "%(a)s", ":a", "$7"])
def test_placeholders_of_every_driver(mark: str) -> None:
    (write,) = parse_writes(
        f"insert into t (a, b) values ({mark}, 'x?') on conflict (a) where b = {mark} do nothing"
    )
    assert (write.target, write.action) == (("a",), "nothing")
    assert write.predicate_has_param
    assert write.values["b"] == "'x?'"


def test_expressions_constraints_and_no_target() -> None:
    kinds = [
        (w.target_kind, w.target, w.target_constraint)
        for w in parse_writes(
            "insert into t (a) values (1) on conflict (lower(a), b) do nothing;"
            "insert into t (a) values (1) on conflict on constraint k do nothing;"
            "insert into t (a) values (1) on conflict do nothing;"
            "insert into t (a) values (1)"
        )
    ]
    assert kinds == [
        ("expressions", ("lower(a)", "b"), None),
        ("constraint", (), "k"),
        ("none", (), None),
        (None, (), None),
    ]


def test_writes_inside_with_come_first() -> None:
    found = parse_writes(
        "with gone as (delete from a where x = 1 returning *), put as (insert into b (c) select x from gone)"
        " update d set e = 2, f = (1 + 2) where g = 3"
    )
    assert [(w.operation, w.relation) for w in found] == [
        ("delete", "a"), ("insert", "b"), ("update", "d"),
    ]  # fmt: skip
    assert found[1].values == {"c": "x"}
    assert found[1].rows == "many"
    assert found[2].values == {"e": "2", "f": "(1 + 2)"}


def test_a_plpgsql_variable_in_the_predicate_counts_as_a_parameter() -> None:
    text = "insert into t (a) values (1) on conflict (a) where kind = {} do nothing"
    names = frozenset({"wanted"})
    assert parse_writes(text.format("wanted"), variables=names)[0].predicate_has_param
    assert parse_writes(text.format("new.kind"), variables=names)[0].predicate_has_param
    assert not parse_writes(text.format("'wanted'"), variables=names)[0].predicate_has_param


def test_reads() -> None:
    (read,) = parse_reads("select * from s.t where a = $1 and b = 2 and c > 3")
    assert (read.schema, read.relation, read.equal_columns) == ("s", "t", ("a", "b"))


@given(st.text(max_size=60))
def test_unreadable_text_is_an_error_value(text: str) -> None:
    with contextlib.suppress(UnreadableSql):
        assert isinstance(parse_writes(text), tuple)


BASE = "INSERT INTO t (a, b)\n  VALUES (1, 'on conflict (x) do nothing')"


def test_a_conflict_clause_is_added_before_returning_on_its_own_line() -> None:
    changed = set_conflict_clause(f"{BASE} RETURNING id", "ON CONFLICT (a) DO NOTHING")
    assert changed == f"{BASE}\n  ON CONFLICT (a) DO NOTHING RETURNING id"


def test_a_conflict_clause_is_replaced_whole() -> None:
    old = f"{BASE} ON CONFLICT (b) WHERE b > 1 DO UPDATE SET b = 2 WHERE t.b = 1 RETURNING id"
    assert set_conflict_clause(old, "ON CONFLICT DO NOTHING") == (
        f"{BASE} ON CONFLICT DO NOTHING RETURNING id"
    )


def test_predicate_and_target_are_set_in_place() -> None:
    plain = f"{BASE} ON CONFLICT (a) DO NOTHING"
    stated = set_conflict_predicate(plain, "b IS NULL")
    assert stated == f"{BASE} ON CONFLICT (a) WHERE b IS NULL DO NOTHING"
    assert set_conflict_predicate(stated, "c") == f"{BASE} ON CONFLICT (a) WHERE c DO NOTHING"
    assert set_conflict_target(stated, "lower(a)") == (
        f"{BASE} ON CONFLICT (lower(a)) WHERE b IS NULL DO NOTHING"
    )
    with pytest.raises(ValueError, match="no columns"):
        set_conflict_predicate(f"{BASE} ON CONFLICT DO NOTHING", "x")
    with pytest.raises(ValueError, match="no INSERT"):
        set_conflict_clause("update t set a = 1", "ON CONFLICT DO NOTHING")


def test_only_the_statement_at_the_line_of_a_function_changes() -> None:
    body = "\nBEGIN\n  INSERT INTO t VALUES (1);\n  INSERT INTO t VALUES (1);\nEND\n"
    definition = "CREATE FUNCTION f()\nAS $x$%s$x$\n"
    changed = replace_in_routine(
        definition % body, "INSERT INTO t VALUES (1)", "PERFORM 2", body=body, line=4
    )
    assert changed == definition % "\nBEGIN\n  INSERT INTO t VALUES (1);\n  PERFORM 2;\nEND\n"
    with pytest.raises(ValueError, match="line 2"):
        replace_in_routine(definition % body, "INSERT INTO t VALUES (1)", "x", body=body, line=2)
    with pytest.raises(ValueError, match="exactly once"):
        replace_in_routine("nothing", "a", "b", body=body, line=1)
