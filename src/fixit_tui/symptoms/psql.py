"""What was typed at psql's prompt before the server refused it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from fixit_tui.model.symptom import Source
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire

_MOST = 200
_LONGEST = 20_000
# `base=>`, `base=#`, in a transaction `base=*>`, after an error `base=!>`; the last mark is # for
# a superuser. A continued line has -, (, ', ", $ or * instead of the equal sign.
_NAME = r"(?:[\w.@:\[\]~-]{1,130})"
_PROMPT = re.compile(rf"^{_NAME}?=[*!?^]?[#>] ?(?P<typed>[^\n]*)", re.MULTILINE)
_CONTINUED = re.compile(rf"\n{_NAME}?[-('\"$*][*!?^]?[#>] ?(?P<typed>[^\n]*)")
# What psql prints next is about that statement: a label in any language, with two blanks behind.
_REFUSED = re.compile(r"\n[^\W\d_][^\n:]{2,30}:  \S")


def psql_evidence(text: str) -> list[Evidence]:
    """Statements that stand at a prompt with an error right below; their span ends at the error."""
    return list(islice(_refused(text), _MOST))


def _refused(text: str) -> Iterator[Evidence]:
    for prompt in _PROMPT.finditer(text):
        lines, end = [prompt["typed"]], prompt.end()
        while (more := _CONTINUED.match(text, end)) and end - prompt.start() < _LONGEST:
            lines.append(more["typed"])
            end = more.end()
        while end - prompt.start() < _LONGEST and not _REFUSED.match(text, end):
            # Pasted lines have no prompt of their own.
            following = text.find("\n", end + 1)
            line = text[end + 1 : following if following >= 0 else len(text)]
            if lines[-1].rstrip().endswith(";") or not line.strip() or _PROMPT.match(line):
                break
            lines.append(line)
            end += 1 + len(line)
        statement = "\n".join(lines).strip().removesuffix(";")
        if not statement or statement.startswith("\\") or not _REFUSED.match(text, end):
            continue
        wire = Wire(statement=statement)
        made = from_wire(wire, Source.DRIVER_ERROR, (prompt.start(), end), partial=True)
        if made is not None and made.symptom.operation:
            yield made
