"""Named targets, in one TOML file; never with a password."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from fixit_tui.errors import UsageError
from fixit_tui.model.target import Environment
from fixit_tui.store.settings import load_table, save_table

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")


class SecretSource(StrEnum):
    """Where a profile's password is found. `libpq`: PGPASSWORD, pgpass or a service file."""

    LIBPQ = "libpq"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Profile:
    """A target with a name. `code` is the application's folder."""

    name: str
    dsn: str
    environment: Environment = Environment.UNKNOWN
    code: str = ""
    secret: SecretSource = SecretSource.LIBPQ


def without_password(dsn: str) -> str:
    """The URI or conninfo string without its password."""
    if re.match(r"postgres(ql)?://", dsn):
        parts = urlsplit(dsn)
        login, at, host = parts.netloc.rpartition("@")
        user = login.partition(":")[0]
        # Pairs are kept as they are written: libpq does not read '+' as a space.
        pairs = [p for p in parts.query.split("&") if not _secret_key(p.partition("=")[0])]
        return urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query="&".join(pairs)))
    pattern = r"\b(password|passfile|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)"
    return re.sub(pattern, "", dsn, flags=re.I).strip()


def password_of(dsn: str) -> str | None:
    """The password that a URI or conninfo string carries, decoded; None if there is none."""
    if re.match(r"postgres(ql)?://", dsn):
        parts = urlsplit(dsn)
        _, colon, password = parts.netloc.rpartition("@")[0].partition(":")
        if colon:
            return unquote(password)
        pairs = [p.partition("=") for p in parts.query.split("&")]
        return next((unquote(value) for key, _, value in pairs if key == "password"), None)
    found = re.search(r"\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)+))", dsn, re.I)
    if found is None:
        return None
    return re.sub(r"\\(.)", r"\1", found[1] if found[1] is not None else found[2])


def _secret_key(key: str) -> bool:
    return key.lower() in {"password", "sslpassword", "passfile"}


class ProfileStore:
    """Profiles in `folder`/targets.toml."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "targets.toml"

    def all(self) -> tuple[Profile, ...]:
        """Every profile, by name; raises UsageError that names file and key."""
        return tuple(self._profile(n, v) for n, v in sorted(load_table(self.path).items()))

    def find(self, name: str) -> Profile | None:
        """The profile of that name, or None."""
        return next((p for p in self.all() if p.name == name), None)

    def save(self, profile: Profile) -> None:
        """Add or replace a profile; a password in the DSN is refused, never written."""
        if not _NAME.match(profile.name):
            raise UsageError(
                f"'{profile.name}' cannot be the name of a target",
                hint="use letters, digits, dot, dash and underscore",
            )
        if without_password(profile.dsn) != profile.dsn.strip():
            raise UsageError(
                "a target is stored without its password",
                hint="leave the password out; use PGPASSWORD, ~/.pgpass or the keyring",
            )
        self._write({**{p.name: p for p in self.all()}, profile.name: profile})

    def forget(self, name: str) -> None:
        """Remove a profile; raises UsageError when there is none."""
        profiles = {p.name: p for p in self.all()}
        if name not in profiles:
            known = ", ".join(profiles) or "none"
            raise UsageError(f"no target is called {name}", hint=f"stored targets: {known}")
        del profiles[name]
        self._write(profiles)

    def _profile(self, name: str, table: object) -> Profile:
        if not isinstance(table, dict):
            raise UsageError(f"{self.path}: '{name}' is not a table", hint=f"write [{name}]")
        known = {"dsn", "environment", "code", "secret"}
        for key, value in table.items():
            if key not in known or not isinstance(value, str):
                raise UsageError(
                    f"{self.path}: [{name}] has an unknown key or a value that is no text: {key}",
                    hint=f"known keys: {', '.join(sorted(known))}",
                )
        if not table.get("dsn"):
            raise UsageError(f"{self.path}: [{name}] has no dsn", hint='add dsn = "…"')
        try:
            return Profile(
                name=name,
                dsn=table["dsn"],
                environment=Environment(table.get("environment", "unknown")),
                code=table.get("code", ""),
                secret=SecretSource(table.get("secret", "libpq")),
            )
        except ValueError as error:
            raise UsageError(f"{self.path}: [{name}]: {error}") from error

    def _write(self, profiles: dict[str, Profile]) -> None:
        lines = []
        for name in sorted(profiles):
            profile = profiles[name]
            lines.append(f"[{json.dumps(name)}]")
            lines.append(f"dsn = {json.dumps(profile.dsn)}")
            lines.append(f"environment = {json.dumps(str(profile.environment))}")
            if profile.code:
                lines.append(f"code = {json.dumps(profile.code)}")
            lines.append(f"secret = {json.dumps(str(profile.secret))}\n")
        save_table(self.path, "\n".join(lines))
