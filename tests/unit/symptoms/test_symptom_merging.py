"""Several pieces of text about one error, several errors in one text, and aborted transactions."""

from __future__ import annotations

import base64
import json

import pytest

from fixit_tui.model.symptom import Service
from fixit_tui.symptoms import describe, expected_status, missing, parse
from fixit_tui.symptoms.http import postgrest_status

DUPLICATE = 'duplicate key value violates unique constraint "{}"'
NO_ARBITER = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
ABORTED = "current transaction is aborted, commands ignored until end of transaction block"
HOST = "https://qwertyuiopasdfghjklz.supabase.co"


def at(pid: int, second: int = 1) -> str:
    return f"2026-02-03 04:05:{second:02d}.000 UTC [{pid}] api@shop "


def body(code: str, message: str, details: str | None = None) -> str:
    return json.dumps({"code": code, "details": details, "hint": None, "message": message})


def test_console_body_and_log_of_one_error_become_one() -> None:
    text = (
        f"PATCH {HOST}/rest/v1/people?id=eq.1 409 (Conflict)\n{body('23505', DUPLICATE.format('phones_key'))}\n"
        f"{at(7)}ERROR:  {DUPLICATE.format('phones_key')}\n{at(7)}DETAIL:  Key (phone)=(+1) already exists.\n"
        f"{at(7)}CONTEXT:  PL/pgSQL function sync() line 3 at SQL statement\n"
        f'{at(7)}STATEMENT:  WITH pgrst_source AS (UPDATE "public"."people" SET "a" = 1 RETURNING 1) SELECT 1\n'
    )
    (symptom,) = parse(text)
    assert (symptom.http_status, symptom.method, symptom.operation) == (409, "PATCH", "update")
    assert (symptom.schema, symptom.relation) == ("public", "people")
    assert symptom.key_columns == ("phone",)
    assert [frame.function for frame in symptom.frames] == ["sync()"]


def test_the_table_of_the_message_wins_over_the_table_of_the_request() -> None:
    message = (
        'insert or update on table "phones" violates foreign key constraint "phones_person_fkey"'
    )
    (symptom,) = parse(
        f"PATCH {HOST}/rest/v1/people?id=eq.1 409 (Conflict)\n{body('23503', message)}"
    )
    assert (symptom.relation, symptom.url_path) == ("phones", "/rest/v1/people")


def test_a_request_with_another_status_is_another_error() -> None:
    text = f"POST {HOST}/rest/v1/a 403 (Forbidden)\n{body('23505', DUPLICATE.format('b_key'))}"
    assert {symptom.http_status for symptom in parse(text)} == {403, 409}


def test_each_body_takes_the_request_of_its_table() -> None:
    text = (
        f"POST {HOST}/rest/v1/cats 409 (Conflict)\nPOST {HOST}/rest/v1/dogs 409 (Conflict)\n"
        f"{body('23505', DUPLICATE.format('dogs_name_key'))}\n{body('23505', DUPLICATE.format('cats_name_key'))}"
    )
    found = {symptom.constraint: symptom.url_path for symptom in parse(text)}
    assert found == {"dogs_name_key": "/rest/v1/dogs", "cats_name_key": "/rest/v1/cats"}


def test_different_constraints_are_different_errors() -> None:
    text = "\n".join(body("23505", DUPLICATE.format(name)) for name in ("a_key", "b_key", "a_key"))
    assert [symptom.constraint for symptom in parse(text)] == ["a_key", "b_key"]


def test_different_functions_are_different_errors() -> None:
    text = "".join(
        f"{at(pid)}ERROR:  {DUPLICATE.format('k')}\n{at(pid)}CONTEXT:  PL/pgSQL function {name}() line 3 at RAISE\n"
        for pid, name in ((1, "f"), (2, "g"))
    )
    assert len(parse(text)) == 2


def test_aborted_transaction_names_its_first_error() -> None:
    (symptom,) = parse(f'Error: "{NO_ARBITER}"\nError: "{ABORTED}"')
    assert (symptom.sqlstate, symptom.root.sqlstate) == ("25P02", "42P10")


def test_aborted_transaction_looks_into_its_own_session() -> None:
    text = (
        f"{at(1, 1)}ERROR:  {DUPLICATE.format('mine_key')}\n{at(2, 2)}ERROR:  {DUPLICATE.format('theirs_key')}\n"
        f"{at(1, 3)}ERROR:  {ABORTED}\n"
    )
    first = {symptom.sqlstate: symptom.root.constraint for symptom in parse(text)}
    assert first == {"25P02": "mine_key", "23505": "theirs_key"}


def test_newest_first_logs_are_read_by_time() -> None:
    rows = [
        {"event_message": ABORTED, "timestamp": "2026-02-03T04:05:09", "sql_state_code": "25P02", "session_id": "s"},
        {"event_message": DUPLICATE.format("k"), "timestamp": "2026-02-03T04:05:08", "sql_state_code": "23505",
         "session_id": "s"},
    ]  # fmt: skip
    (symptom,) = parse(json.dumps(rows))
    assert symptom.root.constraint == "k"


def test_lines_of_interleaved_sessions_go_to_their_own_error() -> None:
    text = (
        f"{at(1)}ERROR:  {DUPLICATE.format('a_key')}\n{at(2)}ERROR:  {DUPLICATE.format('b_key')}\n"
        f"{at(1)}DETAIL:  Key (a)=(1) already exists.\n{at(2)}DETAIL:  Key (b)=(1) already exists.\n"
    )
    assert {s.constraint: s.key_columns for s in parse(text)} == {"a_key": ("a",), "b_key": ("b",)}


def test_log_lines_inside_json_find_their_session() -> None:
    lines = [
        f"{at(1)}ERROR:  {DUPLICATE.format('a_key')}\n",
        f"{at(2)}ERROR:  {DUPLICATE.format('b_key')}\n",
        f"{at(1)}STATEMENT:  insert into a values (1)\n",
    ]
    text = "\n".join(json.dumps({"log": line, "stream": "stderr"}) for line in lines)
    assert {s.constraint: s.statement for s in parse(text)} == {
        "a_key": "insert into a values (1)",
        "b_key": None,
    }


def test_a_link_beside_a_status_is_no_request() -> None:
    text = f"Open https://example.com/dashboard to fix the 409 (Conflict) of {HOST}\n"
    assert all(symptom.url_path is None for symptom in parse(text))


def test_warnings_are_no_errors_and_keep_their_details() -> None:
    text = (
        f"{at(1)}ERROR:  {DUPLICATE.format('a_key')}\n{at(1)}WARNING:  there is no transaction\n"
        f"{at(1)}DETAIL:  Key (other)=(1) already exists.\n"
    )
    (symptom,) = parse(text)
    assert symptom.key_columns is None


def test_auth_error_takes_its_cause_from_the_log() -> None:
    text = (
        '{"code":"unexpected_failure","message":"Database error saving new user"}\n'
        f"{at(1)}ERROR:  {DUPLICATE.format('profiles_email_key')}\n"
    )
    (symptom,) = parse(text)
    assert (symptom.service, symptom.constraint) == (Service.AUTH, "profiles_email_key")


def test_role_comes_from_the_token_and_the_token_goes() -> None:
    claims = base64.urlsafe_b64encode(
        json.dumps({"role": "authenticated", "sub": "x"}).encode()
    ).decode()
    token = f"eyJhbGciOiJIUzI1NiJ9.{claims.rstrip('=')}.c2lnbmF0dXJlLXBhcnQ"
    text = f"POST /rest/v1/votes HTTP/1.1\nAuthorization: Bearer {token}\n\nHTTP/1.1 409 Conflict\n"
    (symptom,) = parse(text)
    assert symptom.role == "authenticated"
    assert "eyJ" not in repr(symptom)


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2secret",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYSJ9.c2lnbmF0dXJl",
        "sb_secret_abcdefghijklmnopqrstu",
    ],
)
@pytest.mark.parametrize(
    "template",
    [
        "ERROR:  " + DUPLICATE.format("k") + "\nDETAIL:  Key (token)=({}) already exists.",
        "ERROR:  " + DUPLICATE.format("k") + "\nDETAIL:  Key (token)=(a) {}) already exists.",
        "ERROR:  " + DUPLICATE.format("k") + "\nDETAIL:  Key (token)=(line\n{}) already exists.",
        "{}".join(('{"code":"23505","message":"' + 'duplicate key value violates unique constraint \\"k\\"'
                   + '","details":"Key (t)=(a\\n', ') already exists."}')),
        "error: " + DUPLICATE.format("k") + "\nDATABASE_URL=postgres://app:{}@db/shop",
        'ERROR:  null value in column "a" of relation "b" violates not-null constraint\n'
        "DETAIL:  Failing row contains (1, {}, null).",
        'FEHLER:  NULL-Wert in Spalte »a« von Relation »b« verletzt Not-Null-Constraint\n'
        "DETAIL:  Fehlgeschlagene Zeile enthält (1, {}, null).",
        'ERROR:  conflicting key value violates exclusion constraint "x"\n'
        "DETAIL:  Key (a)=({}) conflicts with existing key (a)=(z {}).",
        "ERROR:  " + DUPLICATE.format("k") + "\nSTATEMENT:  select set_config('x', 'password={}', true)",
        'ERROR:  invalid input syntax for type uuid: "{}"\nLINE 1: insert into a values (1)',
    ],
)  # fmt: skip
def test_no_secret_is_kept(template: str, secret: str) -> None:
    symptoms = parse(template.replace("{}", secret))
    assert symptoms
    assert secret not in repr(symptoms)


@pytest.mark.parametrize(
    ("sqlstate", "status"),
    [
        ("23505", 409), ("23503", 409), ("PT409", 409), ("PT418", 418), ("42P10", 400), ("23P01", 400), ("23001", 400),
        ("23502", 400), ("25P02", 500), ("25006", 405), ("21000", 500), ("42501", 403), ("42P01", 404), ("42883", 404),
        ("42P17", 500), ("40001", 500), ("55000", 500), ("55P03", 500), ("57014", 500), ("57P01", 503), ("53300", 503),
        ("53400", 500), ("08006", 503), ("09000", 500), ("0L000", 403), ("28000", 403), ("P0001", 400), ("P0002", 500),
        ("XX000", 500), ("22023", 400), ("428C9", 400),
    ],
)  # fmt: skip
def test_status_of_a_state(sqlstate: str, status: int) -> None:
    assert expected_status(sqlstate) == status


def test_status_without_sign_in() -> None:
    assert expected_status("42501", anonymous=True) == 401
    assert postgrest_status("PGRST116") == 406
    assert postgrest_status("PGRST999") is None


def test_description_reads_in_order_and_asks_for_what_is_missing() -> None:
    (symptom,) = parse(f"POST {HOST}/rest/v1/votes 409 (Conflict)")
    labels = [label for label, _ in describe(symptom)]
    assert labels == ["HTTP status", "request", "operation", "table", "read from"]
    assert missing(symptom) == ("the SQLSTATE: paste the response body",)


def test_description_of_an_aborted_transaction_tells_both_errors() -> None:
    (symptom,) = parse(f'Error: "{NO_ARBITER}"\nError: "{ABORTED}"')
    pairs = dict(describe(symptom))
    assert (pairs["SQLSTATE"], pairs["then"]) == ("42P10", ABORTED)
    (alone,) = parse(f'Error: "{ABORTED}"')
    assert any("first error" in wish for wish in missing(alone))


DJANGO = """\
psycopg.errors.UniqueViolation: duplicate key value violates unique constraint "tags_name_key"
DETAIL:  Key (name)=(home) already exists.

During handling of the above exception, another exception occurred:

  File "/srv/app/imports.py", line 18, in load
    Entry.objects.create(text="dup")
django.db.transaction.TransactionManagementError: An error occurred in the current transaction. \
You can't execute queries until the end of the 'atomic' block.
"""
SQLALCHEMY = """\
  File "/srv/app/imports.py", line 18, in load
    cursor = session.get(Cursor, "imap")
sqlalchemy.exc.PendingRollbackError: This Session's transaction has been rolled back due to a \
previous exception during flush. To begin a new transaction with this Session, first issue \
Session.rollback(). Original exception was: (psycopg.errors.UniqueViolation) duplicate key value \
violates unique constraint "tags_name_key"
DETAIL:  Key (name)=(home) already exists.
[SQL: INSERT INTO tags (name) VALUES (%(name)s)]
"""


@pytest.mark.parametrize("text", [DJANGO, SQLALCHEMY])
def test_what_a_library_keeps_back_is_a_consequence(text: str) -> None:
    (symptom,) = parse(text)
    assert symptom.sqlstate == "25P02"
    assert symptom.first_error is not None
    assert symptom.first_error.sqlstate == "23505"
    assert symptom.first_error.constraint == "tags_name_key"


def test_another_misuse_of_a_transaction_is_none_that_was_ended() -> None:
    words = "TransactionManagementError: select_for_update cannot be used outside of a transaction."
    assert all(s.sqlstate != "25P02" for s in parse(f"django.db.transaction.{words}"))
