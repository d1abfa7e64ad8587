"""The value of the key that an error names. It is asked about once, and kept nowhere."""

from __future__ import annotations

from fixit_tui.masking import HIDDEN
from fixit_tui.symptoms.messages import KEY

_MAX = 1_000
_END = ") already exists"


def key_value(text: str) -> str | None:
    """What stands between the last parentheses of `Key (a, b)=(1, 2) already exists.`

    None where no key is shown, or its value was cut, hidden or escaped.
    """
    match = KEY.search(text)
    if match is None:
        return None
    rest = text[match.end() : match.end() + _MAX]
    end = rest.find(_END)
    if end < 0:
        line = rest.splitlines()[0] if rest else ""
        end = line.rfind(")")
    value = rest[:end] if end > 0 else ""
    return value if value and not {"\\", HIDDEN, "\n"} & set(value) else None
