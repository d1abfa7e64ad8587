"""Conflict clauses of statements that SQLAlchemy builds, written into them or left to a person."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from tests.unit.code.editing import git_gives
from tests.unit.code.scanning import scan_text

from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.code.facts import CodeCall

UPSERT, TARGET = "insert-to-upsert", "set-conflict-target"
ARBITER, PREDICATE = "set-sql-conflict-target", "add-conflict-predicate"
IGNORE = {"conflict_columns": ["a", "b"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["a", "b"], "ignore_duplicates": False, "keep_columns": ["id"]}
KEY = {"columns": ["a", "b"], "drop_columns": ["id"]}
TEXT = "from sqlalchemy import text\n"
DIALECT = "from sqlalchemy.dialects.postgresql import insert\n"
MODEL = (
    "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\nclass Base(DeclarativeBase):\n    pass\n\n"
    "class T(Base):\n    __tablename__ = 't'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    "    a: Mapped[int]\n    b: Mapped[int]\n    c: Mapped[int]\n\n"
)
SET = "set_={'c': text('excluded.c')}"
DO_NOTHING = "insert(T).values(a=1).on_conflict_do_nothing({})"
DO_UPDATE = "insert(T).values(a=1).on_conflict_do_update({})"
SHAPES: list[tuple[str, dict[str, Any], str, str]] = [
    (UPSERT, IGNORE, "insert(T).values(a=x, b='é')",
     "insert(T).values(a=x, b='é').on_conflict_do_nothing(index_elements=['a', 'b'])"),
    (UPSERT, IGNORE, "T.__table__.insert()", ""),
    (UPSERT, IGNORE, "insert(T).values(a=1, b=2).returning(T.id)", ""),
    (UPSERT, MERGE, "insert(T).values(id=uuid4(), a=x, b=2, c=3)",
     f"insert(T).values(id=uuid4(), a=x, b=2, c=3).on_conflict_do_update(index_elements=['a', 'b'], {SET})"),
    (UPSERT, MERGE, "(\n    insert(T)\n    .values(a=1, b=2, c=3)\n    .returning(T.id)\n)",
     f"(\n    insert(T)\n    .values(a=1, b=2, c=3)\n    .on_conflict_do_update(index_elements=['a', 'b'], {SET})\n    .returning(T.id)\n)"),
    (UPSERT, MERGE, "insert(T).values(a=1, b=2)",
     "insert(T).values(a=1, b=2).on_conflict_do_update(index_elements=['a', 'b'], set_={'a': text('excluded.a')})"),
    (UPSERT, MERGE, "insert(T).values(row)", ""),
    (TARGET, KEY, DO_NOTHING.format("index_elements=[T.id]"), DO_NOTHING.format("index_elements=['a', 'b']")),
    (TARGET, KEY, DO_NOTHING.format("constraint='t_pkey'"), DO_NOTHING.format("index_elements=['a', 'b']")),
    (TARGET, KEY, DO_UPDATE.format("index_elements=['id'], set_={'id': 1, 'c': 2}"), DO_UPDATE.format("index_elements=['a', 'b'], set_={'c': 2}")),
    (TARGET, KEY, DO_UPDATE.format("\n    index_elements=['id'],\n    set_={'c': 2, 'id': 1},  # why\n"),
     DO_UPDATE.format("\n    index_elements=['a', 'b'],\n    set_={'c': 2},  # why\n")),
    (TARGET, KEY, DO_UPDATE.format("index_elements=['id'], set_=dict(c=2)"), DO_UPDATE.format("index_elements=['a', 'b'], set_=dict(c=2)")),
    (TARGET, KEY, DO_UPDATE.format("index_elements=['id'], set_=dict(id=2)"), ""),
    (TARGET, KEY, DO_UPDATE.format("index_elements=['id'], set_={'id': 1}"), ""),
    (TARGET, KEY, DO_UPDATE.format("index_elements=['id'], set_=row"), ""),
    (ARBITER, {"target": "lower(a)"}, DO_NOTHING.format("index_elements=['a']"), DO_NOTHING.format("index_elements=[text('lower(a)')]")),
    (ARBITER, {"target": "lower(a)"}, DO_UPDATE.format("index_elements=['a'], index_where=T.c > 0, set_={'c': 1}"),
     DO_UPDATE.format("index_elements=[text('lower(a)')], index_where=T.c > 0, set_={'c': 1}")),
    (ARBITER, {"target": "(a)::text"}, DO_NOTHING.format("index_elements=['a']"), ""),
    (ARBITER, {"arbiter_constraint": "k"}, DO_UPDATE.format("index_elements=['a'], set_={'c': 1}, index_where=T.c > 0"),
     DO_UPDATE.format("constraint='k', set_={'c': 1}")),
    (ARBITER, {"arbiter_columns": ["a", "b"], "arbiter_predicate": "(c > 0)"}, DO_NOTHING.format(""),
     DO_NOTHING.format("index_elements=['a', 'b'], index_where=text('c > 0')")),
    (ARBITER, {"clause": "ON CONFLICT DO NOTHING"}, DO_NOTHING.format("index_elements=['a']"), ""),
    (PREDICATE, {"predicate": "(c = 1)"}, DO_NOTHING.format("index_elements=['a']"), DO_NOTHING.format("index_elements=['a'], index_where=text('c = 1')")),
]  # fmt: skip


def _call(text: str) -> CodeCall:
    return scan_text("app/a.py", text, "python").calls[-1]


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "params", "before", "after"), SHAPES)
def test_the_clause(
    tmp_path: Path, name: str, params: dict[str, Any], before: str, after: str, eol: str
) -> None:
    frame = "# é\n{}" + DIALECT + MODEL + "def f(session, x, row):\n    session.execute({})"
    text = frame.format("", before).replace("\n", eol)
    result = apply_edit(name, text, _call(text), params)
    if not after:
        assert isinstance(result, Refused)
        assert result.idiom
        return
    needed = TEXT if "text(" in after else ""
    wanted = frame.format(needed, after).replace("\n", eol)
    assert result == Edited(wanted)
    ast.parse(wanted)
    for call in scan_text("app/a.py", wanted, "python").calls:
        assert apply_edit(name, wanted, call, params) == result
    git_gives(tmp_path, text, wanted)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("from sqlalchemy import insert\n", UPSERT),
        (DIALECT + "import re as text\n", PREDICATE),
        (DIALECT + "def text(x): ...\nprint(text)\n", PREDICATE),
    ],
)
def test_what_cannot_be_said_in_this_file_is_left_to_a_person(head: str, name: str) -> None:
    statement = (
        "insert(T).values(a=1, b=2)"
        if name == UPSERT
        else DO_NOTHING.format("index_elements=['a']")
    )
    text = head + MODEL + f"session.execute({statement})\n"
    params = IGNORE if name == UPSERT else {"predicate": "c = 1"}
    assert isinstance(apply_edit(name, text, _call(text), params), Refused)


def test_a_result_that_is_asked_for_needs_its_row() -> None:
    built = "insert(T).values(a=1, b=2)"
    for use, fits in [
        (f"session.execute({built})", True),
        (f"print(session.execute({built}).rowcount)", False),
        (f"row = session.execute({built}).inserted_primary_key", False),
        (f"stmt = {built}\nsession.execute(stmt)", True),
        (f"stmt = {built}\nkey = session.execute(stmt)", False),
    ]:
        text = DIALECT + MODEL + use + "\n"
        result = apply_edit(UPSERT, text, _call(text), IGNORE)
        assert isinstance(result, Edited) is fits, use
