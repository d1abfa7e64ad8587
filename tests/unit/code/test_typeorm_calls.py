"""TypeORM: entities, and what repositories, managers and builders send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, text_of

from fixit_tui.code.facts import Filter

ENTITIES = """
import { BaseEntity, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
export abstract class Base extends BaseEntity {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ name: 'created_at' }) createdAt: Date;
}
@Entity({ name: 'profiles', schema: 'app' })
export class Profile extends Base {
  @Column('uuid', { name: 'user_id', unique: true }) userId: string;
  @Column({ nullable: true }) bio?: string;
  @ManyToOne(() => Team) @JoinColumn({ name: 'team_id' }) team: Team;
}
@Entity()
export class UserSetting {
  @PrimaryColumn() userId: string;
  @Column() theme: string;
}
@Entity('teams')
export class Team extends Base {
  @ManyToOne(() => Profile) owner: Profile;
  notAColumn: number;
}
"""
HEAD = """import { Profile, Team, UserSetting } from './entities';
class S { constructor(@InjectRepository(Profile) private readonly rows: Repository<Profile>, private ds: DataSource) {}
async f(userId: string, manager: EntityManager, settings: Repository<UserSetting>) {
"""
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("await this.rows.insert({ userId, bio: 'x' });", "insert",
     {"verb": "insert", "schema": "app", "relation": "profiles", "column_values": {"user_id": "userId", "bio": "'x'"},
      "on_conflict": None, "rows": "one", "client": "this.rows", "awaited": True}),
    ("await this.rows.save({ userId, team: { id: teamId } });", "save without a key",
     {"verb": "insert", "column_values": {"user_id": "userId", "team_id": "teamId"}, "on_conflict": None}),
    ("await settings.save({ userId, theme: 'x' });", "save with the key",
     {"verb": "insert", "relation": "user_setting", "columns": ("userId", "theme"), "on_conflict": ("userId",)}),
    ("let p;\nif (!p) {\n  p = this.rows.create({ userId });\n  p.bio = 'y';\n  await this.rows.save(p);\n}", "created, assigned, saved",
     {"verb": "insert", "column_values": {"user_id": "userId", "bio": "'y'"}, "line": 8}),
    ("const p = new Profile();\np.userId = userId;\np.team = team;\nawait manager.save(p);", "new, assigned, saved",
     {"verb": "insert", "column_values": {"user_id": "userId", "team_id": "team.id"}, "client": "manager"}),
    ("await manager.save(Team, { owner });", "default join column",
     {"relation": "teams", "schema": None, "columns": ("ownerId",), "column_values": {"ownerId": "owner.id"}}),
    ("await this.rows.upsert([{ userId, bio }], ['userId']);", "upsert by paths",
     {"on_conflict": ("user_id",), "ignore_duplicates": False, "columns": ("user_id", "bio")}),
    ("await this.rows.upsert({ userId }, { conflictPaths: { userId: true, team: true }, indexPredicate: 'live = true' });", "upsert by options",
     {"on_conflict": ("user_id", "team_id"), "target_predicate": "live = true"}),
    ("await this.rows.upsert({ userId }, paths);", "computed paths", {"options_known": False}),
    ("await this.ds.createQueryBuilder().insert().into(Profile).values({ userId, bio }).orUpdate(['bio'], ['user_id']).execute();", "orUpdate",
     {"on_conflict": ("user_id",), "update_columns": ("bio",), "client": "this.ds"}),
    ("await this.rows.createQueryBuilder().insert().into(Profile).values({ userId }).orUpdate(['bio'], 'profiles_key').execute();", "orUpdate by constraint",
     {"target_constraint": "profiles_key"}),
    ("await this.rows.createQueryBuilder().insert().orUpdate({ conflict_target: ['user_id'], overwrite: ['bio'] }).into(Profile).values({ userId }).execute();",
     "orUpdate, older form in front", {"on_conflict": ("user_id",), "update_columns": ("bio",)}),
    ("await manager.createQueryBuilder().insert().into(Profile).values({ userId }).orIgnore().execute();", "orIgnore",
     {"on_conflict": (), "ignore_duplicates": True}),
    ("const p = await this.rows.findOne({ where: { userId, bio: IsNull() } });", "findOne",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("user_id", "eq", "userId"), Filter("bio", "other", "IsNull()"))}),
    ("const p = await manager.findOneBy(Profile, { userId });", "findOneBy",
     {"verb": "select", "filters": (Filter("user_id", "eq", "userId"),)}),
    ("await this.ds.getRepository(Profile).update({ userId }, { bio: 'z' });", "update",
     {"verb": "update", "columns": ("bio",), "filters": (Filter("user_id", "eq", "userId"),), "client": "this.ds"}),
    ("await Profile.delete({ userId });", "active record", {"verb": "delete", "filters": (Filter("user_id", "eq", "userId"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in SHAPES], ids=[s[1] for s in SHAPES])  # fmt: skip
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    files = {"src/entities.ts": ENTITIES, "src/a.ts": f"{HEAD}{text}\n}} }}"}
    facts = scan_files(tmp_path, files)
    assert len(facts.calls) == 1, facts
    (call,) = facts.calls
    assert call.library == "typeorm"
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    [
        "await this.unknown.save({ userId });",
        "await this.ds.save({ userId });",
        "list.insert(Profile);",
        "await this.ds.getRepository(Other).save({ userId });",
    ],
)
def test_what_is_no_known_entity_is_no_call(tmp_path: Path, text: str) -> None:
    files = {"src/entities.ts": ENTITIES, "src/a.ts": f"{HEAD}{text}\n}} }}"}
    assert [c for c in scan_files(tmp_path, files).calls if c.columns is not None] == []


def test_a_row_that_was_read_is_updated_by_save(tmp_path: Path) -> None:
    text = (
        "const p = await this.rows.findOneBy({ userId });\np.bio = 'x';\nawait this.rows.save(p);"
    )
    files = {"src/entities.ts": ENTITIES, "src/a.ts": f"{HEAD}{text}\n}} }}"}
    found = [(c.verb, c.columns) for c in scan_files(tmp_path, files).calls]
    assert found == [("select", None), ("update", ("bio",))]


def test_the_naming_strategy_decides_unnamed_columns(tmp_path: Path) -> None:
    files = {
        "src/entities.ts": ENTITIES,
        "src/ds.ts": "export const ds = new DataSource({ namingStrategy: new SnakeNamingStrategy() });",
        "src/a.ts": f"{HEAD}await settings.insert({{ userId }});\n}} }}",
    }
    (call,) = scan_files(tmp_path, files).calls
    assert call.columns == ("user_id",)


def test_transactions_of_managers_and_runners(tmp_path: Path) -> None:
    text = """
await this.ds.transaction(async (tx) => {
  await tx.getRepository(Profile).insert({ userId });
  await tx.save(Team, { owner });
});
const runner = this.ds.createQueryRunner();
await runner.startTransaction();
try {
  await runner.manager.insert(Profile, { userId });
  await runner.commitTransaction();
} catch (e) {
  await runner.rollbackTransaction();
}
"""
    files = {"src/entities.ts": ENTITIES, "src/a.ts": f"{HEAD}{text}\n}} }}"}
    calls = scan_files(tmp_path, files).calls
    assert [(c.client, c.statement or c.relation, c.tx) for c in calls] == [
        ("tx", "profiles", 2), ("tx", "teams", 2), ("runner", "BEGIN", 1),
        ("runner", "profiles", 1), ("runner", "COMMIT", 1), ("runner", "ROLLBACK", 1),
    ]  # fmt: skip


SCHEMA = """
import { EntitySchema } from 'typeorm';
const base = { id: { type: 'uuid', primary: true, generated: 'uuid' } } as const;
export const GoalSchema = new EntitySchema<Goal>({
  name: 'goal', tableName: 'goals', schema: 'app',
  columns: { ...base, userId: { type: String, name: 'user_id' }, slug: { type: String } },
  relations: { team: { type: 'many-to-one', target: 'team', joinColumn: { name: 'team_id' } }, notes: { type: 'one-to-many', target: 'note' } },
});
export const BadgeSchema = new EntitySchema({ target: Badge, columns: { key: { type: String, primary: true } } });
export const Lost = new EntitySchema({ name: 'lost', tableName: nameOf('lost'), columns: {} });
"""


@pytest.mark.parametrize(
    ("body", "relation", "columns", "target"),
    [
        ("ds.getRepository(GoalSchema).insert({ userId, team });", "goals", ("user_id", "team_id"), None),
        ("ds.getRepository('goal').save({ userId });", "goals", ("user_id",), None),
        ("ds.manager.upsert(GoalSchema, { userId, slug }, ['userId', 'slug']);", "goals", ("user_id", "slug"), ("user_id", "slug")),
        ("goals.save({ id, userId });", "goals", ("id", "user_id"), ("id",)),
        ("badges.save({ key });", "badge", ("key",), ("key",)),
        ("ds.getRepository(Lost).insert({ userId });", None, None, None),
        ("cache.delete('goal');", None, None, None),
    ],
)  # fmt: skip
def test_entities_that_are_schemas(
    tmp_path: Path, body: str, relation: str | None, columns: Any, target: Any
) -> None:
    text = (
        "import { GoalSchema, Lost } from './schemas';\n"
        f"export async function f(goals: Repository<Goal>, badges: Repository<Badge>) {{ await {body} }}\n"
    )
    calls = scan_files(tmp_path, {"src/schemas.ts": SCHEMA, "src/a.ts": text}).calls
    found = [(c.relation, c.columns, c.on_conflict) for c in calls]
    assert found == ([] if relation is None else [(relation, columns, target)])
