"""Columns that a write shall not send, whatever the row is built from."""

from __future__ import annotations

from pathlib import Path

import pytest
from editing import applied, call_in, edited, git_gives

from fixit_tui.code.edits import Refused

TARGET = {"columns": ["user_id", "slug"], "drop_columns": ["id"]}
OPTIONS = "{ onConflict: 'user_id,slug' }"
SET = "set-conflict-target"


def upsert(payload: str, options: str = OPTIONS) -> str:
    return f"await sb.from('t').upsert({payload}, {options});"


def inside(*lines: str, head: str = "async function f(user, milestones, goal)") -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


ROWS = "const rows = milestones.map((m, i) => ({{ {}user_id: user, slug: m.slug }}));"
CASES = [
    # an array made by map, in the same function
    (inside(ROWS.format("id: uuid(), "), upsert("rows")), inside(ROWS.format(""), upsert("rows"))),
    (inside(ROWS.format("id: uuid(), "), "if (rows.length === 0) return;", upsert("rows")),
     inside(ROWS.format(""), "if (rows.length === 0) return;", upsert("rows"))),
    (inside(ROWS.format("id: uuid(), "), upsert("rows"), "rows.forEach((r) => note(r.slug));", "return rows.length;"),
     inside(ROWS.format(""), upsert("rows"), "rows.forEach((r) => note(r.slug));", "return rows.length;")),
    (inside("const rows = milestones.map((m) => {", "  const id = uuid();", "  return { id, slug: m.slug };", "});", upsert("rows")),
     inside("const rows = milestones.map((m) => {", "  return { slug: m.slug };", "});", upsert("rows"))),
    (inside("const rows: Goal[] = milestones.map((m) => ({ id: uuid(), slug: m.slug }));", upsert("rows")),
     inside("const rows: Goal[] = milestones.map((m) => ({ id: uuid(), slug: m.slug }));",
            upsert("rows.map(({ id: _id, ...row }) => row)"))),
    (inside(upsert("milestones.map((m): Goal => ({ id: uuid(), slug: m.slug }))")),
     inside(upsert("milestones.map((m): Goal => ({ id: uuid(), slug: m.slug })).map(({ id: _id, ...row }) => row)"))),
    (inside(ROWS.format("id: m.id, "), upsert("rows"), "return rows;"),
     inside(ROWS.format("id: m.id, "), upsert("rows.map(({ id: _id, ...row }) => row)"), "return rows;")),
    (inside(ROWS.format("id: uuid(), "), "console.log(rows);", upsert("rows")),
     inside(ROWS.format("id: uuid(), "), "console.log(rows);", upsert("rows.map(({ id: _id, ...row }) => row)"))),
    (inside("const rows = [];", "for (const m of milestones) {", "  rows.push({ id: uuid(), slug: m.slug });", "}", upsert("rows")),
     inside("const rows = [];", "for (const m of milestones) {", "  rows.push({ id: uuid(), slug: m.slug });", "}",
            upsert("rows.map(({ id: _id, ...row }) => row)"))),
    (inside("const rows = [{ id: uuid(), slug: 'a' }, { slug: 'b', id: uuid() }];", upsert("rows")),
     inside("const rows = [{ slug: 'a' }, { slug: 'b' }];", upsert("rows"))),
    # one object, built in the same function
    (inside("const row = { id: uuid(), user_id: user, slug: goal.slug };", upsert("row")),
     inside("const row = { user_id: user, slug: goal.slug };", upsert("row"))),
    (inside("const row = {", "  id: uuid(),", "  slug: goal.slug,", "};", upsert("row"), "return row.slug;"),
     inside("const row = {", "  slug: goal.slug,", "};", upsert("row"), "return row.slug;")),
    (inside("const row = { id: goal.id, slug: goal.slug };", upsert("row"), "return row;"),
     inside("const row = { id: goal.id, slug: goal.slug };", "const { id: _id, ...rowRow } = row;",
            upsert("rowRow"), "return row;")),
    (inside("const row: Goal = { id: uuid(), slug: goal.slug };", upsert("row")),
     inside("const row: Goal = { id: uuid(), slug: goal.slug };", "const { id: _id, ...rowRow } = row;", upsert("rowRow"))),
    (inside(upsert("{ id: uuid(), slug: goal.slug } satisfies Goal")),
     inside(upsert("(({ id: _id, ...row }) => row)({ id: uuid(), slug: goal.slug } satisfies Goal)"))),
    (inside("const row = { slug: goal.slug };", "row.id = uuid();", upsert("row")),
     inside("const row = { slug: goal.slug };", "row.id = uuid();", "const { id: _id, ...rowRow } = row;", upsert("rowRow"))),
    (inside("const id = uuid();", upsert("{ id, slug: goal.slug }")),
     inside(upsert("{ slug: goal.slug }"))),
    (inside(upsert("{ id: goal.id, slug: goal.slug }"), "return goal.id;"),
     inside(upsert("{ slug: goal.slug }"), "return goal.id;")),
    # a parameter
    (inside(upsert("goal"), head="async function f(goal: Goal[])"),
     inside(upsert("goal.map(({ id: _id, ...row }) => row)"), head="async function f(goal: Goal[])")),
    ("const f = (goal: Partial<Goal>) => sb.from('t').upsert(goal, OPTIONS);\n",
     "const f = (goal: Partial<Goal>) => sb.from('t').upsert((({ id: _id, ...row }) => row)(goal), OPTIONS);\n"),
    (inside("const { data } = await sb.from('t').upsert(goal, OPTIONS).select().single();"),
     inside("const { id: _id, ...row } = goal;", "const { data } = await sb.from('t').upsert(row, OPTIONS).select().single();")),
    (inside(upsert("[goal]"), head="async function f(goal: Partial<Goal>)"),
     inside("const { id: _id, ...row } = goal;", upsert("[row]"), head="async function f(goal: Partial<Goal>)")),
    (inside(upsert("[a, b]"), head="async function f(a: Partial<Goal>, b: Partial<Goal>)"),
     inside("const { id: _id, ...row } = a;", upsert("[row, (({ id: _id, ...row }) => row)(b)]"),
            head="async function f(a: Partial<Goal>, b: Partial<Goal>)")),
    # a type without the column: the rest is still a row of that type
    (inside(upsert("goal"), head="async function f(goal: { slug: string })"),
     inside("const { id: _id, ...row }: typeof goal & { id?: unknown } = goal;", upsert("row"),
            head="async function f(goal: { slug: string })")),
    ("type New = Omit<Goal, 'id'>;\n" + inside(upsert("goals"), head="async function f(goals: New[])"),
     "type New = Omit<Goal, 'id'>;\n" + inside(
         upsert("goals.map(({ id: _id, ...row }: (typeof goals)[number] & { id?: unknown }) => row)"),
         head="async function f(goals: New[])")),
    # spreads
    (inside(upsert("{ ...goal, id: uuid() }")),
     inside("const { id: _id, ...row } = goal;", upsert("{ ...row }"))),
    (inside("const base = { slug: goal.slug };", upsert("{ ...base, id: uuid(), user_id: user }")),
     inside("const base = { slug: goal.slug };", upsert("{ ...base, user_id: user }"))),
    (inside(upsert("{ ...goal, ...extra, user_id: user }")),
     inside("const { id: _id, ...row } = goal;",
            upsert("{ ...row, ...(({ id: _id, ...row }) => row)(extra), user_id: user }"))),
    (inside(upsert("milestones.map((m) => ({ ...m, id: uuid() }))")),
     inside(upsert("milestones.map((m) => ({ ...(({ id: _id, ...row }) => row)(m) }))"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_left_out(text: str, wanted: str, tmp_path: Path) -> None:
    text, wanted = text.replace("OPTIONS", OPTIONS), wanted.replace("OPTIONS", OPTIONS)
    result = edited(SET, text, TARGET, wanted=wanted)
    git_gives(tmp_path, text, result)
    assert "id" not in (call_in(result).columns or ())


COUNTED_ON = [
    inside("const row = { id: uuid(), slug: goal.slug };", upsert("row"), "return row.id;"),
    inside("const row = { id: uuid(), slug: goal.slug };", upsert("row"), "return row;"),
    inside("const row: Goal = { id: uuid(), slug: goal.slug };", upsert("row"), "setGoals([...goals, row]);"),
    inside("const row = { slug: goal.slug };", "row.id = uuid();", upsert("row"), "return { ...row };"),
    inside("const id = uuid();", upsert("{ id, slug: goal.slug }"), "return id;"),
    inside("const id = `${user}-${goal.slug}`;", upsert("{ id, slug: goal.slug }"), "router.push(`/g/${id}`);"),
    inside("const newId = uuid();", upsert("{ id: newId, slug: goal.slug }"),
           "await sb.from('steps').insert(steps.map((s) => ({ ...s, goal_id: newId })));"),
    inside("const newId = uuid();", "const row = { id: newId, slug: goal.slug };", upsert("row"),
           "await sb.from('steps').insert({ goal_id: newId });"),
    inside(ROWS.format("id: uuid(), "), upsert("rows"), "return rows;"),
    inside(ROWS.format("id: uuid(), "), upsert("rows"),
           "await sb.from('steps').insert(rows.map((r) => ({ goal_id: r.id })));"),
    inside(ROWS.format("id: uuid(), "), upsert("rows"), "for (const { id } of rows) { note(id); }"),
    inside(ROWS.format("id: uuid(), "), upsert("rows"), "return rows[0].id;"),
    inside("const rows = [];", "rows.push({ id: uuid(), slug: 'a' });", upsert("rows"), "return rows;"),
    inside("const id = uuid();", upsert("{ ...goal, id }"), "return { ...goal, id };"),
    inside("const rows = milestones.map((m) => {", "  const id = uuid();", "  note(id);",
           "  return { id, slug: m.slug };", "});", upsert("rows")),
]  # fmt: skip


@pytest.mark.parametrize("text", COUNTED_ON)
def test_a_made_value_that_is_read_elsewhere_refuses(text: str) -> None:
    relation = [c for c in (text,) if "from('t')" in c]
    assert relation
    result = applied(SET, text, TARGET)
    assert isinstance(result, Refused), result
    assert "used elsewhere" in result.reason
    assert ".select(" in result.idiom
