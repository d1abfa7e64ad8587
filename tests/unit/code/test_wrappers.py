"""Functions and methods of a project's own that send SQL: the place is where they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Edited, Refused, apply_edit, folder
from fixit_tui.code.module import encode

DB = """
import { Pool } from 'pg';
const pool = new Pool();
export async function insertRow(table: string, row: Record<string, unknown>) {
  const keys = Object.keys(row);
  const cols = keys.map((k) => `"${k}"`).join(', ');
  const marks = keys.map((_, i) => `$${i + 1}`).join(', ');
  return pool.query(`INSERT INTO ${table} (${cols}) VALUES (${marks}) RETURNING *`, Object.values(row));
}
export const addGoal = (row: object) =>
  pool.query(`INSERT INTO goals (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).map((_, i) => '$' + (i + 1)).join(', ')}) ON CONFLICT (slug) DO NOTHING`, Object.values(row));
export class Db {
  constructor(private readonly pool: Pool) {}
  async run(text: string, values: unknown[]) { return this.pool.query(text, values); }
}
export const db = new Db(pool);
export const repo = { insertRow };
export default { insertRow };
"""
HEAD = (
    "import { insertRow, addGoal, db, Db, repo } from './db';\nimport * as all from './db';\nimport own from './db';\n"
    "class S { constructor(private base: Db, private other: Other) {}\nasync f(given: Db, u: string, s: string, row: object, table: string) {\n"
)
GOAL = 'INSERT INTO goals ("user_id", "slug") VALUES ($1, $2) RETURNING *'
RUN = "INSERT INTO goals (slug) VALUES ($1)"
SHAPES: list[tuple[str, str | None, tuple[str, ...] | None]] = [
    ("await insertRow('goals', { user_id: u, slug: s });", GOAL, ("u", "s")),
    ("await all.insertRow('goals', { user_id: u, slug: s });", GOAL, ("u", "s")),
    ("await own.insertRow('goals', { user_id: u, slug: s });", GOAL, ("u", "s")),
    ("await repo.insertRow('goals', { user_id: u, slug: s });", GOAL, ("u", "s")),
    (
        "await addGoal({ slug: s });",
        'INSERT INTO goals ("slug") VALUES ($1) ON CONFLICT (slug) DO NOTHING',
        ("s",),
    ),
    (f"await db.run('{RUN}', [s]);", RUN, ("s",)),
    (f"await given.run('{RUN}', [s]);", RUN, ("s",)),
    (f"await this.base.run('{RUN}', [s]);", RUN, ("s",)),
    (f"await new Db(p).run('{RUN}', [s]);", RUN, ("s",)),
    (f"await this.other.run('{RUN}', [s]);", None, None),
    (f"await elsewhere.run('{RUN}', [s]);", None, None),
    ("await insertRow(table, { slug: s });", None, None),
    ("await insertRow('goals', row);", None, None),
]


@pytest.mark.parametrize(("body", "statement", "params"), SHAPES)
def test_the_call_of_a_wrapper_is_the_place(
    tmp_path: Path, body: str, statement: str | None, params: Any
) -> None:
    files = {"src/db.ts": DB, "src/a.ts": f"{HEAD}{body}\n}}}}\n"}
    here = [c for c in scan_files(tmp_path, files).calls if c.path == "src/a.ts" and c.statement]
    assert [(c.statement, c.params, c.line, c.statement_path) for c in here] == (
        [] if statement is None else [(statement, params, 6, None)]
    )


def edited(tmp_path: Path, body: str) -> Edited | Refused:
    files = {"src/db.ts": DB, "src/a.ts": f"{HEAD}{body}\n}}}}\n"}
    (call,) = [c for c in scan_files(tmp_path, files).calls if c.path == "src/a.ts"]
    around = folder(files, lambda path: encode(files[path]))
    params = {"conflict_columns": ["slug"], "ignore_duplicates": True}
    return apply_edit("insert-to-upsert", files["src/a.ts"], call, params, around)


def test_text_that_is_handed_over_is_mended_there(tmp_path: Path) -> None:
    result = edited(tmp_path, f"await db.run('{RUN}', [s]);")
    assert isinstance(result, Edited)
    assert f"db.run('{RUN} ON CONFLICT (slug) DO NOTHING', [s]);" in result.text


def test_what_the_wrapper_puts_together_is_told(tmp_path: Path) -> None:
    result = edited(tmp_path, "await insertRow('goals', { slug: s });")
    assert isinstance(result, Refused)
    assert "ON CONFLICT (slug) DO NOTHING" in result.idiom


def test_a_class_of_the_same_name_from_elsewhere_is_another_one(tmp_path: Path) -> None:
    text = f"import {{ Db }} from 'some-package';\nexport const f = (given: Db, s: string) => given.run('{RUN}', [s]);\n"
    calls = scan_files(tmp_path, {"src/db.ts": DB, "src/a.ts": text}).calls
    assert [c for c in calls if c.path == "src/a.ts"] == []


def test_methods_of_plain_javascript_are_followed(tmp_path: Path) -> None:
    store = (
        "const { Pool } = require('pg');\n"
        "class Db {\n  constructor() { this.pool = new Pool(); }\n  run(text, values) { return this.pool.query(text, values); }\n}\n"
        "module.exports = { Db };\n"
    )
    text = (
        "const { Db } = require('./db');\nconst db = new Db();\n"
        "class Goals {\n  constructor(base) { this.base = base; }\n"
        f"  async add(s) {{ await this.base.run(s); await db.run('{RUN}', [s]); await this.base.create({{ s }}); }}\n}}\n"
    )
    calls = scan_files(tmp_path, {"src/db.js": store, "src/a.js": text}).calls
    assert [(c.line, c.statement) for c in calls if c.path == "src/a.js"] == [(5, RUN)]
