"""Which columns a sequence numbers, by the texts of defaults and trigger functions."""

from __future__ import annotations

import pytest

from fixit_tui.sql.next_values import NumberedField, numbered_fields, stored_sequence


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("nextval('shop.ids'::regclass)", ("shop", "ids")),
        ("(nextval('\"My ids\"'::regclass))::integer", ("My ids",)),
        ("nextval(('x.y'::text)::regclass)", ("x", "y")),
        ("pg_catalog.nextval('a'::regclass)", ("a",)),
        ("nextval('\"o''clock\"'::regclass)", ("o'clock",)),
        ("nextval('a'::regclass) * 10", None),
        ("'INV-' || nextval('a'::regclass)", None),
        ("currval('a'::regclass)", None),
        ("nextval(name)", None),
        ("", None),
    ],
)
def test_a_default_that_stores_the_number_itself(
    expression: str, name: tuple[str, ...] | None
) -> None:
    assert stored_sequence(expression) == name


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("NEW.id := nextval('s');", NumberedField("id", ("s",), True)),
        ("NEW.\"No\" = nextval('s');", NumberedField("No", ("s",), True)),
        ("NEW.id := COALESCE(NEW.id, nextval('a.s'));", NumberedField("id", ("a", "s"), True)),
        ("SELECT nextval('s') INTO NEW.id;", NumberedField("id", ("s",), True)),
        (
            "IF NEW.id IS NULL THEN\n SELECT nextval('s') INTO STRICT NEW.id;\nEND IF;",
            NumberedField("id", ("s",), True),
        ),
        (
            "IF NEW.kind = 'x' THEN NEW.id := nextval('s'); END IF;",
            NumberedField("id", ("s",), False),
        ),
        ("NEW.id := 1000 + nextval('s');", None),
        ("NEW.id := coalesce(OLD.id, nextval('s'));", None),
        ("n := nextval('s');", None),
        ("PERFORM nextval('s');", None),
    ],
)
def test_a_trigger_function_that_numbers_rows(statement: str, found: NumberedField | None) -> None:
    body = f"DECLARE n bigint;\nBEGIN\n{statement}\nRETURN NEW;\nEND"
    assert numbered_fields(body) == (() if found is None else (found,))


def test_a_body_that_nobody_can_read_numbers_nothing() -> None:
    assert numbered_fields("BEGIN NEW.id := nextval('s'") == ()
