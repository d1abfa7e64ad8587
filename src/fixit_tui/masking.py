"""Secrets in text of any kind: tokens, keys and passwords, told by how they look."""

from __future__ import annotations

import re

HIDDEN = "…"

_SECRETS = (
    # JSON web tokens and the keys of Supabase.
    (re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]*){0,2}"), HIDDEN),
    (re.compile(r"\bsb(?:p|_secret|_publishable|_temp)?_[\w-]{16,}"), HIDDEN),
    (
        re.compile(r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|xox[abps]|AKIA)[-_]?[A-Za-z0-9_-]{16,}"),
        HIDDEN,
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([\"']?\b(?:api[-_]?key|authorization|password|passwd|pwd|secret|"
            r"(?:access|refresh|service|id)[-_]?token|service[-_]role[-_]key|cookie)"
            r"[\"']?\s*[:=]\s*)(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&'\"})\]]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    # user:password@host of a connection string.
    (re.compile(r"(://[^\s:/@]{0,200}:)[^\s@/]{1,300}(?=@)"), rf"\1{HIDDEN}"),
)


def without_secrets(text: str) -> str:
    """The text with tokens, keys and passwords replaced by an ellipsis."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
