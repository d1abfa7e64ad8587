"""A column beside a variable of its name: the directive, where it is needed and only there."""

from __future__ import annotations

import pytest

from fixit_tui.sql.variable_conflict import bare_names, columns_win, prefers_columns

BODY = "\n  BEGIN\n    INSERT INTO t (id) VALUES (f.id) ON CONFLICT (id) DO NOTHING;\n  END "


def _function(
    body: str, arguments: str = "id integer", options: str = " LANGUAGE plpgsql\n"
) -> str:
    head = f"CREATE OR REPLACE FUNCTION public.f({arguments})\n RETURNS void\n{options}"
    return f"{head}AS $function${body}$function$\n"


def test_a_parameter_of_the_same_name_gives_way() -> None:
    made = columns_win(_function(BODY), BODY, {"id"})
    assert "$function$\n  #variable_conflict use_column\n  BEGIN\n" in made
    assert made.replace("#variable_conflict use_column\n  ", "") == _function(BODY)


def test_a_declared_variable_does_too() -> None:
    body = BODY.replace("BEGIN", "DECLARE id int := 1;\n  BEGIN", 1)
    assert "use_column" in columns_win(_function(body, "n integer"), body, {"id"})


@pytest.mark.parametrize(
    "definition",
    [_function(BODY, "p_id integer"), _function(BODY, options=" LANGUAGE sql\n")],
    ids=["other name", "SQL function"],
)
def test_nothing_is_added_without_need(definition: str) -> None:
    assert columns_win(definition, BODY, {"id"}) == definition


def test_a_directive_that_is_there_stays_the_only_one() -> None:
    chosen = "\n#variable_conflict use_column" + BODY
    strict = "\n#variable_conflict error" + BODY
    assert columns_win(_function(chosen), chosen, {"id"}) == _function(chosen)
    assert columns_win(_function(strict), strict, {"id"}) == _function(chosen)
    assert [prefers_columns(body) for body in (chosen, strict, BODY)] == [True, False, False]


def test_a_function_that_lets_variables_win_is_left_alone() -> None:
    lets = "\n#variable_conflict use_variable" + BODY
    with pytest.raises(ValueError, match="lets it win"):
        columns_win(_function(lets), lets, {"id"})
    by_setting = " LANGUAGE plpgsql\n SET \"plpgsql.variable_conflict\" TO 'use_variable'\n"
    with pytest.raises(ValueError, match="lets it win"):
        columns_win(_function(BODY, options=by_setting), BODY, {"id"})


def test_only_names_that_stand_alone_can_be_ambiguous() -> None:
    assert bare_names('"Ref", lower(t.email), EXCLUDED.x') == {"Ref"}
    assert bare_names("(payload ->> 'ref'::text)") == {"payload", "text"}
