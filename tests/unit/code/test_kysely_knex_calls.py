"""Kysely and Knex: tables by their own names, conflict clauses, transactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, scan_one, text_of

from fixit_tui.code.facts import Filter

KYSELY: list[tuple[str, str, dict[str, Any]]] = [
    ("await db.insertInto('seats').values({ show_id: 1, guest }).execute();", "insert",
     {"verb": "insert", "relation": "seats", "columns": ("show_id", "guest"), "on_conflict": None, "rows": "one", "awaited": True}),
    ("await db.withSchema('app').insertInto('seats').values(rows.map((r) => ({ show_id: r.id }))).returningAll().execute();", "schema, many",
     {"schema": "app", "rows": "many", "selects": "*", "client": "db"}),
    ("await db.insertInto('app.seats').values(v).onConflict((oc) => oc.columns(['show_id', 'row']).doUpdateSet({ guest: 'x' })).execute();", "columns",
     {"schema": "app", "relation": "seats", "on_conflict": ("show_id", "row"), "update_columns": ("guest",), "ignore_duplicates": False}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => { return oc.column('row').doNothing(); }).execute();", "one column",
     {"on_conflict": ("row",), "ignore_duplicates": True}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.doNothing()).execute();", "no target",
     {"on_conflict": (), "ignore_duplicates": True}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.constraint('seats_key').doNothing()).execute();", "constraint",
     {"target_constraint": "seats_key", "ignore_duplicates": True}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').where('live', '=', true).doUpdateSet((eb) => ({ guest: eb.ref('excluded.guest') })).where('guest', '!=', 'x')).execute();",
     "bound value in the predicate", {"target_predicate": "live = $1", "update_columns": ("guest",)}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').where(sql<boolean>`live = ${sql.lit(true)}`).where('gone', 'is', null).doNothing()).execute();",
     "literal predicate", {"target_predicate": "(live = true) AND (gone is null)"}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.expression(sql`lower(${sql.ref('row')})`).doNothing()).execute();", "expression",
     {"on_conflict": ("lower(row)",)}),
    ("return once(db.insertInto('seats').values({ row }));", "handed on to what may add a clause",
     {"on_conflict": (), "options_known": False}),
    ("await db.insertInto('seats').values(v).onConflict((oc) => oc.columns(keys).doNothing()).execute();", "computed target",
     {"options_known": False}),
    ("await db.updateTable('seats as s').set({ guest: 'y' }).where('s.show_id', '=', id).execute();", "update",
     {"verb": "update", "relation": "seats", "columns": ("guest",), "filters": (Filter("show_id", "=", "id"),)}),
    ("await db.deleteFrom('seats').where('show_id', 'in', ids).execute();", "delete",
     {"verb": "delete", "filters": (Filter("show_id", "in", "ids"),)}),
    ("const s = await db.selectFrom('seats').selectAll().where('row', '=', r).executeTakeFirst();", "select",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("row", "=", "r"),)}),
]  # fmt: skip
KNEX: list[tuple[str, str, dict[str, Any]]] = [
    ("await knex('seats').insert({ show_id: 1 }).returning('*');", "insert",
     {"verb": "insert", "relation": "seats", "columns": ("show_id",), "selects": "*", "on_conflict": None, "client": "knex"}),
    ("await this.knex('app.seats').insert(rows.map((r) => ({ show_id: r })));", "member, schema",
     {"schema": "app", "rows": "many", "client": "this.knex"}),
    ("await trx.batchInsert('seats', rows.map((r) => ({ show_id: r })), 50);", "batch",
     {"verb": "insert", "relation": "seats", "columns": ("show_id",), "rows": "many", "client": "trx"}),
    ("await knex.insert({ show_id: 1 }).into('seats');", "into", {"relation": "seats", "columns": ("show_id",)}),
    ("await knex.withSchema('app').table('seats').insert({ a: 1 });", "withSchema", {"schema": "app", "relation": "seats"}),
    ("await knex('seats').insert(v).onConflict(['show_id', 'row']).merge();", "merge",
     {"on_conflict": ("show_id", "row"), "ignore_duplicates": False, "update_columns": None}),
    ("await knex('seats').insert(v).onConflict('row').merge(['guest']);", "merge columns",
     {"on_conflict": ("row",), "update_columns": ("guest",)}),
    ("await knex('seats').insert(v).onConflict().ignore();", "no target", {"on_conflict": (), "ignore_duplicates": True}),
    ("await knex('seats').insert(v).onConflict(knex.raw('(show_id, lower(\"row\")) WHERE live')).ignore();", "raw target",
     {"on_conflict": ("show_id", 'lower("row")'), "target_predicate": "live"}),
    ("await knex('seats').insert(v).onConflict(keys).ignore();", "computed target", {"options_known": False}),
    ("await knex('seats').where({ show_id: id }).andWhere('row', r).update({ guest: 'x' });", "update",
     {"verb": "update", "columns": ("guest",), "filters": (Filter("show_id", "=", "id"), Filter("row", "=", "r"))}),
    ("await knex('seats').where('show_id', '>', 3).del();", "delete",
     {"verb": "delete", "filters": (Filter("show_id", ">", "3"),)}),
    ("const s = await knex('seats').where({ row: r }).first();", "first",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("row", "=", "r"),)}),
    ("const s = await knex.select('*').from('seats').where({ row: r });", "select", {"verb": "select", "cardinality": "many"}),
    ("await knex('seats').transacting(trx).insert({ a: 1 });", "transacting", {"client": "trx"}),
]  # fmt: skip


def _one(root: Path, text: str, library: str, wanted: dict[str, Any]) -> None:
    facts = scan_one(root, text)
    assert len(facts.calls) == 1, facts
    (call,) = facts.calls
    assert call.library == library
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(root, call)


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in KYSELY], ids=[s[1] for s in KYSELY])  # fmt: skip
def test_kysely(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    _one(tmp_path, f"import {{ sql }} from 'kysely';\n{text}", "kysely", wanted)


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in KNEX], ids=[s[1] for s in KNEX])  # fmt: skip
def test_knex(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    _one(tmp_path, text, "knex", wanted)


@pytest.mark.parametrize(
    "text",
    [
        "await knex(name).insert({ a: 1 });",
        "await db.insertInto(name).values({ a: 1 });",
        "const k = 'knex'; list('seats').insert({ a: 1 });",
        "const k = 'knex'; list.first();",
        "const first = db('x').y;",
    ],
)
def test_a_table_that_is_not_told_is_no_call(tmp_path: Path, text: str) -> None:
    assert scan_one(tmp_path, text).calls == ()


def test_a_client_with_a_short_name_needs_its_library_in_sight(tmp_path: Path) -> None:
    call = "await db('seats').insert({ a: 1 });"
    assert scan_files(tmp_path / "a", {"src/a.ts": call}).calls == ()
    files = {
        "src/db.ts": "import knex from 'knex';\nexport const db = knex({});",
        "src/a.ts": f"import {{ db }} from './db';\n{call}",
    }
    assert [c.relation for c in scan_files(tmp_path / "b", files).calls] == ["seats"]


@pytest.mark.parametrize(
    ("plugin", "call", "relation", "column"),
    [
        ("new Kysely({ plugins: [new CamelCasePlugin()] })", "db.insertInto('bookedSeat').values({ showId: 1 })", "booked_seat", "show_id"),
        ("knex({ ...knexSnakeCaseMappers() })", "knex('bookedSeat').insert({ showId: 1 })", "booked_seat", "show_id"),
        ("new Kysely({})", "db.insertInto('bookedSeat').values({ showId: 1 })", "bookedSeat", "showId"),
    ],
)  # fmt: skip
def test_plugins_that_rename(
    tmp_path: Path, plugin: str, call: str, relation: str, column: str
) -> None:
    files = {"src/db.ts": f"export const db = {plugin};", "src/a.ts": f"await {call};"}
    (found,) = scan_files(tmp_path, files).calls
    assert (found.relation, found.columns) == (relation, (column,))


def test_transactions(tmp_path: Path) -> None:
    text = """
await db.transaction().execute(async (trx) => {
  await trx.insertInto('seats').values({ a: 1 }).execute();
});
await knex.transaction(async (trx) => {
  await trx('seats').insert({ a: 1 });
  await knex('seats').transacting(trx).del();
  await trx.transaction(async (inner) => {
    await inner.insert({ a: 1 }).into('seats');
  });
});
"""
    calls = scan_one(tmp_path, text).calls
    assert [(c.client, c.tx, c.savepoint) for c in calls] == [
        ("trx", 1, False), ("trx", 2, False), ("trx", 2, False), ("inner", 2, True),
    ]  # fmt: skip
