"""Whether a file's bytes can hold a database call at all: what decides which files are parsed.

Too much is only slow, too little is a missed call. A search is fast when it begins with fixed
letters, so that comes first, and what stands around them is looked at only where they are.
"""

from __future__ import annotations

import re

_TYPES = rb"\s*(?:<[^;]{0,300}?>)?\s*"
_FROM = re.compile(rb"from" + _TYPES + rb"\(")
_NOT_FROM = re.compile(rb"(?:\b(?:Array|Buffer|Object|Observable)\s*\??\.\s*|[\w$])\Z")
_WORDS = (
    (b"rpc", re.compile(rb"rpc" + _TYPES + rb"\(")),
    (b".auth", re.compile(rb"\.auth\b[^;]{0,80}?\.\s*(?:sign|create|invite)\w+\s*\(")),
    (b"query", re.compile(rb"query(?:Object|Array)?" + _TYPES + rb"[(`]")),
    (b".raw", re.compile(rb"\.\s*raw" + _TYPES + rb"\(")),
    (b"unsafe", re.compile(rb"unsafe" + _TYPES + rb"\(")),
    (b"Raw", re.compile(rb"(?:query|execute)Raw(?:Unsafe)?" + _TYPES + rb"[(`]")),
    (b"none", re.compile(rb"\.\s*none" + _TYPES + rb"\(")),
    (b"OrNone", re.compile(rb"OrNone" + _TYPES + rb"\(")),
    (b".one", re.compile(rb"\.one" + _TYPES + rb"\(")),
    (b".many", re.compile(rb"\.many" + _TYPES + rb"\(")),
    (b".any", re.compile(rb"\.any" + _TYPES + rb"\(")),
    (b".insert", re.compile(rb"\.\s*insert\w*" + _TYPES + rb"\(")),
    (b".batchInsert", re.compile(rb"\.\s*batchInsert\s*\(")),
    (b".upsert", re.compile(rb"\.\s*upsert" + _TYPES + rb"\(")),
    (b".create", re.compile(rb"(?<!Object)\.\s*create(?:Many\w*)?" + _TYPES + rb"\(")),
    (b".find", re.compile(rb"\.\s*find(?:First|Unique|One|Or|By)\w*" + _TYPES + rb"\(")),
    (b"pdate", re.compile(rb"\.\s*update(?:Many\w*)?\s*\(\s*\{")),
    (b"elete", re.compile(rb"\.\s*delete(?:Many)?\s*\(\s*\{")),
    (b".destroy", re.compile(rb"\.\s*destroy\s*\(\s*\{")),
    (b".save", re.compile(rb"\.\s*save" + _TYPES + rb"\(")),
    (b".bulkCreate", re.compile(rb"\.\s*bulkCreate" + _TYPES + rb"\(")),
    (b"selectFrom", re.compile(rb"\.\s*selectFrom" + _TYPES + rb"\(")),
    (b"deleteFrom", re.compile(rb"\.\s*deleteFrom" + _TYPES + rb"\(")),
    (b"updateTable", re.compile(rb"\.\s*updateTable" + _TYPES + rb"\(")),
    (b"knex", re.compile(rb"knex")),
    (b"typeorm", re.compile(rb"typeorm")),
    (b"equelize", re.compile(rb"[sS]equelize")),
    (b"startTransaction", re.compile(rb"startTransaction\s*\(")),
    (b"drizzle-orm", re.compile(rb"drizzle-orm")),
    (b".result", re.compile(rb"\.result" + _TYPES + rb"\(")),
)
_TAGS = (b"sql`", b"sql<", b"SQL`", b"Sql`", b"tx`", b"tx<", b"trx`", b"pg`", b"db`")
_TAGS_TOO = (b"client`", b"postgres`", b"sqlx`")


_MIGRATIONS = re.compile(r"(?:^|/)\w*migrations?/")
_STEP_UP = re.compile(rb"\bup\s*[=(:]")
_CROWDED = 200
_HEAVY = 40_000
_ENDLESS = re.compile(rb"[^\n]{2000,}")


def for_people(raw: bytes) -> bytes:
    """The bytes without the lines of a bundler, which nobody wrote and nobody could mend.

    Only of a big file whose lines are long on the average.
    """
    if len(raw) < max(_HEAVY, _CROWDED * (raw.count(b"\n") + 1)):
        return raw
    return _ENDLESS.sub(b"", raw)


def is_migration(path: str, raw: bytes) -> bool:
    """Whether a script is a step of the schema: it runs once, and nothing competes with it."""
    return bool(_MIGRATIONS.search(path) and _STEP_UP.search(raw))


def may_call(raw: bytes) -> bool:
    """Whether the bytes hold something that looks like a database call."""
    for found in _FROM.finditer(raw):
        start = found.start()
        if not _NOT_FROM.search(raw, max(0, start - 24), start):
            return True
    if any(word in raw and pattern.search(raw) for word, pattern in _WORDS):
        return True
    return any(tag in raw for tag in _TAGS) or any(tag in raw for tag in _TAGS_TOO)
