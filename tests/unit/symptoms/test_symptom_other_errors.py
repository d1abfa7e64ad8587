"""Errors that are no conflict are recognised by the words with which the server begins them."""

from __future__ import annotations

import pytest

from fixit_tui.model.symptom import Service
from fixit_tui.playbooks.other_errors import other_error
from fixit_tui.symptoms.parse import parse

BEGUN = [
    ("22012", "division by zero"),
    ("22003", "integer out of range"),
    ("22P02", 'invalid input syntax for type uuid: "undefined"'),
    ("2200H", 'nextval: reached maximum value of sequence "t_id_seq" (2147483647)'),
    ("42601", 'syntax error at or near "FORM"'),
    ("42702", 'column reference "user_id" is ambiguous'),
    ("0A000", "INSERT with ON CONFLICT clause cannot be used with table that has rules"),
    ("21000", "UPDATE requires a WHERE clause"),
]


@pytest.mark.parametrize(("state", "message"), BEGUN)
def test_the_words_stand_for_a_code(state: str, message: str) -> None:
    (symptom,) = parse(f"ERROR:  {message}\nSTATEMENT:  SELECT 1")
    assert symptom.sqlstate == state


@pytest.mark.parametrize(("_state", "message"), BEGUN)
def test_words_in_the_middle_of_a_message_stand_for_none(_state: str, message: str) -> None:
    (symptom,) = parse(f"ERROR:  import stopped: {message}\nSTATEMENT:  SELECT 1")
    assert symptom.sqlstate is None


def test_an_exception_class_of_a_driver_stands_for_a_code() -> None:
    text = 'Traceback (most recent call last):\n  File "/srv/app/a.py", line 5, in avg\n    cur.execute(q)\npsycopg.errors.DivisionByZero: division by zero'
    assert parse(text)[0].sqlstate == "22012"


def test_the_realtime_service_is_told_apart() -> None:
    (symptom,) = parse("GET https://abc.supabase.co/realtime/v1/websocket?apikey=x 409")
    assert symptom.service is Service.REALTIME


@pytest.mark.parametrize(
    "text",
    [
        "An operation failed because it depends on one or more records that were required but not"
        " found. Record to update not found.",
        "PrismaClientKnownRequestError: \nInvalid `prisma.seat.delete()` invocation:\n\n\nAn operation"
        " failed because it depends on one or more records that were required but not found. No"
        " record was found for a delete.\n    at x (/srv/a.js:1:2) {\n  code: 'P2025',\n"
        "  meta: { modelName: 'Seat' }\n}",
        '{"code": "P2025", "meta": {"modelName": "Seat", "cause": "Record to update not found."}}',
    ],
    ids=["words", "printed", "object"],
)
def test_a_row_that_prisma_missed_is_told_by_its_words(text: str) -> None:
    (symptom,) = parse(text)
    fits = other_error(symptom.sqlstate or "", symptom.message or "")
    assert fits is not None
    assert fits.what.startswith("P2025 of Prisma")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("ERREUR:  la transaction est annulée, les commandes sont ignorées jusqu'à la fin du bloc\nde"
         " la transaction", "25P02"),
        ("FEHLER:  Befehl in ON CONFLICT DO UPDATE kann eine Zeile nicht ein zweites Mal ändern",
         "21000"),
        ("команда ON CONFLICT DO UPDATE не может подействовать на строку дважды", "21000"),
        ("無効: nextval: シーケンス\"t_id_seq\"の最大値(2147483647)に達しました", "2200H"),
        ("ERROR:  INSERT con una cláusula ON CONFLICT no puede usarse con una tabla que tiene reglas"
         " INSERT o UPDATE", "0A000"),
    ],
    ids=["over two lines", "de", "ru", "ja", "es"],
)  # fmt: skip
def test_other_languages_are_read(text: str, state: str) -> None:
    (symptom,) = parse(text)
    assert symptom.sqlstate == state
