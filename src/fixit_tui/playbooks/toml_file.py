"""A TOML file, checked key by key; a complaint names file, line and nearest key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([\w.-]+)\s*\]{1,2}")


class Kind(Enum):
    """What a key holds; the value is how a person calls it."""

    TEXT = "a text"
    FLAG = "true or false"
    TABLE = "a table"
    TEXTS = "a list of texts"
    NUMBERS = "a list of whole numbers"
    TABLES = "a list of tables"


_FITS: Mapping[Kind, tuple[type, type | None]] = {
    Kind.TEXT: (str, None),
    Kind.FLAG: (bool, None),
    Kind.TABLE: (dict, None),
    Kind.TEXTS: (list, str),
    Kind.NUMBERS: (list, int),
    Kind.TABLES: (list, dict),
}


def _fits(value: object, kind: Kind) -> bool:
    outer, inner = _FITS[kind]
    if not isinstance(value, outer):
        return False
    return inner is None or (isinstance(value, list) and all(type(v) is inner for v in value))


class TomlFile:
    """The parsed table, with enough of the text kept to find the line of a key.

    `what` is how a person calls the whole, such as 'a playbook'.
    Raises UsageError when the file cannot be read or is not TOML.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        try:
            text = path.read_text(encoding="utf-8")
            self.table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: is not TOML: {error}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}: is not UTF-8 text") from error
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
        self._lines = text.splitlines()

    def fail(
        self, key: str, message: str, hint: str = "", *, within: str = "", index: int = 0
    ) -> UsageError:
        """The error for `key` of the table `within` ('' at the top), the `index`-th of its name."""
        return UsageError(f"{self.path}:{self._line(key, within, index)}: {message}", hint=hint)

    def check(
        self,
        table: Mapping[str, Any],
        allowed: Mapping[str, Kind],
        *,
        needs: Iterable[str] = (),
        within: str = "",
        index: int = 0,
    ) -> None:
        """Raise UsageError for an unknown key, a value of another type, or a missing key."""
        where = self._called(within)
        for key, value in table.items():
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1, 0.4)
                hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(allowed)
                message = f"{where} has no key {key}"
                raise self.fail(key, message, hint, within=within, index=index)
            if not _fits(value, allowed[key]):
                message = f"{key} must be {allowed[key].value}"
                raise self.fail(key, message, within=within, index=index)
        for key in needs:
            if table.get(key) in (None, "", []):
                message = f"{where} needs {key}"
                raise self.fail("", message, within=within, index=index)

    def _called(self, within: str) -> str:
        if not within:
            return self.what
        return f"[[{within}]]" if isinstance(self.table.get(within), list) else f"[{within}]"

    def _line(self, key: str, within: str, index: int) -> int:
        """Of the key, else of the table's header, else the first; a hint, not a parser."""
        assignment = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[.=]") if key else None
        sub_table = f"{within}.{key}" if within else key
        seen: dict[str, int] = {}
        here, number_here, fallback = "", 0, 1
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.match(line):
                here = header[2]
                number_here = seen.get(here, 0)
                seen[here] = number_here + (header[1] == "[[")
                if (here, number_here) == (within, index):
                    fallback = number
                if key and here == sub_table:
                    return number
            elif assignment and (here, number_here) == (within, index) and assignment.match(line):
                return number
        return fallback
