"""Reading SQL that the server printed: quoted names, strings, parentheses; nothing more."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|[(),.]|[^\s\"'(),.]+|\s+")


def trigger_condition(definition: str) -> str:
    """The WHEN condition in what pg_get_triggerdef printed, without its parentheses; '' if none.

    Backslashes in strings are doubled by the server, so a quote always ends or doubles.
    """
    depth, start = 0, None
    when = False
    for match in _TOKEN.finditer(definition):
        token = match.group()
        if token == "(":
            if when and depth == 0:
                start = match.end()
            depth += 1
        elif token == ")":
            depth -= 1
            if depth == 0 and start is not None:
                return definition[start : match.start()]
        if not token.isspace():
            when = depth == 0 and token == "WHEN"
    return ""
