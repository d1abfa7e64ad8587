"""What people paste, each with the fields that must be read from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fixit_tui.model.symptom import Service, Source
from fixit_tui.symptoms import parse

HOST = "https://qwertyuiopasdfghjklz.supabase.co"
DUPLICATE = 'duplicate key value violates unique constraint "{}"'
NO_ARBITER = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
ABORTED = "current transaction is aborted, commands ignored until end of transaction block"


def body(code: str, message: str, details: str | None = None) -> str:
    return json.dumps({"code": code, "details": details, "hint": None, "message": message})


CONSOLE = [
    (
        "chrome insert",
        f"board.tsx:41  POST {HOST}/rest/v1/votes 409 (Conflict)",
        {
            "http_status": 409,
            "method": "POST",
            "relation": "votes",
            "operation": "insert",
            "source": Source.CONSOLE_LINE,
            "url_path": "/rest/v1/votes",
        },
    ),
    (
        "chrome upsert",
        f"api.ts:9 POST {HOST}/rest/v1/stock?on_conflict=shop%2Citem&columns=%22shop%22%2C%22item%22 400 (Bad Request)",
        {
            "http_status": 400,
            "operation": "upsert",
            "on_conflict": ("shop", "item"),
            "columns": ("shop", "item"),
        },
    ),
    (
        "blank as plus in on_conflict",
        f"POST {HOST}/rest/v1/stock?on_conflict=shop,+item 409 (Conflict)",
        {"on_conflict": ("shop", "item"), "operation": "upsert"},
    ),
    (
        "firefox",
        f"XHRPATCH {HOST}/rest/v1/members?id=eq.5&select=* [HTTP/2 409  88ms]",
        {"http_status": 409, "method": "PATCH", "operation": "update", "relation": "members"},
    ),
    (
        "firefox with reason",
        f"XHR DELETE {HOST}/rest/v1/rooms?id=eq.5 [HTTP/1.1 409 Conflict 12ms]",
        {"http_status": 409, "method": "DELETE", "operation": "delete", "relation": "rooms"},
    ),
    (
        "safari without address",
        "Failed to load resource: the server responded with a status of 409 () (add-seat, line 0)",
        {"http_status": 409, "relation": None, "sqlstate": None},
    ),
    (
        "chrome resource line",
        "qwertyuiopasdfghjklz.supabase.co/rest/v1/seats:1  Failed to load resource: the server "
        "responded with a status of 409 ()",
        {"http_status": 409, "relation": "seats"},
    ),
    (
        "put",
        f"PUT {HOST}/rest/v1/settings?id=eq.1 400 (Bad Request)",
        {"operation": "upsert", "method": "PUT"},
    ),
    (
        "rpc",
        f"POST {HOST}/rest/v1/rpc/enroll 409 (Conflict)",
        {"relation": None, "operation": None},
    ),
    (
        "plain PostgREST",
        "POST http://localhost:3000/stock?on_conflict=sku 400 (Bad Request)",
        {"relation": "stock", "service": Service.DATABASE, "on_conflict": ("sku",)},
    ),
    (
        "own backend",
        " POST /api/enrolments 409 in 31ms",
        {"service": Service.OWN_BACKEND, "http_status": 409, "relation": None},
    ),
    (
        "storage address",
        f"POST {HOST}/storage/v1/object/avatars/a.png 409 (Conflict)",
        {"service": Service.STORAGE, "relation": None},
    ),
    (
        "function address",
        f"POST {HOST}/functions/v1/pay 409 (Conflict)",
        {"service": Service.FUNCTIONS},
    ),
    (
        "edge log line",
        f"POST | 409 | 10.1.2.3 | 9aa1 | {HOST}/rest/v1/votes | node",
        {"http_status": 409, "method": "POST", "relation": "votes"},
    ),
    (
        "network tab",
        f"Request URL: {HOST}/rest/v1/votes\nRequest Method: POST\nStatus Code: 409 Conflict\n",
        {"http_status": 409, "method": "POST", "relation": "votes", "operation": "insert"},
    ),
    (
        "network tab on two lines",
        f"Request URL\n{HOST}/rest/v1/votes\nRequest Method\nPOST\nStatus Code\n409 Conflict\n",
        {"http_status": 409, "method": "POST", "relation": "votes"},
    ),
]

REQUESTS = [
    (
        "curl",
        f"curl -i '{HOST}/rest/v1/plans?on_conflict=code' -X POST \\\n  -H 'Prefer: resolution=merge-duplicates' \\\n"
        "  -H 'Content-Profile: shop' \\\n  --data-raw '{}'\nHTTP/2 400\n"
        f"proxy-status: PostgREST; error=42P10\n\n{body('42P10', NO_ARBITER)}",
        {
            "sqlstate": "42P10",
            "http_status": 400,
            "schema": "shop",
            "relation": "plans",
            "operation": "upsert",
            "resolution": "merge-duplicates",
            "on_conflict": ("code",),
            "method": "POST",
        },
    ),
    (
        "request and response",
        "POST /rest/v1/plans HTTP/1.1\nHost: x\nPrefer: return=representation, resolution=ignore-duplicates\n\n"
        f"HTTP/1.1 409 Conflict\n\n{body('23505', DUPLICATE.format('plans_code_key'))}",
        {
            "sqlstate": "23505",
            "operation": "upsert",
            "resolution": "ignore-duplicates",
            "relation": "plans",
            "constraint": "plans_code_key",
            "http_status": 409,
        },
    ),
    (
        "fetch",
        f'fetch("{HOST}/rest/v1/plans?on_conflict=id", {{"headers": {{"prefer": "resolution=merge-duplicates", '
        '"content-profile": "shop"}, "body": "{\\"id\\":1}", "method": "POST"});',
        {"operation": "upsert", "schema": "shop", "relation": "plans", "method": "POST"},
    ),
    (
        "proxy status alone",
        f"> POST {HOST}/rest/v1/plans HTTP/2\n< HTTP/2 409\n< proxy-status: PostgREST; error=23503",
        {"sqlstate": "23503", "http_status": 409, "method": "POST"},
    ),
    (
        "curl with data is a post",
        f"$ curl {HOST}/rest/v1/plans -d '{{}}'\n{body('23505', DUPLICATE.format('plans_pkey'))}",
        {"method": "POST", "operation": "insert", "constraint": "plans_pkey"},
    ),
]

BODIES = [
    (
        "unique",
        body("23505", DUPLICATE.format("votes_user_poll_key")),
        {
            "sqlstate": "23505",
            "constraint": "votes_user_poll_key",
            "relation": None,
            "http_status": 409,
            "source": Source.POSTGREST_BODY,
            "detail": None,
        },
    ),
    (
        "unique with key",
        body("23505", DUPLICATE.format("k"), 'Key (user_id, "Poll")=(7, 9) already exists.'),
        {"key_columns": ("user_id", "Poll"), "detail": 'Key (user_id, "Poll")=(…) already exists.'},
    ),
    (
        "parent missing",
        body(
            "23503",
            'insert or update on table "pets" violates foreign key constraint "pets_owner_fkey"',
            'Key is not present in table "owners".',
        ),
        {
            "relation": "pets",
            "referenced_relation": "owners",
            "constraint": "pets_owner_fkey",
            "key_columns": None,
        },
    ),
    (
        "parent in use",
        body(
            "23503",
            'update or delete on table "owners" violates foreign key constraint "pets_owner_fkey" on '
            'table "pets"',
            'Key (id)=(3) is still referenced from table "pets".',
        ),
        {"relation": "pets", "referenced_relation": "owners", "key_columns": ("id",)},
    ),
    (
        "restrict of release 18",
        body(
            "23001",
            'update or delete on table "owners" violates RESTRICT setting of foreign key constraint '
            '"pets_owner_fkey" on table "pets"',
        ),
        {
            "sqlstate": "23001",
            "relation": "pets",
            "referenced_relation": "owners",
            "http_status": 400,
        },
    ),
    (
        "console.log",
        f"{{code: '42P10', details: null, hint: null, message: '{NO_ARBITER}'}}",
        {"sqlstate": "42P10", "http_status": 400},
    ),
    (
        "console.log over lines",
        "Error saving {\n  code: '23505',\n  details: null,\n  hint: null,\n"
        "  message: 'duplicate key value violates unique ' +\n    'constraint \"long_name_key\"'\n}",
        {"constraint": "long_name_key", "sqlstate": "23505"},
    ),
    (
        "firefox object",
        'Object { code: "23505", details: null, hint: null, message: \''
        + DUPLICATE.format("a_key")
        + "' }",
        {"constraint": "a_key"},
    ),
    (
        "python dictionary",
        "postgrest.exceptions.APIError: {'code': '42501', 'details': None, 'hint': None, 'message': "
        "'new row violates row-level security policy for table \"notes\"'}",
        {"sqlstate": "42501", "relation": "notes", "http_status": None},
    ),
    (
        "rls using",
        body(
            "42501",
            'new row violates row-level security policy (USING expression) for table "notes"',
        ),
        {"sqlstate": "42501", "relation": "notes"},
    ),
    (
        "named policy",
        body("42501", 'new row violates row-level security policy "own rows" for table "notes"'),
        {"relation": "notes"},
    ),
    (
        "grant",
        body("42501", "permission denied for table ledger"),
        {"relation": "ledger", "sqlstate": "42501"},
    ),
    (
        "no rows",
        body(
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
            "The result contains 0 rows",
        ),
        {
            "postgrest_code": "PGRST116",
            "http_status": 406,
            "sqlstate": None,
            "detail": "The result contains 0 rows",
        },
    ),
    (
        "no rows, told by an older client",
        "PostgrestException(message: JSON object requested, multiple (or no) rows returned, "
        "code: 406, details: The result contains 0 rows, hint: null)",
        {"postgrest_code": "PGRST116", "http_status": 406},
    ),
    (
        "no rows, in words alone",
        "Error: Cannot coerce the result to a single JSON object",
        {"postgrest_code": "PGRST116"},
    ),
    ("hand-made conflict", body("PT409", "seat taken"), {"sqlstate": "PT409", "http_status": 409}),
    (
        "body in a body",
        json.dumps(
            {"error": "insert failed", "cause": body("23505", DUPLICATE.format("inner_key"))}
        ),
        {"sqlstate": "23505", "constraint": "inner_key"},
    ),
    (
        "broken off",
        '{"code":"23505","details":null,"message":"duplicate key value violates unique constraint \\"cut_key\\"',
        {"sqlstate": "23505", "constraint": "cut_key"},
    ),
    (
        "not null",
        body(
            "23502",
            'null value in column "title" of relation "notes" violates not-null constraint',
            "Failing row contains (1, null, secret).",
        ),
        {"relation": "notes", "sqlstate": "23502", "detail": "Failing row contains (…)"},
    ),
    (
        "missing table with schema",
        body("42P01", 'relation "audit.entries" does not exist'),
        {"schema": "audit", "relation": "entries", "http_status": 404},
    ),
    (
        "storage",
        '{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}',
        {"service": Service.STORAGE, "http_status": 409, "sqlstate": None},
    ),
    (
        "auth",
        '{"code":"unexpected_failure","message":"Database error saving new user"}',
        {"service": Service.AUTH, "http_status": 500},
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [pytest.param(text, expected, id=name) for name, text, expected in CONSOLE + REQUESTS + BODIES],
)
def test_fields_are_read(text: str, expected: dict[str, Any]) -> None:
    symptoms = parse(text)
    assert len(symptoms) == 1
    assert {name: getattr(symptoms[0], name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "409",
        "POST /rest/v1/x HTTP/1.1\n\nHTTP/1.1 201 Created",
        "{" * 500,
        "ERROR: no",
    ],
)
def test_nothing_to_understand(text: str) -> None:
    assert parse(text) == ()
