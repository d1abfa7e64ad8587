"""Rows of one call: written out, freed of repeats, and the edit that takes repeats out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.code.editing import applied, call_in, edited
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Refused

LAST: dict[str, Any] = {"columns": ["k"], "keep": "last"}
HEAD = "import { supabase } from './c';\nexport async function f(items: { k: string; v: number }[]) {\n"
CALL = "  await supabase.from('t').upsert({rows}, {{ onConflict: 'k' }});\n}}\n"


def _in(before: str, rows: str) -> str:
    return HEAD + before + CALL.format(rows=rows)


@pytest.mark.parametrize(
    ("before", "rows", "seen"),
    [
        ("", "items.map((i) => ({ k: i.k, v: i.v }))", None),
        ("", "[...new Set(items)].map((k) => ({ k }))", "new Set"),
        ("  const m = new Map(items.map((i) => [i.k, i]));\n", "[...m.values()]", "new Map"),
        ("  const u = uniqBy(items, 'k');\n  const rows = u.map((i) => ({ k: i.k }));\n", "rows", "uniqBy"),
        ("  const id = uniqueId('x');\n", "items.map((i) => ({ k: i.k, id }))", None),
        ("  const other = new Set(items);\n", "items.map((i) => ({ k: i.k }))", None),
        (
            "  const seen = new Set();\n  const rows = [];\n  for (const i of items) {\n"
            "    if (!seen.has(i.k)) rows.push({ k: i.k });\n    seen.add(i.k);\n  }\n",
            "rows",
            "seen.has",
        ),
        (
            "  const rows = [];\n  for (const i of items) {\n    rows.push({ k: i.k });\n  }\n"
            "  for (const i of items) {\n    if (other.has(i.k)) print(i);\n  }\n",
            "rows",
            None,
        ),
        ("  const rows = Object.values(groupBy(items, (i) => i.k)).map((g) => ({ k: g[0].k }));\n", "rows", "groupBy"),
    ],
)  # fmt: skip
def test_what_takes_repeats_out(before: str, rows: str, seen: str | None) -> None:
    found = call_in(_in(before, rows)).distinct_by
    assert (found is None) is (seen is None)
    assert seen is None or seen in str(found)


LAYERS = [
    "import { db } from './db';\nimport { t } from './schema';\n{f} await db.insert(t).values({rows})"
    ".onConflictDoUpdate({ target: t.k, set: { v: 1 } });",
    "import { Kysely } from 'kysely';\nconst db = new Kysely<DB>({});\n{f} await"
    " db.insertInto('t').values({rows}).onConflict((oc) => oc.column('k').doNothing()).execute();",
    "import knex from 'knex';\nconst db = knex({});\n{f} await db('t').insert({rows}).onConflict('k').merge();",
]
SCHEMA = (
    "import { pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';\n"
    "export const t = pgTable('t', { k: text('k'), v: text('v') }, (t) => [uniqueIndex('u').on(t.k)]);\n"
)


@pytest.mark.parametrize("layer", LAYERS, ids=["drizzle", "kysely", "knex"])
@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ("items.map((i) => ({ k: i.k, v: i.v }))", None),
        ("[...new Map(items.map((i) => [i.k, i])).values()]", "new Map"),
        ("_.uniqBy(items, 'k')", "uniqBy"),
        ("Object.values(items.reduce((a, i) => ({ ...a, [i.k]: i }), {}))", "Object.values"),
        ("Object.values(Object.fromEntries(items.map((i) => [i.k, i])))", "fromEntries"),
        ("items.filter((i) => (seen[i.k] ? false : (seen[i.k] = true)))", "= true"),
        ("items.filter((i, n, all) => all.findIndex((o) => o.k === i.k) === n)", "findIndex"),
        ("items.filter((i) => !done.some((o) => o.k === i.k))", "some"),
        ("items.filter((i) => allowed.includes(i.k))", None),
    ],
)
def test_query_builders_and_what_takes_repeats_out(
    tmp_path: Path, layer: str, rows: str, seen: str | None
) -> None:
    head = "export async function f(items: { k: string; v: string }[]) {\n "
    text = layer.replace("{f}", head).replace("{rows}", rows) + "\n}\n"
    found = scan_files(tmp_path, {"src/schema.ts": SCHEMA, "src/a.ts": text}).calls
    assert len(found) == 1
    assert (found[0].distinct_by is None) is (seen is None)
    assert seen is None or seen in str(found[0].distinct_by)


def test_rows_written_out_for_a_query_builder(tmp_path: Path) -> None:
    text = LAYERS[2].replace("{f}", "").replace("{rows}", "[{ k: 'a' }, { k: 'a' }]")
    assert scan_files(tmp_path, {"src/a.ts": text}).calls[0].row_list == ({"k": "'a'"},) * 2


def test_rows_that_are_written_out() -> None:
    listed = call_in(_in("", "[{ k: 'a', v: 1 }, { k: items[0].k }]")).row_list
    assert listed == ({"k": "'a'", "v": "1"}, {"k": "items[0].k"})
    for rows in ("[{ k: 'a' }, ...items]", "[{ k: 'a' }]", "items", "[row(1), { k: 'a' }]"):
        assert call_in(_in("", rows)).row_list is None


def test_one_row_for_each_key_is_sent() -> None:
    before = "  const rows = items.map((i) => ({ k: i.k, v: i.v }));\n"
    wanted = "Array.from(new Map(rows.map((row) => [row.k, row])).values())"
    edited("distinct-rows", _in(before, "rows"), LAST, wanted=_in(before, wanted))
    first = "Array.from(new Map([...rows].reverse().map((row) => [JSON.stringify([row.k, row.v]), row])).values())"
    params = {"columns": ["k", "v"], "keep": "first"}
    edited("distinct-rows", _in(before, "rows"), params, wanted=_in(before, first))


def test_after_the_edit_the_rows_are_known_to_be_apart() -> None:
    text = edited("distinct-rows", _in("", "items.map((i) => ({ k: i.k }))"), LAST)
    assert "new Map" in str(call_in(text).distinct_by)


@pytest.mark.parametrize(
    ("rows", "params"),
    [
        ("items.map((i) => ({ k: i.k }))", {**LAST, "nullable": True}),
        ("items.map((i) => ({ other: i.k }))", LAST),
        ("something", LAST),
        ("{ k: 'a' }", LAST),
    ],
)
def test_what_is_not_surely_right_is_left_to_a_person(rows: str, params: dict[str, Any]) -> None:
    result = applied("distinct-rows", _in("", rows), params)
    assert isinstance(result, Refused)
    assert "row.k" in result.idiom
