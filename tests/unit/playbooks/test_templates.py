"""Typed values: a hostile name is quoted, never executed, and untyped text never becomes SQL."""

from __future__ import annotations

from typing import Any

import postgast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.foreign_text import UnfitError
from fixit_tui.playbooks.template import render_sql, render_text, syntax_error
from fixit_tui.playbooks.values import typed

FACTS = FactBase()
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


def value(kind: str, inner: Any) -> object:
    return typed(FACTS, {kind: inner})


@given(schema=NAMES, table=NAMES, columns=st.lists(NAMES, min_size=1, max_size=3))
def test_names_come_back_as_the_same_names(schema: str, table: str, columns: list[str]) -> None:
    text = render_sql(
        "CREATE INDEX ON {{ t }} ({{ c }})",
        {"t": value("name", [schema, table]), "c": value("columns", columns)},
    )
    tree = postgast.parse(text)
    assert len(tree.stmts) == 1
    index = tree.stmts[0].stmt.index_stmt
    cut = [n.encode()[:63].decode(errors="ignore") for n in (schema, table, *columns)]
    found = [index.relation.schemaname, index.relation.relname]
    found += [p.index_elem.name for p in index.index_params]
    assert found == cut


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_literals_come_back_as_the_same_text(text: str) -> None:
    tree = postgast.parse(render_sql("SELECT {{ x }}", {"x": value("literal", text)}))
    constant = tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.a_const
    assert constant.sval.sval == text


@pytest.mark.parametrize(
    "text",
    [
        "a; DROP TABLE t", "a) OR (1=1", "a -- x", "a /* x */", "(SELECT 1)", "$1 = a", "", "a = ",
        "a LIMIT 1", "a FOR UPDATE", "EXISTS (SELECT 1)", "a UNION SELECT 1",
    ],
)  # fmt: skip
def test_an_expression_is_one_expression_and_nothing_else(text: str) -> None:
    with pytest.raises(UsageError):
        value("expression", text)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "lower(a)",
        "a IS NULL AND b",
        "status = 'x;--'",
        "lower(a), b",
        "note = '$1'",
        'a COLLATE "C"',
        "a::text ~ 'sub_link {'",
        "fixit_end",
    ],
)
def test_expressions_stay_as_they_are(text: str) -> None:
    assert render_sql("{{ e }}", {"e": value("expression", text)}) == text


@pytest.mark.parametrize(
    "text", ["", "SELECT 1; SELECT 2", "SELECT 1 -- x", "SELECT (", "nothing", "SELECT 1\0"]
)
def test_a_statement_is_one_statement(text: str) -> None:
    with pytest.raises(UnfitError):
        value("statement", text)


def test_one_statement_stays_as_it_is() -> None:
    text = "INSERT INTO t (a) -- why\n VALUES ('x;y') /* ; */"
    assert render_sql("{{ s }}", {"s": value("statement", text)}) == text


@given(text=st.text(max_size=40) | st.text(alphabet="a()'\"-/*;,$1 \\E\n", max_size=12))
def test_an_accepted_expression_never_leaves_its_place(text: str) -> None:
    try:
        rendered = render_sql("SELECT f(1, {{ e }}), 7", {"e": value("expression", text)})
    except UnfitError:
        return
    (statement,) = postgast.parse(rendered).stmts
    first, second = statement.stmt.select_stmt.target_list
    assert first.res_target.val.func_call.args[0].a_const.ival.ival == 1
    assert second.res_target.val.a_const.ival.ival == 7


def test_an_unusable_value_is_shown_to_people_and_kept_out_of_sql() -> None:
    scope = {"e": typed(FACTS, [{"expression": "a; DROP"}], lenient=True)}
    assert render_text("{{ e[0] }} {{ e[0] | quoted }}", scope) == "a; DROP a; DROP"
    assert render_sql("{% if e[0] %}-- {{ e[0] | comment }}{% endif %}", scope) == "-- a; DROP"
    for template in ("{{ e[0] }}", "{{ e[0] | literal }}", "{{ e[0] | each('{}') }}"):
        with pytest.raises(UnfitError, match="not a plain SQL expression"):
            render_sql(template, scope)


@pytest.mark.parametrize(
    "template", ["{{ x | each('{}') }}", "{{ 3 | suffixed('a') }}", "{{ x + 1 }}", "{{ x.y.z }}"]
)
def test_a_template_that_misuses_a_value_is_an_error_value(template: str) -> None:
    with pytest.raises(UsageError):
        render_sql(template, {"x": "plain"})


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_comment_stays_on_its_line(text: str) -> None:
    rendered = render_sql("-- {{ x | comment }}\nSELECT 1", {"x": text})
    assert len(postgast.parse(rendered).stmts) == 1


def test_a_syntax_error_is_found_before_any_value_is_known() -> None:
    assert syntax_error("SELECT {{ x }}") == ""
    assert syntax_error("SELECT\n{% if x %}").startswith("line 2")
    assert "shout" in syntax_error("{{ x | shout }}")


def test_untyped_values_are_refused_in_sql_and_printed_in_text() -> None:
    with pytest.raises(UsageError, match="untyped"):
        render_sql("{{ x }}", {"x": "DROP TABLE t"})
    with pytest.raises(UsageError, match="untyped"):
        render_sql("{{ x }}", {"x": None})
    with pytest.raises(UsageError, match="undefined"):
        render_sql("{{ nothing }}", {})
    assert render_text("{{ x }}", {"x": "plain"}) == "plain"
    assert render_sql("{% if x %}a{% else %}b{% endif %}", {"x": None}) == "b"


def test_filters() -> None:
    scope = {
        "t": value("name", ["My", "t"]),
        "c": value("columns", ["a", "B"]),
        "i": value("ident", "Key"),
    }
    assert render_sql("{{ t | literal }}", scope) == "'\"My\".t'"
    assert render_sql("{{ i | text | literal }}", scope) == "'Key'"
    assert render_sql("{{ c | each('t.{} = o.{}', ' and ') }}", scope) == (
        't.a = o.a and t."B" = o."B"'
    )
    assert render_text("{{ c }} {{ c | quoted }} {{ t }}", scope) == 'a, B a, "B" My.t'
    assert render_sql("{{ i | suffixed('_key') }}", scope) == '"Key_key"'


@given(name=NAMES)
def test_new_names_fit_and_differ(name: str) -> None:
    made = value("new_name", name)
    assert len(str(made).encode()) <= 63
    other = value("new_name", name + "x" * 70)
    assert str(other) != str(made)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ x.__init__.__globals__ }}",
        "{% for i in range(9) %}{{ i }}{% endfor %}",
    ],
)
def test_the_sandbox_holds(template: str) -> None:
    with pytest.raises(UsageError):
        render_sql(template, {"x": value("ident", "a")})
