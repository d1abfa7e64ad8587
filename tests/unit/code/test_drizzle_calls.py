"""Drizzle: which statement a builder sends, with tables and columns as they are declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, text_of

from fixit_tui.code.facts import Filter

SCHEMA = """
import { boolean, integer, pgSchema, pgTable, pgTableCreator, text, timestamp, uuid } from 'drizzle-orm/pg-core';
const stamps = { createdAt: timestamp('created_at').defaultNow() };
const key = () => uuid('id').primaryKey().$defaultFn(() => crypto.randomUUID());
export const profiles = pgTable('profiles', { id: key(), userId: uuid('user_id').notNull(), bio: text(), ...stamps });
export const app = pgSchema('app');
export const seats = app.table('seats', (t) => ({ showId: t.integer('show_id'), row: t.text(), live: t.boolean('is_live') }));
const make = pgTableCreator((name) => `shop_${name}`);
export const items = make('item', { itemNo: integer('item_no') });
"""
HEAD = (
    "import { and, eq, isNull, sql } from 'drizzle-orm';\nimport { db } from './db';\n"
    "import * as schema from './schema';\nimport { profiles, seats as places, items } from './schema';\n"
)
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("await db.insert(profiles).values({ userId, bio: 'x' });", "insert",
     {"verb": "insert", "relation": "profiles", "schema": None, "columns": ("user_id", "bio", "id"),
      "column_values": {"user_id": "userId", "bio": "'x'", "id": "crypto.randomUUID()"},
      "rows": "one", "on_conflict": None, "client": "db", "awaited": True, "selects": None}),
    ("const [row] = await db.insert(schema.profiles).values(rows.map((r) => ({ userId: r.id }))).returning();", "many, returning",
     {"rows": "many", "columns": ("user_id", "id"), "selects": "*"}),
    ("await db.insert(places).values({ showId, row }).onConflictDoNothing();", "no target",
     {"schema": "app", "relation": "seats", "on_conflict": (), "ignore_duplicates": True}),
    ("await db.insert(places).values({ showId, row }).onConflictDoNothing({ target: places.showId, where: sql`${places.live} = true` });", "one target, where",
     {"on_conflict": ("show_id",), "target_predicate": "is_live = true", "ignore_duplicates": True}),
    ("await db.insert(places).values({ showId, row }).onConflictDoUpdate({ target: [places.showId, places.row], targetWhere: eq(places.live, true), set: { live: false } });",
     "bound value in the predicate",
     {"on_conflict": ("show_id", "row"), "target_predicate": "is_live = $1", "ignore_duplicates": False, "update_columns": ("is_live",)}),
    ("await db.insert(places).values(v).onConflictDoUpdate({ target: [places.showId, sql`lower(${places.row})`], set: { live: false }, setWhere: sql`true` });", "expression",
     {"on_conflict": ("show_id", "lower(row)"), "target_predicate": None, "columns": None}),
    ("await db.insert(places).values(v).onConflictDoNothing({ target: places.row, where: and(isNull(places.live), sql.raw('row > 1')) });", "and, raw",
     {"target_predicate": "(is_live IS NULL) AND (row > 1)"}),
    ("await db.insert(places).values(v).onConflictDoUpdate({ target: chosen, set });", "computed target",
     {"on_conflict": (), "options_known": False}),
    ("await db.insert(places).values(v).onConflictDoUpdate(options);", "computed options", {"options_known": False}),
    ("await db.insert(places).values(v).onConflictDoUpdate({ target: places.row, set: { ...v } });", "what is set is not known",
     {"on_conflict": ("row",), "update_columns": (), "options_known": True}),
    ("const query = db.insert(places).values({ row });\nif (tolerant) query.onConflictDoNothing();\nawait query;", "held in a variable",
     {"on_conflict": (), "ignore_duplicates": True, "awaited": True}),
    ("await db.insert(items).values({ itemNo: 1 });", "table creator", {"relation": "shop_item", "columns": ("item_no",)}),
    ("await db.update(profiles).set({ bio: null }).where(eq(profiles.userId, userId));", "update",
     {"verb": "update", "columns": ("bio",), "filters": (Filter("user_id", "eq", "userId"),)}),
    ("await db.delete(places).where(and(eq(places.showId, 1), eq(places.row, r)));", "delete",
     {"verb": "delete", "filters": (Filter("show_id", "eq", "1"), Filter("row", "eq", "r"))}),
    ("const x = await db.select({ id: profiles.id }).from(profiles).where(eq(profiles.userId, u)).limit(1);", "select",
     {"verb": "select", "client": "db", "cardinality": "maybe_single", "filters": (Filter("user_id", "eq", "u"),)}),
    ("const x = await db.query.profiles.findFirst({ where: (p, { eq }) => eq(p.userId, u) });", "query with a callback",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("user_id", "eq", "u"),)}),
    ("const x = await db.query.profiles.findMany({ where: { userId: u } });", "query with an object",
     {"verb": "select", "cardinality": "many", "filters": (Filter("user_id", "eq", "u"),)}),
    ("await db.execute(sql`insert into ${profiles} (user_id) values (${u})`);", "raw SQL",
     {"verb": "sql", "library": "drizzle", "client": "db", "statement": "insert into profiles (user_id) values ($1)", "params": ("u",)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in SHAPES], ids=[s[1] for s in SHAPES])  # fmt: skip
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    facts = scan_files(tmp_path, {"src/schema.ts": SCHEMA, "src/a.ts": HEAD + text})
    assert len(facts.calls) == 1, facts
    (call,) = facts.calls
    assert call.library == "drizzle"
    assert call.line == 5
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    [
        "await db.insert(unknown).values({ a: 1 });",
        "function f(table) { return db.insert(table).values({ a: 1 }); }",
        "list.insert(profile).values();",
        "new Map().delete(profile);",
        "const db2 = Array.from(profiles);",
    ],
)
def test_what_is_no_declared_table_is_no_call(tmp_path: Path, text: str) -> None:
    facts = scan_files(tmp_path, {"src/schema.ts": SCHEMA, "src/a.ts": HEAD + text})
    assert facts.calls == ()


def test_tables_of_another_package_are_found_by_their_name(tmp_path: Path) -> None:
    text = "import { profiles, schema } from '@acme/db';\nawait db.insert(profiles).values({ userId });\nawait db.delete(schema.seats);"
    calls = scan_files(tmp_path, {"packages/db/schema.ts": SCHEMA, "apps/a.ts": text}).calls
    assert [(c.relation, c.verb) for c in calls] == [("profiles", "insert"), ("seats", "delete")]


def test_a_name_that_means_two_tables_means_none(tmp_path: Path) -> None:
    other = SCHEMA.replace("pgTable('profiles'", "pgTable('people'")
    text = "import { profiles } from '@acme/db';\nawait db.insert(profiles).values({ userId });"
    files = {"a/schema.ts": SCHEMA, "b/schema.ts": other, "c/a.ts": text}
    assert scan_files(tmp_path, files).calls == ()


def test_tables_of_other_servers_are_not_ours(tmp_path: Path) -> None:
    schema = SCHEMA.replace("pgTable", "mysqlTable").replace("pgSchema", "mysqlSchema")
    files = {"src/schema.ts": schema, "src/a.ts": HEAD + "await db.insert(profiles).values({});"}
    assert scan_files(tmp_path, files).calls == ()


@pytest.mark.parametrize(("casing", "column"), [("snake_case", "item_no"), ("camelCase", "itemNo")])
def test_columns_without_a_name_follow_the_casing(tmp_path: Path, casing: str, column: str) -> None:
    files = {
        "src/schema.ts": "import { integer, pgTable } from 'drizzle-orm/pg-core';\n"
        "export const items = pgTable('items', { itemNo: integer() });",
        "src/db.ts": f"export const db = drizzle({{ client, casing: '{casing}' }});",
        "src/a.ts": "import { db } from './db';\nimport { items } from './schema';\nawait db.insert(items).values({ itemNo: 1 });",
    }
    (call,) = scan_files(tmp_path, files).calls
    assert call.columns == (column,)


def test_transactions_and_their_savepoints(tmp_path: Path) -> None:
    body = """
await db.transaction(async (tx) => {
  await tx.insert(places).values({ row });
  await tx.transaction(async (inner) => {
    await inner.insert(profiles).values({ userId });
  });
  await db.delete(profiles);
});
await db.transaction((tx) => tx.delete(profiles));
"""
    calls = scan_files(tmp_path, {"src/schema.ts": SCHEMA, "src/a.ts": HEAD + body}).calls
    assert [(c.client, c.tx, c.savepoint) for c in calls] == [
        ("tx", 1, False), ("inner", 1, True), ("db", None, False), ("tx", 2, False),
    ]  # fmt: skip


def test_the_look_before_an_insert(tmp_path: Path) -> None:
    body = """
async function ensure(userId) {
  const [found] = await db.select().from(profiles).where(eq(profiles.userId, userId));
  if (!found) await db.insert(profiles).values({ userId });
}
"""
    calls = scan_files(tmp_path, {"src/schema.ts": SCHEMA, "src/a.ts": HEAD + body}).calls
    assert [c.verb for c in calls] == ["select", "insert"]
    assert calls[1].condition_on == calls[0].id
