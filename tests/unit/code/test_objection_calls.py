"""Objection.js: models, what their queries send, and the conflict clauses that they get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.code.scanning import scan_files, text_of

from fixit_tui.code.edits import Edited, Refused, apply_edit, folder
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import encode

MODELS = """
const { Model, snakeCaseMappers } = require('objection');
class Base extends Model { static get columnNameMappers() { return snakeCaseMappers(); } }
class Goal extends Base {
  static get tableName() { return 'app.goals'; }
  static get idColumn() { return ['userId', 'slug']; }
}
class User extends Base { static tableName = 'users'; tableName = 'not static'; }
class Computed extends Base { static get tableName() { return nameOf(this); } }
module.exports = { Goal, User, Computed };
"""
HEAD = "const { Goal, User, Computed } = require('./models');\n"
SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("Goal.query().insert({ userId, slug });",
     {"verb": "insert", "schema": "app", "relation": "goals", "columns": ("user_id", "slug"), "rows": "one", "on_conflict": None, "client": "Goal"}),
    ("Goal.query(trx).insert(rows.map((slug) => ({ userId, slug }))).onConflict(['user_id', 'slug']).merge(['title']);",
     {"client": "trx", "rows": "many", "on_conflict": ("user_id", "slug"), "ignore_duplicates": False, "update_columns": ("title",)}),
    ("db.User.query().insert({ email }).onConflict('email').ignore().returning('*');", {"relation": "users", "on_conflict": ("email",), "ignore_duplicates": True}),
    ("User.query().insertGraph({ email, goals: [{ slug }] });", {"verb": "insert", "columns": ("email",)}),
    ("User.query().upsertGraph({ id, email });", {"verb": "insert", "on_conflict": ("id",), "ignore_duplicates": False}),
    ("User.query().findOne({ email });", {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("email", "=", "email"),)}),
    ("User.query().select('id').where('email', email).first();", {"verb": "select", "filters": (Filter("email", "=", "email"),)}),
    ("User.query().findById(id).patch({ email });", {"verb": "update", "columns": ("email",), "filters": (Filter("id", "=", "id"),)}),
    ("User.query().patchAndFetchById(id, { email });", {"verb": "update", "columns": ("email",), "filters": (Filter("id", "=", "id"),)}),
    ("User.query().deleteById(id);", {"verb": "delete", "filters": (Filter("id", "=", "id"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SHAPES)
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    files = {"src/models.js": MODELS, "src/a.js": f"{HEAD}async function f() {{ return {text} }}\n"}
    (call,) = scan_files(tmp_path, files).calls
    assert call.library == "objection"
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    [
        "Computed.query().insert({ a })",
        "Goal.insert({ a })",
        "cache.query().insert({ a })",
        "user.$relatedQuery('goals').insert({ a })",
    ],
)
def test_what_is_no_known_model_is_no_call(tmp_path: Path, text: str) -> None:
    assert scan_files(tmp_path, {"src/models.js": MODELS, "src/a.js": HEAD + text}).calls == ()


@pytest.mark.parametrize(
    ("text", "edit", "params", "wanted"),
    [
        ("await Goal.query().insert({ userId, slug, title });", "insert-to-upsert", {"conflict_columns": ["user_id", "slug"], "ignore_duplicates": False},
         "await Goal.query().insert({ userId, slug, title }).onConflict(['user_id', 'slug']).merge(['title']);"),
        ("await User.query(trx).insert({ email }).onConflict('id').ignore();", "set-conflict-target", {"columns": ["email"]},
         "await User.query(trx).insert({ email }).onConflict(['email']).ignore();"),
        ("await User.query().insertGraph({ email, goals: [] });", "insert-to-upsert", {"conflict_columns": ["email"], "ignore_duplicates": True}, None),
        ("await User.query().insertGraph({ email, goals: [] });", "drop-manual-insert", {}, None),
        ("await User.query().insert({ email });", "drop-manual-insert", {}, ""),
    ],
)  # fmt: skip
def test_edits(
    tmp_path: Path, text: str, edit: str, params: dict[str, Any], wanted: str | None
) -> None:
    files = {"src/models.js": MODELS, "src/a.js": HEAD + text + "\n"}
    (call,) = scan_files(tmp_path, files).calls
    around = folder(files, lambda path: encode(files[path]))
    result = apply_edit(edit, files["src/a.js"], call, params, around)
    if wanted is None:
        assert isinstance(result, Refused)
        return
    assert isinstance(result, Edited), result
    assert result.text.removeprefix(HEAD).strip() == wanted
