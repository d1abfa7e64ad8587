"""Edits of data layers: the change and nothing else, once and again, in the file's own style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editing import git_gives
from scanning import scan_files

from fixit_tui.code.edits import Edited, EditResult, Refused, apply_edit, folder
from fixit_tui.code.module import Module, decode, encode

UPSERT, TARGET, PREDICATE, DROP, SAVEPOINT = (
    "insert-to-upsert", "set-conflict-target", "add-conflict-predicate", "drop-manual-insert",
    "savepoint-before-try",
)  # fmt: skip
IGNORE = {"conflict_columns": ["show_id", "row"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["show_id", "row"], "ignore_duplicates": False}
STAYS = {**MERGE, "keep_columns": ["id"]}
LIVE = {"predicate": "(is_live = true)"}
KEY = {"columns": ["show_id", "row"], "drop_columns": ["id"]}
DRIZZLE = {
    "src/schema.ts": "import { integer, boolean, pgTable, text, uuid } from 'drizzle-orm/pg-core';\n"
    "export const seats = pgTable('seats', { id: uuid().primaryKey().$defaultFn(() => randomUUID()), showId: integer('show_id'), "
    "row: text(), guest: text(), live: boolean('is_live') });\n"
}
DRIZZLE_HEAD = "import { eq } from 'drizzle-orm';\nimport { seats } from './schema';\n"
PRISMA = {
    "schema.prisma": """
datasource db {
  provider = "postgresql"
}
model Show {
  id    Int    @id
  seats Seat[]
}
model Seat {
  id     Int     @id @default(autoincrement())
  showId Int     @map("show_id")
  row    String
  guest  String?
  show   Show    @relation(fields: [showId], references: [id])
  @@unique([showId, row])
  @@map("seats")
}
"""
}


def applied(
    root: Path, others: dict[str, str], text: str, name: str, params: dict[str, Any]
) -> tuple[EditResult, str]:
    """The edit at the last write of the text, and what the same edit then gives again."""
    files = others | {"src/a.ts": text}
    calls = [
        c for c in scan_files(root, files).calls if c.path == "src/a.ts" and c.verb == "insert"
    ]
    assert calls

    def read(path: str) -> bytes | None:
        return encode(files[path]) if path in files else None

    around = folder(files, read)
    result = apply_edit(name, text, calls[-1], params, around)
    if not isinstance(result, Edited):
        return result, ""
    again = apply_edit(name, result.text, calls[-1], params, around)
    return result, again.text if isinstance(again, Edited) else "refused"


def check(
    root: Path, others: dict[str, str], text: str, name: str, params: dict[str, Any], wanted: str
) -> None:
    (root / "plain").mkdir()
    for number, change in enumerate((str, _crlf, _double, _bare)):
        styled, expected = change(text), change(wanted)
        result, again = applied(root / str(number), others, styled, name, params)
        assert isinstance(result, Edited), result
        assert result.text == expected
        assert again == ("refused" if name == DROP else expected)
        git_gives(root / "plain", styled, expected)
        assert not Module("a.ts", "typescript", decode(encode(expected))).root.find(kind="ERROR")


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _double(text: str) -> str:
    return text.replace("'", '"')


def _bare(text: str) -> str:
    return "\n".join(line.removesuffix(";") for line in text.split("\n"))


DRIZZLE_SHAPES: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("ignoring", UPSERT, IGNORE, "",
     "await db.insert(seats).values({ showId, row });\n",
     "await db.insert(seats).values({ showId, row })\n  .onConflictDoNothing({ target: [seats.showId, seats.row] });\n"),
    ("merging, chain on lines", UPSERT, MERGE, ", sql",
     "const [seat] = await db\n  .insert(seats)\n  .values({ showId, row, guest })\n  .returning();\n",
     "const [seat] = await db\n  .insert(seats)\n  .values({ showId, row, guest })\n"
     "  .onConflictDoUpdate({ target: [seats.showId, seats.row], set: { guest: sql`excluded.guest` } })\n  .returning();\n"),
    ("one column", UPSERT, {"conflict_columns": ["show_id"], "ignore_duplicates": True}, "",
     "await tx.insert(seats).values(rows.map((r) => ({ showId: r })));\n",
     "await tx.insert(seats).values(rows.map((r) => ({ showId: r })))\n  .onConflictDoNothing({ target: seats.showId });\n"),
    ("target", TARGET, KEY, "",
     "await db.insert(seats).values({ showId, row }).onConflictDoUpdate({ target: seats.id, set: { guest } });\n",
     "await db.insert(seats).values({ showId, row }).onConflictDoUpdate({ target: [seats.showId, seats.row], set: { guest } });\n"),
    ("target, key out of set", TARGET, KEY, "",
     "await db.insert(seats).values({ showId, row }).onConflictDoUpdate({ target: seats.row, set: { id, guest } });\n",
     "await db.insert(seats).values({ showId, row }).onConflictDoUpdate({ target: [seats.showId, seats.row], set: { guest } });\n"),
    ("predicate of an update", PREDICATE, LIVE, ", sql",
     "await db.insert(seats).values(v).onConflictDoUpdate({ target: seats.row, set: { guest } });\n",
     "await db.insert(seats).values(v).onConflictDoUpdate({ target: seats.row, set: { guest }, targetWhere: sql`is_live = true` });\n"),
    ("predicate of a nothing", PREDICATE, LIVE, ", sql",
     "await db.insert(seats).values(v).onConflictDoNothing({ target: seats.row, where: eq(seats.live, true) });\nkeep(eq);\n",
     "await db.insert(seats).values(v).onConflictDoNothing({ target: seats.row, where: sql`is_live = true` });\nkeep(eq);\n"),
    ("savepoint", SAVEPOINT, {}, "",
     "await db.transaction(async (tx) => {\n  await tx.insert(seats).values({ showId }).returning();\n});\n",
     "await db.transaction(async (tx) => {\n  await tx.transaction(async (tx) => tx.insert(seats).values({ showId }).returning());\n});\n"),
    ("dropped", DROP, {}, "", "await db.insert(seats).values({ showId });\ndone(seats);\n", "done(seats);\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "params", "imports", "text", "wanted"), [s[1:] for s in DRIZZLE_SHAPES], ids=[s[0] for s in DRIZZLE_SHAPES])  # fmt: skip
def test_drizzle(
    tmp_path: Path, name: str, params: dict[str, Any], imports: str, text: str, wanted: str
) -> None:
    after = DRIZZLE_HEAD.replace("{ eq }", f"{{ eq{imports} }}") + wanted
    check(tmp_path, DRIZZLE, DRIZZLE_HEAD + text, name, params, after)


PRISMA_SHAPES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("ignoring, result unused", UPSERT, IGNORE,
     "await db.seat.create({ data: { showId, row } });\n",
     "await db.seat.createMany({ data: { showId, row }, skipDuplicates: true });\n"),
    ("ignoring, result used", UPSERT, IGNORE,
     "return db.seat.create({ data: { showId, row, guest } });\n",
     "return db.seat.upsert({ where: { showId_row: { showId, row } }, create: { showId, row, guest }, update: { row } });\n"),
    ("merging on lines", UPSERT, MERGE,
     "const s = await db.seat.create({\n  data: { show: { connect: { id: show.id } }, row, guest: 'x' },\n  select: { id: true },\n});\n",
     "const s = await db.seat.upsert({\n  where: { showId_row: { showId: show.id, row } },\n  create: { showId: show.id, row, guest: 'x' },\n"
     "  update: { guest: 'x' },\n  select: { id: true },\n});\n"),
    ("many", UPSERT, IGNORE,
     "await db.seat.createMany({ data: rows });\n", "await db.seat.createMany({ data: rows, skipDuplicates: true });\n"),
    ("target", TARGET, KEY,
     "await db.seat.upsert({ where: { id: s.id ?? 0 }, create: { showId, row, guest }, update: { guest } });\n",
     "await db.seat.upsert({ where: { showId_row: { showId, row } }, create: { showId, row, guest }, update: { guest } });\n"),
    ("target, key out of the row", TARGET, KEY,
     "await db.seat.upsert({ where: { id: s.id }, create: { id: s.id, showId, row }, update: { guest } });\n",
     "await db.seat.upsert({ where: { showId_row: { showId, row } }, create: { showId, row }, update: { guest } });\n"),
    ("nested row dropped", DROP, {},
     "await db.show.create({ data: { id, seats: { create: { row } } } });\n", "await db.show.create({ data: { id } });\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "params", "text", "wanted"), [s[1:] for s in PRISMA_SHAPES], ids=[s[0] for s in PRISMA_SHAPES])  # fmt: skip
def test_prisma(tmp_path: Path, name: str, params: dict[str, Any], text: str, wanted: str) -> None:
    check(tmp_path, PRISMA, text, name, params, wanted)


TYPEORM = {
    "src/seat.ts": "import { Column, Entity, ManyToOne, JoinColumn, PrimaryGeneratedColumn } from 'typeorm';\n"
    "@Entity('seats')\nexport class Seat {\n  @PrimaryGeneratedColumn() id: number;\n  @Column() row: string;\n"
    "  @Column() guest: string;\n  @ManyToOne(() => Show) @JoinColumn({ name: 'show_id' }) show: Show;\n}\n"
}
TYPEORM_HEAD = (
    "import { Seat } from './seat';\nclass S {\n  constructor(private readonly seats: Repository<Seat>) {}\n"
    "  async go(manager: EntityManager) {\n    "
)
TYPEORM_TAIL = "\n  }\n}\n"
SEQUELIZE = {
    "src/models.ts": "export const Seat = sequelize.define('Seat', { id: { type: DataTypes.INTEGER, primaryKey: true }, "
    "showId: { type: DataTypes.INTEGER, field: 'show_id' }, row: DataTypes.STRING, guest: DataTypes.STRING }, { tableName: 'seats' });\n"
}
SEQUELIZE_HEAD = "import { Seat } from './models';\n"
OTHERS: list[tuple[str, dict[str, str], str, str, str, dict[str, Any], str, str]] = [
    ("kysely: ignoring", {}, "", "", UPSERT, IGNORE,
     "await db.insertInto('seats').values({ show_id, row }).execute();",
     "await db.insertInto('seats').values({ show_id, row })\n  .onConflict((oc) => oc.columns(['show_id', 'row']).doNothing()).execute();"),
    ("kysely: merging", {}, "", "", UPSERT, MERGE,
     "await db\n  .insertInto('seats')\n  .values({ show_id, row, guest })\n  .execute();",
     "await db\n  .insertInto('seats')\n  .values({ show_id, row, guest })\n"
     "  .onConflict((oc) => oc.columns(['show_id', 'row']).doUpdateSet((eb) => ({ guest: eb.ref('excluded.guest') })))\n  .execute();"),
    ("kysely: target", {}, "", "", TARGET, KEY,
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.column('id').doUpdateSet({ id, guest })).execute();",
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.columns(['show_id', 'row']).doUpdateSet({ guest })).execute();"),
    ("kysely: predicate", {}, "import { Kysely } from 'kysely';\n", "", PREDICATE, LIVE,
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').doNothing()).execute();",
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').where(sql<boolean>`is_live = true`).doNothing()).execute();"),
    ("kysely: bound predicate", {}, "import { Kysely } from 'kysely';\n", "", PREDICATE, LIVE,
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').where('is_live', '=', true).doUpdateSet({ guest }).where('id', '>', 1)).execute();",
     "await db.insertInto('seats').values(v).onConflict((oc) => oc.column('row').where(sql<boolean>`is_live = true`).doUpdateSet({ guest }).where('id', '>', 1)).execute();"),
    ("knex: ignoring", {}, "", "", UPSERT, IGNORE,
     "await knex('seats').insert({ show_id, row }).returning('id');",
     "await knex('seats').insert({ show_id, row }).onConflict(['show_id', 'row']).ignore().returning('id');"),
    ("knex: merging", {}, "", "", UPSERT, MERGE,
     "await trx('seats')\n  .insert({ show_id, row, guest });",
     "await trx('seats')\n  .insert({ show_id, row, guest })\n  .onConflict(['show_id', 'row']).merge(['guest']);"),
    ("kysely: id stays", {}, "", "", UPSERT, STAYS,
     "await db.insertInto('seats').values({ id, show_id, row, guest }).execute();",
     "await db.insertInto('seats').values({ id, show_id, row, guest })\n"
     "  .onConflict((oc) => oc.columns(['show_id', 'row']).doUpdateSet((eb) => ({ guest: eb.ref('excluded.guest') }))).execute();"),
    ("knex: id stays", {}, "", "", UPSERT, STAYS,
     "await knex('seats').insert({ id, show_id, row, guest });",
     "await knex('seats').insert({ id, show_id, row, guest })\n  .onConflict(['show_id', 'row']).merge(['guest']);"),
    ("knex: nothing but the id", {}, "", "", UPSERT, STAYS,
     "await knex('seats').insert({ id, show_id, row });",
     "await knex('seats').insert({ id, show_id, row })\n  .onConflict(['show_id', 'row']).merge(['show_id', 'row']);"),
    ("sequelize: id stays", SEQUELIZE, SEQUELIZE_HEAD, "", UPSERT, STAYS,
     "await Seat.bulkCreate(list.map((x) => ({ id, showId, row: x, guest })));",
     "await Seat.bulkCreate(list.map((x) => ({ id, showId, row: x, guest })), { updateOnDuplicate: ['guest'], conflictAttributes: ['showId', 'row'] });"),
    ("knex: savepoint", {}, "", "", SAVEPOINT, {},
     "await knex.transaction(async (trx) => { await trx('seats').insert({ row }); });",
     "await knex.transaction(async (trx) => { await trx.transaction(async (trx) => trx('seats').insert({ row })); });"),
    ("knex: target", {}, "", "", TARGET, KEY,
     "await knex('seats').insert({ id, show_id, row, guest }).onConflict('id').merge();",
     "await knex('seats').insert({ id, show_id, row, guest }).onConflict(['show_id', 'row']).merge(['guest']);"),
    ("knex: predicate", {}, "", "", PREDICATE, LIVE,
     "await this.knex('seats').insert(v).onConflict(['show_id', 'row']).ignore();",
     "await this.knex('seats').insert(v).onConflict(this.knex.raw('(show_id, row) where is_live = true')).ignore();"),
    ("typeorm: merging", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, UPSERT, MERGE,
     "await this.seats.insert({ show, row });", "await this.seats.upsert({ show, row }, ['show', 'row']);"),
    ("typeorm: saving", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, UPSERT, MERGE,
     "await manager.save(Seat, { show, row });", "await manager.upsert(Seat, { show, row }, ['show', 'row']);"),
    ("typeorm: ignoring", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, UPSERT, IGNORE,
     "await this.seats.save({ show, row });",
     "await this.seats.createQueryBuilder().insert().into(Seat).values({ show, row }).orIgnore().execute();"),
    ("typeorm: id stays", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, UPSERT, STAYS,
     "await this.seats.insert({ id, show, row });",
     "await this.seats.createQueryBuilder().insert().into(Seat).values({ id, show, row }).orUpdate(['show_id'], ['show_id', 'row']).execute();"),
    ("typeorm: target", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, TARGET, KEY,
     "await this.seats.upsert(v, ['row']);", "await this.seats.upsert(v, ['show', 'row']);"),
    ("typeorm: predicate", TYPEORM, TYPEORM_HEAD, TYPEORM_TAIL, PREDICATE, LIVE,
     "await this.seats.upsert(v, ['row']);",
     "await this.seats.upsert(v, { conflictPaths: ['row'], indexPredicate: 'is_live = true' });"),
    ("sequelize: ignoring", SEQUELIZE, SEQUELIZE_HEAD, "", UPSERT, IGNORE,
     "await Seat.create({ showId, row });", "await Seat.bulkCreate([{ showId, row }], { ignoreDuplicates: true });"),
    ("sequelize: merging", SEQUELIZE, SEQUELIZE_HEAD, "", UPSERT, MERGE,
     "await Seat.create({ showId, row }, { transaction: t });",
     "await Seat.upsert({ showId, row }, { transaction: t, conflictFields: ['show_id', 'row'] as never[] });"),
    ("sequelize: many", SEQUELIZE, SEQUELIZE_HEAD, "", UPSERT, MERGE,
     "await Seat.bulkCreate(list.map((x) => ({ showId, row: x, guest })));",
     "await Seat.bulkCreate(list.map((x) => ({ showId, row: x, guest })), { updateOnDuplicate: ['guest'], conflictAttributes: ['showId', 'row'] });"),
    ("sequelize: target", SEQUELIZE, SEQUELIZE_HEAD, "", TARGET, KEY,
     "await Seat.upsert({ showId, row });", "await Seat.upsert({ showId, row }, { conflictFields: ['show_id', 'row'] as never[] });"),
]  # fmt: skip


@pytest.mark.parametrize(("others", "head", "tail", "name", "params", "text", "wanted"), [s[1:] for s in OTHERS], ids=[s[0] for s in OTHERS])  # fmt: skip
def test_others(
    tmp_path: Path,
    others: dict[str, str],
    head: str,
    tail: str,
    name: str,
    params: dict[str, Any],
    text: str,
    wanted: str,
) -> None:
    after = head.replace("{ Kysely }", "{ Kysely, sql }") + wanted + "\n" + tail
    check(tmp_path, others, head + text + "\n" + tail, name, params, after)


REFUSED: list[tuple[str, dict[str, str], str, str, dict[str, Any], str]] = [
    ("drizzle: row not known", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v);", UPSERT, MERGE, "onConflictDoUpdate"),
    ("drizzle: clause computed", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v).onConflictDoNothing(o);", TARGET, KEY, "target"),
    ("drizzle: unknown column", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v);", UPSERT,
     {"conflict_columns": ["other"], "ignore_duplicates": True}, "onConflictDoNothing"),
    ("prisma: row not known", PRISMA, "await db.seat.create({ data });", UPSERT, IGNORE, "skipDuplicates"),
    ("prisma: no such key", PRISMA, "const s = await db.seat.create({ data: { row } });", UPSERT,
     {"conflict_columns": ["row"], "ignore_duplicates": True}, "skipDuplicates"),
    ("prisma: a call as key", PRISMA, "const s = await db.seat.create({ data: { showId: next(), row } });", UPSERT, IGNORE, "skipDuplicates"),
    ("kysely: computed", {}, "await db.insertInto('seats').values(v).onConflict(clause).execute();", TARGET, KEY, ".columns(['show_id', 'row'])"),
    ("knex: row not known", {}, "await knex('seats').insert(v).onConflict('id').merge();", TARGET, KEY, ".onConflict("),
    ("typeorm: result used", TYPEORM, TYPEORM_HEAD + "return this.seats.save({ row, show });" + TYPEORM_TAIL, UPSERT, IGNORE, "orIgnore()"),
    ("sequelize: result used", SEQUELIZE, SEQUELIZE_HEAD + "const s = await Seat.create({ showId, row });", UPSERT, IGNORE, "ignoreDuplicates"),
    ("typeorm: id would change", TYPEORM, TYPEORM_HEAD + "await this.seats.insert(v);" + TYPEORM_TAIL, UPSERT, STAYS, "upsert("),
    ("sequelize: id would change", SEQUELIZE, SEQUELIZE_HEAD + "await Seat.create({ id, showId, row });", UPSERT, STAYS, "upsert("),
    ("knex: id may change", {}, "await knex('seats').insert(v);", UPSERT, STAYS, ".merge("),
    ("sequelize: predicate", SEQUELIZE, SEQUELIZE_HEAD + "await Seat.upsert({ showId, row });", PREDICATE, LIVE, "conflictWhere"),
    ("prisma: savepoint", PRISMA, "await db.$transaction(async (tx) => { await tx.seat.create({ data: { row } }); });", SAVEPOINT, {}, "$transaction"),
    ("drizzle: no transaction", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values({ showId });", SAVEPOINT, {}, "db.transaction"),
    ("prisma: predicate", PRISMA, "await db.seat.upsert({ where: { id }, create: { id, row }, update: { row } });", PREDICATE, LIVE, "$executeRaw"),
]  # fmt: skip


@pytest.mark.parametrize(("others", "text", "name", "params", "idiom"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])  # fmt: skip
def test_what_is_not_safe_is_refused_with_the_idiom(
    tmp_path: Path,
    others: dict[str, str],
    text: str,
    name: str,
    params: dict[str, Any],
    idiom: str,
) -> None:
    result, _ = applied(tmp_path, others, text, name, params)
    assert isinstance(result, Refused)
    assert idiom in result.idiom
