"""SQL text in code: literals, templates, parameters, transactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, scan_one, text_of

SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("await pool.query('INSERT INTO t (a) VALUES ($1)', [x.a]);", "literal",
     {"statement": "INSERT INTO t (a) VALUES ($1)", "params": ("x.a",), "statement_verbatim": True, "library": "node-postgres"}),
    ("await pool.query(`INSERT INTO t (a)\n  VALUES ($1)`, [a]);", "template",
     {"statement": "INSERT INTO t (a)\n  VALUES ($1)", "statement_verbatim": True}),
    ("await pool.query<{ id: number }>('SELECT 1');", "type arguments",
     {"statement": "SELECT 1", "client": "pool", "awaited": True, "params": ()}),
    ("await db.query(tenantId, 'INSERT INTO t (a) VALUES ($1)', [a]);", "own method with something first",
     {"statement": "INSERT INTO t (a) VALUES ($1)", "params": ("a",), "statement_verbatim": True}),
    ("await pool.query({ text: 'DELETE FROM t WHERE a = $1', values: [a], name: 'del' });", "object",
     {"statement": "DELETE FROM t WHERE a = $1", "params": ("a",), "prepared": True}),
    ("const SQL = 'UPDATE t SET a = $1';\nawait pool.query(SQL, [1]);", "constant",
     {"statement": "UPDATE t SET a = $1", "statement_verbatim": True, "line": 2}),
    ("await pool.query('INSERT INTO t (a) ' + 'VALUES ($1)', [a]);", "concatenation",
     {"statement": "INSERT INTO t (a) VALUES ($1)", "statement_verbatim": False}),
    ("await pool.query('INSERT INTO t (a) VALUES (\\'x\\')');", "escapes",
     {"statement": "INSERT INTO t (a) VALUES ('x')", "statement_verbatim": False}),
    ("await pool.query(`INSERT INTO t (a, b) VALUES (${x.a}, $1)`, [b]);", "hole in value position",
     {"statement": "INSERT INTO t (a, b) VALUES ($2, $1)", "params": ("b", "x.a"), "statement_verbatim": False}),
    ("await pool.query(`UPDATE t SET a = '${x}' WHERE b = ${y}`);", "hole in quotes",
     {"statement": "UPDATE t SET a = $1 WHERE b = $2", "params": ("`${x}`", "y")}),
    ("await pool.query(`SELECT * FROM t WHERE a LIKE '%${x}%' -- it's\n AND b = ${y}`);", "comment with a quote",
     {"statement": "SELECT * FROM t WHERE a LIKE $1 -- it's\n AND b = $2", "params": ("`%${x}%`", "y")}),
    ("const T = 'goals';\nawait pool.query(`INSERT INTO ${T} (a) VALUES ($1)`, [a]);", "known table",
     {"statement": "INSERT INTO goals (a) VALUES ($1)", "params": ("a",)}),
    ("const { rows } = await sql`INSERT INTO t (a) VALUES (${x}) RETURNING id`;", "tagged",
     {"statement": "INSERT INTO t (a) VALUES ($1) RETURNING id", "params": ("x",), "library": "postgres.js", "prepared": True, "client": "sql"}),
    ("import postgres from 'postgres';\nconst sql = postgres(u, { prepare: false });\nawait sql`DELETE FROM t WHERE a = ${x}`;", "not prepared",
     {"prepared": False, "statement": "DELETE FROM t WHERE a = $1"}),
    ("import sql from './db';\nconst row = { a: 1, b: f() };\nawait sql`INSERT INTO t ${sql(row)} ON CONFLICT (a) DO NOTHING`;", "row helper",
     {"statement": 'INSERT INTO t ("a", "b") VALUES ($1, $2) ON CONFLICT (a) DO NOTHING', "params": ("1", "f()")}),
    ("import sql from './db';\nawait sql`INSERT INTO t ${sql(row, 'a', 'b')}`;", "row helper with columns",
     {"statement": 'INSERT INTO t ("a", "b") VALUES ($1, $2)', "params": ("row.a", "row.b")}),
    ("await prisma.$executeRaw`DELETE FROM t WHERE a = ${x}`;", "prisma",
     {"statement": "DELETE FROM t WHERE a = $1", "library": "prisma", "client": "prisma", "prepared": True}),
    ("await trx.raw('INSERT INTO t (a, b) VALUES (?, :b)', [x]);", "knex",
     {"library": "knex", "client": "trx", "params": ("x",), "statement": "INSERT INTO t (a, b) VALUES (?, :b)"}),
    ("await db.one('INSERT INTO t (a) VALUES ($1) RETURNING id', [a]);", "pg-promise",
     {"library": "pg-promise", "params": ("a",)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in SHAPES], ids=[s[1] for s in SHAPES])  # fmt: skip
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    facts = scan_one(tmp_path, text)
    assert len(facts.calls) == 1, facts
    call = facts.calls[0]
    assert call.verb == "sql"
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)
    if call.statement_verbatim:
        raw = (tmp_path / call.path).read_bytes()
        assert call.statement is not None
        assert call.statement_start_byte is not None
        assert raw[call.statement_start_byte :].startswith(call.statement.encode())


def test_where_a_statement_is_written_that_the_call_only_names(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "q.ts": "export const ADD = `\n  INSERT INTO t (a)\n  VALUES ($1)\n`;",
            "a.ts": "import { ADD } from './q';\nconst DROP = 'DELETE FROM t';\nawait pool.query(ADD, [1]);\nawait pool.query(DROP);\nawait pool.query('DELETE FROM t');",
            "b.py": "import psycopg\nADD = '''\n  INSERT INTO t (a) VALUES (%s)'''\nconn.execute(ADD, (1,))\nconn.execute('DELETE FROM t')",
        },
    )
    found = [
        (c.path, c.line, c.statement_path, c.statement_line, c.statement_end_line)
        for c in facts.calls
    ]
    assert found == [
        ("a.ts", 3, "q.ts", 2, 3),
        ("a.ts", 4, None, 2, 2),
        ("a.ts", 5, None, None, None),
        ("b.py", 4, None, 3, 3),
        ("b.py", 5, None, None, None),
    ]


def test_the_place_of_a_statement_behind_other_letters(tmp_path: Path) -> None:
    text = "const é = '😀';\r\nawait pool.query(`INSERT INTO t (ü)\r\n VALUES ('日')`);"
    (call,) = scan_one(tmp_path, text).calls
    assert call.statement == "INSERT INTO t (ü)\r\n VALUES ('日')"
    raw = (tmp_path / call.path).read_bytes()
    assert raw[call.statement_start_byte or 0 :].startswith(call.statement.encode())
    assert call.statement_verbatim


@pytest.mark.parametrize("behind", ["", " RETURNING a", "\n ON CONFLICT (a) DO NOTHING", ";"])
def test_rows_made_at_run_time_are_told_by_one(tmp_path: Path, behind: str) -> None:
    head = "INSERT INTO s.t (a, b) VALUES "
    text = f"await pool.query(`{head}${{rows.map(r).join(', ')}}{behind}`, flat);"
    (call,) = scan_one(tmp_path, text).calls
    assert (call.statement, call.rows, call.params) == (f"{head}($1, $2){behind}", "many", None)
    assert not call.statement_verbatim


@pytest.mark.parametrize(
    "text",
    [
        "await pool.query(`INSERT INTO ${table} (a) VALUES ($1)`, [a]);",
        "await pool.query(`INSERT INTO t (${cols}) VALUES ($1)`, [a]);",
        "await pool.query(`INSERT INTO t (a) VALUES ($1), ${rows.map(r).join(', ')}`, [a]);",
        "await pool.query(`INSERT INTO t VALUES ${rows.map(r).join(', ')}`);",
        "await pool.query(`SELECT * FROM t ORDER BY ${column}`);",
        "await pool.query(`UPDATE t SET ${column} = $1`, [a]);",
        "await pool.query(`INSERT INTO t (a) VALUES ($1) ON CONFLICT (${key}) DO NOTHING`, [a]);",
        "await pool.query(`SELECT * FROM t ${where}`, [a]);",
        "await pool.query('INSERT INTO ' + table + ' (a) VALUES ($1)', [a]);",
        "import sql from './db';\nawait sql`INSERT INTO t ${sql(rows)}`;",
    ],
)
def test_sql_with_computed_parts(tmp_path: Path, text: str) -> None:
    facts = scan_one(tmp_path, text)
    assert [(c.verb, c.statement) for c in facts.calls] == [("sql", None)]
    assert [u.what for u in facts.unknowns] == ["SQL text"]


@pytest.mark.parametrize(
    "text",
    [
        "client.query({ query: GET_GOALS })",
        "await client.query({ query: gql`query Goals { goals { id } }` })",
        "params.query('name')",
        "const { data } = trpc.goals.query();",
        "$.query('div > p')",
        "css`color: red`; gql`query { a }`; sql`where a = 1`;",
        "const text = \"pool.query('INSERT INTO t VALUES (1)')\";",
        "// await pool.query('INSERT INTO t VALUES (1)')",
    ],
)
def test_not_sql(tmp_path: Path, text: str) -> None:
    facts = scan_one(tmp_path, text)
    assert facts.calls == ()
    assert facts.unknowns == ()


def test_a_query_helper(tmp_path: Path) -> None:
    text = """import { Pool } from 'pg';
const pool = new Pool();
const query = (text: string, params?: unknown[]) => pool.query(text, params);
await query('INSERT INTO t (a) VALUES ($1)', [7]);
await query(build());
"""
    facts = scan_one(tmp_path, text)
    assert [(c.line, c.statement, c.params) for c in facts.calls] == [
        (4, "INSERT INTO t (a) VALUES ($1)", ("7",)),
        (5, None, None),
    ]
    assert [(u.line, u.what) for u in facts.unknowns] == [(5, "SQL text")]


TRANSACTION = """async function f(client) {
  await client.query('SELECT 0');
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (1)');
    await client.query('SAVEPOINT one');
    await client.query('INSERT INTO t VALUES (2)');
    await client.query('RELEASE SAVEPOINT one');
    await client.query('INSERT INTO t VALUES (3)');
    await other.query('SELECT 1');
    await client.query('COMMIT');
    await client.query('SELECT 2');
  } catch (e) {
    await client.query('INSERT INTO log VALUES (1)');
    await client.query('ROLLBACK');
    await client.query('SELECT 3');
  }
}
async function g(client) {
  await client.query('BEGIN');
  await client.query('COMMIT');
}
"""


def test_transactions(tmp_path: Path) -> None:
    calls = scan_one(tmp_path, TRANSACTION).calls
    found = [(c.statement, c.tx, c.savepoint, c.in_catch) for c in calls]
    assert found == [
        ("SELECT 0", None, False, False),
        ("BEGIN", 1, False, False),
        ("INSERT INTO t VALUES (1)", 1, False, False),
        ("SAVEPOINT one", 1, False, False),
        ("INSERT INTO t VALUES (2)", 1, True, False),
        ("RELEASE SAVEPOINT one", 1, True, False),
        ("INSERT INTO t VALUES (3)", 1, False, False),
        ("SELECT 1", None, False, False),
        ("COMMIT", 1, False, False),
        ("SELECT 2", None, False, False),
        ("INSERT INTO log VALUES (1)", 1, False, True),
        ("ROLLBACK", 1, False, True),
        ("SELECT 3", None, False, True),
        ("BEGIN", 2, False, False),
        ("COMMIT", 2, False, False),
    ]


def test_a_function_that_gets_the_client_is_in_the_transaction(tmp_path: Path) -> None:
    text = """async function add(c, x) { await c.query('INSERT INTO t VALUES ($1)', [x]); }
async function also(c) { await c.query('INSERT INTO u VALUES (1)'); }
async function run(client) {
  await client.query('BEGIN');
  await add(client, 1);
  await client.query('COMMIT');
  await also(client);
}
"""
    calls = scan_one(tmp_path, text).calls
    assert [(c.function, c.tx) for c in calls] == [
        ("add", 1), ("also", None), ("run", 1), ("run", 1),
    ]  # fmt: skip


def test_begin_with_a_callback(tmp_path: Path) -> None:
    text = """await sql.begin(async (tx) => {
  await tx`INSERT INTO t VALUES (1)`;
  await sql`INSERT INTO u VALUES (1)`;
  await tx.savepoint(async (tx) => { await tx`INSERT INTO v VALUES (1)`; });
});
"""
    calls = scan_one(tmp_path, text).calls
    assert [(c.client, c.tx, c.savepoint) for c in calls] == [
        ("tx", 1, False), ("sql", None, False), ("tx", 1, True),
    ]  # fmt: skip


INLINE_EXPORTS = [
    ("exports.query = (text, values) => pool.query(text, values);", "property"),
    (
        "module.exports.query = (text, values) => pool.query(text, values);",
        "property of module.exports",
    ),
    ("module.exports = { query: (text, values) => pool.query(text, values) };", "object"),
    (
        "module.exports = { async query(text, values) { return pool.query(text, values); } };",
        "method",
    ),
]


@pytest.mark.parametrize(
    "export", [e[0] for e in INLINE_EXPORTS], ids=[e[1] for e in INLINE_EXPORTS]
)
def test_a_wrapper_that_is_exported_where_it_is_made(tmp_path: Path, export: str) -> None:
    pool = "const { Pool } = require('pg');\nconst pool = new Pool();\n"
    use = (
        "const { query: run } = require('./db');\n"
        "exports.follow = async (a) => { await run('INSERT INTO follows (a) VALUES ($1)', [a]); };\n"
    )
    facts = scan_files(tmp_path, {"src/db.js": pool + export + "\n", "src/follow.js": use})
    assert [(c.path, c.line, c.statement) for c in facts.calls] == [
        ("src/follow.js", 2, "INSERT INTO follows (a) VALUES ($1)")
    ]
