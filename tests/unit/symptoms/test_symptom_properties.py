"""What holds for any text: no exception, no control characters, the same answer twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_symptom_samples import BODIES, CONSOLE, REQUESTS
from test_symptom_servers import DRIVERS, LANGUAGES, LOGS, TRANSLATED

from fixit_tui.model.symptom import Symptom
from fixit_tui.symptoms import describe, messages, missing, parse
from fixit_tui.symptoms.evidence import Evidence, joined
from fixit_tui.symptoms.redact import without_values

SAMPLES = [
    sample[1] for sample in (*CONSOLE, *REQUESTS, *BODIES, *LOGS, *DRIVERS, *TRANSLATED, *LANGUAGES)
]
NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_$]{0,40}", fullmatch=True)
HOSTILE = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1, max_size=40
).filter(lambda name: name.strip() == name and not set(name) & set("\"»«“”„‟'`「」『』\\"))
JUNK = st.one_of(
    st.text(max_size=400),
    st.binary(max_size=400).map(lambda data: data.decode("latin-1")),
    st.binary(max_size=400).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.text(alphabet="{}[]()\"'`,:.=/\\ \n\t\x1b»«ERROR:DETAIL SQLSTATE23505409", max_size=400),
)


def templates() -> Iterator[Any]:
    for key, entry in messages._catalogue()["message"].items():
        for number, text in enumerate(entry["texts"]):
            yield pytest.param(key, entry, text, id=f"{key}-{number}")


def filled(text: str, names: list[str]) -> str:
    numbers = iter(range(len(names)))

    def name(match: Any) -> str:
        return names[int(match.group(1)) - 1 if match.group(1) else next(numbers)]

    return messages._PLACE.sub(name, text)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif hasattr(value, "__slots__"):
        for name in value.__slots__:
            yield from strings(getattr(value, name))


def assert_clean(symptoms: tuple[Symptom, ...]) -> None:
    for symptom in symptoms:
        assert symptom.headline
        for text in strings(symptom):
            assert all(
                char == "\n" or unicodedata.category(char) not in ("Cc", "Cs") for char in text
            )
        describe(symptom)
        missing(symptom)


@pytest.mark.parametrize(("key", "entry", "text"), templates())
@settings(max_examples=15)
@given(data=st.data())
def test_names_come_back_through_every_template(
    key: str, entry: dict[str, Any], text: str, data: Any
) -> None:
    quoted = "%" in text and all(
        q in '"»«' for q in [text[text.index("%") - 1 : text.index("%")] or "x"]
    )
    names = [
        data.draw(HOSTILE if quoted and len(entry["fields"]) == 1 else NAME)
        for _ in entry["fields"]
    ]
    reading = messages.read_whole(filled(text, names))
    assert reading is not None
    assert reading.sqlstate == entry["sqlstate"]
    for field, name in zip(entry["fields"], names, strict=True):
        found = (
            f"{reading.schema}.{reading.relation}"
            if reading.schema and field == "relation"
            else None
        )
        if (
            field in ("constraint", "relation", "referenced", "column", "schema")
            and name not in messages._NO_NAMES
        ):
            assert name in (getattr(reading, field), found)


@settings(max_examples=300)
@given(JUNK)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert_clean(parse(text))


@settings(max_examples=300)
@given(sample=st.sampled_from(SAMPLES), junk=JUNK, cut=st.integers(0, 600), at=st.integers(0, 600))
def test_damaged_samples_are_read_without_an_exception(
    sample: str, junk: str, cut: int, at: int
) -> None:
    assert_clean(parse(sample[:at] + junk + sample[at:][:cut]))


@settings(max_examples=150)
@given(name=st.text(min_size=1, max_size=60))
def test_names_with_quotes_do_no_harm(name: str) -> None:
    text = f'ERROR:  insert or update on table "{name}" violates foreign key constraint "{name}"'
    assert_clean(parse(text))


@pytest.mark.parametrize("sample", SAMPLES)
def test_pasting_twice_changes_nothing(sample: str) -> None:
    once, twice = parse(sample), parse(f"{sample}\n\n{sample}")
    assert [symptom.headline for symptom in twice] == [symptom.headline for symptom in once]


@pytest.mark.parametrize("sample", SAMPLES)
def test_joining_an_error_with_itself_changes_nothing(sample: str) -> None:
    for symptom in parse(sample):
        piece = Evidence(symptom, (0, 1))
        assert joined(piece, piece) == piece


@settings(max_examples=200)
@given(
    value=st.text(min_size=4, max_size=60).filter(
        lambda text: text.strip() == text and "(" + text not in "Key (a, b)"
    )
)
def test_values_of_keys_are_hidden(value: str) -> None:
    detail = f"Key (a, b)=(§{value}§) already exists."
    assert "§" not in without_values(detail)
    assert without_values(without_values(detail)) == without_values(detail)
