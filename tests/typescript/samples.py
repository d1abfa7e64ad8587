"""Sources that compile, and the edits that are made to them: supabase-js, v1 and v2, typed and not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

INSERT = "insert-to-upsert"
SET = "set-conflict-target"
SINGLE = "single-to-maybe-single"
DROP = "drop-manual-insert"
HANDLE = "handle-conflict"
IGNORE = {"conflict_columns": ["user_id", "slug"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["user_id", "slug"], "ignore_duplicates": False}
MERGE_NO_ID = {**MERGE, "drop_columns": ["id"]}
TARGET = {"columns": ["user_id", "slug"]}
TARGET_NO_ID = {**TARGET, "drop_columns": ["id"]}

_HEAD = "import type { Database, Goal, NewGoal } from './database';\nexport type Names = [Database, Goal, NewGoal];\n"
PRELUDES = {
    "typed": "import { createClient } from '@supabase/supabase-js';\n"
    + _HEAD
    + "export const sb = createClient<Database>('u', 'k');\n",
    "untyped": "import { createClient } from '@supabase/supabase-js';\n"
    + _HEAD
    + "export const sb = createClient('u', 'k');\n",
    "v1": "import { createClient } from 'supabase-js-v1';\n"
    + _HEAD
    + "export const sb = createClient('u', 'k');\n",
    "pg": "import { Pool } from 'pg';\n" + _HEAD + "export const pool = new Pool();\n",
    "postgres": "import postgres from 'postgres';\n"
    + _HEAD
    + "export const sql = postgres('postgres://');\n",
}
_DECLARED = "declare const user: string;\ndeclare function uuid(): string;\nexport const known = [user, uuid];\n"
V2 = ("typed", "untyped")
ALL = ("typed", "untyped", "v1")


@dataclass(frozen=True, slots=True)
class Sample:
    """A body that is compiled behind each of its preludes, and one edit of its call about `t`."""

    name: str
    edit: str
    params: Mapping[str, object]
    body: str
    preludes: tuple[str, ...] = ALL
    suffix: str = "ts"
    verb: str = ""
    statement: str = ""
    beyond: bool = False  # something outside of the call's own function changes, too

    def sources(self, preludes: Mapping[str, str] = PRELUDES) -> Iterator[tuple[str, str]]:
        """A path and a whole source for each prelude."""
        for prelude in self.preludes:
            text = preludes[prelude] + _DECLARED + self.body
            yield f"{self.name}-{prelude}.{self.suffix}", text


def inside(*lines: str, head: str = "export async function f(goal: NewGoal)") -> str:
    """Lines as the body of a function."""
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def read(*lines: str, returns: str = "") -> str:
    """A read of one row by its slug, and what follows it."""
    asked = (
        "const { data, error } = await sb.from('t').select('id').eq('slug', goal.slug).single();"
    )
    return inside(asked, *lines, head=f"export async function f(goal: NewGoal){returns}")


GOALS = "export async function f(goals: NewGoal[])"
ROWS = "const rows = goals.map((g) => ({ id: uuid(), user_id: user, slug: g.slug }));"
THROW = "if (error) throw error;"

SAMPLES = (
    # insert → upsert
    Sample("insert-literal", INSERT, IGNORE, inside(
        "const { error } = await sb.from('t').insert({ user_id: user, slug: goal.slug });", THROW)),
    Sample("insert-literal-merge", INSERT, MERGE, inside(
        "const { error } = await sb.from('t').insert({ user_id: user, slug: goal.slug });", THROW)),
    Sample("insert-double-quotes", INSERT, IGNORE, inside(
        'await sb.from("t").insert({ user_id: user, slug: "a" })')),
    Sample("insert-lines", INSERT, MERGE, inside(
        "const { data, error } = await sb", "  // the goals", "  .from('t')",
        "  .insert([", "    { user_id: user, slug: 'a' }, // one", "    { user_id: user, slug: 'b' },", "  ]) /* all */",
        "  .select('id');", THROW, "return data;"), V2),
    Sample("insert-lines-own", INSERT, MERGE, inside(
        "await sb", "  .from('t')", "  .insert(", "    {", "      user_id: user,", "      slug: goal.slug,", "    },", "  );")),
    Sample("insert-variable", INSERT, MERGE, inside(
        "const row: NewGoal = { user_id: user, slug: goal.slug };", "await sb.from('t').insert(row);")),
    Sample("insert-parameter", INSERT, MERGE, inside("await sb.from('t').insert(goal);")),
    Sample("insert-parameter-no-id", INSERT, MERGE_NO_ID, inside("await sb.from('t').insert(goal);")),
    Sample("insert-rows", INSERT, MERGE, inside("await sb.from('t').insert(goals);", head=GOALS)),
    Sample("insert-rows-no-id", INSERT, MERGE_NO_ID, inside("await sb.from('t').insert(goals);", head=GOALS)),
    Sample("insert-spread", INSERT, MERGE, inside("await sb.from('t').insert({ ...goal, user_id: user });")),
    Sample("insert-spread-no-id", INSERT, MERGE_NO_ID, inside("await sb.from('t').insert({ ...goal, id: uuid() });")),
    Sample("insert-uuid", INSERT, MERGE_NO_ID, inside(
        "await sb.from('t').insert({ id: crypto.randomUUID(), user_id: user, slug: goal.slug });")),
    Sample("insert-built-elsewhere", INSERT, MERGE, "const build = (slug: string): NewGoal => ({ user_id: user, slug });\n" + inside(
        "await sb.from('t').insert(build(goal.slug));")),
    Sample("insert-options", INSERT, MERGE, inside("await sb.from('t').insert({ user_id: user, slug: 'a' }, { count: 'exact' });")),
    Sample("insert-options-constant", INSERT, MERGE, inside(
        "const options = { count: 'exact' } as const;", "await sb.from('t').insert(goal, options);")),
    Sample("insert-single-data-asked", INSERT, IGNORE, inside(
        "const { data, error } = await sb.from('t').insert(goal).select('id').single();", THROW, "if (data) return data.id;", "return null;"), V2),
    Sample("insert-single-optional", INSERT, IGNORE, inside(
        "const { data } = await sb.from('t').insert(goal).select().single();", "return data?.id ?? null;"), V2),
    Sample("insert-single-merge", INSERT, MERGE, inside(
        "const { data, error } = await sb.from('t').insert(goal).select().single();", THROW, "return data.id;"), V2),
    Sample("insert-as-const", INSERT, IGNORE, inside("await sb.from('t').insert({ user_id: user, slug: 'a' } as const);")),
    Sample("insert-satisfies", INSERT, IGNORE, inside("await sb.from('t').insert({ user_id: user, slug: 'a' } satisfies NewGoal);")),
    Sample("insert-satisfies-no-id", INSERT, MERGE_NO_ID, inside("await sb.from('t').insert({ id: uuid(), user_id: user, slug: 'a' } satisfies NewGoal);")),
    Sample("insert-as-type-no-id", INSERT, MERGE_NO_ID, inside("await sb.from('t').insert({ id: uuid(), user_id: user, slug: 'a' } as NewGoal);")),
    Sample("insert-in-loop", INSERT, MERGE, inside(
        "for (const goal of goals) {", "  const { error } = await sb.from('t').insert(goal);", "  if (error) console.error(error.message);", "}", head=GOALS)),
    Sample("insert-in-loop-no-id", INSERT, MERGE_NO_ID, inside(
        "for (const goal of goals) {", "  const { error } = await sb.from('t').insert(goal);", "  if (error) console.error(error.message);", "}", head=GOALS)),
    Sample("insert-arrow", INSERT, IGNORE, "export const add = async (goal: NewGoal) => sb.from('t').insert(goal);\n"),
    Sample("insert-arrow-no-id", INSERT, MERGE_NO_ID, "export const add = async (goal: NewGoal) => sb.from('t').insert(goal);\n"),
    Sample("insert-then", INSERT, IGNORE, "export const add = (goal: NewGoal) => sb.from('t').insert(goal).then(({ error }) => { if (error) throw error; });\n"),
    Sample("insert-all", INSERT, MERGE_NO_ID, inside("await Promise.all(goals.map((g) => sb.from('t').insert(g)));", head=GOALS)),
    Sample("insert-generic-from", INSERT, MERGE_NO_ID, inside("await sb.from<Goal>('t').insert({ id: uuid(), user_id: user, slug: goal.slug });"), ("v1",)),
    Sample("insert-guarded", INSERT, IGNORE, inside(
        "const { data: found } = await sb.from('t').select('id').eq('slug', goal.slug).maybeSingle();",
        "if (!found) {", "  await sb.from('t').insert(goal);", "}"), verb="insert"),
    Sample("insert-v1-single", INSERT, MERGE_NO_ID, inside(
        "const { data, error } = await sb.from<Goal>('t').insert({ id: uuid(), user_id: user, slug: 'a' }, { returning: 'minimal' });", THROW, "return data;"), ("v1",)),
    Sample("insert-v1-upsert-option", INSERT, MERGE, inside(
        "await sb.from<Goal>('t').insert({ user_id: user, slug: 'a' }, { upsert: true, onConflict: 'id' });"), ("v1",)),
    Sample("insert-tsx", INSERT, IGNORE,
        "import { useEffect } from 'react';\nexport function Goals({ goal }: { goal: NewGoal }) {\n  useEffect(() => {\n"
        "    const save = async () => {\n      const { error } = await sb.from('t').insert(goal);\n      if (error) console.error(error);\n    };\n"
        "    void save();\n  }, [goal]);\n  return <p className=\"goal\">{goal.slug}</p>;\n}\n", suffix="tsx"),
    Sample("insert-tsx-no-id", INSERT, MERGE_NO_ID,
        "export function Add({ goal }: { goal: NewGoal }) {\n"
        "  const save = async () => {\n    await sb.from('t').insert({ ...goal, id: uuid() });\n  };\n"
        "  return <button onClick={() => void save()}>{goal.slug}</button>;\n}\n", suffix="tsx"),
    Sample("insert-tsx-inline-no-id", INSERT, MERGE_NO_ID,
        "export const Add = ({ goals }: { goals: NewGoal[] }) => (\n"
        "  <button onClick={() => void sb.from('t').insert(goals)}>{goals.length}</button>\n);\n", suffix="tsx"),
    # the target, and what is left out of the row
    Sample("target-literal", SET, TARGET, inside("await sb.from('t').upsert({ user_id: user, slug: 'a' }, { onConflict: 'id' });")),
    Sample("target-missing", SET, TARGET, inside("await sb.from('t').upsert({ user_id: user, slug: 'a' });")),
    Sample("target-missing-no-id", SET, TARGET_NO_ID, inside("await sb.from('t').upsert(goal);")),
    Sample("target-uuid", SET, TARGET_NO_ID, inside(
        "const { error } = await sb.from('t').upsert(", "  { id: uuid(), user_id: user, slug: 'a' },", "  { onConflict: 'id', ignoreDuplicates: false },", ");", THROW)),
    Sample("target-id-made-before", SET, TARGET_NO_ID, "import { randomUUID } from 'node:crypto';\n" + inside(
        "const id = randomUUID();", "await sb.from('t').upsert({ id, user_id: user, slug: 'a' }, { onConflict: 'id' });"), beyond=True),
    Sample("target-variable", SET, TARGET_NO_ID, inside(
        "const row = { id: uuid(), user_id: user, slug: goal.slug };", "await sb.from('t').upsert(row, { onConflict: 'id' });")),
    Sample("target-variable-typed", SET, TARGET_NO_ID, inside(
        "const row: NewGoal = { id: uuid(), user_id: user, slug: goal.slug };", "await sb.from('t').upsert(row, { onConflict: 'id' });")),
    Sample("target-variable-named-type", SET, TARGET_NO_ID, inside(
        "const row: Database['public']['Tables']['t']['Insert'] = { id: uuid(), user_id: user, slug: goal.slug };", "await sb.from('t').upsert(row);")),
    Sample("target-built-in-steps", SET, TARGET_NO_ID, inside(
        "const row: NewGoal = { user_id: user, slug: goal.slug };", "row.id = uuid();", "await sb.from('t').upsert(row);")),
    Sample("target-rows", SET, TARGET_NO_ID, inside(ROWS, "await sb.from('t').upsert(rows);", head=GOALS)),
    Sample("target-rows-typed", SET, TARGET_NO_ID, inside(
        "const rows: NewGoal[] = goals.map((g) => ({ id: uuid(), user_id: user, slug: g.slug }));", "await sb.from('t').upsert(rows);", head=GOALS)),
    Sample("target-rows-pushed", SET, TARGET_NO_ID, inside(
        "const rows: NewGoal[] = [];", "for (const g of goals) {", "  rows.push({ id: uuid(), user_id: user, slug: g.slug });", "}", "await sb.from('t').upsert(rows);", head=GOALS)),
    Sample("target-rows-inline", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goals.map((g) => ({ ...g, id: g.id ?? uuid() })));", head=GOALS)),
    Sample("target-rows-return-type", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goals.map((g): NewGoal => ({ id: uuid(), user_id: user, slug: g.slug })));", head=GOALS)),
    Sample("target-readonly-rows", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert([...goals]);", head="export async function f(goals: readonly NewGoal[])")),
    Sample("target-array", SET, TARGET_NO_ID, inside("await sb.from('t').upsert([goal], { onConflict: 'id' });")),
    Sample("target-two", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert([a, b]);", head="export async function f(a: NewGoal, b: Goal)")),
    Sample("target-type-without-id", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goal);", head="export async function f(goal: { user_id: string; slug: string })")),
    Sample("target-omit-rows", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goals);", head="export async function f(goals: Omit<Goal, 'id'>[])")),
    Sample("target-omit-one", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goal);", head="export async function f(goal: Omit<NewGoal, 'id'>)")),
    Sample("target-pick", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goal);", head="export async function f(goal: Pick<Goal, 'id' | 'user_id' | 'slug'>)")),
    Sample("target-insert-type", SET, TARGET_NO_ID, inside(
        "await sb.from('t').upsert(goal);", head="export async function f(goal: Database['public']['Tables']['t']['Insert'])")),
    Sample("target-options-variable", SET, TARGET, inside(
        "const options = { onConflict: 'id' };", "await sb.from('t').upsert(goal, options);")),
    Sample("target-options-shared", SET, TARGET_NO_ID, "export const options = { onConflict: 'id', ignoreDuplicates: false };\n" + inside(
        "await sb.from('t').upsert(goal, options);")),
    Sample("target-options-spread", SET, TARGET, "const base = { count: 'exact' } as const;\n" + inside(
        "await sb.from('t').upsert(goal, { ...base, onConflict: 'id' });")),
    Sample("target-options-const", SET, TARGET, inside(
        "const options = { onConflict: 'id', count: 'exact' } as const;", "await sb.from('t').upsert(goal, options);")),
    Sample("target-options-parameter", SET, TARGET, inside(
        "await sb.from('t').upsert(goal, options);", head="export async function f(goal: NewGoal, options?: { onConflict?: string })")),
    Sample("target-options-chosen", SET, TARGET, inside(
        "await sb.from('t').upsert(goal, key ? { onConflict: key } : undefined);", head="export async function f(goal: NewGoal, key?: string)")),
    Sample("target-on-conflict-shorthand", SET, TARGET, inside(
        "const onConflict = 'id';", "await sb.from('t').upsert(goal, { onConflict });", "return onConflict;")),
    Sample("target-select", SET, TARGET_NO_ID, inside(
        "const { data, error } = await sb.from('t').upsert(goal).select().single();", THROW, "return data.id;"), V2),
    Sample("target-if", SET, TARGET_NO_ID, inside("if (goal.slug) await sb.from('t').upsert(goal);")),
    Sample("target-return", SET, TARGET_NO_ID, inside("return sb.from('t').upsert(goal, { onConflict: 'id' });")),
    Sample("target-class", SET, TARGET_NO_ID,
        "export class Goals {\n  constructor(private readonly rows: NewGoal[]) {}\n  async save(): Promise<void> {\n    const { error } = await sb.from('t').upsert(this.rows.map((r) => ({ ...r, id: r.id ?? uuid() })));\n    if (error) throw error;\n  }\n}\n"),
    # maybeSingle
    Sample("single-not-found", SINGLE, {}, inside(
        "const { data } = await sb.from('t').select('id').eq('slug', goal.slug).single();", "if (!data) return null;", "return data.id;")),
    Sample("single-error-thrown", SINGLE, {}, inside(
        "const { data, error } = await sb.from('t').select('id').eq('slug', goal.slug).single();",
        "if (error && error.code !== 'PGRST116') throw error;", "if (!data) await sb.from('t').insert(goal);"), V2, verb="select"),
    Sample("single-existing", SINGLE, {}, inside(
        "const { data: existing } = await sb.from('t').select().eq('slug', goal.slug).single();", "return existing?.title ?? '';")),
    Sample("single-thrown-and-used", SINGLE, {}, read(THROW, "return data.id;")),
    Sample("single-thrown-block", SINGLE, {}, read("if (error) {", "  console.error(error.message);", "  throw error;", "}", "console.log(data.id);")),
    Sample("single-thrown-own", SINGLE, {}, read("if (error) throw new Error('none');", "return data.id;")),
    Sample("single-returned", SINGLE, {}, read("if (error) return null;", "return data.id;")),
    Sample("single-returned-logged", SINGLE, {}, read("if (error) {", "  console.error(error.message);", "  return null;", "}", "return data.id;")),
    Sample("single-whole-row", SINGLE, {}, read(THROW, "return data;")),
    Sample("single-promised-or-null", SINGLE, {}, read(THROW, "return data;", returns=": Promise<Pick<Goal, 'id'> | null>")),
    Sample("single-not-error", SINGLE, {}, read("if (!error) console.log(data.id);")),
    Sample("single-not-error-block", SINGLE, {}, read("if (!error) {", "  const id = data.id;", "  console.log(id);", "}")),
    Sample("single-error-or-none", SINGLE, {}, read("if (error || !data) return null;", "return data.id;")),
    Sample("single-insert-when-missing", SINGLE, {}, read("if (error) {", "  await sb.from('u').insert(goal);", "} else {", "  console.log(data.id);", "}"), ("untyped", "v1"), verb="select"),
    Sample("single-logged", SINGLE, {}, read("if (error) console.error(error);", "return data?.id;")),
    Sample("single-result", SINGLE, {}, inside(
        "const found = await sb.from('t').select('id').eq('slug', goal.slug).single();", "if (found.error) throw found.error;", "return found.data.id;")),
    Sample("single-in-loop", SINGLE, {}, inside(
        "for (const goal of goals) {", "  const { data, error } = await sb.from('t').select('id').eq('slug', goal.slug).single();",
        "  if (error) throw error;", "  console.log(data.id);", "}", head=GOALS)),
    Sample("single-then", SINGLE, {}, "export const f = (goal: NewGoal) =>\n  sb.from('t').select('id').eq('slug', goal.slug).single().then(({ data, error }) => {\n    if (error) throw error;\n    return data.id;\n  });\n", ("typed", "untyped")),
    Sample("single-state", SINGLE, {},
        "import { useEffect, useState } from 'react';\nexport function Show({ slug }: { slug: string }) {\n  const [goal, setGoal] = useState<Goal | null>(null);\n"
        "  useEffect(() => {\n    const load = async () => {\n      const { data, error } = await sb.from('t').select().eq('slug', slug).single();\n"
        "      if (error) throw error;\n      setGoal(data);\n    };\n    void load();\n  }, [slug]);\n  return <p>{goal?.title}</p>;\n}\n", suffix="tsx"),
    Sample("single-state-needed", SINGLE, {},
        "import { useEffect, useState } from 'react';\nexport function Show({ slug }: { slug: string }) {\n  const [title, setTitle] = useState('');\n"
        "  useEffect(() => {\n    const load = async () => {\n      const { data, error } = await sb.from('t').select().eq('slug', slug).single();\n"
        "      if (error) {\n        console.error(error.message);\n        return;\n      }\n      setTitle(data.title ?? '');\n    };\n    void load();\n  }, [slug]);\n  return <p>{title}</p>;\n}\n", suffix="tsx"),
    # a duplicate is no error, rows of one batch, a write that goes
    Sample("handled", HANDLE, {"sqlstate": "23505"}, inside("const { error } = await sb.from('t').insert(goal);", THROW)),
    Sample("handled-row-or-none", HANDLE, {"sqlstate": "23505"}, inside(
        "const { data, error } = await sb.from('t').insert(goal).select('id').single();", "if (error) {", "  console.error(error.message);", "  throw error;", "}", "return data?.id;"), V2),
    # SQL text
    Sample("pg-concatenated", INSERT, MERGE, inside(
        "await pool.query<Goal>(", "  'INSERT INTO t (user_id, slug, title) ' +", "    'VALUES ($1, $2, $3) RETURNING id',", "  [user, goal.slug, goal.title],", ");"), ("pg",)),
    Sample("pg-object", INSERT, IGNORE, inside(
        "await pool.query({", "  text: `INSERT INTO t (user_id, slug) VALUES ($1, $2)`,", "  values: [user, goal.slug],", "});"), ("pg",)),
    Sample("pg-constant", INSERT, MERGE, "const ADD = `\n  insert into t (user_id, slug, title)\n  values ($1, $2, $3)\n`;\n" + inside(
        "const { rowCount } = await pool.query(ADD, [user, goal.slug, goal.title]);", "return rowCount;"), ("pg",), beyond=True),
    Sample("pg-target", SET, TARGET, inside(
        "await pool.query('INSERT INTO t (user_id, slug) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [user, goal.slug]);"), ("pg",)),
    Sample("pg-savepoint", "savepoint-around-statement", {}, inside(
        "const client = await pool.connect();", "try {", "  await client.query('BEGIN');",
        "  await client.query('INSERT INTO t (user_id, slug) VALUES ($1, $2)', [user, goal.slug]);", "  await client.query('COMMIT');",
        "} catch (problem) {", "  await client.query('ROLLBACK');", "  throw problem;", "} finally {", "  client.release();", "}"), ("pg",), statement="INSERT"),
    Sample("pg-rollback", "rollback-in-catch", {}, inside(
        "const client = await pool.connect();", "try {", "  await client.query('BEGIN');",
        "  await client.query('INSERT INTO t (user_id, slug) VALUES ($1, $2)', [user, goal.slug]);", "  await client.query('COMMIT');",
        "} catch (problem) {", "  console.error(problem);", "  throw problem;", "} finally {", "  client.release();", "}"), ("pg",), statement="INSERT"),
    Sample("postgres-tag", INSERT, MERGE, inside(
        "return sql<Goal[]>`insert into t (user_id, slug, title) values (${user}, ${goal.slug}, ${goal.title ?? null}) returning *`;"), ("postgres",)),
    Sample("postgres-helper", INSERT, MERGE, inside(
        "const row = { user_id: user, slug: goal.slug, title: goal.title ?? null };", "await sql`", "  insert into t ${sql(row)}", "  returning id", "`;"), ("postgres",)),
    Sample("postgres-helper-named", INSERT, IGNORE, inside(
        "await sql`INSERT INTO t ${sql(goals, 'user_id', 'slug')}`;", head=GOALS), ("postgres",)),
    Sample("postgres-target", SET, TARGET, inside(
        "await sql`insert into t ${sql(goal, 'user_id', 'slug')} on conflict (id) do nothing`;"), ("postgres",)),
    Sample("postgres-begin", INSERT, IGNORE, inside(
        "await sql.begin(async (tx) => {", "  await tx`insert into t (user_id, slug) values (${user}, ${goal.slug})`;", "});"), ("postgres",)),
    # dropped
    Sample("drop", DROP, {}, inside(
        "const { error } = await sb.from('t').insert(goal);", "if (error) {", "  throw new Error(error.message);", "}", "return goal.slug;")),
    Sample("drop-between", DROP, {}, inside(
        "const { error: first } = await sb.from('u').delete().eq('id', 1);", "if (first) throw first;", "",
        "const { error: second } = await sb.from('t').insert(goal);", "if (second) throw second;", "", "return goal.slug;"), ("untyped", "v1")),
)  # fmt: skip
