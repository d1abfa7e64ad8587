"""Which statement of an SQL file an error tells of: by its text, or by psql's place."""

from __future__ import annotations

import pytest

from fixit_tui.code.sql_statements import read_statements
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.derive.from_files import add_told_statement

SEED = """INSERT INTO t (a)
  VALUES (1)
;
INSERT INTO t (a) VALUES (2);
"""


def told(statement: str | None, place: tuple[str, int] | None = None) -> list[tuple[object, ...]]:
    facts = FactBase()
    try:
        for path in ("db/migrations/1.sql", "db/seed.sql"):
            facts.insert("sql_statement", [s.row() for s in read_statements(path, SEED)])
        facts.insert("symptom", [{"statement": statement}])
        if place is not None:
            facts.insert("symptom_place", [{"file": place[0], "line": place[1]}])
        add_told_statement(facts)
        rows = facts.query("SELECT path, line, library, verb FROM code_call")
        return [tuple(row.values()) for row in rows]
    finally:
        facts.close()


@pytest.mark.parametrize(
    ("statement", "place", "line"),
    [
        ("insert into t (a) values (1)", None, None),
        ("INSERT INTO t (a) VALUES (1)", None, 1),
        ("-- seed\nINSERT INTO t (a)\n\tVALUES (2);", None, 4),
        (None, ("db/seed.sql", 3), 1),
        (None, ("./db/seed.sql", 4), 4),
        (None, ("/srv/app/db/seed.sql", 2), 1),
        (None, ("other/seed.sql", 4), None),
        (None, ("db/seed.sql", 9), None),
        (None, None, None),
        ("", None, None),
    ],
)
def test_the_statement_that_failed(
    statement: str | None, place: tuple[str, int] | None, line: int | None
) -> None:
    wanted = [] if line is None else [("db/seed.sql", line, "sql-file", "sql")]
    assert told(statement, place) == wanted
