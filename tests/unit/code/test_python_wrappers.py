"""Python functions and methods of a project's own that send SQL: where they are called counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Edited, apply_edit
from fixit_tui.code.facts import CodeCall

DB = """
import psycopg
from sqlalchemy import text

conn = psycopg.connect("")

def insert_row(table, row):
    cols = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    conn.execute(f"INSERT INTO {table} ({cols}) VALUES ({marks})", list(row.values()))

def insert_quietly(table, row):
    conn.execute(f"INSERT INTO {table} ({', '.join(row.keys())}) VALUES (1) ON CONFLICT DO NOTHING")

def run(sql, params=()):
    with conn.cursor() as cur:
        cur.execute(sql, params)

def prepare(sql):
    return sql.strip()

class Base:
    async def change(self, statement, *, values=None):
        await self.session.execute(text(statement), values)

class Database(Base):
    pass
"""
HEAD = """from app.db import Database, insert_quietly, insert_row, prepare, run
from app import db
shared = Database()
class Service:
    def __init__(self, base: Database):
        self.base = base
    def f(self, u, s, row, table, given: Database, other):
        """
SQL = '"INSERT INTO goals (slug) VALUES (%s)"'


def calls(root: Path, body: str) -> list[CodeCall]:
    files = {"app/db.py": DB, "app/use.py": HEAD + body + "\n", "app/__init__.py": ""}
    return [c for c in scan_files(root, files).calls if c.path == "app/use.py"]


@pytest.mark.parametrize(
    "body",
    [
        'insert_row("goals", {"user_id": u, "slug": s})',
        'db.insert_row("goals", row={"user_id": u, "slug": s})',
    ],
)
def test_a_row_becomes_an_insert(tmp_path: Path, body: str) -> None:
    (call,) = calls(tmp_path, body)
    assert (call.verb, call.relation, call.line) == ("insert", "goals", 8)
    assert call.column_values == {"user_id": "u", "slug": "s"}


@pytest.mark.parametrize(
    "body",
    [
        f"run({SQL}, (s,))",
        f"db.run({SQL}, [s])",
        f"shared.change({SQL})",
        f"given.change({SQL})",
        f"self.base.change({SQL})",
    ],
)
def test_text_that_is_handed_on(tmp_path: Path, body: str) -> None:
    (call,) = calls(tmp_path, body)
    assert (call.verb, call.statement, call.line) == ("sql", SQL.strip('"'), 8)
    assert call.params == (("s",) if "run(" in body else None)
    source = (tmp_path / "app/use.py").read_text()
    params = {"conflict_columns": ["slug"], "ignore_duplicates": True}
    result = apply_edit("insert-to-upsert", source, call, params)
    assert isinstance(result, Edited)
    assert '(%s) ON CONFLICT (slug) DO NOTHING"' in result.text


@pytest.mark.parametrize(
    "body",
    [
        f"prepare({SQL})",
        f"other.change({SQL})",
        "insert_row(table, {'slug': s})",
        "print(ADD)",
        'insert_quietly("goals", {"slug": s})',
        "run(s)",
    ],
)
def test_what_is_no_wrapper_or_not_known_is_no_call(tmp_path: Path, body: str) -> None:
    assert calls(tmp_path, body) == []


def test_a_constant_is_handed_to_a_function_of_another_file(tmp_path: Path) -> None:
    files = {
        "app/db.py": "import psycopg\n\ndef execute(q, values=None):\n    with psycopg.connect() as conn:\n        return conn.execute(q, values)\n",
        "app/queries.py": f"ADD_GOAL = {SQL}\n",
        "app/use.py": "from app.db import execute\nfrom app import queries\n\ndef add(s):\n    execute(queries.ADD_GOAL, (s,))\n",
    }
    (call,) = scan_files(tmp_path, files).calls
    assert (call.path, call.line, call.statement_path) == ("app/use.py", 5, "app/queries.py")
    assert (call.statement, call.params) == (SQL.strip('"'), ("s",))


TWICE = """
from app.db import run

def stored(upsert, given):
    return again(upsert, given)

def again(update, values):
    return run(update, values)

def endless(query):
    return endless(query)

def changed(sql):
    return run(sql + " RETURNING id")

class Store:
    def keep(self, upsert, row):
        return self.send(upsert, row)

    def send(self, query, row):
        return run(query, row)

    def save(self, s):
        upsert = "INSERT INTO goals (slug) VALUES (%s) ON CONFLICT (slug) DO NOTHING"
        return self.keep(upsert, [s])
"""


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        (f"stored({SQL}, (s,))", 1),
        (f"endless({SQL})", 0),
        (f"changed({SQL})", 0),
    ],
)
def test_text_that_is_handed_on_twice(tmp_path: Path, body: str, statements: int) -> None:
    use = f"from app.twice import changed, endless, stored\ndef f(s):\n    {body}\n"
    files = {"app/db.py": DB, "app/twice.py": TWICE, "app/use.py": use, "app/__init__.py": ""}
    found = [c for c in scan_files(tmp_path, files).calls if c.path == "app/use.py"]
    assert [c.statement for c in found] == ["INSERT INTO goals (slug) VALUES (%s)"] * statements


def test_a_method_hands_on_to_another_one(tmp_path: Path) -> None:
    files = {"app/db.py": DB, "app/twice.py": TWICE, "app/__init__.py": ""}
    found = [c for c in scan_files(tmp_path, files).calls if c.path == "app/twice.py"]
    assert [(c.line, bool(c.statement)) for c in found] == [(25, True)]
