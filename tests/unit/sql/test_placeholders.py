"""Placeholders of every driver, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.dml import parse_reads, parse_writes
from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.placeholders import normalise


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("a=%s and b = %(x)s or c=@d", "a=$1 and b = $2 or c=$3"),
        ("a=? and b>=? or c||?", "a=$1 and b>=$2 or c||$3"),
        ("(:1, :2, :name, :name::int)", "($1, $2, $3, $3::int)"),
        ("limit ? offset :n", "limit $1 offset $2"),
        ("($<a>, ${b.c}, $(d:json), $[e], $/f/, $<a>)", "($1, $2, $3, $4, $5, $1)"),
        ("$<b~> $ <c>", None),
        ("$3 and ?", "$3 and $4"),
        ("a ? 'x' and b ?| c and d @? e and f ?& g", None),
        ("a <@ b and a<@b and c @> d and a::text = 'x:y'", None),
        ("a[1:n] and a[b:c]", None),
        ("'%s :a ?' || $$ ? $$ -- ?\n /* :b */", None),
        ("n%s + (n)%s", None),
        ("f(a := 1)", None),
    ],
)
def test_only_placeholders_become_numbers(text: str, normalised: str | None) -> None:
    assert normalise(text).text == (text if normalised is None else normalised)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a=-1", ["a", "=", "-", "1"]),
        ("a<-1", ["a", "<", "-", "1"]),
        ("a @-b", ["a", "@-", "b"]),
        ("a->>'b'", ["a", "->>", "'b'"]),
        ("a=--c\n1", ["a", "=", "1"]),
        ("a*/**/b", ["a", "*", "b"]),
        ("Ünder\u00a0x", ["Ünder\u00a0x"]),
    ],
)
def test_operators_end_where_the_server_ends_them(text: str, pieces: list[str]) -> None:
    assert [token.text for token in tokens(text)] == pieces


def test_only_ascii_letters_fold() -> None:
    assert [token.name for token in tokens('ÜNDER "Over" ABC')] == ["Ünder", "Over", "abc"]


@given(st.lists(st.sampled_from(
    ["?", "%s", ":a", "@b", "'é?'", "$1", " ", ",", "(", ")", "=", "x", "ü", "and", "%(c)s"]
)))  # fmt: skip
def test_offsets_lead_back_to_the_original(parts: list[str]) -> None:
    text = "".join(parts)
    found = normalise(text)
    for token in tokens(found.text):
        if token.kind in ("string", "other"):
            at = found.original_offset(token.start)
            assert text[at : at + len(token.text)] == token.text


def test_texts_are_those_of_the_source_around_placeholders() -> None:
    first, second = parse_writes(
        "insert into té (a, b) values (%s, 'é') on conflict (a) where b='é' and c=%s do nothing;\n"
        "update u set a=-1, (b, c) = (%(x)s, lower( %(y)s )), d[1] = 2 where id=%(x)s"
    )
    assert first.statement == (
        "insert into té (a, b) values (%s, 'é') on conflict (a) where b='é' and c=%s do nothing"
    )
    assert (first.values, first.target_predicate) == ({"a": "$1", "b": "'é'"}, "b='é' and c=%s")
    assert first.predicate_has_param
    assert second.statement.startswith("update u set a=-1, (b, c) = (%(x)s")
    assert second.columns == ("a", "b", "c", "d")
    assert second.values == {"a": "-1", "b": "$3", "c": "lower( $4 )"}


def test_a_json_operator_in_a_predicate_is_no_parameter() -> None:
    (write,) = parse_writes(
        "insert into t (a) values (1) on conflict (a) where d ? 'x' do nothing",
        variables=frozenset({"x"}),
    )
    assert not write.predicate_has_param


@pytest.mark.parametrize(
    ("predicate", "runtime"),
    [
        ("wanted = 1", True),
        ("t.wanted = 1", False),
        ("excluded.wanted = 1", False),
        ("new.b = 1", True),
        ("rec.b = 1", True),
        ("f.wanted = 1", True),
        ("b = 'wanted'", False),
    ],
)
def test_what_is_known_only_at_run_time(predicate: str, runtime: bool) -> None:
    (write,) = parse_writes(
        f"insert into t (a) values (1) on conflict (a) where {predicate} do nothing",
        variables=frozenset({"wanted", "rec"}),
    )
    assert write.predicate_has_param is runtime


@pytest.mark.parametrize(
    ("source", "rows", "values"),
    [
        ("values (1, 2)", "one", {"a": "1", "b": "2"}),
        ("values (1, 2), (1, 3)", "many", {"a": "1"}),
        ("select distinct x as a, y b from z", "many", {"a": "x", "b": "y"}),
        ("select x, y from z limit 1", "one", {"a": "x", "b": "y"}),
        ("select 1, 2 where not exists (select 1)", "one", {"a": "1", "b": "2"}),
        ("select unnest($1::int[]), 2", "many", {"a": "unnest($1::int[])", "b": "2"}),
        ("select 1, 2 union all select 3, 4", "many", {}),
        ("select 1, 2 except select 3, 4", "unknown", {}),
        ("select * from z", "many", {}),
        ("select x, y from z join w on conflict = w.c", "many", {"a": "x", "b": "y"}),
    ],
)
def test_rows_and_values_of_every_source(source: str, rows: str, values: dict[str, str]) -> None:
    (write,) = parse_writes(f"insert into t (a, b) {source}")
    assert (write.rows, write.values) == (rows, values)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("select exists (select 1 from s.t where a = ? and b in (1))", [("t", ("a",))]),
        ("select * from t x join u on u.k = x.k where x.a = 1 and u.b = 2", [("t", ("a",))]),
        ("select 1 from t where (a, b) = (:a, :b)", [("t", ("a", "b"))]),
        ("select 1 from t where a = 1 or b = 2", [("t", ())]),
        ("select 1", []),
    ],
)
def test_reads_of_every_shape(text: str, reads: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(r.relation, r.equal_columns) for r in parse_reads(text)] == reads
