"""Data layers on texts that are cut, in another language, or about something else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scanning import scan_files

PRISMA = """datasource db {
  provider = "postgresql"
}
model User {
  id    Int    @id @default(autoincrement())
  email String @unique
  posts Post[]
  @@map("users")
}
model Post {
  id     Int    @id
  userId Int    @map("user_id")
  user   User   @relation(fields: [userId], references: [id])
  @@unique([userId, id])
}
"""
CODE = """import { pgTable, pgSchema, integer, text } from 'drizzle-orm/pg-core';
import { eq, sql } from 'drizzle-orm';
const { DataTypes, Model } = require('sequelize');
export const users = pgTable('users', { id: integer('id'), email: text('email') });
export const logs = pgSchema('app').table('logs', () => ({ id: integer() }));
class Account extends Model {}
Account.init({ email: { type: DataTypes.STRING, unique: true } }, { sequelize, modelName: 'Account' });
class Store {
  seats = source.getRepository(Seat);
  async go(db, prisma, knex, email) {
    const found = await db.query.users.findFirst({ where: eq(users.email, email) });
    if (!found) await db.insert(users).values({ email }).onConflictDoUpdate({ target: users.email, set: { email: sql`excluded.email` } });
    await prisma.user.upsert({ where: { email }, create: { email, posts: { create: { id: 1 } } }, update: { email } });
    await knex('users').insert({ email }).onConflict(['email']).merge();
    await db.insertInto('users').values({ email }).onConflict((oc) => oc.column('email').where('id', '>', 1).doNothing()).execute();
    await this.seats.save({ email });
    await Account.findOrCreate({ where: { email } });
    await prisma.$transaction([prisma.user.deleteMany({ where: { email } }), prisma.user.create({ data: { email } })]);
    await db.transaction(async (tx) => { await tx.delete(users).where(eq(users.id, 1)); });
  }
}
"""
TYPED = """
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
@Entity({ name: 'seats' })
export class Seat { @PrimaryGeneratedColumn() id: number; @Column({ name: 'e_mail' }) email: string }
export abstract class Base<T> { constructor(private readonly rows: Repository<Seat>) {} save(x) { return this.rows.upsert(x, ['email']); } }
"""
PLACES = ["a.ts", "a.tsx", "a.js", "a.mjs", "a.vue"]


@pytest.mark.parametrize("path", PLACES)
def test_every_language_is_read(tmp_path: Path, path: str) -> None:
    text = CODE if path.endswith("js") else CODE + TYPED
    text = f"<script>\n{text}</script>" if path.endswith("vue") else text
    facts = scan_files(tmp_path, {path: text, "schema.prisma": PRISMA})
    libraries = {c.library for c in facts.calls}
    assert {"drizzle", "prisma", "knex", "kysely", "sequelize"} <= libraries


def test_files_of_other_languages_declare_nothing(tmp_path: Path) -> None:
    files = {
        "models.py": "class Seat(Base):\n    '''@Entity pgTable casing Column sequelize'''\n    id = Column(Integer)\n",
        "notes.prisma": "// casing: 'snake_case' @Entity Column pgTable\n" + PRISMA,
        "a.js": CODE,
    }
    assert {c.relation for c in scan_files(tmp_path, files).calls} >= {"users"}


@settings(max_examples=60)
@given(st.data())
def test_a_cut_text_is_never_an_error(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PLACES))
    whole = CODE + TYPED
    start = data.draw(st.integers(0, 200))
    end = data.draw(st.integers(start, len(whole)))
    schema = PRISMA[: data.draw(st.integers(0, len(PRISMA)))]
    with tempfile.TemporaryDirectory() as folder:
        facts = scan_files(Path(folder), {path: whole[start:end], "schema.prisma": schema})
    assert all(call.line >= 1 and call.start_byte < call.end_byte for call in facts.calls)
