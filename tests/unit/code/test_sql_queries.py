"""Queries in SQL files: which count, where they stand, and how their conflict clause changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.code.scanning import scan_files, text_of

from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.key_definitions import read_keys
from fixit_tui.code.sql_queries import query_calls
from fixit_tui.code.sql_statements import read_statements

QUERIES = """-- name: add_member
INSERT INTO app.t (a, b)
VALUES (:a, :b);

-- é
/* :name put */ insert into t (a, b) values (%(a)s, %(b)s)
  on conflict (a) do update set b = excluded.b;
UPDATE t SET b = ? WHERE a = ?;
DELETE FROM t WHERE b ? 'x';
"""


def _calls(path: str, text: str) -> list[CodeCall]:
    return list(query_calls(path, text, read_statements(path, text)))


def test_queries_with_their_places_and_names(tmp_path: Path) -> None:
    facts = scan_files(tmp_path, {"q/members.sql": QUERIES})
    assert [(c.line, c.function, c.params) for c in facts.calls] == [
        (2, "add_member", ("a", "b")),
        (6, "put", ("a", "b")),
        (8, "", ()),
    ]
    assert [text_of(tmp_path, c) for c in facts.calls] == [c.statement for c in facts.calls]


@pytest.mark.parametrize(
    "path",
    [
        "db/migrations/x.sql",
        "db/V2__x.sql",
        "db/20240101_x.sql",
        "seed.sql",
        "tests/put.sql",
        "x.down.sql",
    ],
)
def test_history_data_and_tests_send_nothing(path: str) -> None:
    assert not _calls(path, "INSERT INTO t VALUES ($1)")
    assert _calls("queries/x.sql", "INSERT INTO t VALUES ($1)")


def test_a_template_is_not_guessed() -> None:
    assert not _calls("q.sql", "INSERT INTO {{ t }} VALUES ($1)")


def test_the_clause_changes_and_nothing_else() -> None:
    call = _calls("q.sql", QUERIES)[1]
    made = apply_edit("add-conflict-predicate", QUERIES, call, {"predicate": "(b > 'é')"})
    assert made == Edited(QUERIES.replace("(a) do", "(a) where b > 'é' do"))
    aimed = apply_edit("set-conflict-target", QUERIES, call, {"columns": ["a", "order"]})
    assert aimed == Edited(QUERIES.replace("conflict (a)", 'conflict (a, "order")'))


def test_an_insert_gets_a_clause() -> None:
    call = _calls("q.sql", QUERIES)[0]
    made = apply_edit("insert-to-upsert", QUERIES, call, {"conflict_columns": ["a"]})
    assert made == Edited(
        QUERIES.replace("(:a, :b);", "(:a, :b)\nON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b;")
    )


def test_what_the_driver_would_read_as_a_mark_is_refused() -> None:
    call = _calls("q.sql", QUERIES)[1]
    made = apply_edit("add-conflict-predicate", QUERIES, call, {"predicate": "b LIKE 'x%'"})
    assert isinstance(made, Refused)


KEYS = """-- CREATE UNIQUE INDEX old ON t (a);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "T_a" ON ONLY app."T" USING btree (lower(a));
ALTER TABLE t
  ALTER COLUMN b SET NOT NULL,
  ADD CONSTRAINT t_ab UNIQUE NULLS NOT DISTINCT (a, b);
ALTER TABLE app.t ADD UNIQUE (a, b); CREATE INDEX plain ON t (a);
create unique index on t (a);
ALTER TABLE t ADD PRIMARY KEY (a);
"""


def test_unique_keys_that_a_file_makes() -> None:
    found = [(k.line, k.end_line, k.schema, k.relation, k.name) for k in read_keys("m.sql", KEYS)]
    assert found == [
        (2, 2, "app", "T", "T_a"),
        (3, 5, None, "t", "t_ab"),
        (6, 6, "app", "t", "t_a_b_key"),
        (7, 7, None, "t", "t_a_idx"),
        (8, 8, None, "t", "t_pkey"),
    ]


def test_keys_of_other_languages(tmp_path: Path) -> None:
    facts = scan_files(
        tmp_path,
        {
            "m/1.ts": 'await q.query(`ALTER TABLE "t" ADD CONSTRAINT "UQ_1" UNIQUE ("a")`);\n'
            'await q.query("CREATE UNIQUE INDEX \\"ix\\" ON \\"t\\" (\\"a\\")");',
            "m/2.py": 'op.create_unique_constraint(\n    "uq_t_a", "t", ["a"]\n)\n'
            'op.create_index("ix_t_a", "t", ["a"], unique=True)\nop.create_index("i", "t", ["a"])',
        },
    )
    assert [(k.path, k.line, k.end_line, k.relation, k.name) for k in facts.keys] == [
        ("m/1.ts", 1, 1, "t", "UQ_1"),
        ("m/1.ts", 2, 2, "t", "ix"),
        ("m/2.py", 1, 3, "t", "uq_t_a"),
        ("m/2.py", 4, 4, "t", "ix_t_a"),
    ]
