"""The beginning of a script that changes nothing yet: checks go after it, and before the rest."""

from __future__ import annotations

import re

from fixit_tui.sql.split import spans

_PREPARES = re.compile(r"(LOCK|SET\s+CONSTRAINTS)\b", re.I)


def preparation(text: str) -> tuple[tuple[str, ...], str]:
    """Leading LOCK and SET CONSTRAINTS statements as they are written, and the text after them."""
    taken, end = [], 0
    for start, stop in spans(text):
        if not _PREPARES.match(text, start):
            break
        taken.append(text[start:stop])
        end = stop
    if not taken:
        return (), text
    return tuple(taken), text[end:].lstrip().removeprefix(";").lstrip()
