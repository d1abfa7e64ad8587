"""Every edit: the text it gives to the letter, the same again, and what a new scan sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editing import call_in, edited_at
from hypothesis import given, settings
from hypothesis import strategies as st
from scanning import scan_text

from fixit_tui.code.edits import EDITS, Edited, EditResult, Refused, apply_edit
from fixit_tui.errors import UsageError

ON = {"conflict_columns": ["a", "b"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["a", "b"], "ignore_duplicates": False}
INSERTS = [
    ("await sb.from('t').insert({ a, b });", ON,
     "await sb.from('t').upsert({ a, b }, { onConflict: 'a,b', ignoreDuplicates: true });"),
    ("await sb.from('t').insert({ a, b });", MERGE,
     "await sb.from('t').upsert({ a, b }, { onConflict: 'a,b' });"),
    ('await sb.from("t").insert({ a, b })', MERGE,
     'await sb.from("t").upsert({ a, b }, { onConflict: "a,b" })'),
    ("await sb.from('t').insert({ a }).select('id').single();", ON,
     "await sb.from('t').upsert({ a }, { onConflict: 'a,b', ignoreDuplicates: true }).select('id').maybeSingle();"),
    ("await sb.from('t').insert({ a }).select().single();", MERGE,
     "await sb.from('t').upsert({ a }, { onConflict: 'a,b' }).select().single();"),
    ("await sb\r\n\t.from('t')\r\n\t.insert(\r\n\t\t{\r\n\t\t\ta,\r\n\t\t},\r\n\t);\r\n", MERGE,
     "await sb\r\n\t.from('t')\r\n\t.upsert(\r\n\t\t{\r\n\t\t\ta,\r\n\t\t},\r\n\t\t{ onConflict: 'a,b' },\r\n\t);\r\n"),
    ("await sb.from('t').insert([{ a }], { count: 'exact' });", MERGE,
     "await sb.from('t').upsert([{ a }], { count: 'exact', onConflict: 'a,b' });"),
    ("await sb.from('t').insert({ a }, { upsert: true, onConflict: 'id' });", MERGE,
     "await sb.from('t').upsert({ a }, { onConflict: 'a,b' });"),
    ("const table = sb.from('t');\nawait table.insert({ a });", MERGE,
     "const table = sb.from('t');\nawait table.upsert({ a }, { onConflict: 'a,b' });"),
    ("const é = '😀'; await sb.from('t').insert({ a: '日' }); // ü\udcff", MERGE,
     "const é = '😀'; await sb.from('t').upsert({ a: '日' }, { onConflict: 'a,b' }); // ü\udcff"),
    ("\ufeffawait sb.from('t').insert({ a })", MERGE,
     "\ufeffawait sb.from('t').upsert({ a }, { onConflict: 'a,b' })"),
    ("await sb.from('t').insert({ id: 1, a });", {**MERGE, "drop_columns": ["id"]},
     "await sb.from('t').upsert({ a }, { onConflict: 'a,b' });"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "params", "wanted"), INSERTS)
def test_insert_to_upsert(text: str, params: dict[str, Any], wanted: str) -> None:
    result = edited_at("insert-to-upsert", text, call_in(text), params)
    assert result == wanted
    now = call_in(result)
    assert (now.verb, now.on_conflict) == ("upsert", ("a", "b"))
    assert bool(now.ignore_duplicates) is params["ignore_duplicates"]


def test_the_guard_around_an_insert_stays() -> None:
    text = """async function f() {
  const { data: found } = await sb.from('t').select('id').eq('a', 1).single();
  if (!found) {
    await sb.from('t').insert({ a: 1, b: 2 });
  }
}
"""
    result = edited_at("insert-to-upsert", text, call_in(text, verb="insert"), ON)
    assert (
        result.replace(
            ".upsert({ a: 1, b: 2 }, { onConflict: 'a,b', ignoreDuplicates: true })",
            ".insert({ a: 1, b: 2 })",
        )
        == text
    )


SQL_INSERTS = [
    ("await c.query('INSERT INTO t (a, c) ' +\n  'VALUES ($1, $2)', p);", MERGE,
     "await c.query('INSERT INTO t (a, c) ' +\n  'VALUES ($1, $2) ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c', p);"),
    ("const text = [\n  'INSERT INTO t (a, c)',\n  'VALUES ($1, $2)',\n].join('\\n');\nawait c.query(text, p);", MERGE,
     "const text = [\n  'INSERT INTO t (a, c)',\n  'VALUES ($1, $2) ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c',\n].join('\\n');\nawait c.query(text, p);"),
    ("await c.query('insert into t (a, b)\\n' + \"values ($1, $2)\\n\" + `returning \"C\"`, p);", MERGE,
     "await c.query('insert into t (a, b)\\n' + \"values ($1, $2) on conflict (a, b) do update set a = excluded.a\\n\" + `returning \"C\"`, p);"),
    ("await c.query('insert into t (a, b) values ($1, $2)', p);", ON,
     "await c.query('insert into t (a, b) values ($1, $2) on conflict (a, b) do nothing', p);"),
    ("import postgres from 'postgres'; const sql = postgres();\nawait sql`\n  insert into t ${sql(row, 'a', 'b', 'C')}\n  returning *\n`;", MERGE,
     "import postgres from 'postgres'; const sql = postgres();\nawait sql`\n  insert into t ${sql(row, 'a', 'b', 'C')}\n  on conflict (a, b) do update set \"C\" = excluded.\"C\"\n  returning *\n`;"),
    ("await c.query('INSERT INTO t (id, a, b, c) VALUES ($1, $2, $3, $4)', p);", {**MERGE, "keep_columns": ["id"]},
     "await c.query('INSERT INTO t (id, a, b, c) VALUES ($1, $2, $3, $4) ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c', p);"),
    ("await c.query('INSERT INTO t (a, b, c) VALUES ($1, $2, $3)', p);", ON,
     "await c.query('INSERT INTO t (a, b, c) VALUES ($1, $2, $3) ON CONFLICT (a, b) DO NOTHING', p);"),
    ("await c.query('INSERT INTO t (a, b, \"C\") VALUES ($1, $2, $3);', p);", MERGE,
     "await c.query('INSERT INTO t (a, b, \"C\") VALUES ($1, $2, $3) ON CONFLICT (a, b) DO UPDATE SET \"C\" = EXCLUDED.\"C\";', p);"),
    ("await c.query(\"INSERT INTO t (a, b, \\\"C\\\") VALUES ($1, $2, $3)\", p);", MERGE,
     "await c.query(\"INSERT INTO t (a, b, \\\"C\\\") VALUES ($1, $2, $3) ON CONFLICT (a, b) DO UPDATE SET \\\"C\\\" = EXCLUDED.\\\"C\\\"\", p);"),
    ("await c.query(`\n  INSERT INTO t (a, b, c)\n  VALUES ($1, $2, $3)\n  RETURNING id\n`, p);", MERGE,
     "await c.query(`\n  INSERT INTO t (a, b, c)\n  VALUES ($1, $2, $3)\n  ON CONFLICT (a, b) DO UPDATE SET c = EXCLUDED.c\n  RETURNING id\n`, p);"),
    # Only a row that is written comes back.
    ("await c.query('INSERT INTO t (a, b, c) VALUES ($1, $2, $3) RETURNING id', p);", ON,
     "await c.query('INSERT INTO t (a, b, c) VALUES ($1, $2, $3) ON CONFLICT (a, b) DO UPDATE SET a = EXCLUDED.a RETURNING id', p);"),
    ("const r = await sql`INSERT INTO t (a, b) VALUES (${x}, ${f('}', `${1}`)})`;", ON,
     "const r = await sql`INSERT INTO t (a, b) VALUES (${x}, ${f('}', `${1}`)}) ON CONFLICT (a, b) DO NOTHING`;"),
    ("await c.query(`INSERT INTO t (a, b) VALUES ('RETURNING; ON CONFLICT', $1) -- returning`, p);", ON,
     "await c.query(`INSERT INTO t (a, b) VALUES ('RETURNING; ON CONFLICT', $1) ON CONFLICT (a, b) DO NOTHING -- returning`, p);"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "params", "wanted"), SQL_INSERTS)
def test_insert_to_upsert_in_sql(text: str, params: dict[str, Any], wanted: str) -> None:
    result = edited_at("insert-to-upsert", text, call_in(text, None), params)
    assert result == wanted
    assert "ON CONFLICT (A, B)" in (call_in(result, None).statement or "").upper()


TARGET = {"columns": ["user_id", "slug"], "drop_columns": ["id"]}
TARGETS = [
    ("async function f(goal: { id: string; slug: string }) {\n  const { error } = await sb.from('t').upsert(goal, { onConflict: 'id' });\n}\n",
     "async function f(goal: { id: string; slug: string }) {\n  const { id: _id, ...row } = goal;\n  const { error } = await sb.from('t').upsert(row, { onConflict: 'user_id,slug' });\n}\n"),
    ("async function f(goal) {\r\n  log(goal.slug)\r\n  await sb.from('t').upsert(goal)\r\n}\r\n",
     "async function f(goal) {\r\n  log(goal.slug)\r\n  const { id: _id, ...row } = goal\r\n  await sb.from('t').upsert(row, { onConflict: 'user_id,slug' })\r\n}\r\n"),
    ("async function f(row: Goal) {\n  await sb.from('t').upsert(row, { onConflict: 'id' });\n  return row.id;\n}\n",
     "async function f(row: Goal) {\n  const { id: _id, ...rowRow } = row;\n  await sb.from('t').upsert(rowRow, { onConflict: 'user_id,slug' });\n  return row.id;\n}\n"),
    ("const f = (goal: Partial<Goal>) => sb.from('t').upsert(goal, { onConflict: 'id' });\n",
     "const f = (goal: Partial<Goal>) => sb.from('t').upsert((({ id: _id, ...row }) => row)(goal), { onConflict: 'user_id,slug' });\n"),
    ("async function f(goals: Goal[]) {\n  await sb.from('t').upsert(goals, { onConflict: 'id' });\n}\n",
     "async function f(goals: Goal[]) {\n  await sb.from('t').upsert(goals.map(({ id: _id, ...row }) => row), { onConflict: 'user_id,slug' });\n}\n"),
    ("await sb.from('t').upsert(gs.map((g) => ({ id: g.id, slug: g.slug })), { onConflict: 'id' });",
     "await sb.from('t').upsert(gs.map((g) => ({ slug: g.slug })), { onConflict: 'user_id,slug' });"),
    ("await sb.from('t').upsert(\n  {\n    id: crypto.randomUUID(),\n    slug,\n  },\n  { onConflict: 'id' },\n);",
     "await sb.from('t').upsert(\n  {\n    slug,\n  },\n  { onConflict: 'user_id,slug' },\n);"),
    ("await sb.from('t').upsert({ slug, id }, { onConflict: 'id', count: 'exact' });",
     "await sb.from('t').upsert({ slug }, { onConflict: 'user_id,slug', count: 'exact' });"),
    ("await sb.from('t').upsert({ id }, { onConflict: ID });",
     "await sb.from('t').upsert({  }, { onConflict: 'user_id,slug' });"),
    ("const onConflict = 'id'; await sb.from('t').upsert({ a: 1 }, { onConflict });",
     "const onConflict = 'id'; await sb.from('t').upsert({ a: 1 }, { onConflict: 'user_id,slug' });"),
    ("const row = { id, slug };\nawait sb.from('t').upsert(row, { onConflict: 'id' });",
     "const row = { slug };\nawait sb.from('t').upsert(row, { onConflict: 'user_id,slug' });"),
    ("for (const goal of goals) {\n  await sb.from('t').upsert(goal, { onConflict: 'id' });\n}\n",
     "for (const goal of goals) {\n  const { id: _id, ...row } = goal;\n  await sb.from('t').upsert(row, { onConflict: 'user_id,slug' });\n}\n"),
    ("if (ok) await sb.from('t').upsert({ ...goal, a: 1 });",
     "if (ok) await sb.from('t').upsert({ ...(({ id: _id, ...row }) => row)(goal), a: 1 }, { onConflict: 'user_id,slug' });"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), TARGETS)
def test_set_conflict_target(text: str, wanted: str) -> None:
    result = edited_at("set-conflict-target", text, call_in(text), TARGET)
    assert result == wanted
    now = call_in(result)
    assert now.on_conflict == ("user_id", "slug")
    assert "id" not in (now.columns or ())


DROPS = [
    ("""async function f() {
  const { error: one } = await sb.from('u').insert({ a: 1 });
  if (one) throw one;

  const { error: two } = await sb
    .from('t')
    .insert({ a: 1 });
  if (two) throw new Error(`t: ${two.message}`);
  console.log('done');

  return 1;
}
""", """async function f() {
  const { error: one } = await sb.from('u').insert({ a: 1 });
  if (one) throw one;

  console.log('done');

  return 1;
}
"""),
    ("f();\r\n\r\nawait sb.from('t').insert({ a: 1 });\r\n\r\ng();\r\n", "f();\r\n\r\ng();\r\n"),
    ("const r = await sb.from('t').insert({ a: 1 })\nif (r.error) {\n  log(r.error)\n  return\n}\ng()",
     "g()"),
    ("const { error } = await sb.from('u').insert({});\nif (error) throw error;\n{\n  const { error } = await sb.from('t').insert({ a: 1 });\n  if (error) throw error;\n  g();\n}\n",
     "const { error } = await sb.from('u').insert({});\nif (error) throw error;\n{\n  g();\n}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), DROPS)
def test_drop_manual_insert(text: str, wanted: str) -> None:
    result = edited_at("drop-manual-insert", text, call_in(text), {})
    assert result == wanted
    assert [c.relation for c in scan_text("a.ts", result).calls if c.relation == "t"] == []


KEPT = [
    "const { data, error } = await X.select(); if (error) throw error; use(data);",
    "const { error } = await X; if (error) throw error; report(error);",
    "const { error } = await X; if (error) { await undo(); }",
    "const { error } = await X; if (!error) { next(); }",
    "const { error } = await X; if (error) { a(); } else { b(); }",
    "const { error } = await X; if (error && other) throw error;",
    "await Promise.all([X, more()]);",
    "if (ok) await X;",
    "const f = () => X;",
    "const a = 1, b = await X;",
    "return await X;",
]


@pytest.mark.parametrize("text", KEPT)
def test_an_insert_that_is_needed_is_not_dropped(text: str) -> None:
    whole = f"async function f() {{\n  {text.replace('X', 'sb.from(`t`).insert({ a: 1 })')}\n}}\n"
    assert isinstance(apply_edit("drop-manual-insert", whole, call_in(whole), {}), Refused)


def test_the_second_of_two_equal_inserts_survives() -> None:
    line = "  await sb.from('t').insert({ a: 1 });\n"
    text = "async function f() {\n" + line + line + "}\n"
    first = scan_text("a.ts", text).calls[0]
    result = apply_edit("drop-manual-insert", text, first, {})
    assert isinstance(result, Edited)
    assert result.text.count("insert") == 1


def test_single_to_maybe_single() -> None:
    text = (
        "const { data } = await sb.from('t').select('single').eq('single', 1)\n  .single<Row>();\n"
    )
    result = edited_at("single-to-maybe-single", text, call_in(text), {})
    assert result == text.replace(".single<", ".maybeSingle<")
    assert call_in(result).cardinality == "maybe_single"


REFUSALS = [
    ("insert-to-upsert", "await sb.from('t').select();", ON),
    ("insert-to-upsert", "await sb.from('t').insert({ a });", {**ON, "drop_columns": ["a"]}),
    ("set-conflict-target", "async function f(goal) { await sb.from('t').upsert(goal) }", TARGET),
    ("set-conflict-target", "await sb.from('t').upsert(make(), { onConflict: 'id' });", TARGET),
    ("set-conflict-target", "await sb.from('t').insert({ a });", TARGET),
    ("single-to-maybe-single", "await sb.from('t').select();", {}),
    ("handle-conflict", "await sb.from('t').insert({ a });", {}),
    ("savepoint-before-try", "await sb.from('t').insert({ a });", {}),
    ("rollback-in-catch", "try { await sb.from('t').insert({ a }) } catch (e) { f() }", {}),
    ("drop-manual-insert", "await sb.from('t').select();", {}),
    ("drop-delete", "await sb.from('t').insert({ a });", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "params"), REFUSALS)
def test_refused_with_an_idiom(name: str, text: str, params: dict[str, Any]) -> None:
    result = apply_edit(name, text, call_in(text), params)
    assert isinstance(result, Refused)
    assert result.reason
    assert result.idiom


SQL_REFUSALS = [
    ("insert-to-upsert", "await c.query('INSERT INTO t (a) ' + values);", ON),
    ("insert-to-upsert", "await c.query('INSERT INTO t (a) VALUES (1) ON CONFLICT ' + 'DO NOTHING');", ON),
    ("insert-to-upsert", "import postgres from 'postgres'; const sql = postgres();\nawait sql`insert into t ${sql(rows)}`;", MERGE),
    ("insert-to-upsert", "await c.query('INSERT INTO t VALUES (1)');", MERGE),
    ("insert-to-upsert", "await c.query('INSERT INTO t (a) VALUES (1); SELECT 1');", ON),
    ("add-conflict-predicate", "await c.query('INSERT INTO t (a) VALUES (1)');", {"predicate": "a"}),
    ("add-conflict-predicate", "await c.query('UPDATE t SET a = 1');", {"predicate": "a"}),
    ("set-conflict-target", "await c.query('INSERT INTO t (a, id) VALUES (1, 2) ON CONFLICT (b) DO UPDATE SET id = EXCLUDED.id');", TARGET),
    ("set-conflict-target", "await c.query('INSERT INTO t (a, id) VALUES (1, 2) ON CONFLICT (b) DO UPDATE SET id = 3, a = 4');", TARGET),
    ("set-conflict-target", "await c.query('INSERT INTO t (a, id) VALUES (1, 2) ON CONFLICT DO NOTHING');", TARGET),
    ("add-conflict-predicate", "await c.query('INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) WHERE x = $2 DO NOTHING', [1, 2])", {"predicate": "x"}),
    ("savepoint-around-statement", "await c.query('INSERT INTO t (a) VALUES (1)');", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "params"), SQL_REFUSALS)
def test_sql_refusals(name: str, text: str, params: dict[str, Any]) -> None:
    assert isinstance(apply_edit(name, text, call_in(text, None), params), Refused)


def test_a_call_that_a_helper_makes_is_refused() -> None:
    text = "const add = (t, r) => sb.from(t).insert(r);\nawait add('t', { a: 1 });\n"
    assert isinstance(apply_edit("insert-to-upsert", text, call_in(text), ON), Refused)


def test_a_file_that_changed() -> None:
    text = "await sb.from('t').insert({ a: 1 });\n"
    call = call_in(text)
    assert isinstance(apply_edit("insert-to-upsert", "nothing();\n", call, ON), Refused)
    moved = "// one more line\n" + text
    result = apply_edit("insert-to-upsert", moved, call, ON)
    assert isinstance(result, Edited)
    assert "upsert" in result.text


def test_bad_requests() -> None:
    text = "await sb.from('t').insert({ a: 1 });\n"
    call = call_in(text)
    for name, params in (
        ("no-such-edit", {}), ("insert-to-upsert", {}), ("insert-to-upsert", {"conflict_columns": []}),
        ("insert-to-upsert", {"conflict_columns": "a"}), ("set-conflict-target", {"columns": [1]}),
        ("handle-conflict", {"sqlstate": 7}),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            apply_edit(name, text, call, params)


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(EDITS)),
    before=st.text(st.sampled_from("aé😀 \n\r;/*{}'\udcff"), max_size=25),
    columns=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=3, unique=True),
)
def test_only_the_call_changes(name: str, before: str, columns: list[str]) -> None:
    text = (
        before + "\nasync function f() {\n  await sb.from('t').insert({ a: 1, b: 2 });\n}\n// é\r\n"
    )
    calls = [c for c in scan_text("a.ts", text).calls if c.relation == "t"]
    if not calls:
        return
    params = {"conflict_columns": columns, "columns": columns, "predicate": "a", "clause": "x"}
    result: EditResult = apply_edit(name, text, calls[0], params)
    if isinstance(result, Edited):
        assert result.text.startswith(before)
        assert result.text.endswith("\n}\n// é\r\n")


def test_edits_name_every_edit_of_the_playbooks() -> None:
    import re

    root = Path(__file__).parents[3] / "playbooks"
    named = {
        found
        for path in root.glob("*/findings.sql")
        for found in re.findall(r"'edit', '([a-z-]+)'", path.read_text(encoding="utf-8"))
    }
    assert named <= set(EDITS)
    assert "insert-to-upsert" in named
