"""TOML files of this machine, read and written whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from fixit_tui.errors import UsageError
from fixit_tui.store.paths import write_private


@dataclass(frozen=True, slots=True)
class Settings:
    """Preferences of a person. `playbooks` is one more folder with playbooks.

    `ledger_in_database` has every change written down in its own database, too.
    """

    theme: str = ""
    ascii: bool = False
    playbooks: str = ""
    ledger_in_database: bool = False


def load_table(path: Path) -> dict[str, object]:
    """The TOML table in a file, empty if there is none; UsageError names file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", hint="fix or remove the file") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}", hint="fix or remove the file") from error


def save_table(path: Path, text: str) -> None:
    """Write a TOML file for its owner alone."""
    tomllib.loads(text)
    write_private(path, text)


def load_settings(folder: Path) -> Settings:
    """Settings from `folder`/config.toml; UsageError for unknown keys and wrong types."""
    path = folder / "config.toml"
    table = load_table(path)
    kinds = {field.name: type(getattr(Settings(), field.name)) for field in fields(Settings)}
    for key, value in table.items():
        if key not in kinds:
            raise UsageError(f"{path}: unknown key {key}", hint=f"known: {', '.join(kinds)}")
        if not isinstance(value, kinds[key]):
            raise UsageError(f"{path}: {key} must be a {kinds[key].__name__}")
    return Settings(**table)  # type: ignore[arg-type]
