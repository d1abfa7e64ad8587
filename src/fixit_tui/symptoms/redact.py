"""Taking values and secrets out of everything that a symptom keeps."""

from __future__ import annotations

import base64
import binascii
import json
import re

from fixit_tui.masking import HIDDEN, without_secrets

_KEY_VALUES_ANY = re.compile(r"\)=\(.*\)", re.DOTALL)
_KNOWN_TAIL = re.compile(
    r"\)=\(.*\)(\s(?:already exists|is not present|is still referenced|is duplicated))", re.DOTALL
)
# What follows the sentence on a key was put there by somebody else.
_SENTENCE = re.compile(r"(.*?\)=\(…\)[^\n]*?[.。])(?=[\s,;\])]).*", re.DOTALL)
_KEY_UNCLOSED = re.compile(r"\)=\((?!…\)).*", re.DOTALL)
_CONFLICTING = re.compile(r"\)=\(.*?\)(?=[^()]{1,80}\([^()]*(?:\([^()]*\)[^()]*)*\)=\()", re.DOTALL)
_ROW = re.compile(r"((?:Failing row contains|Fehlgeschlagene Zeile enthält)\s*)\(.*", re.DOTALL)
_BAD_VALUE = re.compile(
    r"(invalid input (?:syntax|value) for [\w ]{1,60}(?:\"?[\w.]+\"?)?: )[\"'].*", re.DOTALL
)
_ONLY_PARENTHESES = re.compile(r"\(.*\)", re.DOTALL)


def without_values(text: str) -> str:
    """A message or detail with the values of keys and rows replaced by an ellipsis.

    `Key (a, b)=(1, 2) already exists.` becomes `Key (a, b)=(…) already exists.`
    """
    if ")=(" in text:
        text = _CONFLICTING.sub(f")=({HIDDEN})", text)
        text = _last_values(text)
        if one_sentence := _SENTENCE.match(text):
            text = one_sentence.group(1)
    text = _ROW.sub(rf"\1({HIDDEN})", text)
    text = _BAD_VALUE.sub(rf'\1"{HIDDEN}"', text)
    return without_secrets(text)


def without_row(detail: str) -> str:
    """A detail that shows a whole row (23502, 23514), in any language, without the row."""
    return _ONLY_PARENTHESES.sub(f"({HIDDEN})", detail)


def role_of_token(text: str) -> str | None:
    """The `role` claim of the first JSON web token in the text; the token itself is not kept."""
    for token in re.finditer(r"\beyJ[\w-]{6,4000}\.(eyJ[\w-]{6,8000})", text):
        payload = token.group(1)
        try:
            decoded = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
            claims = json.loads(decoded)
        except (ValueError, binascii.Error, RecursionError):
            continue
        role = claims.get("role") if isinstance(claims, dict) else None
        if isinstance(role, str) and role and len(role) < 64:
            return role
    return None


def _last_values(text: str) -> str:
    """Everything from the last unhidden `)=(` on to its closing parenthesis is a value."""
    start = 0
    while (at := text.find(")=(", start)) >= 0:
        if text.startswith(f")=({HIDDEN})", at):
            start = at + 3
            continue
        head, tail = text[:at], text[at:]
        # A value may itself hold parentheses and line ends: hide to the last one that closes.
        hidden = _KNOWN_TAIL.sub(f")=({HIDDEN})\\1", tail, count=1)
        if hidden == tail:
            hidden = _KEY_VALUES_ANY.sub(f")=({HIDDEN})", tail, count=1)
        return head + (
            hidden if hidden != tail else _KEY_UNCLOSED.sub(f")=({HIDDEN})", tail, count=1)
        )
    return text
