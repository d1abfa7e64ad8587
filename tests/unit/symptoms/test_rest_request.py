"""One request, however it was copied."""

from __future__ import annotations

import base64
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.symptoms.rest_request import read_request
from fixit_tui.symptoms.shell_words import shell_words

CLAIMS = {"sub": "7", "role": "authenticated"}
PAYLOAD = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
SIGNATURE = "VGhpc0lzVGhlU2lnbmF0dXJl"
TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{PAYLOAD}.{SIGNATURE}"
URL = "https://x.supabase.co/rest/v1/goals?on_conflict=user_id%2Cslug"
BODY = '[{"user_id": 1.50, "slug": "it\'s"}]'
HEADERS = {
    "Prefer": "resolution=merge-duplicates,return=minimal",
    "Authorization": f"Bearer {TOKEN}",
    "Content-Profile": "app",
}
FORMS = {
    "curl": " \\\n  ".join(
        ["curl", shlex.quote(URL)]
        + [f"-H {shlex.quote(f'{k}: {v}')}" for k, v in HEADERS.items()]
        + [f"--data-raw {shlex.quote(BODY)}"]
    ),
    "fetch": f'fetch("{URL}", {json.dumps({"headers": HEADERS, "body": BODY, "method": "POST"})});',
    "har": json.dumps(
        {
            "request": {
                "method": "POST",
                "url": URL,
                "headers": [{"name": k, "value": v} for k, v in HEADERS.items()],
                "postData": {"mimeType": "application/json", "text": BODY},
            },
            "response": {"status": 409},
        }
    ),
    "http": f"POST {URL.partition('.co')[2]} HTTP/1.1\n"
    + "".join(f"{k}: {v}\n" for k, v in HEADERS.items())
    + f"\n{BODY}\n\nHTTP/1.1 409 Conflict\n",
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_says_the_same(form: str) -> None:
    request = read_request(f"it broke:\n{FORMS[form]}\nand now?")
    assert request is not None
    assert (request.method, request.relation, request.schema) == ("POST", "goals", "app")
    assert request.parameter("on_conflict") == "user_id,slug"
    assert request.preference("resolution") == "merge-duplicates"
    assert request.preference("return") == "minimal"
    assert request.body == BODY
    assert (request.role, json.loads(request.claims)) == ("authenticated", CLAIMS)
    assert SIGNATURE not in request.claims + repr(request)


@pytest.mark.parametrize(
    "text",
    [
        "curl https://x.supabase.co/rest/v1/goals",
        "curl -X POST https://x.supabase.co/rest/v1/rpc/f -d '{}'",
        "curl -X POST https://x.supabase.co/storage/v1/object/a -d '{}'",
        "curl -X POST https://x.supabase.co/rest/v1/goals -d '{\"cut\": '",
        "curl -X POST https://x.supabase.co/rest/v1/goals",
        "curl -X POST https://x.supabase.co/rest/v1/goals -d @row.json",
        "POST https://x.supabase.co/rest/v1/goals 409 (Conflict)",
    ],
    ids=["read", "function", "storage", "cut-off", "no-body", "body-elsewhere", "console-line"],
)
def test_what_is_no_whole_write_is_none(text: str) -> None:
    assert read_request(text) is None


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1), max_size=6))
def test_shell_words_are_those_that_were_quoted(words: list[str]) -> None:
    assert shell_words(f"{shlex.join(words)}\nmore") == words


@given(st.text(max_size=80), st.sampled_from(sorted(FORMS)), st.integers(0, 600))
def test_whatever_is_pasted_it_does_not_raise(noise: str, form: str, cut: int) -> None:
    read_request(FORMS[form][:cut] + noise)
