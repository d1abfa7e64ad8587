"""Models of SQLAlchemy and Django, and the calls that write to their tables."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from tests.unit.code.scanning import scan_files

from fixit_tui.code.facts import CodeCall

MAPPED = """
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

class Base(DeclarativeBase):
    pass

class Stamped:
    created = mapped_column("created_at")

class Tag(Stamped, Base):
    __tablename__ = "tags"
    __table_args__ = ({"schema": "app"},)
    id = mapped_column(primary_key=True)
    label = mapped_column("name", Text, unique=True)

events = Table("events", MetaData(), Column("key", Text), schema="log")
"""
DJANGO = """
from django.db import models

class Dated(models.Model):
    made = models.DateField(db_column="made_on")
    class Meta:
        abstract = True

class Profile(Dated):
    user = models.OneToOneField("auth.User", on_delete=models.CASCADE)
    nick = models.CharField(max_length=20)

class Word(models.Model):
    text = models.CharField(max_length=20)
    class Meta:
        db_table = "words"
"""


def calls(root: Path, text: str) -> tuple[CodeCall, ...]:
    files = {"app/db/models.py": MAPPED, "people/models.py": DJANGO, "app/use.py": dedent(text)}
    return tuple(c for c in scan_files(root, files).calls if c.path == "app/use.py")


def test_built_statement_with_its_conflict_clause(tmp_path: Path) -> None:
    text = """
    from sqlalchemy.dialects.postgresql import insert as pg_insert
    from app.db.models import Tag

    def save(session, label):
        stmt = pg_insert(Tag).values(label=label, created=now)
        stmt = stmt.on_conflict_do_update(
            index_elements=[Tag.label], index_where=Tag.deleted_at.is_(None),
            set_={"created": stmt.excluded.created})
        session.execute(stmt)
    """
    (one,) = calls(tmp_path, text)
    assert (one.verb, one.schema, one.relation) == ("insert", "app", "tags")
    assert one.columns == ("name", "created_at")
    assert (one.on_conflict, one.ignore_duplicates) == (("name",), False)
    assert one.target_predicate == "deleted_at IS NULL"
    assert one.update_columns == ("created_at",)
    assert one.line == 7


def test_tables_and_constraints(tmp_path: Path) -> None:
    text = """
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql
    from .db.models import events

    def save(conn, rows):
        conn.execute(sa.insert(events).values(key=1))
        conn.execute(postgresql.insert(events).on_conflict_do_nothing(constraint="events_key"), [{"key": 1}, {"key": 2}])
        conn.execute(events.insert(), rows)
    """
    plain, tolerant, bare = calls(tmp_path, text)
    assert [(c.schema, c.relation) for c in (plain, tolerant, bare)] == [("log", "events")] * 3
    assert (plain.on_conflict, plain.columns) == (None, ("key",))
    assert (tolerant.target_constraint, tolerant.rows) == ("events_key", "many")
    assert bare.columns is None


def test_objects_of_a_session_after_a_look(tmp_path: Path) -> None:
    text = """
    from app.db import models

    def tag(session, label):
        found = session.query(models.Tag).filter_by(label=label).first()
        if found is None:
            found = models.Tag(label=label)
            session.add(found)
            session.commit()
        return found
    """
    found = calls(tmp_path, text)
    look, add = (c for c in found if c.verb != "sql")
    assert [(f.column, f.op) for f in look.filters] == [("name", "eq")]
    assert (add.relation, add.columns, add.condition_on) == ("tags", ("name",), look.id)
    assert [c.statement for c in found if c.verb == "sql"] == ["BEGIN", "COMMIT"]


@pytest.mark.parametrize(
    ("call", "relation", "columns"),
    [
        ("Profile.objects.create(user=u, made=d)", "people_profile", ("user_id", "made_on")),
        ("Profile(user_id=1, nick=n).save()", "people_profile", ("user_id", "nick")),
        ("Word.objects.bulk_create([Word(text=t) for t in ts])", "words", ("text",)),
    ],
)
def test_django_writes(tmp_path: Path, call: str, relation: str, columns: tuple[str, ...]) -> None:
    (one,) = calls(tmp_path, f"from people.models import Profile, Word\n{call}\n")
    assert (one.verb, one.relation, one.columns) == ("insert", relation, columns)


def test_django_conflicts_and_tolerant_calls(tmp_path: Path) -> None:
    text = """
    from people.models import Profile, Word
    Word.objects.bulk_create([Word(text=t)], update_conflicts=True, unique_fields=["text"], update_fields=["text"])
    Word.objects.bulk_create([Word(text=t)], ignore_conflicts=True)
    Profile.objects.get_or_create(user=u, defaults={"nick": n})
    Unknown.objects.create(a=1)
    """
    merged, ignored, tolerant = calls(tmp_path, text)
    assert (merged.on_conflict, merged.ignore_duplicates) == (("text",), None)
    assert (ignored.on_conflict, ignored.ignore_duplicates) == ((), True)
    assert (tolerant.verb, tolerant.filters[0].column) == ("select", "user_id")


def test_an_error_kept_quiet_within_atomic(tmp_path: Path) -> None:
    text = """
    from django.db import IntegrityError, transaction
    from people.models import Profile, Word

    @transaction.atomic
    def join(user):
        try:
            Profile.objects.create(user=user)
        except IntegrityError:
            pass
        try:
            with transaction.atomic():
                Word.objects.create(text="a")
        except IntegrityError:
            pass
    """
    begin, bare, safe = calls(tmp_path, text)
    assert (begin.statement, begin.line) == ("BEGIN", 5)
    assert (bare.tx, bare.savepoint, bare.caught_until) == (begin.tx, False, 10)
    assert (safe.tx, safe.savepoint) == (begin.tx, True)


def test_a_look_that_raises_for_no_row_decides(tmp_path: Path) -> None:
    text = """
    from people.models import Word

    def word(text):
        try:
            return Word.objects.get(text=text)
        except Word.DoesNotExist:
            return Word.objects.create(text=text)
    """
    look, write = calls(tmp_path, text)
    assert (write.condition_on, write.in_catch) == (look.id, False)


SHOP = {
    "shop/core/apps.py": """
from django.apps import AppConfig

class CoreConfig(AppConfig):
    name = "shop.core"
    label = "store"
""",
    "shop/core/models/__init__.py": "from .things import *\n",
    "shop/core/models/things.py": """
from django.contrib.gis.db import models as geo
from django.db import models
from model_utils.models import TimeStampedModel

class Thing(TimeStampedModel):
    name = models.TextField()
    owner = models.ForeignKey("people.Profile", on_delete=models.CASCADE)

class Book(Thing):
    pages = models.IntegerField()

class Loan(Thing):
    class Meta:
        proxy = True

class Place(geo.Model):
    spot = geo.PointField()
""",
    "shop/core/forms.py": """
from django import forms

class Form(forms.Form):
    name = forms.CharField()
""",
}


@pytest.mark.parametrize(
    ("call", "relation", "columns"),
    [
        ("models.Thing.objects.create(name=n)", "store_thing", ("name",)),
        ("models.Book.objects.create(name=n, pages=3)", "store_book", ("pages",)),
        ("models.Loan.objects.create(name=n, owner=o)", "store_thing", ("name", "owner_id")),
        ("models.Place.objects.create(spot=s)", "store_place", ("spot",)),
    ],
    ids=["package's base", "parent's table", "proxy", "geography"],
)
def test_models_of_an_application_with_a_label(
    tmp_path: Path, call: str, relation: str, columns: tuple[str, ...]
) -> None:
    use = f"from shop.core import models\n\ndef run(n, o, s):\n    {call}\n"
    (found,) = scan_files(tmp_path, {**SHOP, "use.py": use}).calls
    assert (found.relation, found.columns) == (relation, columns)


def test_a_form_is_no_model(tmp_path: Path) -> None:
    use = "from shop.core.forms import Form\n\ndef run(n):\n    Form.objects.create(name=n)\n"
    assert not scan_files(tmp_path, {**SHOP, "use.py": use}).calls


REGISTERED = """
from django.apps import apps
from django.contrib.auth import get_user_model
from shop.loading import get_model

Word = get_model("people", "Word")
User = get_user_model()

def f(name):
    Word.objects.create(text=name)
    apps.get_model("people.Profile").objects.create(nick=name)
    get_model("garden", "Word").objects.create(text=name)
    User.objects.create(nick=name)
"""
OWN_USER = "INSTALLED_APPS = []\nAUTH_USER_MODEL = 'people.Profile'\n"


def asked_for(root: Path, path: str, settings: str) -> list[str | None]:
    files = {"people/models.py": DJANGO, "site/settings.py": settings, path: REGISTERED}
    return [c.relation for c in scan_files(root, files).calls if c.verb == "insert"]


@pytest.mark.parametrize(
    ("settings", "user"),
    [(OWN_USER, ["people_profile"]), ("INSTALLED_APPS = []", ["auth_user"]), ("DEBUG = True", [])],
    ids=["own user", "Django's user", "no settings"],
)
def test_a_model_that_is_asked_for_by_name(tmp_path: Path, settings: str, user: list[str]) -> None:
    found = asked_for(tmp_path, "shop/views.py", settings)
    assert found == ["words", "people_profile", *user]


def test_a_model_defined_in_a_branch_is_found_by_name(tmp_path: Path) -> None:
    branch = "if True:\n" + "".join(f"    {line}\n" for line in DJANGO.splitlines())
    files = {"people/models.py": branch, "shop/views.py": REGISTERED}
    calls = [c for c in scan_files(tmp_path, files).calls if c.verb == "insert"]
    assert "words" in [c.relation for c in calls]


def test_what_a_migration_asks_for_is_an_older_model(tmp_path: Path) -> None:
    assert asked_for(tmp_path, "shop/migrations/0002_fill.py", OWN_USER) == []
