"""Ranges of server versions, such as '>=15' or '>=13,<15'."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
_PART = re.compile(r"\s*(>=|<=|==|>|<)\s*(\d+)\s*")


def is_range(text: str) -> bool:
    """Whether the text is one comparison with a major version, or several with commas between."""
    return all(_PART.fullmatch(part) for part in text.split(","))


def within(server_version: int, text: str) -> bool:
    """Whether a server (server_version_num) is in the range; every one is in the empty text.

    Raises ValueError for a text that is no range.
    """
    for part in filter(None, text.split(",")):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not a range of server versions")
        if not _COMPARE[match[1]](server_version // 10000, int(match[2])):
            return False
    return True
