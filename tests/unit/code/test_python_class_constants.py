"""SQL text that a class holds for its methods."""

from __future__ import annotations

from pathlib import Path

import pytest
from scanning import scan_files

BASE = """
UPSERT = "INSERT INTO goals (a, b) VALUES (%s, %s) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b"


class Base:
    UPSERT = UPSERT
    LOG: str = "INSERT INTO logs (a) VALUES (%s)"
"""
STORE = """
import psycopg
from .base import Base


class Store(Base{more}):
    COUNT = "SELECT count(*) FROM goals"
{also}
    def save(self, rows):
        with psycopg.connect(URL) as conn, conn.cursor() as cur:
            cur.executemany(self.{name}, rows)
"""


@pytest.mark.parametrize(
    ("name", "more", "statement"),
    [
        ("UPSERT", "", "INSERT INTO goals"),
        ("UPSERT", "[str]", "INSERT INTO goals"),
        ("LOG", "", "INSERT INTO logs"),
        ("COUNT", "", "SELECT count(*) FROM goals"),
    ],
)
def test_a_method_sends_what_its_class_holds(
    tmp_path: Path, name: str, more: str, statement: str
) -> None:
    store = STORE.format(name=name, more=more, also="")
    facts = scan_files(tmp_path, {"app/base.py": BASE, "app/store.py": store})
    (call,) = [c for c in facts.calls if c.verb == "sql" and c.statement != "BEGIN"]
    assert (call.path, (call.statement or "")[: len(statement)]) == ("app/store.py", statement)


@pytest.mark.parametrize(
    "also",
    [
        "    def other(self):\n        self.COUNT = text()\n",
        "    def __init__(self, q):\n        self.MISSING = q\n",
    ],
)
def test_what_a_method_sets_is_not_guessed(tmp_path: Path, also: str) -> None:
    name = "COUNT" if "COUNT" in also else "MISSING"
    store = STORE.format(name=name, more="", also=also)
    facts = scan_files(tmp_path, {"app/base.py": BASE, "app/store.py": store})
    assert [c.statement for c in facts.calls if c.statement not in ("BEGIN", None)] == []
