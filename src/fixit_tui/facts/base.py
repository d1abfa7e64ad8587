"""FactBase: the fact tables in an SQLite database in memory, open to read-only queries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from fixit_tui.errors import UsageError

Value = str | int | float | None
Row = Mapping[str, Value]


_PARTS = ("catalog", "code", "symptom", "derived", "views")


@cache
def schema_text() -> str:
    """The commented DDL of every fact table; `fixit-tui facts` prints it."""
    folder = files("fixit_tui.facts").joinpath("schema")
    return "\n".join(folder.joinpath(f"{part}.sql").read_text("utf-8") for part in _PARTS)


_READING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


_KEEPING = frozenset(
    {sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}
)


def _reading_only(action: int, *_: str | None) -> int:
    """SQLite's authorizer: a SELECT may read; ATTACH, PRAGMA and every change are refused."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _keeping_rows(action: int, *about: str | None) -> int:
    """The same, save that rows may be kept in a temporary table."""
    kept = action in _KEEPING and about[2] == "temp"
    return sqlite3.SQLITE_OK if kept else _reading_only(action)


def _failed(error: sqlite3.Error | sqlite3.Warning) -> UsageError:
    return UsageError(
        f"the query over the facts failed: {error}",
        hint="fixit-tui facts prints every table and column",
    )


class FactBase:
    """A set of fact tables. Loaders insert, derivations add, playbooks only select."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(schema_text())
        # Their first use declares a table, which `_reading_only` would refuse later.
        self._db.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").fetchall()

    def close(self) -> None:
        """Drop everything."""
        self._db.close()

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows; a key that is no column of `table` is a programming error (sqlite3 raises)."""
        batch = list(rows)
        if not batch:
            return
        columns = sorted({key for row in batch for key in row})
        names = ", ".join(f'"{c}"' for c in columns)
        marks = ", ".join("?" for _ in columns)
        self._db.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',
            [tuple(row.get(c) for c in columns) for row in batch],
        )

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> None:
        """Run one data-changing statement of our own (derivations only)."""
        self._db.execute(sql, tuple(parameters))

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> list[dict[str, Value]]:
        """Rows of one of our own SELECTs."""
        return [dict(row) for row in self._db.execute(sql, tuple(parameters))]

    def select(self, sql: str) -> list[dict[str, Value]]:
        """Rows of a foreign SELECT (a playbook's or a person's), with writing refused.

        Raises UsageError with SQLite's message when it is not a single readable SELECT.
        """
        self._db.set_authorizer(_reading_only)
        try:
            return [dict(row) for row in self._db.execute(sql)]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _failed(error) from error
        finally:
            self._db.set_authorizer(None)

    def select_in_steps(
        self, steps: Sequence[tuple[str, str]], last: str
    ) -> list[dict[str, Value]]:
        """Rows of a foreign SELECT over (name, SELECT) pairs, which may name those before them.

        Raises UsageError as `select` does; nothing of the steps is left either way.
        """
        try:
            for name, sql in steps:
                self._db.set_authorizer(_keeping_rows)
                self._db.execute(f'CREATE TEMP TABLE "{name}" AS\n{sql}')
            return self.select(last)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _failed(error) from error
        finally:
            self._db.set_authorizer(None)
            for name, _ in steps:
                self._db.execute(f'DROP TABLE IF EXISTS temp."{name}"')

    def tables(self) -> tuple[str, ...]:
        """Names of all fact tables and views, in schema order."""
        rows = self._db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return tuple(str(row[0]) for row in rows)
