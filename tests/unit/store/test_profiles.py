"""Named targets are stored without secrets and read back as they were."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fixit_tui.errors import FixitError, UsageError
from fixit_tui.model.target import Environment
from fixit_tui.store import secrets
from fixit_tui.store.profiles import (
    Profile,
    ProfileStore,
    SecretSource,
    password_of,
    without_password,
)
from fixit_tui.store.settings import Settings, load_settings


@pytest.mark.parametrize(
    ("dsn", "kept"),
    [
        ("postgresql://me:pa%40ss@db:5432/app", "postgresql://me@db:5432/app"),
        ("postgres://me@db/app?password=x&sslmode=require", "postgres://me@db/app?sslmode=require"),
        ("postgresql://db/app?options=-c%20a%3D1", "postgresql://db/app?options=-c%20a%3D1"),
        ("postgresql://u:p@a,b:5433/app", "postgresql://u@a,b:5433/app"),
        (r"host=db password='se cr\'et' user=me", "host=db  user=me"),
        ("host=db user=me PASSWORD = secret", "host=db user=me"),
        ("service=app", "service=app"),
    ],
)
def test_the_password_leaves_the_rest_alone(dsn: str, kept: str) -> None:
    assert without_password(dsn) == kept


def test_profiles_come_back(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    mine = Profile(
        "live.db", "host=db dbname=app", Environment.PRODUCTION, '/code "x"', SecretSource.KEYRING
    )
    store.save(mine)
    store.save(Profile("local", "postgresql://localhost/app"))
    assert store.find("live.db") == mine
    store.forget("live.db")
    assert [p.name for p in store.all()] == ["local"]
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_a_password_is_refused_and_never_written(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    with pytest.raises(UsageError, match="without its password"):
        store.save(Profile("p", "postgresql://u:topsecret@h/d"))
    assert not store.path.exists()


@pytest.mark.parametrize(
    "text", ["x = 1", "[a]\ndns = 'x'", "[a]\nenvironment = 'local'", "[a", "[a]\ndsn = 3"]
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    store = ProfileStore(tmp_path)
    store.path.write_text(text)
    with pytest.raises(UsageError) as caught:
        store.all()
    assert str(store.path) in caught.value.message


def test_a_keyring_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    monkeypatch.setattr(secrets, "LIMIT", 0.1)
    monkeypatch.setattr(keyring, "get_password", lambda *_: time.sleep(1.0))
    started = time.monotonic()
    with pytest.raises(FixitError, match="no answer within"):
        secrets.read("x")
    assert time.monotonic() - started < 0.9


def test_a_keyring_that_fails_names_the_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    def fail(*_: object) -> str:
        raise RuntimeError("locked, the password is hunter2")

    monkeypatch.setattr(keyring, "get_password", fail)
    with pytest.raises(FixitError) as caught:
        secrets.read("x")
    assert "pgpass" in caught.value.hint
    assert "hunter2" not in caught.value.message


def test_settings_refuse_what_they_do_not_know(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()
    path = tmp_path / "config.toml"
    path.write_text('theme = "dark"\nascii = true\n')
    assert load_settings(tmp_path) == Settings(theme="dark", ascii=True)
    path.write_text("ascii = 'yes'\n")
    with pytest.raises(UsageError, match="must be a bool"):
        load_settings(tmp_path)
    path.write_text("colour = 1\n")
    with pytest.raises(UsageError, match="unknown key"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("dsn", "password"),
    [
        ("postgresql://me:pa%40ss@db:5432/app", "pa@ss"),
        ("postgres://me@db/app?sslmode=require&password=x%20y", "x y"),
        (r"host=db password='se cr\'et' user=me", "se cr'et"),
        (r"host=db password=a\ b", "a b"),
        ("postgresql://me@db/app", None),
        ("host=db user=me", None),
    ],
)
def test_a_password_is_found_where_libpq_finds_it(dsn: str, password: str | None) -> None:
    assert password_of(dsn) == password
    assert password_of(without_password(dsn)) is None
