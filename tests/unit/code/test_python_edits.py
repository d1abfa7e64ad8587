"""Edits of Python calls: what they change, and what they leave to a person."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import Any

import pytest
from scanning import scan_text

from fixit_tui.code.diff import unified_diff
from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.model.finding import FileEdit

KEY = {"conflict_columns": ["a", "b"]}
TARGET = {"columns": ["a", "b"]}
SUPABASE = "import supabase\nclient.table('t').{}.execute()\n"
DRIVER = "import psycopg\ncur.execute({}, (1, 2))\n"


def made(name: str, text: str, params: dict[str, Any]) -> Edited | Refused:
    call = scan_text("app/a.py", text, "python").calls[-1]
    return apply_edit(name, text, call, params)


@pytest.mark.parametrize(
    ("name", "params", "before", "after"),
    [
        ("insert-to-upsert", KEY, "insert({'a': 1})", "upsert({'a': 1}, on_conflict='a,b')"),
        (
            "insert-to-upsert",
            KEY | {"ignore_duplicates": True},
            "insert(row)",
            "upsert(row, on_conflict='a,b', ignore_duplicates=True)",
        ),
        ("set-conflict-target", TARGET, "upsert(row)", "upsert(row, on_conflict='a,b')"),
        (
            "set-conflict-target",
            TARGET,
            "upsert(row, on_conflict='id')",
            "upsert(row, on_conflict='a,b')",
        ),
        (
            "set-conflict-target",
            TARGET,
            "upsert(\n    {'a': 'é'},\n    on_conflict='id',  # why\n)",
            "upsert(\n    {'a': 'é'},\n    on_conflict='a,b',  # why\n)",
        ),
        (
            "set-conflict-target",
            TARGET,
            "upsert(\n    row,\n)",
            "upsert(\n    row,\n    on_conflict='a,b',\n)",
        ),
        (
            "distinct-rows",
            TARGET | {"keep": "last"},
            "upsert([{'a': x, 'b': 1} for x in xs], on_conflict='a,b')",
            "upsert(list({(row['a'], row['b']): row for row in [{'a': x, 'b': 1} for x in xs]}.values()), on_conflict='a,b')",
        ),
    ],
)
def test_supabase(
    name: str, params: dict[str, Any], before: str, after: str, tmp_path: Path
) -> None:
    for eol in ("\n", "\r\n"):
        text = SUPABASE.format(before).replace("\n", eol)
        call = scan_text("app/a.py", text, "python").calls[-1]
        result = apply_edit(name, text, call, params)
        assert result == Edited(SUPABASE.format(after).replace("\n", eol))
        assert apply_edit(name, result.text, call, params) == result
        ast.parse(result.text)
    (tmp_path / "a.py").write_bytes(text.encode())
    patch = unified_diff([FileEdit("a.py", "", text, result.text)])
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
    subprocess.run(command, cwd=tmp_path, input=patch.encode(), check=True)
    assert (tmp_path / "a.py").read_bytes() == result.text.encode()


@pytest.mark.parametrize(
    ("name", "params", "before", "after"),
    [
        (
            "set-sql-conflict-target",
            {"target": "lower(a)"},
            '"INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING"',
            '"INSERT INTO t (a) VALUES (%s) ON CONFLICT (lower(a)) DO NOTHING"',
        ),
        (
            "add-conflict-predicate",
            {"predicate": "(live)"},
            '"""\n  INSERT INTO t (a) VALUES (%s)\n  ON CONFLICT (a) DO NOTHING\n"""',
            '"""\n  INSERT INTO t (a) VALUES (%s)\n  ON CONFLICT (a) WHERE live DO NOTHING\n"""',
        ),
        (
            "insert-to-upsert",
            KEY,
            '"INSERT INTO t (a, b, c) VALUES (%s, %s, 1)"',
            '"INSERT INTO t (a, b, c) VALUES (%s, %s, 1) '
            'ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c"',
        ),
    ],
)
def test_sql_text(name: str, params: dict[str, Any], before: str, after: str) -> None:
    assert made(name, DRIVER.format(before), params) == Edited(DRIVER.format(after))


@pytest.mark.parametrize(
    "query",
    [
        '"INSERT INTO t (a) VALUES (%s) " "ON CONFLICT (a) DO NOTHING"',
        'f"INSERT INTO {T} (a) VALUES (%s) ON CONFLICT (a) DO NOTHING"',
    ],
)
def test_text_of_several_parts_is_left_to_a_person(query: str) -> None:
    text = "import psycopg\nT = 't'\ncur.execute(" + query + ", (1,))\n"
    result = made("set-sql-conflict-target", text, {"target": "b"})
    assert isinstance(result, Refused)
    assert "ON CONFLICT (b)" in result.idiom


def test_a_statement_alone_in_its_block_leaves_pass() -> None:
    text = "import psycopg\nif x:\n    cur.execute('INSERT INTO t (a) VALUES (1)')\nrest()\n"
    assert made("drop-manual-insert", text, {}) == Edited(
        "import psycopg\nif x:\n    pass\nrest()\n"
    )


def test_a_result_that_is_used_is_not_dropped() -> None:
    text = "import supabase\nrow = sb.table('t').insert({'a': 1}).execute()\n"
    assert isinstance(made("drop-manual-insert", text, {}), Refused)


def test_a_savepoint_holds_what_follows_in_the_same_try() -> None:
    before = (
        "import psycopg\nwith psycopg.connect() as conn:\n    try:\n        conn.execute('INSERT INTO a VALUES (1)')\n"
        "        print(1)\n        conn.execute('INSERT INTO b VALUES (1)')\n    except psycopg.Error:\n        pass\n"
    )
    call = next(
        c for c in scan_text("app/a.py", before, "python").calls if "INTO a" in (c.statement or "")
    )
    result = apply_edit("savepoint-before-try", before, call, {})
    assert result == Edited(
        "import psycopg\nwith psycopg.connect() as conn:\n    try:\n        with conn.transaction():\n"
        "            conn.execute('INSERT INTO a VALUES (1)')\n            print(1)\n            conn.execute('INSERT INTO b VALUES (1)')\n"
        "    except psycopg.Error:\n        pass\n"
    )
