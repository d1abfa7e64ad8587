"""New objects of mapped classes that a session gets, however they are made."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from tests.unit.code.scanning import scan_files

from fixit_tui.code.facts import CodeCall

MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Seat(Base):
    __tablename__ = "seats"
    id: Mapped[int] = mapped_column(primary_key=True)
    show: Mapped[int] = mapped_column("show_id")
    row: Mapped[str]

    def __init__(self, show, row_name):
        self.show = show
        self.row = row_name

class Guest(Base):
    __tablename__ = "guests"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
SCHEMAS = """
from typing import ClassVar
from pydantic import BaseModel

class Named(BaseModel):
    row: str

class SeatIn(Named):
    kind: ClassVar[str] = "seat"
    model_config = {}
    show: int
"""
HEAD = "from app.models import Guest, Seat\nfrom app import schemas\n"
SEAT = {"show_id": "show", "row": "row"}


def inserts(root: Path, text: str) -> list[CodeCall]:
    files = {"app/models.py": MODELS, "app/schemas.py": SCHEMAS, "app/use.py": HEAD + dedent(text)}
    return [c for c in scan_files(root, files).calls if c.verb == "insert"]


@pytest.mark.parametrize(
    ("body", "values", "rows"),
    [
        ("session.add(Seat(show=show, row=row))", SEAT, "one"),
        ("seat = Seat(show=show)\n    seat.row = row\n    session.add(seat)\n    seat.late = 1", SEAT, "one"),
        ("session.add(Seat(show, row))", SEAT, "one"),
        ("session.add(Seat(show, row_name=row))", SEAT, "one"),
        ("session.add(Seat(*row))", None, "one"),
        ("session.add(Guest(row))", None, "one"),
        ("seats = []\n    for row in rows:\n        seats.append(Seat(show=show, row=row))\n    session.add_all(seats)", SEAT, "many"),
        ("session.add_all([Seat(show=show, row=row) for row in rows])", SEAT, "many"),
        ("session.add(Seat(**data.model_dump()))", {"row": "data.row", "show_id": "data.show"}, "one"),
        ("session.add(Seat(**data.dict(exclude={'row'})))", None, "one"),
        ("session.add(Seat(**other.model_dump()))", None, "one"),
    ],
)  # fmt: skip
def test_attributes(tmp_path: Path, body: str, values: dict[str, str] | None, rows: str) -> None:
    text = f"def f(session, show, row, rows, other, data: schemas.SeatIn):\n    {body}\n"
    (call,) = inserts(tmp_path, text)
    assert (call.relation == "guests") == ("Guest" in body)
    assert (call.column_values, call.rows) == (values, rows)
    assert call.on_conflict is None


def test_objects_of_two_tables_have_two_places(tmp_path: Path) -> None:
    text = """
    def f(session, show):
        session.add_all([
            Seat(show=show),
            Guest(id=1),
            Seat(show=show),
        ])
    """
    assert [(c.relation, c.line) for c in inserts(tmp_path, text)] == [("seats", 5), ("guests", 7)]


def test_merge_goes_by_the_primary_key(tmp_path: Path) -> None:
    text = """
    def f(session, number, row):
        session.merge(Guest(id=number))
        session.merge(Seat(row=row))
    """
    by_key, plain = inserts(tmp_path, text)
    assert (by_key.on_conflict, by_key.ignore_duplicates) == (("id",), False)
    assert plain.on_conflict is None


@pytest.mark.parametrize(
    "body",
    [
        "session.add(show)",
        "found = session.get(Seat, 1)\n    session.add(found)",
        "names.add(Seat)",
    ],
)
def test_what_is_no_new_object(tmp_path: Path, body: str) -> None:
    assert inserts(tmp_path, f"def f(session, names, show: Seat):\n    {body}\n") == []


def test_a_package_is_read_by_its_own_name_from_inside(tmp_path: Path) -> None:
    use = "from app.models import Seat\ndef f(session):\n    session.add(Seat(1, 'a'))\n"
    found = scan_files(tmp_path / "app", {"models.py": MODELS, "api/use.py": use})
    assert [c.relation for c in found.calls if c.verb == "insert"] == ["seats"]


def test_another_packages_name_leads_to_no_file_of_ours(tmp_path: Path) -> None:
    use = "from other.models import Seat\ndef f(session):\n    session.add(Seat(1, 'a'))\n"
    found = scan_files(tmp_path / "app", {"models.py": MODELS, "api/use.py": use})
    assert [c for c in found.calls if c.verb == "insert"] == []


FLUSHED = """
from sqlalchemy.exc import IntegrityError as Refused
def f(session, show):
    session.add(Seat(show, "a"))
    try:
        session.flush()
    except {caught}:
        session.rollback()
"""


@pytest.mark.parametrize(
    ("caught", "states"),
    [("Refused", ("23505",)), ("(ValueError, Refused)", ("23505",)), ("ValueError", ())],
)
def test_the_error_of_an_object_comes_up_at_the_flush(
    tmp_path: Path, caught: str, states: tuple[str, ...]
) -> None:
    (call,) = inserts(tmp_path, FLUSHED.format(caught=caught))
    assert call.handles_sqlstate == states


def test_the_flush_before_it_says_nothing_of_an_object(tmp_path: Path) -> None:
    text = FLUSHED.format(caught="Refused") + '    session.add(Seat(show, "b"))\n'
    assert [c.handles_sqlstate for c in inserts(tmp_path, text)] == [("23505",), ()]


TABLES = """
from sqlalchemy import Column, Integer, MetaData, Table
marks = Table("marks", MetaData(), Column("name", Integer))
"""
STORE = """
from sqlalchemy.exc import IntegrityError
from app.tables import marks
class Store:
    def mark(self, name):
        with self.connect() as conn:
            try:
                conn.execute(marks.insert().values(name=name))
            except IntegrityError:
                conn.execute(marks.update().where(marks.c.name == name).values(name=name))
{end}
"""
ENGINE = """
from sqlalchemy import create_engine
def engine(url):
    return create_engine(url{level})
"""


@pytest.mark.parametrize(
    ("level", "end", "inside"),
    [
        ("", "", True),
        (', isolation_level="AUTOCOMMIT"', "", False),
        (', isolation_level="AUTOCOMMIT"', "            conn.commit()", True),
    ],
)
def test_a_connection_of_an_autocommit_engine_has_no_transaction(
    tmp_path: Path, level: str, end: str, inside: bool
) -> None:
    files = {
        "app/tables.py": TABLES,
        "app/store.py": STORE.format(end=end),
        "app/engine.py": ENGINE.format(level=level),
    }
    (write,) = (c for c in scan_files(tmp_path, files).calls if c.verb == "insert")
    assert (write.tx is not None) is inside
