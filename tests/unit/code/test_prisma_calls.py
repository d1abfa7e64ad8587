"""Prisma: models of the schema file, and which statements the client's calls amount to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scanning import scan_files, text_of

from fixit_tui.code.facts import Filter

SCHEMA = """
datasource db {
  provider = "postgresql" // not "mysql"
  url      = env("DATABASE_URL")
}
enum Role { ADMIN USER }
model User {
  id       String    @id @default(uuid()) @db.Uuid
  email    String    @unique
  role     Role      @default(USER)
  profile  Profile?
  progress Progress[]
  @@map("users")
}
model Profile {
  id     Int     @id @default(autoincrement())
  userId String  @unique @map("user_id")
  bio    String?
  user   User    @relation(fields: [userId], references: [id])
  @@map("profiles")
  @@schema("app")
}
model Progress {
  id       Int    @id @default(autoincrement())
  userId   String @map("user_id")
  lessonId Int    @map("lesson_id")
  score    Int    @default(0)
  user     User   @relation(fields: [userId], references: [id])
  @@unique([
    userId,
    lessonId(sort: Desc)
  ])
}
"""
KEY = "{ userId_lessonId: { userId, lessonId } }"
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("await prisma.progress.create({ data: { userId, lessonId: 3 } });", "create",
     {"verb": "insert", "relation": "Progress", "schema": None, "client": "prisma", "rows": "one", "awaited": True,
      "columns": ("user_id", "lesson_id"), "column_values": {"user_id": "userId", "lesson_id": "3"}, "on_conflict": None}),
    ("await this.db.user.create({ data });", "computed row", {"relation": "users", "columns": None, "client": "this.db"}),
    ("await prisma.user.create({ data: { email } });", "key made by the client",
     {"columns": ("email", "id"), "column_values": {"email": "email", "id": "uuid()"}}),
    ("await prisma.profile.create({ data: { bio: 'x', user: { connect: { id: u.id } } } });", "connected row",
     {"schema": "app", "relation": "profiles", "column_values": {"bio": "'x'", "user_id": "u.id"}}),
    ("await prisma.progress.createMany({ data: ids.map((lessonId) => ({ userId, lessonId })), skipDuplicates: true });", "many",
     {"rows": "many", "on_conflict": (), "ignore_duplicates": True, "columns": ("user_id", "lesson_id")}),
    (f"await prisma.progress.upsert({{ where: {KEY}, create: {{ userId, lessonId, score }}, update: {{ score }} }});", "native upsert",
     {"verb": "insert", "on_conflict": ("user_id", "lesson_id"), "ignore_duplicates": False, "update_columns": ("score",)}),
    (f"await prisma.progress.upsert({{ where: {KEY}, create: {{ userId, lessonId }}, update: {{}} }});", "nothing to update: looks first",
     {"verb": "insert", "on_conflict": None, "columns": ("user_id", "lesson_id")}),
    (f"await prisma.progress.upsert({{ where: {KEY}, create: {{ user: {{ connect: {{ id: userId }} }}, lessonId }}, update: {{ score }} }});", "relation: looks first",
     {"on_conflict": None}),
    ("await prisma.progress.upsert({ where: { id: x.id ?? 0 }, create: { userId, lessonId }, update: { score } });", "goes by another key",
     {"on_conflict": ("id",), "columns": ("id", "user_id", "lesson_id"), "update_columns": ("score",)}),
    (f"const p = await prisma.progress.findUnique({{ where: {KEY} }});", "find by a compound key",
     {"verb": "select", "cardinality": "maybe_single", "filters": (Filter("user_id", "eq", "userId"), Filter("lesson_id", "eq", "lessonId"))}),
    ("const p = await prisma.progress.findFirst({ where: { AND: [{ userId: { equals: u } }, { score: { gt: 1 } }] } });", "find by conditions",
     {"verb": "select", "filters": (Filter("user_id", "eq", "u"), Filter("score", "other", "{ gt: 1 }"))}),
    ("await prisma.progress.updateMany({ where: { userId }, data: { score: 2 } });", "update",
     {"verb": "update", "columns": ("score",), "filters": (Filter("user_id", "eq", "userId"),)}),
    ("await prisma.progress.deleteMany({ where: { userId } });", "delete",
     {"verb": "delete", "filters": (Filter("user_id", "eq", "userId"),)}),
    ("const { progress } = prisma;\nconst table = prisma.progress;\nawait table.create({ data: { userId } });", "held in a variable",
     {"verb": "insert", "relation": "Progress", "line": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(s[0], s[2]) for s in SHAPES], ids=[s[1] for s in SHAPES])  # fmt: skip
def test_statement(tmp_path: Path, text: str, wanted: dict[str, Any]) -> None:
    facts = scan_files(tmp_path, {"prisma/schema.prisma": SCHEMA, "src/a.ts": text})
    assert len(facts.calls) == 1, facts
    (call,) = facts.calls
    assert call.library == "prisma"
    assert {name: getattr(call, name) for name in wanted} == wanted
    text_of(tmp_path, call)


@pytest.mark.parametrize(
    "text",
    [
        "await stripe.customer.create({ data: { a: 1 } });",
        "await stripe.profile.create({ name: 'x' });",
        "cache.user.delete(key);",
        "const m = new Map(); m.user.upsert({ where: 1 });",
    ],
)
def test_other_clients_make_no_call(tmp_path: Path, text: str) -> None:
    facts = scan_files(tmp_path, {"prisma/schema.prisma": SCHEMA, "src/a.ts": text})
    assert facts.calls == ()


@pytest.mark.parametrize("provider", ["mysql", "sqlite", "mongodb"])
def test_models_of_other_servers_are_not_ours(tmp_path: Path, provider: str) -> None:
    schema = SCHEMA.replace('"postgresql"', f'"{provider}"')
    text = "await prisma.user.create({ data: { email } });"
    assert scan_files(tmp_path, {"schema.prisma": schema, "src/a.ts": text}).calls == ()


def test_models_in_several_files_belong_together(tmp_path: Path) -> None:
    head, _, models = SCHEMA.partition("enum")
    files = {
        "prisma/schema.prisma": head,
        "prisma/models/user.prisma": "enum" + models,
        "src/a.js": "exports.add = (email) => prisma.user.create({ data: { email } });",
    }
    (call,) = scan_files(tmp_path, files).calls
    assert (call.relation, call.awaited, call.function) == ("users", True, "add")


def test_a_model_that_two_schemas_describe_differently_is_not_guessed(tmp_path: Path) -> None:
    other = SCHEMA.replace('@@map("users")', '@@map("people")')
    files = {
        "a/schema.prisma": SCHEMA,
        "b/schema.prisma": other,
        "src/a.ts": "await prisma.user.create({ data: { email } });\nawait prisma.profile.delete({ where: { id } });",
    }
    assert [c.relation for c in scan_files(tmp_path, files).calls] == ["profiles"]


def test_nested_rows_are_rows_of_their_own(tmp_path: Path) -> None:
    text = """
await prisma.user.create({
  data: { email, profile: { create: { bio: 'x' } }, progress: { create: [{ lessonId: 1 }, { lessonId: 2 }] } },
});
"""
    calls = scan_files(tmp_path, {"schema.prisma": SCHEMA, "src/a.ts": text}).calls
    assert [(c.relation, c.rows) for c in calls] == [
        ("users", "one"), ("profiles", "one"), ("Progress", "many"),
    ]  # fmt: skip
    assert calls[1].column_values == {"bio": "'x'", "user_id": "user.id"}
    assert calls[2].line == 3


def test_transactions_and_caught_errors(tmp_path: Path) -> None:
    text = """
async function f() {
  try {
    await prisma.$transaction(async (tx) => {
      await tx.user.create({ data: { email } });
    });
  } catch (e) {
    if (e.code === 'P2002') return;
  }
}
async function g() {
  try {
    return await prisma.user.create({ data: { email } });
  } catch (e) {
    if (e instanceof Prisma.PrismaClientKnownRequestError && e.code === 'P2002') return null;
    throw e;
  }
}
"""
    calls = scan_files(tmp_path, {"schema.prisma": SCHEMA, "src/a.ts": text}).calls
    assert [c.tx for c in calls] == [1, None]
    assert calls[1].handles_sqlstate == ("23505",)
