"""Whether a Python or Dart file's bytes can hold a database call at all."""

from __future__ import annotations

import re

_PYTHON = re.compile(
    rb"\.\s*(?:execute\w*|fetch(?:row|val|_\w+)?|table|from_|from_table|rpc|exec_driver_sql|objects"
    rb"|add|add_all|merge|bulk_\w+|query|scalars?|save|bulk_create|get|insert|delete)\s*[(.]"
    rb"|\bexecute_(?:values|batch)\s*\("
)
_SPEAKS = re.compile(
    rb"supabase|postgrest|psycopg|asyncpg|sqlalchemy|sqlmodel|django|databases|cursor|\bcur\b|conn|session"
    rb"|INSERT\s+INTO|SELECT\s|\.objects\b|execute|\bdb\b|pool|models?\b",
    re.IGNORECASE,
)
_DART = re.compile(rb"\.\s*(?:from|rpc)\s*(?:<[^()]*>)?\s*\(")
_MIGRATIONS = re.compile(r"(?:^|/)(?:migrations|alembic|site-packages|__pycache__)/")


def may_call_python(path: str, raw: bytes) -> bool:
    """Whether a Python file is to be parsed; migrations run once and are no application code."""
    return not _MIGRATIONS.search(path) and bool(_PYTHON.search(raw) and _SPEAKS.search(raw))


def may_call_dart(raw: bytes) -> bool:
    """Whether a Dart file is to be parsed."""
    return bool(_DART.search(raw))
