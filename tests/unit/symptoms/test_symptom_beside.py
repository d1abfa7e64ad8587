"""What is pasted and is no database error: warnings, exceptions of the application."""

from __future__ import annotations

import pytest

from fixit_tui.model.symptom import Frame, Service
from fixit_tui.symptoms.describe import missing
from fixit_tui.symptoms.parse import parse

HIDDEN = (
    "WARNING:  profile of 12 not written: duplicate key value violates unique constraint"
    ' "profiles_pkey"\n'
    "CONTEXT:  PL/pgSQL function public.handle_new_user() line 7 at RAISE\n"
)


def test_a_warning_names_its_function_and_what_it_caught() -> None:
    (symptom,) = parse(HIDDEN)
    assert (symptom.sqlstate, symptom.constraint) == ("01000", "profiles_pkey")
    assert symptom.frames == (Frame("public.handle_new_user()", 7, "RAISE"),)
    assert "server log" in missing(symptom)[0]


def test_an_error_is_told_before_a_warning() -> None:
    symptom, *_ = parse(HIDDEN + 'ERROR:  relation "a" does not exist\n')
    assert symptom.sqlstate == "42P01"


def test_an_application_that_logs_an_error_as_a_warning() -> None:
    (symptom,) = parse('WARNING: duplicate key value violates unique constraint "a_key"')
    assert symptom.sqlstate == "23505"


@pytest.mark.parametrize(
    "text",
    [
        "TypeError: Cannot read properties of null (reading 'id')\n    at load (/srv/a.ts:12:22)",
        "Uncaught (in promise) TypeError: Cannot destructure property 'id' of 'data' as it is null.",
        "  File \"/srv/a.ts\", line 12, in x\nAttributeError: 'NoneType' object has no attribute 'id'",
        "Unhandled Exception: Null check operator used on a null value",
        "type 'Null' is not a subtype of type 'String' in type cast",
    ],
)
def test_the_application_itself_failed(text: str) -> None:
    (symptom,) = parse(text)
    assert (symptom.service, symptom.sqlstate) == (Service.APPLICATION, None)
    assert "before it" in missing(symptom)[0]


@pytest.mark.parametrize(
    "text",
    [
        "TypeError: fetch failed",
        "TypeError: Failed to fetch",
        "A TypeError would be bad here.",
        "Something went wrong",
        "WARNING:root:slow",
    ],
)
def test_nothing_is_made_of_these(text: str) -> None:
    assert parse(text) == ()


def test_a_database_error_goes_before_the_exception_that_follows_it() -> None:
    text = '{"code":"PGRST116","message":"no rows"}\nTypeError: Cannot read properties of null'
    assert [s.service for s in parse(text)] == [Service.DATABASE]
