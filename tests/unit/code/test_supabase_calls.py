"""supabase-js calls: what is one, what is not, and what each request sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, scan_one, text_of

SHAPES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("plain insert", "await supabase.from('goals').insert({ a: 1 });",
     "supabase.from('goals').insert({ a: 1 })",
     {"verb": "insert", "relation": "goals", "columns": ("a",), "rows": "one", "awaited": True}),
    ("lines and comments between", "await supabase\n  // the table\n  .from('goals') /* now */\n  .insert({ a: 1 })\n  .select('id')\n  .single();",
     "supabase\n  // the table\n  .from('goals') /* now */\n  .insert({ a: 1 })\n  .select('id')\n  .single()",
     {"verb": "insert", "selects": "id", "cardinality": "single", "line": 1, "end_line": 6}),
    ("maybeSingle", "const { data } = await sb.from('t').select().eq('a', x).maybeSingle()",
     "sb.from('t').select().eq('a', x).maybeSingle()",
     {"verb": "select", "selects": "*", "cardinality": "maybe_single", "client": "sb"}),
    ("cast to any", "await (supabase as any).from('t').insert({ a })",
     "(supabase as any).from('t').insert({ a })", {"relation": "t", "columns": ("a",)}),
    ("cast in the middle", "await (supabase.from('t') as any).insert({ a })",
     "(supabase.from('t') as any).insert({ a })", {"relation": "t", "verb": "insert"}),
    ("type arguments under await", "const r = await supabase.from<Goal>('goals').select<'*', Goal>('*').single();",
     "supabase.from<Goal>('goals').select<'*', Goal>('*').single()",
     {"relation": "goals", "cardinality": "single", "awaited": True}),
    ("this.client", "class A { async m() { return this.supabase.from('t').delete().eq('id', this.id) } }",
     "this.supabase.from('t').delete().eq('id', this.id)",
     {"verb": "delete", "client": "this.supabase", "function": "m", "awaited": True}),
    ("client from a call", "await (await createClient()).from('t').update({ a: 1 }).match({ id, b: 2 })",
     "(await createClient()).from('t').update({ a: 1 }).match({ id, b: 2 })",
     {"verb": "update", "relation": "t"}),
    ("schema()", "await supabase.schema('crm').from('t').insert({ a: 1 })",
     "supabase.schema('crm').from('t').insert({ a: 1 })",
     {"schema": "crm", "relation": "t", "client": "supabase"}),
    ("schema held in a variable", "const crm = supabase.schema('crm');\nawait crm.from('t').insert({ a: 1 })",
     "crm.from('t').insert({ a: 1 })", {"schema": "crm", "relation": "t"}),
    ("schema of the client", "const db = createClient(u, k, { db: { schema: 'crm' } });\nawait db.from('t').insert({ a: 1 })",
     "db.from('t').insert({ a: 1 })", {"schema": "crm"}),
    ("rpc", "await supabase.rpc('add_goal', { p_user: u }).single()",
     "supabase.rpc('add_goal', { p_user: u }).single()",
     {"verb": "rpc", "routine": "add_goal", "relation": None, "cardinality": "single"}),
    ("upsert options", "await supabase.from('t').upsert({ a }, { onConflict: 'a, b', ignoreDuplicates: true, defaultToNull: false })",
     "supabase.from('t').upsert({ a }, { onConflict: 'a, b', ignoreDuplicates: true, defaultToNull: false })",
     {"on_conflict": ("a", "b"), "ignore_duplicates": True, "default_to_null": False, "options_known": True}),
    ("no options", "await supabase.from('t').upsert({ a })", "supabase.from('t').upsert({ a })",
     {"on_conflict": None, "ignore_duplicates": None, "options_known": True}),
    ("a bare string as options has no effect", "await supabase.from('t').upsert({ a }, 'a')",
     "supabase.from('t').upsert({ a }, 'a')", {"on_conflict": None, "options_known": True}),
    ("options in a constant", "const options = { onConflict: 'a,b' };\nawait supabase.from('t').upsert({ a }, options)",
     "supabase.from('t').upsert({ a }, options)", {"on_conflict": ("a", "b")}),
    ("options spread", "const base = { onConflict: 'a,b' } as const;\nawait supabase.from('t').upsert({ a }, { ...base, ignoreDuplicates: true })",
     "supabase.from('t').upsert({ a }, { ...base, ignoreDuplicates: true })",
     {"on_conflict": ("a", "b"), "ignore_duplicates": True}),
    ("onConflict as an array", "const KEY = ['a', 'b'];\nawait supabase.from('t').upsert({ a }, { onConflict: KEY.join(',') })",
     "supabase.from('t').upsert({ a }, { onConflict: KEY.join(',') })", {"on_conflict": ("a", "b")}),
    ("onConflict as a template", "const K = 'a';\nawait supabase.from('t').upsert({ a }, { onConflict: `${K},b` })",
     "supabase.from('t').upsert({ a }, { onConflict: `${K},b` })", {"on_conflict": ("a", "b")}),
    ("version 1 upsert", "await supabase.from('t').insert({ a }, { upsert: true, onConflict: 'a' })",
     "supabase.from('t').insert({ a }, { upsert: true, onConflict: 'a' })",
     {"verb": "upsert", "on_conflict": ("a",)}),
    ("table in a constant", "const TABLE = 'goals';\nawait supabase.from(TABLE).insert({ a })",
     "supabase.from(TABLE).insert({ a })", {"relation": "goals"}),
    ("table in an object", "const T = { goals: 'goals' } as const;\nawait supabase.from(T.goals).insert({ a })",
     "supabase.from(T.goals).insert({ a })", {"relation": "goals"}),
    ("table in a frozen object", "const T = Object.freeze({ G: 'goals' });\nawait supabase.from(T['G']).insert({ a })",
     "supabase.from(T['G']).insert({ a })", {"relation": "goals"}),
    ("table in an enum", "enum T { Goals = 'goals' }\nawait supabase.from(T.Goals).insert({ a })",
     "supabase.from(T.Goals).insert({ a })", {"relation": "goals"}),
    ("table in a static field", "class R { static readonly T = 'goals';\n f() { return supabase.from(R.T).insert({ a }) } }",
     "supabase.from(R.T).insert({ a })", {"relation": "goals"}),
    ("table in a field of its own class", "class R { private table = 'goals';\n f() { return supabase.from(this.table).insert({ a }) } }",
     "supabase.from(this.table).insert({ a })", {"relation": "goals"}),
    ("table that the constructor sets", "class R { constructor() { this.t = 'goals' }\n f() { return supabase.from(this.t).insert({ a }) } }",
     "supabase.from(this.t).insert({ a })", {"relation": "goals"}),
    ("table as a template", "const p = 'app';\nawait supabase.from(`${p}_goals`).insert({ a })",
     "supabase.from(`${p}_goals`).insert({ a })", {"relation": "app_goals"}),
    ("builder in a variable", "const table = supabase.from('goals');\nawait table.insert({ a });",
     "table.insert({ a })", {"relation": "goals", "verb": "insert", "client": "supabase"}),
    ("array of rows", "await supabase.from('t').insert([{ a: 1 }, { b: 2 }])",
     "supabase.from('t').insert([{ a: 1 }, { b: 2 }])", {"rows": "many", "columns": ("a", "b")}),
    ("array of one row", "await supabase.from('t').insert([{ a: 1 }])",
     "supabase.from('t').insert([{ a: 1 }])", {"rows": "one", "columns": ("a",)}),
    ("mapped rows", "await supabase.from('t').insert(xs.map((x) => ({ a: x, b: 1 })))",
     "supabase.from('t').insert(xs.map((x) => ({ a: x, b: 1 })))",
     {"rows": "many", "columns": ("a", "b"), "column_values": {"a": "x", "b": "1"}}),
    ("mapped with a block", "await supabase.from('t').insert(xs.map(function (x) { const y = x; return { a: y }; }))",
     "supabase.from('t').insert(xs.map(function (x) { const y = x; return { a: y }; }))",
     {"rows": "many", "columns": ("a",)}),
    ("row in a constant", "const row = { a: 1, 'b': f(2), c };\nawait supabase.from('t').insert(row)",
     "supabase.from('t').insert(row)",
     {"columns": ("a", "b", "c"), "column_values": {"a": "1", "b": "f(2)", "c": "c"}}),
    ("row spread", "const base = { a: 1 };\nawait supabase.from('t').insert({ ...base, b: 2 })",
     "supabase.from('t').insert({ ...base, b: 2 })", {"columns": ("a", "b")}),
    ("element of mapped rows", "const rows = xs.map((x) => ({ a: x }));\nfor (const row of rows) { await supabase.from('t').insert(row) }",
     "supabase.from('t').insert(row)", {"columns": ("a",), "rows": "one", "in_loop": True}),
    ("row made by a function", "function toRow(x) { return { a: x.a, b: 2 } }\nawait supabase.from('t').insert(toRow(x))",
     "supabase.from('t').insert(toRow(x))", {"columns": ("a", "b"), "rows": "one"}),
    ("rows pushed", "const rows: Row[] = [];\nfor (const x of xs) rows.push({ a: x });\nawait supabase.from('t').insert(rows)",
     "supabase.from('t').insert(rows)", {"columns": ("a",), "rows": "many"}),
    ("typed array", "async function f(goals: Goal[]) { await supabase.from('t').insert(goals) }",
     "supabase.from('t').insert(goals)", {"columns": None, "rows": "many"}),
    ("undefined is not sent", "await supabase.from('t').insert({ id: undefined, a: 1 })",
     "supabase.from('t').insert({ id: undefined, a: 1 })", {"columns": ("a",)}),
    ("throwOnError", "await supabase.from('t').insert({ a }).throwOnError()",
     "supabase.from('t').insert({ a }).throwOnError()", {"throws": True}),
    ("letters of several bytes", "const s = '😀é';\nconst é = '日本'; await supabase.from('t').insert({ naïve: '😀' }); // ü",
     "supabase.from('t').insert({ naïve: '😀' })", {"columns": ("naïve",), "line": 2}),
    ("windows line ends", "const a = 1;\r\nawait supabase\r\n  .from('t')\r\n  .insert({ a });\r\n",
     "supabase\r\n  .from('t')\r\n  .insert({ a })", {"line": 2, "end_line": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "call", "wanted"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])  # fmt: skip
def test_shape(tmp_path: Path, text: str, call: str, wanted: dict[str, Any]) -> None:
    facts = scan_one(tmp_path, text)
    assert len(facts.calls) == 1, facts.calls
    found = facts.calls[0]
    assert text_of(tmp_path, found) == call
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Array.from('abc').insert({ a })",
        "Buffer.from('abc').update({ a })",
        "await supabase.storage.from('bucket').update('path', file)",
        "const { storage } = supabase; await storage.from('bucket').remove(['x']);",
        "const files = supabase.storage; await files.from('b').update('x', f);",
        "Observable.from('x').select((v) => v)",
        "// await supabase.from('t').insert({ a })",
        "/* await supabase\n.from('t').insert({ a }) */",
        "const doc = \"supabase.from('t').insert({ a })\";",
        "const doc = `supabase.from('t').insert({ a })`;",
        "const re = /supabase.from('t').insert({ a })/;",
        "db.select().from(users).where(eq(users.id, 1))",
        "knex.from('users').where({ id: 1 }).update({ a: 1 })",
        "import { a } from 'b';",
        "supabase.channel('x').on('postgres_changes', cb).subscribe()",
    ],
)
def test_not_a_call(tmp_path: Path, text: str) -> None:
    assert [c for c in scan_one(tmp_path, text).calls if c.library == "supabase-js"] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("async function f(x) { await supabase.from(x.y).insert({ a: 1 }) }", "table name"),
        ("await supabase.from(pick()).insert({ a: 1 })", "table name"),
        ("let t = 'a'; t = 'b'; await supabase.from(t).insert({ a: 1 })", "table name"),
        ("await supabase.from('t').upsert({ a: 1 }, options())", "conflict options"),
        ("await supabase.from('t').upsert({ a: 1 }, { onConflict: key() })", "conflict options"),
        ("await supabase.from('t').upsert({ a: 1 }, { ...x })", "conflict options"),
        ("await supabase.from('t').upsert({ a: 1 }, { ignoreDuplicates: flag })", "conflict options"),
        ("await supabase.from('t').insert(build())", "row"),
        ("await supabase.from('t').insert({ ...rest, a: 1 })", "row"),
        ("const r = { a: 1 }; r.b = 2; await supabase.from('t').insert(r)", "row"),
        ("const r = { a: 1 }; delete r.a; await supabase.from('t').insert(r)", "row"),
        ("const r = { a: 1 }; Object.assign(r, x); await supabase.from('t').insert(r)", "row"),
        ("await supabase.from('t').insert({ [key]: 1 })", "row"),
        ("await supabase.from('t').insert(ok ? { a: 1 } : { b: 1 })", "row"),
        ("await supabase.rpc(name, {})", "routine name"),
    ],
)  # fmt: skip
def test_what_is_computed_is_listed(tmp_path: Path, text: str, what: str) -> None:
    facts = scan_one(tmp_path, "const a = 1;\n" + text)
    assert len(facts.calls) == 1
    assert [(u.line, u.what) for u in facts.unknowns] == [(2, what)]
    call = facts.calls[0]
    known = {"table name": call.relation, "row": call.columns, "routine name": call.routine}
    assert known.get(what) is None
    assert call.options_known is (what != "conflict options")


def test_the_count_of_computed_tables(tmp_path: Path) -> None:
    facts = scan_one(tmp_path, "sb.from(f()).insert({});\nsb.from('a').select();\nsb.rpc('x');")
    assert facts.summary == "1 of 3 calls have a table name that is computed"


def test_filters(tmp_path: Path) -> None:
    chain = "q.eq('a', x).in('b', [1, 2]).is('c', null).match({ d: 1, e }).not('f', 'is', null).or('g.eq.1')"
    facts = scan_one(tmp_path, chain.replace("q.", "supabase.from('t').select().", 1))
    found = [(f.column, f.op, f.value) for f in facts.calls[0].filters]
    assert found == [
        ("a", "eq", "x"), ("b", "in", "[1, 2]"), ("c", "is", "null"), ("d", "eq", "1"),
        ("e", "eq", "e"), ("f", "not.is", "null"), (None, "or", "'g.eq.1'"),
    ]  # fmt: skip


def test_a_query_built_step_by_step(tmp_path: Path) -> None:
    text = """async function f(x) {
  let query = supabase.from('t').select('id');
  if (x) query = query.eq('a', x);
  const { data, error } = await query.maybeSingle();
  return data;
}
"""
    (call,) = scan_one(tmp_path, text).calls
    assert (call.cardinality, call.awaited, call.checks_error) == ("maybe_single", True, True)
    assert [f.column for f in call.filters] == ["a"]


HELPERS = """import { supabase } from './client';
const table = (name: string) => supabase.from(name);
export async function saveRow(name: string, row: object) {
  return supabase.from(name).insert(row).select();
}
async function run(x: string) {
  await table('goals').upsert({ a: 1 }, { onConflict: 'a' });
  await saveRow('notes', { body: x });
  await saveRow(x, { body: x });
}
"""


def test_helpers_are_calls_where_they_are_called(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "src/db.ts": HELPERS,
            "src/other.ts": "import { saveRow } from './db';\nexport const f = () => saveRow('tags', { t: 1 });\n",
        },
    )
    found = [(c.path, c.line, c.verb, c.relation, c.columns) for c in facts.calls]
    assert found == [
        ("src/db.ts", 7, "upsert", "goals", ("a",)),
        ("src/db.ts", 8, "insert", "notes", ("body",)),
        ("src/db.ts", 9, "insert", None, ("body",)),
        ("src/other.ts", 2, "insert", "tags", ("t",)),
    ]
    assert [(u.path, u.line, u.what) for u in facts.unknowns] == [("src/db.ts", 9, "table name")]
    assert text_of(tmp_path, facts.calls[1]) == "saveRow('notes', { body: x })"


def test_helpers_through_require(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "db.js": "const add = (t, r) => sb.from(t).insert(r);\nmodule.exports = { add };",
            "a.js": "const { add } = require('./db');\nadd('one', { x: 1 });",
            "b.js": "const db = require('./db');\ndb.add('two', { x: 1 });",
            "c.ts": "import * as db from './db';\ndb.add('three', { x: 1 });",
            "d.ts": "import { add } from './else';\nadd('four', { x: 1 });",
        },
    )
    found = [(c.path, c.line, c.relation) for c in facts.calls]
    assert found == [("a.js", 2, "one"), ("b.js", 2, "two"), ("c.ts", 2, "three")]


def test_a_helper_method(tmp_path: Path) -> None:
    text = "class R { t(n) { return this.sb.from(n) } add() { return this.t('goals').insert({ a: 1 }) } }"
    (call,) = scan_one(tmp_path, text).calls
    assert (call.relation, call.verb, call.function) == ("goals", "insert", "add")


def test_functions_that_give_the_builder_back(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "a.ts": "const table = () => supabase.from('tags');\nexport const rm = (id: string) => table().delete().eq('id', id);",
            "b.ts": "class R {\n  private get goals() { return this.sb.from('goals'); }\n  rows() { return this.sb.schema('x').from('rows'); }\n"
            "  a() { return this.goals.insert({ a: 1 }); }\n  async b() { await this.rows().upsert({ a: 1 }); }\n}\nclass S { c() { return this.goals.insert({ a: 1 }); } }",
            "c.ts": "import { notes } from './d';\nawait notes(sb).update({ a: 1 });",
            "d.ts": "export function notes(client: SupabaseClient) { return client.from('notes'); }\nexport const all = () => supabase.from('notes').select();",
        },
    )
    found = [(c.path, c.line, c.verb, c.schema, c.relation) for c in facts.calls]
    assert found == [
        ("a.ts", 2, "delete", None, "tags"),
        ("b.ts", 4, "insert", None, "goals"),
        ("b.ts", 5, "upsert", "x", "rows"),
        ("c.ts", 2, "update", None, "notes"),
        ("d.ts", 2, "select", None, "notes"),
    ]


def test_a_helper_that_nobody_calls_stays_unknown(tmp_path: Path) -> None:
    facts = scan_one(tmp_path, "export const add = (t, r) => supabase.from(t).insert(r);")
    assert [c.relation for c in facts.calls] == [None]
    assert {u.what for u in facts.unknowns} == {"table name", "row"}


def test_constants_of_other_files(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "src/tables.ts": "export const GOALS = 'goals';\nexport const T = { notes: 'notes' };\nexport const KEY = { onConflict: 'a,b' };",
            "src/index.ts": "export * from './tables';\nexport { GOALS as G } from './tables';",
            "src/a.ts": "import { GOALS, KEY } from './tables';\nawait supabase.from(GOALS).upsert({ a: 1 }, KEY);",
            "src/b.ts": "import * as all from './tables.js';\nawait supabase.from(all.T.notes).insert({ a: 1 });",
            "src/c.ts": "import { G } from '@/index';\nawait supabase.from(G).insert({ a: 1 });",
            "src/d.ts": "import { GOALS } from 'elsewhere';\nawait supabase.from(GOALS).insert({ a: 1 });",
        },
    )
    assert [(c.path, c.relation) for c in facts.calls] == [
        ("src/a.ts", "goals"), ("src/b.ts", "notes"), ("src/c.ts", "goals"), ("src/d.ts", None),
    ]  # fmt: skip
    assert facts.calls[0].on_conflict == ("a", "b")


def test_a_name_that_is_shadowed(tmp_path: Path) -> None:
    text = "const T = 'outer';\nfunction f() { const T = 'inner'; return supabase.from(T).select(); }\nsupabase.from(T).select();"
    assert [c.relation for c in scan_one(tmp_path, text).calls] == ["inner", "outer"]


def test_jsx(tmp_path: Path) -> None:
    text = "export const B = () => <b onClick={async () => { await supabase.from('t').insert({ a: 1 }) }}>x</b>;"
    for path in ("a.tsx", "a.jsx", "a.js"):
        assert [c.relation for c in scan_one(tmp_path / path, text, path).calls] == ["t"]


CLIENTS = """
import { createClient } from '@supabase/supabase-js';
const url = process.env.SUPABASE_URL!;
const key = Deno.env.get('SUPABASE_SERVICE_ROLE_KEY') ?? '';
export const plain = createClient(url, process.env.SUPABASE_ANON_KEY!);
export const whole = createClient(url, key, { auth: { persistSession: false } });
export function connect() { return createClient(url, process.env.SUPABASE_SECRET_KEY!); }
export const asVisitor = () => createClient(url, process.env.SUPABASE_ANON_KEY!);
export { createServiceClient } from 'somewhere';
"""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("const supabase = plain;", False),
        ("const supabase = whole;", True),
        ("const supabase = connect();", True),
        ("const supabase = await connect();", True),
        ("const supabase = asVisitor();", False),
        ("const supabase = createAdminClient();", True),
        ("const supabase = createClient(url, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY);", False),
        ("", False),
    ],
)
def test_a_client_made_with_the_service_key_is_known(
    tmp_path: Path, made: str, expected: bool
) -> None:
    text = (
        "import { asVisitor, connect, plain, whole } from './clients';\n"
        f"{made}\nawait supabase.from('t').insert({{ a: 1 }});\n"
    )
    found = scan_files(tmp_path, {"clients.ts": CLIENTS, "a.ts": text})
    assert [c.service_key for c in found.calls] == [expected]
