"""SQL text in another file than its call, or in an SQL file: the edit changes that file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Edited, Refused, apply_edit, edited_place
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.sql_statements import read_statements

IGNORE = {"conflict_columns": ["a"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["a"], "ignore_duplicates": False}
TS = "import { Pool } from 'pg';\nimport { Q } from './queries';\nconst pool = new Pool();\nexport const f = (x: string) => pool.query(Q, [x]);\n"
PY = "import psycopg\nimport queries\nfrom queries import Q\n\ndef f(conn, x):\n    conn.execute(Q, (x,))\n"
SHAPES: list[tuple[str, str, str, str, dict[str, Any], str]] = [
    ("a line", "queries.ts", "export const Q = 'INSERT INTO t (a, b) VALUES ($1, $2)';\n", "insert-to-upsert", IGNORE,
     "export const Q = 'INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING';\n"),
    ("lines", "queries.ts", "// é\nexport const Q = `\n  insert into t (a, b)\n  values ($1, $2)\n`;\n", "insert-to-upsert", MERGE,
     "// é\nexport const Q = `\n  insert into t (a, b)\n  values ($1, $2)\n  on conflict (a) do update set b = excluded.b\n`;\n"),
    ("target", "queries.ts", 'export const Q = "INSERT INTO t (a) VALUES ($1) ON CONFLICT (id) DO NOTHING";\n', "set-conflict-target",
     {"columns": ["a", "b C"]}, 'export const Q = "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a, \\"b C\\") DO NOTHING";\n'),
    ("predicate", "queries.py", 'Q = """\n    INSERT INTO t (a) VALUES (%s)\n    ON CONFLICT (a) DO NOTHING\n"""\n', "add-conflict-predicate",
     {"predicate": "(live = true)"}, 'Q = """\n    INSERT INTO t (a) VALUES (%s)\n    ON CONFLICT (a) WHERE live = true DO NOTHING\n"""\n'),
    ("clause", "queries.py", "Q = 'INSERT INTO t (a) VALUES (%s) ON CONFLICT DO NOTHING'\n", "set-sql-conflict-target",
     {"clause": "ON CONFLICT (a) DO NOTHING"}, "Q = 'INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "edit", "params", "wanted"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])  # fmt: skip
def test_a_constant_of_another_file(
    tmp_path: Path, path: str, text: str, edit: str, params: dict[str, Any], wanted: str
) -> None:
    user = ("repo.py", PY) if path.endswith(".py") else ("repo.ts", TS)
    (call,) = scan_files(tmp_path, dict([user, (path, text)])).calls
    assert (call.path, call.statement_path) == (user[0], path)
    assert edited_place(edit, call)[0] == path
    assert apply_edit(edit, text, call, params) == Edited(wanted)
    assert edited_place("handle-conflict", call)[0] == user[0]


def test_a_text_that_is_put_together_or_has_changed_is_left_alone(tmp_path: Path) -> None:
    text = "const T = 't';\nexport const Q = `INSERT INTO ${T} (a) VALUES ($1)`;\n"
    (call,) = scan_files(tmp_path, {"repo.ts": TS, "queries.ts": text}).calls
    assert isinstance(apply_edit("insert-to-upsert", text, call, IGNORE), Refused)
    text = "export const Q = 'INSERT INTO t (a) VALUES ($1)';\n"
    (call,) = scan_files(tmp_path, {"repo.ts": TS, "queries.ts": text}).calls
    other = text.replace("(a)", "(b)")
    assert isinstance(apply_edit("insert-to-upsert", other, call, IGNORE), Refused)


def test_a_percent_sign_would_be_a_mark_in_python(tmp_path: Path) -> None:
    text = "Q = 'INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING'\n"
    (call,) = scan_files(tmp_path, {"repo.py": PY, "queries.py": text}).calls
    params = {"predicate": "a LIKE 'x%'"}
    assert isinstance(apply_edit("add-conflict-predicate", text, call, params), Refused)


def test_a_statement_of_an_sql_file() -> None:
    text = "SELECT 1;\nINSERT INTO t (a, b)\n  VALUES (1, 'é;'),\n  (2, NULL);\n"
    (found,) = read_statements("db/seed.sql", text)
    call = CodeCall(
        1, "db/seed.sql", 2, 4, found.start_byte, found.end_byte, "sql-file", "", "sql",
        statement=found.statement, statement_start_byte=found.start_byte, statement_verbatim=True,
    )  # fmt: skip
    wanted = text.replace("NULL);", "NULL)\n  ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b;")
    result = apply_edit("insert-to-upsert", text, call, MERGE)
    assert result == Edited(wanted)
    assert apply_edit("insert-to-upsert", wanted, call, MERGE) == Edited(wanted)
    assert isinstance(apply_edit("drop-manual-insert", text, call, {}), Refused)
    assert isinstance(
        apply_edit("insert-to-upsert", text, replace(call, start_byte=3), MERGE), Refused
    )
