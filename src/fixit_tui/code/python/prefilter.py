"""Whether a Python file's bytes can hold a database call at all."""

from __future__ import annotations

import re

_SENDS = re.compile(
    rb"\.\s*(?:execute\w*|fetchrow|fetchval|fetch_\w+|exec_driver_sql|rpc|table|from_|from_table"
    rb"|objects|add_all|scalars?)\s*[(.]|\bexecute_(?:values|batch)\s*\("
    rb"|(?:exec|execute|query|run|fetch)\w*\s*\(\s*(?:\w+\.)*[A-Z][A-Z0-9_]{2,}\s*[,)]"
)
_MAY_SEND = re.compile(rb"\.\s*(?:add|save|merge|fetch|query|bulk_\w+|insert|exec)\s*\(")
_PACKAGES = re.compile(rb"asyncpg|sqlalchemy|sqlmodel|django|session|models|supabase|conn", re.I)
_HANDS_ON = re.compile(
    rb"[(=]\s*f?[\"']{1,3}\s*(?:INSERT\s+INTO|UPDATE\s|DELETE\s+FROM)\b"
    rb"|insert\w*\(\s*[\"'][\w.]+[\"']\s*,",
    re.IGNORECASE,
)
_WORDS = (b"insert", b"INSERT", b"UPDATE", b"update ", b"DELETE", b"delete ")
_MIGRATIONS = re.compile(r"(?:^|/)(?:migrations|alembic|site-packages|__pycache__)/")
_MIGRATES = re.compile(rb"^from (?:alembic|django\.db) import [^\n]*\b(?:op|migrations)\b", re.M)


def may_call_python(path: str, raw: bytes) -> bool:
    """Whether a Python file is to be parsed; migrations run once and are no application code."""
    if _MIGRATIONS.search(path) or _MIGRATES.search(raw):
        return False
    if _SENDS.search(raw):
        return True
    if any(word in raw for word in _WORDS) and _HANDS_ON.search(raw):
        return True
    return bool(_PACKAGES.search(raw) and _MAY_SEND.search(raw))
