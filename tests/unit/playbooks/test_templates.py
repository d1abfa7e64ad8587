"""Typed values: a hostile name is quoted, never executed, and untyped text never becomes SQL."""

from __future__ import annotations

from typing import Any

import postgast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.template import render_sql, render_text
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


@pytest.mark.parametrize("text", ["a = 1", "lower(a)", "a IS NULL AND b", "status = 'x;--'"])
def test_expressions_stay_as_they_are(text: str) -> None:
    if ";" in text or "--" in text:
        with pytest.raises(UsageError):
            value("expression", text)
        return
    assert render_sql("{{ e }}", {"e": value("expression", text)}) == text


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
