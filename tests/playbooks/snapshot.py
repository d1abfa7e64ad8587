"""A whole database in three digests: its catalog, its rows, and where its sequences stand.

Every row counts with the transaction that wrote it, so that a change to the same value shows, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

Digests = dict[str, tuple[object, ...]]

# Numbers of vacuum and ANALYZE, and a hint. They are written in place: an index build leaves them
# behind even where it is rolled back.
_VOLATILE = (
    "relhasindex",
    "relpages",
    "reltuples",
    "relallvisible",
    "relallfrozen",
    "relfrozenxid",
    "relminmxid",
)
_TABLES = """
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname),
       pg_catalog.string_agg(pg_catalog.format('t.%%I', a.attname), ', ' ORDER BY a.attnum)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a
  ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (%(volatile)s)
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND NOT c.relisshared
  AND (n.nspname = 'pg_catalog') = %(catalog)s
  AND n.nspname NOT IN ('information_schema', 'pg_toast')
  AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')
GROUP BY 1 ORDER BY 1
"""
_DIGEST = """
SELECT count(*), coalesce(sum(pg_catalog.hashtextextended(ROW(t.xmin, {columns})::text, 0)), 0)
FROM ONLY {table} AS t
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Digests by table, and (last_value, is_called) by sequence."""

    catalog: Digests
    rows: Digests
    sequences: Digests

    def moved(self, later: Snapshot) -> set[str]:
        """Sequences that stand elsewhere later, or are not there in one of both."""
        names = self.sequences.keys() | later.sequences.keys()
        return {n for n in names if self.sequences.get(n) != later.sequences.get(n)}


def snapshot(dsn: str) -> Snapshot:
    """What the database of a superuser's DSN holds now."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        names = connection.execute(
            "SELECT pg_catalog.format('%I.%I', schemaname, sequencename)"
            " FROM pg_catalog.pg_sequences ORDER BY 1"
        ).fetchall()
        return Snapshot(
            _digests(connection, catalog=True),
            _digests(connection, catalog=False),
            _asked(
                connection,
                {str(n): f"SELECT last_value, is_called FROM {n}" for (n,) in names},
            ),
        )


def _digests(connection: psycopg.Connection[tuple[object, ...]], *, catalog: bool) -> Digests:
    told = {"volatile": list(_VOLATILE), "catalog": catalog}
    tables = connection.execute(_TABLES, told).fetchall()
    queries = {
        str(table): _DIGEST.format(table=table, columns=columns or "NULL")
        for table, columns in tables
    }
    return _asked(connection, queries)


def _asked(connection: psycopg.Connection[tuple[object, ...]], queries: dict[str, str]) -> Digests:
    """The one row of each query, asked in one go."""
    with connection.pipeline():
        cursors = {name: connection.execute(text.encode()) for name, text in queries.items()}
        return {name: tuple(cursor.fetchone() or ()) for name, cursor in cursors.items()}
