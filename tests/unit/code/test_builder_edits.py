"""Edits of data layers: the change and nothing else, once and again, in the file's own style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editing import git_gives
from scanning import scan_files

from fixit_tui.code.edits import Edited, EditResult, Refused, apply_edit, folder
from fixit_tui.code.module import Module, decode, encode

UPSERT, TARGET, PREDICATE, DROP = (
    "insert-to-upsert", "set-conflict-target", "add-conflict-predicate", "drop-manual-insert",
)  # fmt: skip
IGNORE = {"conflict_columns": ["show_id", "row"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["show_id", "row"], "ignore_duplicates": False}
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
     "await db.insert(seats).values(v).onConflictDoNothing({ target: seats.row, where: eq(seats.live, true) });\n",
     "await db.insert(seats).values(v).onConflictDoNothing({ target: seats.row, where: sql`is_live = true` });\n"),
    ("dropped", DROP, {}, "", "await db.insert(seats).values({ showId });\ndone();\n", "done();\n"),
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


REFUSED: list[tuple[str, dict[str, str], str, str, dict[str, Any], str]] = [
    ("drizzle: row not known", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v);", UPSERT, MERGE, "onConflictDoUpdate"),
    ("drizzle: clause computed", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v).onConflictDoNothing(o);", TARGET, KEY, "target"),
    ("drizzle: unknown column", DRIZZLE, DRIZZLE_HEAD + "await db.insert(seats).values(v);", UPSERT,
     {"conflict_columns": ["other"], "ignore_duplicates": True}, "onConflictDoNothing"),
    ("prisma: row not known", PRISMA, "await db.seat.create({ data });", UPSERT, IGNORE, "skipDuplicates"),
    ("prisma: no such key", PRISMA, "const s = await db.seat.create({ data: { row } });", UPSERT,
     {"conflict_columns": ["row"], "ignore_duplicates": True}, "skipDuplicates"),
    ("prisma: a call as key", PRISMA, "const s = await db.seat.create({ data: { showId: next(), row } });", UPSERT, IGNORE, "skipDuplicates"),
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
