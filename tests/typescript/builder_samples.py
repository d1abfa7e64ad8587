"""Sources of query builders and data mappers that compile, and the edits that are made to them."""

from __future__ import annotations

from tests.typescript.samples import (
    DROP,
    IGNORE,
    INSERT,
    MERGE,
    SET,
    TARGET,
    TARGET_NO_ID,
    Sample,
    inside,
)

PREDICATE = "add-conflict-predicate"
SAVEPOINT = "savepoint-before-try"
ACTIVE = {"predicate": "(active = true)"}
_ROW = "{ userId: user, slug: goal.slug, title: 'x' }"
_BARE = "{ user_id: user, slug: goal.slug, title: 'x' }"
_GOAL = "export async function f(goal: { slug: string; title?: string })"
_GOALS = "export async function f(goals: { slug: string; title?: string }[])"
_TYPES = "import type { Database, Goal, NewGoal } from './database';\nexport type Names = [Database, Goal, NewGoal];\n"

BUILDER_PRELUDES = {
    "drizzle": "import { boolean, pgTable, text } from 'drizzle-orm/pg-core';\n"
    "import { drizzle } from 'drizzle-orm/node-postgres';\n"
    "export const t = pgTable('t', {\n  id: text().primaryKey().$defaultFn(() => 'x'),\n  userId: text('user_id').notNull(),\n"
    "  slug: text().notNull(),\n  title: text(),\n  active: boolean(),\n});\n"
    "export const db = drizzle('postgres://');\n",
    "kysely": "import { Kysely, type Generated } from 'kysely';\n"
    "interface Rows { t: { id: Generated<string>; user_id: string; slug: string; title: string | null; active: Generated<boolean> } }\n"
    "export declare const db: Kysely<Rows>;\n",
    "knex": "import knexFactory from 'knex';\n" + _TYPES + "export const knex = knexFactory({ client: 'pg' });\n",
    "typeorm": "import { Column, DataSource, Entity, EntityManager, PrimaryGeneratedColumn, Repository } from 'typeorm';\n"
    "@Entity('t')\nexport class Goal {\n  @PrimaryGeneratedColumn('uuid') id!: string;\n  @Column({ name: 'user_id' }) userId!: string;\n"
    "  @Column() slug!: string;\n  @Column({ nullable: true }) title?: string;\n  @Column() active?: boolean;\n}\n"
    "export declare const source: DataSource;\nexport declare const manager: EntityManager;\n"
    "export const repository: Repository<Goal> = source.getRepository(Goal);\n",
    "sequelize": "import { CreationOptional, DataTypes, InferAttributes, InferCreationAttributes, Model, Sequelize } from 'sequelize';\n"
    "export const sequelize = new Sequelize('postgres://');\n"
    "export class Goal extends Model<InferAttributes<Goal>, InferCreationAttributes<Goal>> {\n"
    "  declare id: CreationOptional<string>;\n  declare userId: string;\n  declare slug: string;\n  declare title: CreationOptional<string>;\n}\n"
    "Goal.init({\n  id: { type: DataTypes.UUID, primaryKey: true },\n  userId: { type: DataTypes.TEXT, field: 'user_id' },\n"
    "  slug: DataTypes.TEXT,\n  title: DataTypes.TEXT,\n}, { sequelize, tableName: 't' });\n",
    "objection": "import { Model, raw } from 'objection';\n"
    "export class Goal extends Model {\n  static override tableName = 't';\n  id!: string;\n  user_id!: string;\n  slug!: string;\n"
    "  title?: string | null;\n}\nexport const used = raw('1');\n",
    "sequelize-typescript": "import { Column, DataType, Default, Model, PrimaryKey, Sequelize, Table } from 'sequelize-typescript';\n"
    "interface Given { userId: string; slug: string; title?: string }\n"
    "@Table({ tableName: 't', timestamps: false })\nexport class Goal extends Model<Given & { id: string }, Given> {\n"
    "  @PrimaryKey @Default(DataType.UUIDV4) @Column(DataType.UUID) declare id: string;\n"
    "  @Column({ field: 'user_id', type: DataType.TEXT }) declare userId: string;\n"
    "  @Column(DataType.TEXT) declare slug: string;\n  @Column(DataType.TEXT) declare title: string;\n}\n"
    "export const sequelize = new Sequelize({ dialect: 'postgres', models: [Goal] });\n",
    "prisma": "import { PrismaClient } from '@prisma/client';\n" + _TYPES + "export const db = new PrismaClient();\n",
}  # fmt: skip


def _sample(
    library: str, name: str, edit: str, params: dict[str, object], *lines: str, head: str = _GOAL
) -> Sample:
    return Sample(
        f"{library}-{name}",
        edit,
        params,
        inside(*lines, head=head),
        (library,),
        beyond=library in ("drizzle", "kysely"),
    )


BUILDERS = (
    _sample("drizzle", "ignoring", INSERT, IGNORE, f"await db.insert(t).values({_ROW});"),
    _sample("drizzle", "merging", INSERT, MERGE,
        "const [made] = await db", "  .insert(t)", f"  .values({_ROW})", "  .returning();", "return made?.id;"),
    _sample("drizzle", "rows", INSERT, IGNORE,
        "await db.insert(t).values(goals.map((g) => ({ userId: user, slug: g.slug })));", head=_GOALS),
    _sample("drizzle", "rows-merging", INSERT, MERGE,
        "await db.insert(t).values(goals.map((g) => ({ userId: user, slug: g.slug, title: 'x' })));", head=_GOALS),
    _sample("drizzle", "target", SET, TARGET_NO_ID,
        "await db.insert(t).values({ id: uuid(), userId: user, slug: goal.slug })",
        "  .onConflictDoUpdate({ target: t.id, set: { title: 'x' } });"),
    _sample("drizzle", "predicate", PREDICATE, ACTIVE,
        f"await db.insert(t).values({_ROW}).onConflictDoUpdate({{ target: [t.userId, t.slug], set: {{ title: 'x' }} }});"),
    _sample("drizzle", "predicate-nothing", PREDICATE, ACTIVE,
        f"await db.insert(t).values({_ROW}).onConflictDoNothing({{ target: [t.userId, t.slug] }});"),
    _sample("drizzle", "savepoint", SAVEPOINT, {},
        "await db.transaction(async (tx) => {", "  await tx.delete(t);", f"  await tx.insert(t).values({_ROW}).returning();", "});"),
    _sample("drizzle", "dropped", DROP, {}, f"await db.insert(t).values({_ROW});", "return goal.slug;"),
    _sample("kysely", "ignoring", INSERT, IGNORE, f"await db.insertInto('t').values({_BARE}).execute();"),
    _sample("kysely", "merging", INSERT, MERGE,
        "const made = await db", "  .insertInto('t')", f"  .values({_BARE})", "  .returning('id')", "  .executeTakeFirstOrThrow();", "return made.id;"),
    _sample("kysely", "target", SET, TARGET,
        f"await db.insertInto('t').values({_BARE}).onConflict((oc) => oc.column('id').doUpdateSet({{ title: 'x' }})).execute();"),
    _sample("kysely", "predicate", PREDICATE, ACTIVE,
        f"await db.insertInto('t').values({_BARE}).onConflict((oc) => oc.columns(['user_id', 'slug']).doNothing()).execute();"),
    _sample("knex", "ignoring", INSERT, IGNORE, f"await knex('t').insert({_BARE}).returning('id');"),
    _sample("knex", "typed", INSERT, MERGE, f"await knex<Goal>('t').insert({_BARE});"),
    _sample("knex", "merging-lines", INSERT, MERGE, "await knex('t')", f"  .insert({_BARE});"),
    _sample("knex", "target", SET, TARGET, f"await knex('t').insert({_BARE}).onConflict('id').merge();"),
    _sample("knex", "predicate", PREDICATE, ACTIVE, f"await knex('t').insert({_BARE}).onConflict(['user_id', 'slug']).ignore();"),
    _sample("knex", "savepoint", SAVEPOINT, {},
        f"await knex.transaction(async (trx) => {{ await trx('t').delete(); await trx('t').insert({_BARE}); }});"),
    _sample("typeorm", "merging", INSERT, MERGE, f"await repository.insert({_ROW});"),
    _sample("typeorm", "id-stays", INSERT, {**MERGE, "keep_columns": ["id"]},
        "await repository.insert({ id: uuid(), userId: user, slug: goal.slug, title: 'x' });"),
    _sample("prisma", "id-stays", INSERT, {**MERGE, "keep_columns": ["id"]},
        "const made = await db.goal.create({ data: { id: uuid(), userId: user, slug: goal.slug, title: 'x' } });", "return made.id;"),
    _sample("drizzle", "id-stays", INSERT, {**MERGE, "keep_columns": ["id"]},
        "await db.insert(t).values({ id: uuid(), userId: user, slug: goal.slug, title: 'x' });"),
    _sample("typeorm", "saving", INSERT, MERGE, f"await manager.save(Goal, {_ROW});"),
    _sample("typeorm", "ignoring", INSERT, IGNORE, f"await repository.save({_ROW});"),
    _sample("typeorm", "target", SET, TARGET, f"await repository.upsert({_ROW}, ['id']);"),
    _sample("typeorm", "predicate", PREDICATE, ACTIVE, f"await repository.upsert({_ROW}, ['userId', 'slug']);"),
    _sample("typeorm", "savepoint", SAVEPOINT, {},
        "await manager.transaction(async (inner) => {", "  await inner.delete(Goal, {});", f"  await inner.insert(Goal, {_ROW});", "});"),
    _sample("sequelize", "ignoring", INSERT, IGNORE, f"await Goal.create({_ROW});"),
    _sample("sequelize", "merging", INSERT, MERGE, f"await Goal.create({_ROW}, {{ logging: false }});"),
    _sample("sequelize", "rows", INSERT, MERGE,
        "await Goal.bulkCreate(goals.map((g) => ({ userId: user, slug: g.slug, title: 'x' })));", head=_GOALS),
    _sample("sequelize", "target", SET, TARGET, f"await Goal.upsert({_ROW});"),
    _sample("sequelize-typescript", "ignoring", INSERT, IGNORE, f"await Goal.create({_ROW});"),
    _sample("sequelize-typescript", "merging", INSERT, MERGE,
        "await sequelize.transaction(async (transaction) => {", f"  await Goal.create({_ROW}, {{ transaction }});", "});"),
    _sample("sequelize-typescript", "rows", INSERT, MERGE,
        "await Goal.bulkCreate(", "  goals.map((g) => ({ userId: user, slug: g.slug, title: 'x' })),", ");", head=_GOALS),
    _sample("sequelize-typescript", "target", SET, TARGET, f"await Goal.upsert({_ROW}, {{ returning: false }});"),
    _sample("sequelize-typescript", "dropped", DROP, {}, f"await Goal.create({_ROW});", "return goal.slug;"),
    _sample("objection", "ignoring", INSERT, IGNORE, f"await Goal.query().insert({_BARE});"),
    _sample("objection", "merging-lines", INSERT, MERGE,
        "const made = await Goal.query()", f"  .insert({_BARE})", "  .returning('id');", "return made.id;"),
    _sample("objection", "rows", INSERT, MERGE,
        "await Goal.query().insert(goals.map((g) => ({ user_id: user, slug: g.slug, title: 'x' })));", head=_GOALS),
    _sample("objection", "transaction", INSERT, IGNORE,
        "await Goal.transaction(async (trx) => {", f"  await Goal.query(trx).insert({_BARE});", "});"),
    _sample("objection", "target", SET, TARGET, f"await Goal.query().insert({_BARE}).onConflict('id').merge();"),
    _sample("objection", "target-no-id", SET, TARGET_NO_ID,
        "await Goal.query().insert({ id: uuid(), user_id: user, slug: goal.slug, title: 'x' }).onConflict('id').merge();"),
    _sample("objection", "predicate", PREDICATE, ACTIVE,
        f"await Goal.query().insert({_BARE}).onConflict(['user_id', 'slug']).ignore();"),
    _sample("objection", "dropped", DROP, {}, f"await Goal.query().insert({_BARE});", "return goal.slug;"),
    _sample("prisma", "ignoring", INSERT, IGNORE, f"await db.goal.create({{ data: {_ROW} }});"),
    _sample("prisma", "ignoring-result", INSERT, IGNORE, f"const made = await db.goal.create({{ data: {_ROW} }});", "return made.title?.length;"),
    _sample("prisma", "merging-lines", INSERT, MERGE,
        "const made = await db.goal.create({", "  data: { user: { connect: { id: user } }, slug: goal.slug, title: 'x' },", "  select: { id: true },", "});", "return made.id;"),
    _sample("prisma", "rows", INSERT, IGNORE,
        "const { count } = await db.goal.createMany({", "  data: goals.map((g) => ({ userId: user, slug: g.slug })),", "});", "return count;", head=_GOALS),
    _sample("prisma", "transaction", INSERT, MERGE,
        "await db.$transaction(async (tx) => {", "  await tx.goal.deleteMany({ where: { userId: user } });", f"  await tx.goal.create({{ data: {_ROW} }});", "});"),
    _sample("prisma", "target", SET, TARGET_NO_ID,
        "await db.goal.upsert({", "  where: { id: uuid() },", "  create: { id: uuid(), userId: user, slug: goal.slug, title: 'x' },", "  update: { title: 'x' },", "});"),
    _sample("prisma", "nested", DROP, {},
        "const made = await db.user.create({ data: { id: uuid(), goals: { create: { slug: goal.slug } } } });", "return made.id;"),
    _sample("prisma", "dropped", DROP, {}, f"await db.goal.create({{ data: {_ROW} }});", "return goal.slug;"),
)  # fmt: skip
