"""An id that the code makes up, sends, and goes on with: a row that is there has another one."""

from __future__ import annotations

import re

from fixit_tui.code.edits.result import Params, Refused
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import decode, encode

_NAME = re.compile(r"(?:str\()?(?P<name>[A-Za-z_$][\w$]*)\)?")
_ROW = re.compile(
    r"\.\s*(?:insert|upsert|create|values|save)\(\s*\[?\s*(?P<row>[A-Za-z_$][\w$]*)\s*[\],)]"
)


def goes_on_with_id(source: str, call: CodeCall, params: Params) -> Refused | None:
    """Why an insert may not leave the row that is there: what follows uses the new row's id.

    `source` is the file of the call. Parameter: id_values, column → source text of its value.
    """
    values = params.texts("id_values")
    if not values:
        return None
    raw = encode(source)
    lines = decode(raw[call.end_byte :]).split("\n")
    if call.function_end:
        lines = lines[: max(1, call.function_end - call.end_line + 1)]
    behind = "\n".join(lines)
    names = [_NAME.fullmatch(text) for text in values.values()]
    used = [n["name"] for n in names if n is not None and _holds(n["name"], behind)]
    row = _ROW.search(decode(raw[call.start_byte : call.end_byte]))
    used += [] if row is None else [r for c in values if (r := _read(row["row"], c, behind))]
    if not used:
        return None
    return Refused(
        f"the code goes on with {used[0]}, and a row that is there has an id of its own",
        "Read the row by its key afterwards, and go on with the id that it has.",
    )


def _holds(name: str, text: str) -> bool:
    """Whether a name stands in a text as a value, and not as a property or a string."""
    return re.search(rf"(?<![\w$.'\"]){re.escape(name)}(?![\w$:'\"])", text) is not None


def _read(row: str, column: str, text: str) -> str:
    """`row.id` where that is read in a text, else ""."""
    name = re.escape(column)
    one = rf"(?<![\w$.]){re.escape(row)}(?:\.{name}\b|\[['\"]{name}['\"]\])"
    return f"{row}.{column}" if re.search(one, text) else ""
