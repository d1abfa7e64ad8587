"""What an error is that no playbook explains, from `other_errors.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class OtherError:
    """One kind of error: `code` is its SQLSTATE's (or PostgREST code's) beginning, "" for none.

    `message` is a pattern that the error's words must hold, if given; `conflict` is true where
    the error may be answered with 409 after all.
    """

    code: str
    what: str
    next: str
    message: str = ""
    conflict: bool = False


@cache
def other_errors() -> tuple[OtherError, ...]:
    """Every entry, in the order in which they are tried."""
    text = files(__package__).joinpath("other_errors.toml").read_text(encoding="utf-8")
    return tuple(OtherError(**entry) for entry in tomllib.loads(text)["error"])


def other_error(code: str, message: str) -> OtherError | None:
    """The first entry that fits; None for the codes that playbooks are about."""
    for entry in other_errors():
        fits = code.startswith(entry.code) if entry.code else not code
        if fits and re.search(entry.message, message):
            return entry
    return None
