"""Sequelize: models, and which statements their methods send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, text_of

from fixit_tui.code.facts import Filter
from fixit_tui.code.orm.sequelize_models import plural

MODELS = """
const { DataTypes, Model } = require('sequelize');
const User = sequelize.define('User', {
  id: { type: DataTypes.UUID, defaultValue: DataTypes.UUIDV4, primaryKey: true },
  email: { type: DataTypes.STRING, unique: true },
  fullName: DataTypes.STRING,
}, { underscored: true });
class Progress extends Model {}
Progress.init({
  userId: { type: DataTypes.UUID, field: 'user_id' },
  lessonId: DataTypes.INTEGER,
  score: DataTypes.INTEGER,
}, { sequelize, modelName: 'Progress', tableName: 'progress', schema: 'app', indexes: [{ unique: true, fields: ['user_id', 'lessonId'] }] });
module.exports = { User, Progress };
"""
HEAD = "const { User, Progress } = require('./models');\n"
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("await Progress.create({ userId, lessonId: 1 });", "create",
     {"verb": "insert", "schema": "app", "relation": "progress", "columns": ("user_id", "lessonId"), "on_conflict": None, "rows": "one"}),
    ("await User.create({ email, fullName });", "underscored, key made by the library",
     {"relation": "users", "schema": None, "column_values": {"email": "email", "full_name": "fullName", "id": "uuid()"}}),
    ("await Progress.upsert({ userId, lessonId, score });", "target from the model",
     {"on_conflict": ("user_id", "lessonId"), "ignore_duplicates": False}),
    ("await User.upsert({ id, email });", "the primary key is in the row", {"on_conflict": ("id",)}),
    ("await Progress.upsert({ userId, lessonId }, { conflictFields: ['user_id'], conflictWhere: { live: true } });", "target and predicate",
     {"on_conflict": ("user_id",), "target_predicate": "live = true"}),
    ("await Progress.bulkCreate(rows.map((r) => ({ userId: r })), { updateOnDuplicate: ['score'], conflictAttributes: ['userId', 'lessonId'] });", "bulk upsert",
     {"rows": "many", "on_conflict": ("user_id", "lessonId"), "update_columns": ("score",)}),
    ("await Progress.upsert({ userId }, { conflictFields: ['userId'] });", "conflictFields are columns as they are",
     {"on_conflict": ("userId",)}),
    ("await Progress.upsert({ userId }, { conflictFields: ['user_id'], conflictWhere: { lessonId: 'x', score: null } });", "literals of the predicate",
     {"target_predicate": "\"lessonId\" = 'x' AND score IS NULL"}),
    ("await Progress.bulkCreate(rows, { updateOnDuplicate: ['score'] });", "bulk target from the model",
     {"on_conflict": ("user_id", "lessonId")}),
    ("await Progress.bulkCreate(rows, { ignoreDuplicates: true });", "bulk, duplicates ignored", {"on_conflict": (), "ignore_duplicates": True}),
    ("await User.findOrCreate({ where: { email }, defaults: { fullName: 'x' } });", "findOrCreate",
     {"verb": "insert", "on_conflict": (), "ignore_duplicates": True, "columns": ("full_name", "email", "id")}),
    ("const p = await Progress.findOne({ where: { userId, score: { [Op.gt]: 1 } } });", "findOne",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("user_id", "eq", "userId"), Filter("score", "other", "{ [Op.gt]: 1 }"))}),
    ("const u = await db.User.findByPk(id);", "findByPk", {"verb": "select", "filters": (Filter("id", "eq", "id"),)}),
    ("await Progress.update({ score: 2 }, { where: { userId } });", "update",
     {"verb": "update", "columns": ("score",), "filters": (Filter("user_id", "eq", "userId"),)}),
    ("await Progress.destroy({ where: { userId } });", "destroy", {"verb": "delete", "filters": (Filter("user_id", "eq", "userId"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in SHAPES], ids=[s[1] for s in SHAPES])  # fmt: skip
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    facts = scan_files(tmp_path, {"src/models.js": MODELS, "src/a.js": HEAD + text})
    assert len(facts.calls) == 1, facts
    (call,) = facts.calls
    assert call.library == "sequelize"
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    ["await Other.create({ a: 1 });", "function f(User) { return User.create({ a: 1 }); }", "axios.create({ a: 1 });"],
)  # fmt: skip
def test_what_is_no_known_model_is_no_call(tmp_path: Path, text: str) -> None:
    assert scan_files(tmp_path, {"src/models.js": MODELS, "src/a.js": text}).calls == ()


def test_a_transaction_is_told_by_the_option(tmp_path: Path) -> None:
    text = """
await sequelize.transaction(async (t) => {
  await User.create({ email }, { transaction: t });
  await User.create({ email });
});
"""
    calls = scan_files(tmp_path, {"src/models.js": MODELS, "src/a.js": HEAD + text}).calls
    assert [(c.client, c.tx) for c in calls] == [("t", 1), ("sequelize", None)]


def test_a_caught_class_of_error_is_a_handled_state(tmp_path: Path) -> None:
    text = """
async function f() {
  try { await User.create({ email }); }
  catch (e) { if (e instanceof UniqueConstraintError) return null; throw e; }
}
"""
    (call,) = scan_files(tmp_path, {"src/models.js": MODELS, "src/a.js": HEAD + text}).calls
    assert call.handles_sqlstate == ("23505",)


@pytest.mark.parametrize(
    ("one", "many"),
    [("User", "Users"), ("category", "categories"), ("UserAddress", "UserAddresses"), ("Box", "Boxes"),
     ("Person", "People"), ("news", "news"), ("Key", "Keys"), ("orders", "orders")],
)  # fmt: skip
def test_plural(one: str, many: str) -> None:
    assert plural(one) == many


DECORATED = """
import { Column, DataType, Default, Index, Model, PrimaryKey, Table, Unique } from 'sequelize-typescript';
@Table({ tableName: 'goals', underscored: true, schema: 'app' })
export class Goal extends Model {
  @PrimaryKey @Default(DataType.UUIDV4) @Column(DataType.UUID) declare id: string;
  @Unique('goal_key') @Column declare userId: string;
  @Unique('goal_key') @Column({ type: DataType.TEXT }) slug!: string;
  @Column({ field: 'heading' }) title?: string;
  @HasMany(() => Note) notes!: Note[];
}
@Table
export class Person extends Model<Person> {
  @Column({ primaryKey: true, autoIncrement: true }) id!: number;
  @Index({ name: 'one_mail', unique: true }) @Column mail!: string;
}
@Table(optionsOf('lost')) export class Lost extends Model { @Column name!: string; }
"""
DECORATED_HEAD = (
    "import { Goal, Lost, Person } from './models';\nimport { Repository } from 'sequelize-typescript';\n"
    "class S { constructor(@InjectModel(Goal) private readonly goals: typeof Goal) {}\n"
    "async f(people: Repository<Person>, other: string) {\n"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("await Goal.create({ userId, slug });", {"schema": "app", "relation": "goals", "columns": ("user_id", "slug", "id"), "on_conflict": None}),
        ("await this.goals.upsert({ userId, title });", {"on_conflict": ("user_id", "slug"), "update_columns": ("user_id", "heading")}),
        ("await this.goals.upsert({ id, userId });", {"on_conflict": ("id",)}),
        ("await people.create({ mail });", {"relation": "People", "columns": ("mail",)}),
        ("await Person.bulkCreate(rows, { updateOnDuplicate: ['mail'] });", {"on_conflict": ("mail",)}),
        ("const p = new Person({ mail });\np.id = 3;\nawait p.save();", {"verb": "insert", "column_values": {"mail": "mail", "id": "3"}}),
        ("await Person.build({ mail }).save();", {"verb": "insert", "columns": ("mail",)}),
    ],
)  # fmt: skip
def test_decorated_models(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    files = {"src/models.ts": DECORATED, "src/a.ts": DECORATED_HEAD + text + "\n}}\n"}
    (call,) = scan_files(tmp_path, files).calls
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    [
        "await Lost.create({ name });",
        "await other.create({ name });",
        "await this.files.save({ name });",
        "const u = await Person.findOne({});\nawait u.save();",
    ],
)
def test_what_is_no_decorated_model_is_no_insert(tmp_path: Path, text: str) -> None:
    files = {"src/models.ts": DECORATED, "src/a.ts": DECORATED_HEAD + text + "\n}}\n"}
    assert [c for c in scan_files(tmp_path, files).calls if c.verb != "select"] == []


def test_a_class_of_plain_javascript_declares_no_types(tmp_path: Path) -> None:
    text = """import { DataSource } from 'typeorm';
import { Sequelize } from 'sequelize';
class Store {
  constructor(rows) { this.rows = rows; }
  async add(row) { await this.rows.save(row); await this.rows.create({ a: 1 }); await this.rows.insert(row); }
}
"""
    assert not scan_files(tmp_path, {"src/store.js": text}).calls
