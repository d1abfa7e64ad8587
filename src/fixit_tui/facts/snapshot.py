"""Capture files: the catalog facts and the server's verdicts, so that a diagnosis runs offline.

A file is gzip-compressed JSON. It holds definitions and statistics, never a row of a user table
and never a credential: tokens that somebody wrote into a definition are blanked out.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.derive import Answer, Confirm
from fixit_tui.facts.load import CATALOG_TABLES

SCHEMA = "fixit-tui/capture/1"
META_KEYS = ("tool_version", "captured_at", "scope", "label")
_FAMILY = "fixit-tui/capture/"
_MAX_BYTES = 512 * 1024 * 1024
_UNASKED: Answer = ("", ())
_SECRET = re.compile(
    r"""eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+          # JSON web token
      | (?<=Bearer\ )[\w.~+/=-]{8,}
      | \bsb_secret_[\w-]+ | \bsbp_[0-9a-f]{16,} | \bsk_(?:live|test)_\w{8,}
      | (?<=://)[^\s:/@'"]+:[^\s@'"]+(?=@)      # user:password in a URL
      | (?<=\bpassword=)[^\s'"]+
    """,
    re.VERBOSE,
)
_BLANK = "removed-secret"


class Recorder:
    """Passes questions on to the server and keeps the answers for the file."""

    def __init__(self, confirm: Confirm) -> None:
        self._confirm = confirm
        self.verdicts: dict[str, Answer] = {}

    def __call__(self, statements: Sequence[str]) -> Sequence[Answer]:
        answers = self._confirm(statements)
        self.verdicts.update(zip(statements, answers, strict=True))
        return answers


@dataclass(frozen=True, slots=True)
class Capture:
    """What a capture file holds. `rows` is by catalog table."""

    rows: Mapping[str, Sequence[Row]]
    verdicts: Mapping[str, Answer] = field(default_factory=dict)
    meta: Mapping[str, Value] = field(default_factory=dict)

    def confirm(self, statements: Sequence[str]) -> Sequence[Answer]:
        """The recorded answers; a statement that was not asked then decides nothing now."""
        return [self.verdicts.get(statement, _UNASKED) for statement in statements]


def save(
    path: Path,
    rows: Mapping[str, Iterable[Row]] | FactBase,
    meta: Mapping[str, Value],
    verdicts: Mapping[str, Answer] | None = None,
) -> None:
    """Write a capture file, readable by its owner only; an existing file is replaced whole.

    Raises UsageError when the file cannot be written. `meta` may hold META_KEYS only.
    """
    strangers = set(meta) - set(META_KEYS)
    if strangers:
        raise ValueError(f"not meta keys of a capture: {', '.join(sorted(strangers))}")
    tables = _tables(rows)
    removed = _without_secrets(tables)
    document = {
        "schema": SCHEMA,
        "meta": dict(meta),
        "tables": tables,
        "verdicts": [
            {"statement": text, "sqlstate": answer[0], "arbiters": list(answer[1])}
            for text, answer in (verdicts or {}).items()
            if not _SECRET.search(text)
        ],
        "secrets_removed": removed,
    }
    # No time stamp in the header: equal facts make equal files.
    packed = gzip.compress(json.dumps(document, ensure_ascii=False).encode(), mtime=0)
    try:
        _replace(path, packed)
    except OSError as error:
        raise UsageError(
            f"the capture cannot be written to {path}: {error.strerror}",
            hint="choose another file or folder",
        ) from error


def load(path: Path) -> Capture:
    """Read a capture file. Raises UsageError when it is missing, damaged, foreign or newer."""
    document = _document(path)
    schema = document.get("schema")
    if not isinstance(schema, str) or not schema.startswith(_FAMILY):
        raise _foreign(path)
    if schema != SCHEMA:
        raise UsageError(
            f"{path} was made by another version ({schema}; this one reads {SCHEMA})",
            hint="update fixit-tui, or capture again",
        )
    try:
        rows = _checked(document["tables"])
        verdicts = {
            str(v["statement"]): (_text(v["sqlstate"]), tuple(str(a) for a in v["arbiters"]))
            for v in document["verdicts"]
        }
        meta = {str(k): _value(v) for k, v in document["meta"].items() if k in META_KEYS}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, str(error)) from error
    return Capture(rows, verdicts, meta)


def _tables(rows: Mapping[str, Iterable[Row]] | FactBase) -> dict[str, list[dict[str, Value]]]:
    if isinstance(rows, FactBase):
        return {table: rows.query(f'SELECT * FROM "{table}"') for table in CATALOG_TABLES}
    strangers = set(rows) - set(CATALOG_TABLES)
    if strangers:
        raise ValueError(f"not catalog tables: {', '.join(sorted(strangers))}")
    return {table: [dict(row) for row in rows.get(table, ())] for table in CATALOG_TABLES}


def _without_secrets(tables: dict[str, list[dict[str, Value]]]) -> int:
    """Blank out tokens in place; returns how many, and notes a gap when there were some."""
    removed = 0
    for rows in tables.values():
        for row in rows:
            for column, value in row.items():
                if isinstance(value, str) and len(value) > 8:
                    row[column], count = _SECRET.subn(_BLANK, value)
                    removed += count
    if removed:
        tables["gap"].append(
            {
                "what": f"{removed} tokens inside definitions were left out of the capture",
                "costs": "a definition that held one cannot be restored from this file",
            }
        )
    return removed


def _replace(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a crash leaves the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _document(path: Path) -> dict[str, Any]:
    try:
        with gzip.open(path, "rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except gzip.BadGzipFile as error:
        raise _foreign(path) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(path, "it ends too early or is corrupt") from error
    except OSError as error:
        raise UsageError(
            f"the capture {path} cannot be read: {error.strerror or error}",
            hint="check the file name",
        ) from error
    if len(content) > _MAX_BYTES:
        raise _damaged(path, "it is too big")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _foreign(path)
    return document


def _checked(tables: Any) -> dict[str, Sequence[Row]]:
    """Tables whose rows have known columns and plain values only."""
    empty = FactBase()
    try:
        known = {
            table: {str(c["name"]) for c in empty.query(f'PRAGMA table_info("{table}")')}
            for table in CATALOG_TABLES
        }
    finally:
        empty.close()
    checked: dict[str, Sequence[Row]] = {}
    for table, rows in tables.items():
        if table not in known:
            raise ValueError(f"it has an unknown table {table!r}")
        for row in rows:
            strangers = set(row) - known[table]
            if strangers:
                raise ValueError(f"table {table} has an unknown column {min(strangers)!r}")
        checked[table] = [{k: _value(v) for k, v in row.items()} for row in rows]
    return checked


def _value(value: object) -> Value:
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError(f"it has a value of type {type(value).__name__}")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ValueError("an SQLSTATE is not a text")


def _foreign(path: Path) -> UsageError:
    return UsageError(
        f"{path} is not a capture of fixit-tui", hint="make one with: fixit-tui capture"
    )


def _damaged(path: Path, why: str) -> UsageError:
    return UsageError(f"the capture {path} is damaged: {why}", hint="capture again")
