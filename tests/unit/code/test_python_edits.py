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


UPDATES = "ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c"
INSERTS = "INSERT INTO t (a, b, c) VALUES (%s, %s, 1)"
ON_A = '"INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING"'
SQL_TEXTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("set-sql-conflict-target", {"target": "lower(a)"}, ON_A, ON_A.replace("(a) DO", "(lower(a)) DO")),
    ("set-sql-conflict-target", {"target": "b"}, ON_A.replace(" ON", ' "  # why\n    r"ON'),
     ON_A.replace(" ON", ' "  # why\n    r"ON').replace("(a) DO", "(b) DO")),
    ("set-sql-conflict-target", {"target": "b"}, "f" + ON_A.replace("t (", "{T} ("), "f" + ON_A.replace("t (", "{T} (").replace("(a) DO", "(b) DO")),
    ("set-conflict-target", TARGET | {"drop_columns": ["id"]},
     '"INSERT INTO t (id, a, b) VALUES (%s, %s, 1) ON CONFLICT (id) DO UPDATE SET id = excluded.id, a = excluded.a"',
     '"INSERT INTO t (id, a, b) VALUES (%s, %s, 1) ON CONFLICT (a, b) DO UPDATE SET a = excluded.a"'),
    ("add-conflict-predicate", {"predicate": "(live)"}, '"""\n    INSERT INTO t (a) VALUES (%s)\n    ON CONFLICT (a) DO NOTHING\n"""',
     '"""\n    INSERT INTO t (a) VALUES (%s)\n    ON CONFLICT (a) WHERE live DO NOTHING\n"""'),
    ("set-conflict-target", {"columns": ["b C"]}, f"'''{ON_A[1:-1]}'''", f"'''{ON_A[1:-1]}'''".replace("(a) DO", '("b C") DO')),
    ("insert-to-upsert", KEY, f'"{INSERTS}"', f'"{INSERTS} {UPDATES}"'),
    ("insert-to-upsert", KEY, f'"{INSERTS}"\n    " RETURNING id"', f'"{INSERTS} {UPDATES}"\n    " RETURNING id"'),
    ("insert-to-upsert", KEY, f'"{INSERTS[:15]}" +\n    "{INSERTS[15:]}"', f'"{INSERTS[:15]}" +\n    "{INSERTS[15:]} {UPDATES}"'),
    ("insert-to-upsert", KEY, f'dedent("""\n    {INSERTS.lower()}\n    returning id\n""")',
     f'dedent("""\n    {INSERTS.lower()}\n    {UPDATES.lower()}\n    returning id\n""")'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "params", "before", "after"), SQL_TEXTS)
@pytest.mark.parametrize("head", ["", "\ufeff", "# é \x0c\u2028 🎉\n"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_sql_text(
    name: str, params: dict[str, Any], before: str, after: str, head: str, eol: str
) -> None:
    text, wanted = (
        (head + DRIVER.format(part).rstrip("\n")).replace("\n", eol).replace("    ", "\t")
        for part in (before, after)
    )
    assert made(name, text, params) == Edited(wanted)
    assert made(name, wanted, params) == Edited(wanted)


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (ON_A.replace("(a) DO", '(a," " b) DO'), "lower(a)"),
        (ON_A.replace(" t ", " {} ") + ".format('t')", "b"),
        ("f" + ON_A.replace(" t ", " {T!r:{W}} "), "b"),
        (ON_A.replace("(a) DO", "(a) WHERE b = %s DO"), None),
        (ON_A, '"b C"'),
        (ON_A, "mod(a, 7) % 2"),
    ],
)
def test_text_that_cannot_be_changed_in_its_place_is_left_to_a_person(
    query: str, target: str | None
) -> None:
    text = "import psycopg\nT = 't'\ncur.execute(" + query + ", (1,))\n"
    params = {"target": target} if target else {"arbiter_columns": ["b"]}
    result = made("set-sql-conflict-target", text, params)
    assert isinstance(result, Refused)
    assert f"ON CONFLICT ({target or 'b'})" in result.idiom


NO_ID = {"columns": ["a"], "drop_columns": ["id"]}
ROWS = "import supabase\ndef build(a):\n    return {'id': str(uuid4()), 'a': a}\ndef f(a, goals, new_id):\n"
WITHOUT = [
    ("T({'id': str(uuid4()), 'a': 'é'})", "T({'a': 'é'}, on_conflict='a')"),
    ("T({'a': 1, 'id': uuid4()}, on_conflict='id')", "T({'a': 1}, on_conflict='a')"),
    ("T(\n        [{'a': g.a, 'id': uuid4(), 'b': 1} for g in goals],\n    )",
     "T(\n        [{'a': g.a, 'b': 1} for g in goals],\n        on_conflict='a',\n    )"),
    ("T(build(a))", "T({k: v for k, v in build(a).items() if k != 'id'}, on_conflict='a')"),
    ("T([build(g) for g in goals])", "T([{k: v for k, v in row.items() if k != 'id'} for row in [build(g) for g in goals]], on_conflict='a')"),
    ("T({'id': new_id, 'a': 1})", "T({'a': 1}, on_conflict='a')"),
    ("T({'id': new_id, 'a': 1})\n    return new_id", ""),
    ("T({'id': str(new_id), 'a': 1})\n    log(new_id)", ""),
    ("T({'id': uuid4()})", ""),
    ("T({**goals, 'id': uuid4()})", ""),
    ("T(goals)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), WITHOUT)
def test_a_new_id_is_not_sent(before: str, after: str) -> None:
    text, wanted = (
        ROWS + "    " + w.replace("T(", "sb.table('t').upsert(") for w in (before, after)
    )
    (call,) = scan_text("app/a.py", text, "python").calls
    result = apply_edit("set-conflict-target", text, call, NO_ID)
    if not after:
        assert isinstance(result, Refused)
        return
    assert result == Edited(wanted)
    assert apply_edit("set-conflict-target", wanted, call, NO_ID) == result


def test_a_row_that_is_read_again_keeps_its_id() -> None:
    head = ROWS + "    row = build(a)\n    sb.table('t').upsert(row)"
    (call,) = scan_text("app/a.py", head, "python").calls
    assert (call.columns, call.rows) == (("id", "a"), "one")
    assert isinstance(apply_edit("set-conflict-target", head, call, NO_ID), Edited)
    read = head + "\n    return row['id']\n"
    assert isinstance(apply_edit("set-conflict-target", read, call, NO_ID), Refused)


@pytest.mark.parametrize(
    ("frame", "fits"),
    [
        ("{}", True),
        ("return {}", True),
        ("made = {}\n    return made.data", True),
        ("made = {}\n    return made.data[0]", False),
        ("rows = (await {}).data\n    return rows[0]['id']", False),
        ("return {}.data[0]", False),
    ],
)
def test_an_ignored_duplicate_gives_no_first_row(frame: str, fits: bool) -> None:
    text = "import supabase\nasync def f(a):\n    "
    text += frame.format("sb.table('t').insert({'a': a, 'b': 1}).execute()") + "\n"
    for ignores in (True, False):
        result = made("insert-to-upsert", text, KEY | {"ignore_duplicates": ignores})
        assert isinstance(result, Edited) is (fits or not ignores)


def test_the_key_written_over_itself_gives_the_row_back() -> None:
    text = "import supabase\ndef f(a):\n    row = sb.table('t').insert({'a': a}).execute()\n    return row.data[0]\n"
    params = {"conflict_columns": ["a"], "ignore_duplicates": True, "may_update": True}
    wanted = text.replace("insert({'a': a})", "upsert({'a': a}, on_conflict='a')")
    assert made("insert-to-upsert", text, params) == Edited(wanted)
    assert isinstance(made("insert-to-upsert", text, params | {"may_update": False}), Refused)


def test_a_statement_alone_in_its_block_leaves_pass() -> None:
    text = "import psycopg\nif x:\n    cur.execute('INSERT INTO t (a) VALUES (1)')\nrest()\n"
    assert made("drop-manual-insert", text, {}) == Edited(
        "import psycopg\nif x:\n    pass\nrest()\n"
    )


def test_a_result_that_is_used_is_not_dropped() -> None:
    text = "import supabase\nrow = sb.table('t').insert({'a': 1}).execute()\n"
    assert isinstance(made("drop-manual-insert", text, {}), Refused)


IN_TRY = (
    "import LIB\ndef f(conn, rows):\n    BLOCK:\n        try:\n            conn.execute({})\n"
    "            done()\n        except LIB.Error as e:\n            log(e)\n        conn.execute('DELETE FROM u')\n"
)
INTO_T = '"""\n                INSERT INTO t (a) VALUES (1)\n            """'


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("library", "block", "name", "before", "after"),
    [
        ("psycopg", "with conn.transaction()", "savepoint-before-try", "try:\n            conn.execute(Q)  # é\n            done()",
         "try:\n            with conn.transaction():\n                conn.execute(Q)  # é\n                done()"),
        ("psycopg2", "for row in rows", "rollback-in-catch", "as e:\n", "as e:\n            conn.rollback()\n"),
        ("psycopg2", "with conn.cursor() as cur", "rollback-in-catch", "as e:\n", "as e:\n            conn.rollback()\n"),
        ("psycopg", "with conn.transaction()", "rollback-in-catch", "as e:\n", ""),
        ("psycopg2", "with conn.transaction()", "savepoint-before-try", "as e:\n", ""),
    ],
)  # fmt: skip
def test_what_a_caught_error_needs(
    library: str, block: str, name: str, before: str, after: str, eol: str
) -> None:
    text = IN_TRY.replace("LIB", library).replace("BLOCK", block)
    text = text.replace("({})", "(Q)  # é" if "# é" in before else "(Q)")
    wanted = text.replace(before, after)
    text, wanted = (
        part.replace("(Q)", f"({INTO_T})").replace("\n", eol).replace("    ", "\t")
        for part in (text, wanted)
    )

    def edited(source: str) -> Edited | Refused:
        calls = scan_text("app/a.py", source, "python").calls
        call = next(c for c in calls if "INTO t" in (c.statement or ""))
        return apply_edit(name, source, call, {})

    if not after:
        assert isinstance(edited(text), Refused)
        return
    assert edited(text) == Edited(wanted)
    assert edited(wanted) == Edited(wanted)


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
