"""Passwords, from where the operating system keeps them; never written by anything else."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from fixit_tui.errors import FixitError

SERVICE = "fixit-tui"
LIMIT = 2.0
"""Seconds that a keyring may take; some wait for a dialog that nobody sees."""

T = TypeVar("T")


def read(name: str) -> str | None:
    """The password stored for a profile, or None; raises FixitError when the keyring fails."""

    def ask() -> str | None:
        import keyring

        return keyring.get_password(SERVICE, name)

    return _within_limit(ask)


def store(name: str, secret: str) -> None:
    """Keep a password for a profile; raises FixitError when there is no usable keyring."""

    def keep() -> None:
        import keyring

        keyring.set_password(SERVICE, name, secret)

    _within_limit(keep)


def forget(name: str) -> None:
    """Remove a profile's password; absent is fine."""

    def drop() -> None:
        import keyring
        import keyring.errors

        with contextlib.suppress(keyring.errors.PasswordDeleteError):
            keyring.delete_password(SERVICE, name)

    _within_limit(drop)


def _within_limit(work: Callable[[], T]) -> T:
    results: list[T] = []
    failures: list[BaseException] = []

    def attempt() -> None:
        # Backends raise whatever their platform raises; all of it means: no keyring here.
        try:
            results.append(work())
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=attempt, name="keyring", daemon=True)
    thread.start()
    thread.join(LIMIT)
    if results:
        return results[0]
    why = f"{type(failures[0]).__name__}" if failures else f"no answer within {LIMIT:.0f} s"
    raise FixitError(
        f"the keyring of this machine cannot be used ({why})",
        hint="set PGPASSWORD, or use ~/.pgpass or a service file instead",
    ) from (failures[0] if failures else None)
