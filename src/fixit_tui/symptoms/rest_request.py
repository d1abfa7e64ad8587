"""A whole write request to PostgREST in a pasted text: curl, fetch, HAR entry or raw HTTP."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fixit_tui.model.rest import RestRequest
from fixit_tui.symptoms.body import read_objects
from fixit_tui.symptoms.shell_words import shell_words
from fixit_tui.symptoms.text import clean

_METHODS = ("POST", "PATCH", "PUT", "DELETE")
_CURL = re.compile(r"^[ \t$>]*curl(?=\s)", re.MULTILINE)
_FETCH = re.compile(r"\bfetch\(\s*(?:\"([^\"\n]{1,8000})\"|'([^'\n]{1,8000})')\s*,\s*(?=\{)")
_RAW = re.compile(
    rf"^[> \t]{{0,4}}({'|'.join(_METHODS)}) (\S{{1,8000}}) HTTP/\d[^\n]*\n"
    r"((?:[> \t]{0,4}[\w-]+:[^\n]*\n)*)",
    re.MULTILINE,
)
_TABLE = re.compile(r"^(?:/rest/v\d+)?/([^/]+)/?$")
_TOKEN = re.compile(r"\beyJ[\w-]{6,4000}\.([\w-]{6,8000})")
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_NEW_KEYS = {"sb_publishable_": "anon", "sb_secret_": "service_role"}

_Headers = Sequence[tuple[str, str]]


def read_request(text: str) -> RestRequest | None:
    """The first write request to a table of which method, address and body can be read whole.

    None where there is none. Never raises.
    """
    text = clean(text)
    for reader in (_from_curl, _from_fetch, _from_archive, _from_raw):
        for method, url, headers, body in reader(text):
            made = _made(method.upper(), url, headers, body)
            if made is not None:
                return made
    return None


_Parts = tuple[str, str, _Headers, str]


def _from_curl(text: str) -> Iterator[_Parts]:
    for found in _CURL.finditer(text):
        method = url = body = ""
        headers: list[tuple[str, str]] = []
        words = iter(shell_words(text, found.end()))
        for word in words:
            name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            if name in ("-X", "--request"):
                method = value if equals else next(words, "")
            elif name in ("-H", "--header"):
                key, _, rest = (value if equals else next(words, "")).partition(":")
                headers.append((key, rest))
            elif name in _DATA:
                body = value if equals else next(words, "")
            elif "://" in word or name == "--url":
                url = word if "://" in word else next(words, "")
        yield method or ("POST" if body else "GET"), url.removeprefix("--url="), headers, body


def _from_fetch(text: str) -> Iterator[_Parts]:
    for found in _FETCH.finditer(text):
        options = next((o.value for o in read_objects(text[found.end() :])), None)
        if isinstance(options, dict):
            body = options.get("body")
            headers = _pairs(options.get("headers"))
            method = str(options.get("method") or "GET")
            yield method, found[1] or found[2], headers, body if isinstance(body, str) else ""


def _from_archive(text: str) -> Iterator[_Parts]:
    for found in read_objects(text):
        for item in _dictionaries(found.value, 0):
            method, url = item.get("method"), item.get("url")
            if isinstance(method, str) and isinstance(url, str):
                data = item.get("postData")
                body = data.get("text") if isinstance(data, dict) else item.get("body")
                headers = _pairs(item.get("headers"))
                yield method, url, headers, body if isinstance(body, str) else ""


def _dictionaries(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _dictionaries(item, depth + 1)


def _from_raw(text: str) -> Iterator[_Parts]:
    for found in _RAW.finditer(text):
        lines = (line.lstrip("> \t").partition(":") for line in found[3].splitlines())
        rest = text[found.end() :].lstrip()
        body = ""
        if rest[:1] in ("{", "["):
            try:
                body = rest[: json.JSONDecoder().raw_decode(rest)[1]]
            except (ValueError, RecursionError):
                continue
        yield found[1], found[2], [(key, value) for key, _, value in lines], body


def _pairs(headers: Any) -> _Headers:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(headers, dict):
        pairs = list(headers.items())
    elif isinstance(headers, list):
        pairs = [(h.get("name"), h.get("value")) for h in headers if isinstance(h, dict)]
    return [(k, v) for k, v in pairs if isinstance(k, str) and isinstance(v, str)]


def _made(method: str, url: str, headers: _Headers, body: str) -> RestRequest | None:
    named = {name.strip().lower(): value.strip() for name, value in headers}
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return None
    table = _TABLE.match(parts.path)
    whole = _is_json(body) if body else method == "DELETE"
    if method not in _METHODS or table is None or not whole:
        return None
    role, claims = _identity(named)
    return RestRequest(
        method=method,
        path=parts.path,
        relation=unquote(table.group(1)),
        schema=named.get("content-profile") or None,
        parameters=tuple(query),
        prefer=_preferences([value for name, value in headers if name.strip().lower() == "prefer"]),
        body=body,
        role=role,
        claims=claims,
    )


def _preferences(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    items = (item.partition("=") for value in values for item in re.split(r"[,;]", value))
    return tuple((key.strip().lower(), value.strip()) for key, _, value in items if key.strip())


def _is_json(body: str) -> bool:
    try:
        return isinstance(json.loads(body), (dict, list))
    except (ValueError, RecursionError):
        return False


def _identity(headers: dict[str, str]) -> tuple[str | None, str]:
    """Role and claims of the token that PostgREST reads; the key of the gateway is the fallback."""
    for name in ("authorization", "apikey"):
        value = headers.get(name, "")
        claims = _claims(value)
        if claims is not None:
            role = claims.get("role")
            return (role if isinstance(role, str) and role else None), json.dumps(claims)
        key = next((role for prefix, role in _NEW_KEYS.items() if prefix in value), None)
        if key is not None:
            return key, ""
    return None, ""


def _claims(value: str) -> dict[str, Any] | None:
    token = _TOKEN.search(value)
    if token is None:
        return None
    payload = token.group(1)
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
