"""Shapes in which people report errors: quoted in prose, cut short, wrapped by a tool or a service."""

from __future__ import annotations

from typing import Any

import pytest

from fixit_tui.model.symptom import Service
from fixit_tui.symptoms import describe, messages, missing, parse

DUPLICATE = 'duplicate key value violates unique constraint "{}"'
RLS = "new row violates row-level security policy"
KEY = "Key (label)=(x1) already exists."

STATEMENTS = [
    (
        "Laravel puts it behind the detail",
        f"SQLSTATE[23505]: Unique violation: 7 ERROR:  {DUPLICATE.format('tags_label_key')}\n"
        f'DETAIL:  {KEY} (SQL: insert into "tags" ("label") values (x1) returning "id")',
    ),
    (
        "Rails puts it behind a colon",
        f"PG::UniqueViolation: ERROR:  {DUPLICATE.format('tags_label_key')}\n"
        f'DETAIL:  {KEY}\n: INSERT INTO "tags" ("label") VALUES ($1) RETURNING "id"',
    ),
    (
        "on one line, in a code span",
        f"`PG::UniqueViolation: ERROR:  {DUPLICATE.format('tags_label_key')} "
        f'DETAIL:  {KEY} : INSERT INTO "tags" ("label") VALUES ($1) RETURNING "id"`',
    ),
    (
        "a library's own words between",
        f"SQLSTATE[23505]: ERROR: {DUPLICATE.format('tags_label_key')} DETAIL: {KEY}, query was: "
        "INSERT INTO tags (label) VALUES (?) {array ( 'label' => 'x1', )}",
    ),
    (
        "quoted by SQLAlchemy",
        f"(psycopg2.IntegrityError) {DUPLICATE.format('tags_label_key')}\nDETAIL:  {KEY}\n"
        " [SQL: 'INSERT INTO tags (label) VALUES (%(label)s)'] [parameters: {'label': 'x1'}]",
    ),
    (
        "Spring's template",
        f"PreparedStatementCallback; SQL [INSERT INTO tags (label) VALUES (?)]; ERROR: "
        f"{DUPLICATE.format('tags_label_key')}\n  Detail: {KEY}; nested exception is a.b.CException",
    ),
    (
        "Hibernate",
        f"could not execute statement [ERROR: {DUPLICATE.format('tags_label_key')}\n  Detail: {KEY}]"
        " [insert into tags (label) values (?)]; constraint [tags_label_key]",
    ),
    (
        "gorm prints it on the next line",
        f"/srv/app/tag.go:7 ERROR: {DUPLICATE.format('tags_label_key')} (SQLSTATE 23505)\n{KEY}\n"
        '[0.912ms] [rows:0] INSERT INTO "tags" ("label") VALUES (\'x1\')',
    ),
    (
        "a log viewer without labels",
        f"{DUPLICATE.format('tags_label_key')}\n{KEY}\nINSERT INTO tags (label) VALUES ($1)",
    ),
]


@pytest.mark.parametrize(("text"), [s[1] for s in STATEMENTS], ids=[s[0] for s in STATEMENTS])
def test_the_statement_is_found_beside_the_error(text: str) -> None:
    (symptom,) = parse(text)
    assert (symptom.sqlstate, symptom.constraint) == ("23505", "tags_label_key")
    assert (symptom.relation, symptom.operation, symptom.columns) == ("tags", "insert", ("label",))
    assert symptom.key_columns == ("label",)
    assert symptom.detail == "Key (label)=(…) already exists."
    assert "x1" not in str(symptom.detail) + str(symptom.hint)


def test_a_statement_on_its_own_line_of_a_report_is_nobodys() -> None:
    text = (
        f"ERROR:  {DUPLICATE.format('a_key')}\n\nMy setup:\n\nINSERT INTO settings (k) VALUES (1);"
    )
    (symptom,) = parse(text)
    assert (symptom.relation, symptom.statement) == (None, None)


def test_prisma_names_the_statement_where_it_names_no_field() -> None:
    text = (
        'prisma:query INSERT INTO "public"."Tag" ("id","label") VALUES ($1,$2)\n'
        '{ "message": "Invalid `tx.tag.create()` invocation: Unique constraint failed on the (not available)" }'
    )
    (symptom,) = parse(text)
    assert (symptom.sqlstate, symptom.relation) == ("23505", "Tag")


FIELDS = {"sqlstate": "23505", "constraint": "rooms_pkey", "key_columns": ("id",)}
OBJECTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "Node prints words and stack inside the braces",
        f"{{ error: {DUPLICATE.format('rooms_pkey')}\n    at Parser.parse (/srv/node_modules/pg/x.js:1:2)\n"
        "  length: 9,\n  code: '23505',\n  detail: 'Key (id)=(4) already exists.',\n  table: 'rooms' }",
        {**FIELDS, "relation": "rooms"},
    ),
    (
        "in brackets, and broken off",
        f"{{ [SomeError: {DUPLICATE.format('rooms_pkey')}]\n  code: '23505',\n"
        "  detail: 'Key (id)=(4) already exists.',\n  table: 'rooms',\n  routine:",
        {**FIELDS, "relation": "rooms"},
    ),
    (
        "the first Dart client",
        f"PostgrestError(message: {DUPLICATE.format('rooms_pkey')}, code: 23505, "
        "details: Key (id)=(4) already exists., hint: null)",
        FIELDS,
    ),
    (
        "Swift",
        'PostgrestError(detail: Optional("Key (id)=(4) already exists."), hint: nil, '
        'code: Optional("23505"), message: "duplicate key value violates unique constraint \\"rooms_pkey\\"")',
        FIELDS,
    ),
    (
        "the detail in parentheses",
        f"some.RestException: {DUPLICATE.format('rooms_pkey')} (Key (id)=(4) already exists.)",
        FIELDS,
    ),
    (
        "without the word value",
        'UniqueViolationError: duplicate key violates unique constraint "rooms_pkey"',
        {"sqlstate": "23505", "constraint": "rooms_pkey"},
    ),
    (
        "a span of Markdown",
        f'see `ERROR:  {RLS} for table "rooms"`',
        {"sqlstate": "42501", "relation": "rooms"},
    ),
    (
        "escaped quotes of an enclosing string",
        'error="failed: ERROR: relation \\"app.rooms\\" does not exist (SQLSTATE 42P01)"',
        {"sqlstate": "42P01", "schema": "app", "relation": "rooms"},
    ),
    (
        "an address without method and status above a body",
        "Fetch error from https://abc.supabase.co/rest/v1/rooms?id=eq.4&select=*: {\n"
        '  "code": "PGRST116", "details": null, "hint": null, "message": "x"\n}',
        {"postgrest_code": "PGRST116", "relation": "rooms", "filter_columns": ("id",)},
    ),
    (
        "Prisma does not know the field",
        "Invalid `prisma.room.delete()` invocation:\n"
        "Foreign key constraint failed on the field: `foreign key`",
        {"sqlstate": "23503", "key_columns": None, "operation": "delete"},
    ),
    (
        "a constraint in a line of a program's own",
        "[worker] skipped: FK constraint violation (no parent): rooms_owner_id_fkey",
        {"sqlstate": "23503", "constraint": "rooms_owner_id_fkey"},
    ),
]


@pytest.mark.parametrize(("text", "wanted"), [o[1:] for o in OBJECTS], ids=[o[0] for o in OBJECTS])
def test_the_fields_are_read(text: str, wanted: dict[str, Any]) -> None:
    (symptom,) = parse(text)
    assert {name: getattr(symptom, name) for name in wanted} == wanted


SERVICES = [
    (f'StorageException(message: {RLS} for table "objects", statusCode: 403, error: x)', "storage"),
    (f"StorageApiError: {RLS}\n    at f (x.js:1:2) {{\n  status: 400\n}}", "storage"),
    ("{ statusCode: '23505', error: 'Key (a)=(b) already exists.', message: 'x' }", "storage"),
    (f"{RLS}, answered to POST /storage/v1/object/pictures/a.png", "storage"),
    ("AuthException(message: Database error saving new user, statusCode: 500)", "auth"),
    ("FunctionsHttpError: Edge Function returned a non-2xx status code", "functions"),
    ("reason: You do not have permissions to read from this Channel topic: a", "realtime"),
]


@pytest.mark.parametrize(("text", "service"), SERVICES)
def test_who_answered_is_understood(text: str, service: str) -> None:
    symptom = parse(text)[0]
    assert symptom.service is Service(service)


@pytest.mark.parametrize("service", [*Service])
def test_every_service_has_a_name(service: Service) -> None:
    address = f"GET https://abc.supabase.co/{service.value}/v1/x 409"
    for symptom in parse(address):
        assert describe(symptom)
        missing(symptom)


def test_a_realtime_answer_can_be_described() -> None:
    (symptom,) = parse("GET https://abc.supabase.co/realtime/v1/websocket 409")
    assert ("answered by", "realtime") in describe(symptom)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite3.IntegrityError: UNIQUE constraint failed: tags.label",
        "Mysql2::Error: Duplicate entry 'x' for key 'index_tags_on_label'",
    ],
)
def test_another_databases_error_is_none_of_ours(text: str) -> None:
    assert parse(text) == ()


def test_quotes_around_signs_name_nothing() -> None:
    assert messages.identifiers('body: "{"code":"x_key"}"') == ()


def test_an_address_alone_is_no_error() -> None:
    assert parse("see https://abc.supabase.co/rest/v1/rooms?select=*") == ()


@pytest.mark.parametrize("text", ["{ error: null,\n  status: 409 }", '{ error: "a",\n  code: 1 }'])
def test_a_field_called_error_is_a_field(text: str) -> None:
    assert all(s.message != "null," for s in parse(text))
